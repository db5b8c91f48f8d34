"""From recordings to the frame store that training reads."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from dvs_snn.archives import unpack_frames
from dvs_snn.atomic import scratch_folder
from dvs_snn.framestore import frame_writer
from dvs_snn.framing import Frame, FrameRule, Placement, accumulate, place
from dvs_snn.job import Progress
from dvs_snn.simulation import Take, in_order, training_take, training_takes
from dvs_snn.sources import SplitShares, open_recording, tutorial_frames
from dvs_snn.symbols import Symbols


def accumulate_split(
    split: pd.DataFrame,
    sensor_size: Sequence[int] | None,
    placement: Placement,
    rule: FrameRule,
    array_path: Path,
    index_path: Path,
    progress: Progress,
) -> None:
    """Accumulate the frames of every recording of a split, one recording in memory at a time."""
    with (
        frame_writer(array_path, index_path) as writer,
        progress.bar(len(split), "recording", "frames") as bar,
    ):
        for row in split.itertuples():
            recording = open_recording(row.file, row.sha256, sensor_size)
            for frame in accumulate(place(recording, placement), rule):
                writer.append(frame, row.recording, row.symbol, row.label, row.split)
            bar.advance(1)


def accumulate_simulated(
    symbols: Symbols,
    validation: pd.DataFrame,
    simulation: dict,
    placements: Mapping[str, Placement],
    rule: FrameRule,
    seed: int,
    threads: int,
    array_path: Path,
    index_path: Path,
    progress: Progress,
) -> None:
    """Make the training recordings and accumulate their frames as they come.

    No training recording is ever stored. The frames of the validation recordings, which are,
    follow at the end.

    Args:
        validation: rows of the split table.
        placements: how each scene lies on the network.
    """
    takes = training_takes(simulation, symbols)

    def frames_of(take: Take) -> list[Frame]:
        recording = training_take(take, symbols, simulation, seed)
        return list(accumulate(place(recording, placements[take.scene]), rule))

    with frame_writer(array_path, index_path) as writer:
        with progress.bar(len(takes), "recording", "training") as bar:
            made = in_order(frames_of, takes, threads)
            for take, frames in zip(takes, made, strict=True):
                for frame in frames:
                    name = f"{take.scene}/{take.name}#{take.index}"
                    writer.append(frame, name, take.symbol, take.label, "train")
                bar.advance(1)
        for row in validation.itertuples():
            size = simulation["scenes"][row.scene]["sensor_size"]
            recording = open_recording(row.file, row.sha256, size)
            for frame in accumulate(place(recording, placements[row.scene]), rule):
                writer.append(frame, row.recording, row.symbol, row.label, "validation")


def import_tutorial_frames(
    archive: Path,
    shares: SplitShares,
    array_path: Path,
    index_path: Path,
    progress: Progress,
) -> None:
    """Copy the tutorial's PNG frames into the frame store, split by contiguous blocks."""
    with scratch_folder(array_path) as folder:
        root = unpack_frames(archive, folder)
        with (
            frame_writer(array_path, index_path) as writer,
            progress.bar(sum(1 for _ in root.glob("*/*")), "frame", "import") as bar,
        ):
            for frame, name, label, split in tutorial_frames(root, shares):
                writer.append(frame, name, "", label, split)
                bar.advance(1)
