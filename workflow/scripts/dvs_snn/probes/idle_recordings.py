"""Simulates the nominal sensors without a digit: noise, leak and flicker alone.

A blank scene has the background, the backlight and the sensor of its scene; only the ink is gone.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Progress
from dvs_snn.files.randomness import generator
from dvs_snn.recordings.placement import Placement, place, placement_of
from dvs_snn.recordings.recording import EventRecording
from dvs_snn.recordings.steps import StepEvents
from dvs_snn.recordings.store.samples import BinnedRecording
from dvs_snn.recordings.store.step_store import store_steps
from dvs_snn.simulation.takes import make_recording, nominal_conditions, nominal_sensor

SECONDS = 60.0
"""Length of the recording of a blank scene."""

NO_DIGIT = -1
"""Label of a scene without a digit: the store of steps holds whole numbers alone."""

_BLANK = np.zeros((28, 28), dtype=np.uint8)


def steps_from_start(
    make: Callable[[], EventRecording], placement: Placement, step_us: int, seconds: float
) -> tuple[StepEvents, int]:
    """Make a recording in time steps that last `seconds`, whatever its first and last event.

    Time runs from the scene's beginning: a sensor's silence counts.

    Args:
        make: makes the recording; raises StudyError if the sensor sends no event.
        step_us: length of a time step in microseconds.

    Returns:
        The steps, and how many events fell beside the network.
    """
    n_steps = math.ceil(seconds * 1e6 / step_us)
    try:
        placed = place(make(), placement)
    except StudyError:  # not a single event: a result here, no mistake
        nothing = np.empty(0, dtype=np.int64)
        return StepEvents(nothing, nothing, nothing, n_steps, 0), 0
    # An event at the very end may be rounded into a step beyond the last.
    step = np.minimum(placed.t // step_us, n_steps - 1)
    return StepEvents(step, placed.row, placed.column, n_steps, 0), placed.n_outside


def blank_recording(
    simulation: Mapping, scene: str, step_us: int, seconds: float, seed: int
) -> BinnedRecording:
    """Return what a scene's nominal sensor sends without digit, unlabelled, named as the scene."""
    sizes = simulation["scenes"][scene].get("scales", [None])
    # The size of a digit that isn't there changes nothing.
    conditions = nominal_conditions(simulation, scene, sizes[0])
    conditions = replace(conditions, duration_s=seconds)
    sensor = nominal_sensor(simulation, scene, seed)
    steps, n_outside = steps_from_start(
        lambda: make_recording(_BLANK, conditions, sensor, generator(seed, "idle", scene)),
        placement_of(simulation["scenes"][scene]), step_us, seconds,
    )  # fmt: skip
    return BinnedRecording(scene, "", NO_DIGIT, "", steps, n_outside, seconds)


def store_blank_recordings(
    simulation: Mapping,
    scenes: Sequence[str],
    step_us: int,
    seed: int,
    paths: Mapping,
    progress: Progress,
) -> None:
    """Make a blank recording of each scene, stored as time steps in paths `steps` and `table`."""
    with progress.bar(len(scenes), "recording", "blank scenes") as bar:

        def recordings() -> Iterator[BinnedRecording]:
            for scene in scenes:
                yield blank_recording(simulation, scene, step_us, SECONDS, seed)
                bar.advance(1)

        store_steps(recordings(), Path(paths["steps"]), Path(paths["table"]))
