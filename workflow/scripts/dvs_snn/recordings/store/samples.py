"""The recordings of a set as networks see them: placed, in time steps, in frames.

This module imports no torch.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dvs_snn.recordings.facts import box_px
from dvs_snn.recordings.folders.split_table import open_recording, read_split
from dvs_snn.recordings.frames import Frame, accumulate
from dvs_snn.recordings.placement import PlacedEvents, place, placement_of
from dvs_snn.recordings.steps import StepEvents, bin_steps
from dvs_snn.settings.frames import FrameRule


@dataclass(frozen=True, eq=False)
class PlacedRecording:
    """One recording of a set, read and laid on the network; `sha256` is its file's hash."""

    recording: str
    symbol: str
    label: int | None
    sha256: str
    placed: PlacedEvents


@dataclass(frozen=True, eq=False)
class BinnedRecording:
    """One recording as a spiking network sees it.

    Attributes:
        n_outside: events that `steps` leaves out: outside the network's pixels or in no time step.
    """

    recording: str
    symbol: str
    label: int | None
    sha256: str
    steps: StepEvents
    n_outside: int
    duration_s: float

    @property
    def box_px(self) -> int:
        """The longer side of the box that holds most of its events, in network pixels."""
        return box_px(self.steps.row, self.steps.column)


@dataclass(frozen=True, eq=False)
class Sample(BinnedRecording):
    """One recording as both networks see it."""

    frames: list[Frame]


def sample_of(recording: PlacedRecording, steps: StepEvents, rule: FrameRule) -> Sample:
    """Return a recording as both networks see it, from its time steps."""
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
    """Yield the recordings of rows of a split table; `scenes` and errors as of `set_recordings`."""
    for row in rows.itertuples():
        placed = place(open_recording(row), placement_of(scenes[row.scene]))
        yield PlacedRecording(row.recording, row.symbol, row.label, row.sha256, placed)


def set_recordings(
    name: str, split_path: Path, scenes: Mapping[str, dict]
) -> tuple[int, Iterator[PlacedRecording]]:
    """Return how many recordings a set has, and the recordings themselves, one by one.

    Args:
        name: the set.
        split_path: the split table that lists it.
        scenes: placement by scene; ``""`` for recordings that aren't simulated.

    Raises:
        StudyError: a recording can't be read, or isn't the one that the split table lists.
    """
    split = read_split(split_path)
    rows = split[split["split"] == name]
    return len(rows), split_recordings(rows, scenes)
