"""Reads a recording A, B, C, which the page shows by itself: places, bins and accumulates it."""

import importlib
from dataclasses import dataclass
from pathlib import Path

from dvs_snn.files.hashes import sha256_of
from dvs_snn.recordings.folders.split_table import find_symbol, open_recording, read_split
from dvs_snn.recordings.frames import Frame, accumulate
from dvs_snn.recordings.placement import Placement, place, placement_of
from dvs_snn.recordings.recording import EventRecording, read_recording
from dvs_snn.recordings.steps import bin_steps
from dvs_snn.recordings.store.event_store import BinnedRecording, StoredRecording, binned
from dvs_snn.settings.frames import FrameRule

TUTORIAL = "dvs_snn.recordings.archives.tutorial"
"""Named as text, so that other jobs don't depend on this module."""


@dataclass(frozen=True, eq=False)
class Sample(BinnedRecording):
    """One recording as both networks see it."""

    frames: list[Frame]


@dataclass(frozen=True, eq=False)
class Shown:
    """A recording A, B, C as it was read.

    Attributes:
        placement: how it lies on the network; None: as the tutorial lays its own videos.
    """

    name: str
    symbol: str
    label: int | None
    sha256: str
    recording: EventRecording
    placement: Placement | None


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
    """Place and bin a recording; without a placement, as the tutorial does."""
    if placement is None:
        tutorial = importlib.import_module(TUTORIAL)
        placed = tutorial.place_as_tutorial(recording)
        steps = tutorial.bin_steps_as_tutorial(placed, step_us)
    else:
        placed = place(recording, placement)
        steps = bin_steps(placed, step_us)
    about = StoredRecording(name, symbol, label, "", sha256, recording)
    return Sample(**vars(binned(about, placed, steps)), frames=list(accumulate(placed, rule)))


def read_shown(row: dict, file: Path | None, split_path: Path | None, data: dict) -> Shown:
    """Read one recording A, B, C as its row of the recordings table says.

    Args:
        row: the row; empty cells None, `tutorial_binning` true for the tutorial's own videos.
        file: its file; None where the row names a symbol of the study's data.
        split_path: the split table, where symbols are looked up.
        data: the time unit of files, and the placement of the study's own symbols.
    """
    size = (row["sensor_width"], row["sensor_height"]) if row["sensor_width"] else None
    own = {key: row[key] for key in ("zoom", "rotate", "flip") if row[key] is not None}
    if file is not None:
        symbol, label, sha256 = row["symbol"] or "", row["label"], sha256_of(file)
        recording = read_recording(file, size, data.get("time_unit"))
        placement = Placement(**own)
    else:
        found = find_symbol(read_split(split_path), row["symbol"])
        symbol, label, sha256 = found["symbol"], int(found["label"]), found["sha256"]
        recording = open_recording(found, size)
        placement = placement_of({**data, **own})
    of_tutorial = file is not None and row["tutorial_binning"]
    laid = None if of_tutorial else placement
    return Shown(row["recording"], symbol, label, sha256, recording, laid)


def sample_of_shown(shown: Shown, step_us: int, rule: FrameRule) -> Sample:
    """Prepare a recording A, B, C in time steps of `step_us`, and in the CNN's frames by `rule`."""
    return prepare(**vars(shown), step_us=step_us, rule=rule)
