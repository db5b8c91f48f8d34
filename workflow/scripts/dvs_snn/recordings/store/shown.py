"""Reads a recording A, B, C, which the page shows by itself: places, bins and accumulates it."""

import importlib
from dataclasses import dataclass
from pathlib import Path

from dvs_snn.files.hashes import sha256_of
from dvs_snn.recordings.folders.split_table import find_symbol, open_recording, read_split
from dvs_snn.recordings.frames import Frame, accumulate
from dvs_snn.recordings.placement import Placement, placement_of
from dvs_snn.recordings.recording import read_recording
from dvs_snn.recordings.steps import bin_steps
from dvs_snn.recordings.store.event_store import BinnedRecording, StoredRecording, binned
from dvs_snn.settings.frames import FrameRule

TUTORIAL = "dvs_snn.recordings.archives.tutorial"
"""Named as text, so that other jobs don't depend on this module."""


@dataclass(frozen=True, eq=False)
class Sample(BinnedRecording):
    """One recording as both networks see it."""

    frames: list[Frame]


def read_shown(row: dict, file: Path | None, split: Path | None, data: dict) -> StoredRecording:
    """Read one recording A, B, C as its row of the recordings table says.

    Its placement is None for the tutorial's own videos, which lie as the tutorial lays them.

    Args:
        row: the row; empty cells None, `tutorial_binning` true for the tutorial's own videos.
        file: its file; None where the row names a symbol of the study's data.
        split: the split table, where symbols are looked up.
        data: the time unit of files, and the placement of the study's own symbols.
    """
    size = (row["sensor_width"], row["sensor_height"]) if row["sensor_width"] else None
    own = {key: row[key] for key in ("zoom", "rotate", "flip") if row[key] is not None}
    if file is not None:
        symbol, label, sha256 = row["symbol"] or "", row["label"], sha256_of(file)
        recording = read_recording(file, size, data.get("time_unit"))
        placement = Placement(**own)
    else:
        found = find_symbol(read_split(split), row["symbol"])
        symbol, label, sha256 = found["symbol"], int(found["label"]), found["sha256"]
        recording = open_recording(found, size)
        placement = placement_of({**data, **own})
    if file is not None and row["tutorial_binning"]:
        placement = None
    return StoredRecording(row["recording"], symbol, label, "", sha256, recording, placement)


def sample_of_shown(shown: StoredRecording, step_us: int, rule: FrameRule) -> Sample:
    """Prepare a recording A, B, C in time steps of `step_us`, and in the CNN's frames by `rule`."""
    if shown.placement is None:
        tutorial = importlib.import_module(TUTORIAL)
        placed = tutorial.place_as_tutorial(shown.raw)
        steps = tutorial.bin_steps_as_tutorial(placed, step_us)
    else:
        placed = shown.placed
        steps = bin_steps(placed, step_us)
    return Sample(**vars(binned(shown, placed, steps)), frames=list(accumulate(placed, rule)))
