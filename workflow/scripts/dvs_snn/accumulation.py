"""From recordings to the frame store that training reads."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from dvs_snn.archives import unpack_frames
from dvs_snn.atomic import scratch_folder
from dvs_snn.framestore import frame_writer
from dvs_snn.framing import FrameRule, Placement, accumulate, place
from dvs_snn.job import Progress
from dvs_snn.sources import SplitShares, open_recording, tutorial_frames


def accumulate_split(
    split: pd.DataFrame,
    sensor_size: Sequence[int] | None,
    placement: Placement,
    rule: FrameRule,
    seed: int,
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
            recording = open_recording(row.file, row.symbol, row.sha256, sensor_size, seed)
            for frame in accumulate(place(recording, placement), rule):
                writer.append(frame, row.recording, row.symbol, row.label, row.split)
            bar.advance(1)


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
