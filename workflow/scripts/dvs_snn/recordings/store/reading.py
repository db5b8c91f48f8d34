"""Reads raw recordings: into the stores, and one recording A, B, C, which the page shows."""

import importlib
from dataclasses import dataclass
from pathlib import Path

from dvs_snn.files.hashes import sha256_of
from dvs_snn.files.job import Progress
from dvs_snn.recordings.folders.split_table import find_symbol, open_recording, read_split
from dvs_snn.recordings.frames import Frame, accumulate, frame_writer
from dvs_snn.recordings.placement import Placement, place
from dvs_snn.recordings.recording import read_recording
from dvs_snn.recordings.steps import bin_steps
from dvs_snn.recordings.store.event_store import BinnedRecording, StoredRecording, store_recordings
from dvs_snn.settings.frame_settings import FrameRule

TUTORIAL = "dvs_snn.recordings.archives.tutorial"
"""Named as text, so that other jobs don't depend on this module."""


@dataclass(frozen=True)
class ShownSource:
    """What a recording A, B, C is, and how it is read.

    Attributes:
        from_file: whether it has a file of its own; else it is a symbol of the split table.
        symbol, label: what it shows; empty and None if unknown, or if the split table tells it.
        sensor_size: (width, height) in pixels; None: the file tells it.
        placement: None for the tutorial's own videos, which lie as the tutorial lays them.
        time_unit: of formats that don't fix it.
    """

    recording: str
    from_file: bool
    symbol: str
    label: int | None
    sensor_size: tuple[int, int] | None
    placement: Placement | None
    time_unit: str | None = None


@dataclass(frozen=True, eq=False)
class Sample(BinnedRecording):
    """One recording as both networks see it."""

    frames: list[Frame]


def read_shown(source: ShownSource, path: Path) -> StoredRecording:
    """Read one recording A, B, C from its file, or from the symbol that the split table lists."""
    if source.from_file:
        symbol, label, sha256 = source.symbol, source.label, sha256_of(path)
        recording = read_recording(path, source.sensor_size, source.time_unit)
    else:
        row = find_symbol(read_split(path), source.symbol)
        symbol, label, sha256 = row["symbol"], int(row["label"]), row["sha256"]
        recording = open_recording(row, source.sensor_size)
    return StoredRecording(source.recording, symbol, label, "", sha256, recording, source.placement)


def sample_of_shown(shown: StoredRecording, step_us: int, rule: FrameRule) -> Sample:
    """Prepare a recording A, B, C in time steps of `step_us`, and in the CNN's frames by `rule`."""
    if shown.placement is None:
        tutorial = importlib.import_module(TUTORIAL)
        placed = tutorial.place_as_tutorial(shown.raw)
        steps = tutorial.bin_steps_as_tutorial(placed, step_us)
    else:
        placed = shown.placed
        steps = bin_steps(placed, step_us)
    return Sample(**vars(shown.binned(placed, steps)), frames=list(accumulate(placed, rule)))


def store_split(split: Path, part: str, events: Path, table: Path, progress: Progress) -> None:
    """Read the recordings of a part of a split table and store them (rule store_set)."""
    rows = read_split(split)
    recordings = (
        StoredRecording(
            row.recording, row.symbol, row.label, row.scene, row.sha256, open_recording(row)
        )
        for row in rows[rows["split"] == part].itertuples()
    )
    stored = store_recordings(recordings, events, table)
    progress.say(f"{len(stored)} recordings, {stored['n_events'].sum()} events")


def accumulate_split(
    split: Path, where: Placement, rule: FrameRule, frames: Path, index: Path, progress: Progress
) -> None:
    """Store the frames of a split's recordings, one in memory at a time (rule accumulate)."""
    rows = read_split(split)
    with (
        frame_writer(frames, index) as add,
        progress.bar(len(rows), "recording", "frames") as bar,
    ):
        for row in rows.itertuples():
            for frame in accumulate(place(open_recording(row), where), rule):
                add(frame, row.recording, row.symbol, row.label, row.split)
            bar.advance(1)
