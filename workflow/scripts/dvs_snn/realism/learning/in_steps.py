"""What a lesson shows a network that trains in time steps."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from dvs_snn.datasets.samples import BinnedRecording, PlacedRecording, binned
from dvs_snn.events.placement import NETWORK_SIZE, PlacedEvents
from dvs_snn.realism.learning.lessons import DRAWS, Lesson, spread
from dvs_snn.training.materials.recordings import Recordings

RECORDINGS = 15_000
"""Recordings of an epoch of a lesson."""

SHIFT_PX = 2
"""Largest shift of a real recording either way, in network pixels. Whole pixels keep the pattern in
which a zoomed sensor's pixels lie on the network."""


def real_recordings(
    recordings: Iterable[PlacedRecording], step_us: int, rng: np.random.Generator
) -> list[BinnedRecording]:
    """Shift each recording `DRAWS` times, since they don't vary; bin it into steps.

    Args:
        step_us: length of a step in microseconds.
    """
    shifted = [
        replace(one, placed=_shifted(one.placed, *rng.integers(-SHIFT_PX, SHIFT_PX + 1, 2)))
        for one in recordings
        for _ in range(DRAWS)
    ]
    return [binned(one, step_us) for one in shifted]


def mixed_recordings(
    simulated: Recordings, real: list[BinnedRecording], lesson: Lesson
) -> Recordings:
    """Return the recordings of a lesson: `RECORDINGS` an epoch, or as many as the study has.

    Real recordings come again until they make up their share of an epoch.

    Args:
        simulated: the study's training recordings.
        real: as `real_recordings` returns them; empty without real recordings.
    """
    n_simulated, n_real = lesson.counts(min(RECORDINGS, len(simulated.rows)))
    kept = [simulated.recordings[row] for row in spread(simulated.rows, n_simulated)]
    again = [real[place % len(real)] for place in range(n_real)]
    return Recordings(kept + again, simulated.validation)


def _shifted(placed: PlacedEvents, rows: int, columns: int) -> PlacedEvents:
    """Shift events by whole pixels; those that leave the network are dropped."""
    row, column = placed.row.astype(np.int64) + rows, placed.column.astype(np.int64) + columns
    stays = (row >= 0) & (row < NETWORK_SIZE) & (column >= 0) & (column < NETWORK_SIZE)
    return replace(
        placed, t=placed.t[stays], row=row[stays], column=column[stays],
        n_outside=placed.n_outside + int((~stays).sum()),
    )  # fmt: skip
