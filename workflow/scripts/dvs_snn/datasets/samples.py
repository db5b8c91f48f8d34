"""Recordings as networks see them: found, placed, in time steps and in frames (no torch)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dvs_snn.events.framing import (
    Frame,
    PlacedEvents,
    Placement,
    StepEvents,
    accumulate,
    bin_steps,
    bin_steps_as_tutorial,
    place,
    place_as_tutorial,
)
from dvs_snn.events.recording import EventRecording, read_recording
from dvs_snn.files.hashing import sha256_of
from dvs_snn.settings.frames import FrameRule
from dvs_snn.sources.folder import list_folder
from dvs_snn.sources.split import find_symbol, open_recording, placement_of, read_split


@dataclass(frozen=True, eq=False)
class PlacedRecording:
    """One recording of a set, read and laid on the network; `sha256` is that of its file."""

    recording: str
    symbol: str
    label: int | None
    sha256: str
    placed: PlacedEvents


@dataclass(frozen=True, eq=False)
class BinnedRecording:
    """One recording as a spiking network sees it.

    Attributes:
        n_outside: events that aren't among `steps`: beside the network, or in no time step.
    """

    recording: str
    symbol: str
    label: int | None
    sha256: str
    steps: StepEvents
    n_outside: int
    duration_s: float


@dataclass(frozen=True, eq=False)
class Sample(BinnedRecording):
    """One recording as both networks see it."""

    frames: list[Frame]


def prepare(
    name: str,
    symbol: str,
    label: int | None,
    sha256: str,
    recording: EventRecording,
    placement: Placement | None,
    step_us: int,
    rule: FrameRule,
) -> Sample:
    """Place and bin a recording; `placement` None bins it just as the tutorial does."""
    placed: PlacedEvents
    if placement is None:
        placed = place_as_tutorial(recording)
        steps = bin_steps_as_tutorial(placed, step_us)
    else:
        placed = place(recording, placement)
        steps = bin_steps(placed, step_us)
    of_recording = PlacedRecording(name, symbol, label, sha256, placed)
    return sample_of(of_recording, steps, rule)


def sample_of(recording: PlacedRecording, steps: StepEvents, rule: FrameRule) -> Sample:
    """Accumulate the frames of a recording that is in steps already."""
    frames = list(accumulate(recording.placed, rule))
    return Sample(**vars(_in_steps(recording, steps)), frames=frames)


def binned(recording: PlacedRecording, step_us: int) -> BinnedRecording:
    """Bin a recording of a set into steps of `step_us`."""
    return _in_steps(recording, bin_steps(recording.placed, step_us))


def _in_steps(recording: PlacedRecording, steps: StepEvents) -> BinnedRecording:
    return BinnedRecording(
        recording=recording.recording,
        symbol=recording.symbol,
        label=recording.label,
        sha256=recording.sha256,
        steps=steps,
        n_outside=recording.placed.n_outside + steps.n_dropped,
        duration_s=recording.placed.duration_s,
    )


def split_recordings(rows: pd.DataFrame, scenes: Mapping[str, dict]) -> Iterator[PlacedRecording]:
    """Yield the recordings of rows of a split table; `scenes` as for `set_recordings`.

    Raises:
        StudyError: a recording can't be read, or isn't the one that its row lists.
    """
    for row in rows.itertuples():
        where = scenes[row.scene]
        recording = open_recording(row.file, row.sha256, where["sensor_size"])
        placed = place(recording, placement_of(where))
        yield PlacedRecording(row.recording, row.symbol, row.label, row.sha256, placed)


def _folder_recordings(folder: Path, where: dict) -> Iterator[PlacedRecording]:
    for file in list_folder(folder):
        placed = place(read_recording(file.path, where["sensor_size"]), placement_of(where))
        yield PlacedRecording(file.name, file.symbol, file.label, sha256_of(file.path), placed)


def set_recordings(
    name: str, split_path: Path | None, folder: Path, scenes: Mapping[str, dict]
) -> tuple[int, Iterator[PlacedRecording]]:
    """Return how many recordings a set has, and the recordings themselves, one by one.

    Args:
        name: the set.
        split_path: the split table, or None for a set that is a folder.
        folder: the folder, if it is one.
        scenes: sensor size and placement by scene; ``""`` for recordings that aren't simulated.

    Raises:
        StudyError: a recording can't be read, or isn't the one that the split table lists.
    """
    if split_path is None:
        return len(list_folder(folder)), _folder_recordings(folder, scenes[""])
    split = read_split(split_path)
    rows = split[split["split"] == name]
    return len(rows), split_recordings(rows, scenes)


def recording_sample(
    row: dict,
    file: Path | None,
    split_path: Path | None,
    data: dict,
    step_us: int,
    rule: FrameRule,
) -> Sample:
    """Prepare one recording A, B, C as its row of the recordings table says.

    Args:
        row: the row; empty cells None, `tutorial_binning` true for the tutorial's own videos.
        file: its file; None where the row names a symbol of the study's data.
        split_path: the split table, where symbols are looked up.
        data: the config's data section: sensor size and placement of the study's own symbols.
        step_us: length of a time step in microseconds.
        rule: how the CNN's frames are accumulated from the same recording.
    """
    placement = Placement(row["zoom"] or 1.0, row["rotate"] or 0, row["flip"] or "none")
    size = (row["sensor_width"], row["sensor_height"]) if row["sensor_width"] else None
    if file is not None:
        return prepare(
            row["recording"], row["symbol"] or "", row["label"], sha256_of(file),
            read_recording(file, size),
            None if row["tutorial_binning"] else placement, step_us, rule,
        )  # fmt: skip
    found = find_symbol(read_split(split_path), row["symbol"])
    recording = open_recording(found["file"], found["sha256"], size or data["sensor_size"])
    placement = Placement(
        row["zoom"] or data["zoom"],
        data["rotate"] if row["rotate"] is None else row["rotate"],
        row["flip"] or data["flip"],
    )
    return prepare(
        row["recording"], found["symbol"], int(found["label"]), found["sha256"], recording,
        placement, step_us, rule,
    )  # fmt: skip
