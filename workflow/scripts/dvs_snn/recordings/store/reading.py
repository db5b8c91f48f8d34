"""Reads raw recordings: into the stores, and one recording A, B, C, which the page shows."""

import importlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ConfigDict

from dvs_snn.files.hashes import sha256_of
from dvs_snn.files.job import Progress
from dvs_snn.recordings.folders.split_table import find_symbol, open_recording, read_split
from dvs_snn.recordings.frames import Frame, accumulate, frame_writer
from dvs_snn.recordings.placement import Placement, place
from dvs_snn.recordings.recording import EventRecording, read_recording
from dvs_snn.recordings.steps import bin_steps
from dvs_snn.recordings.store.event_store import BinnedRecording, StoredRecording, store_recordings
from dvs_snn.settings.frame_settings import FrameRule

TUTORIAL = "dvs_snn.recordings.archives.tutorial_archives"
"""Named as text, so that other jobs don't depend on this module."""


@dataclass(frozen=True)
class ShownSource:
    """What a recording A, B, C is, and how it is read.

    Attributes:
        from_file: whether it has a file of its own; else it is a symbol of the split table.
        symbol: that it shows; empty if unknown.
        label: of the symbol; None if unknown, or if the split table has it.
        sensor_size: (width, height) in pixels; None: the file states it.
        placement: None for the tutorial's own videos, which lie as the tutorial lays them.
    """

    # A name that a rule misspells is refused, as those of a job are.
    __pydantic_config__ = ConfigDict(extra="forbid")

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
        raw = read_recording(path, source.sensor_size, source.time_unit)
        shown = StoredRecording("", source.symbol, source.label, "", sha256_of(path), raw)
    else:
        row = find_symbol(read_split(path), source.symbol)
        shown = _stored(row, open_recording(row, source.sensor_size))
    return replace(shown, recording=source.recording, scene="", placement=source.placement)


def _stored(row: Any, raw: EventRecording) -> StoredRecording:
    """Return a recording and what its row of a split table says of it."""
    return StoredRecording(row.recording, row.symbol, int(row.label), row.scene, row.sha256, raw)


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


@dataclass(frozen=True)
class StoreJob:
    """What the rules `store_set` and `store_training` give: a part of a split table, its store."""

    split: Path
    part: str
    events: Path
    table: Path


def store_split(job: StoreJob, progress: Progress) -> None:
    """Read the recordings of a part of a split table and store them."""
    rows = read_split(job.split)
    recordings = (
        _stored(row, open_recording(row)) for row in rows[rows["split"] == job.part].itertuples()
    )
    stored = store_recordings(recordings, job.events, job.table)
    progress.say(f"{len(stored)} recordings, {stored['n_events'].sum()} events")


@dataclass(frozen=True)
class AccumulateJob:
    """What the rule `accumulate` gives: a split table, and the frame store that is written."""

    split: Path
    where: Placement
    rule: FrameRule
    frames: Path
    index: Path


def accumulate_split(job: AccumulateJob, progress: Progress) -> None:
    """Store the frames of a split's recordings, one in memory at a time."""
    rows = list(read_split(job.split).itertuples())
    with frame_writer(job.frames, job.index) as add:
        for row in progress.over(rows, "recording", "frames"):
            for frame in accumulate(place(open_recording(row), job.where), job.rule):
                add(frame, row.recording, row.symbol, row.label, row.split)
