"""Simulates the nominal sensors without a digit: noise, leak and flicker alone.

A blank scene has the background, the backlight and the sensor of its scene; only the ink is gone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Progress
from dvs_snn.files.randomness import generator
from dvs_snn.recordings.recording import silent_recording
from dvs_snn.recordings.store.event_store import StoredRecording, store_recordings
from dvs_snn.simulation.takes import make_recording, nominal_conditions, nominal_sensor

SECONDS = 60.0
"""Length of the recording of a blank scene."""

NO_DIGIT = -1
"""Label of a scene without a digit: the store holds whole numbers alone."""

_BLANK = np.zeros((28, 28), dtype=np.uint8)


def blank_recording(simulation: Mapping, scene: str, seconds: float, seed: int) -> StoredRecording:
    """Return what a scene's nominal sensor sends without digit, unlabelled, named as the scene.

    Time runs from the scene's beginning to its end: a sensor's silence counts.
    """
    settings = simulation["scenes"][scene]
    sizes = settings.get("scales", [None])
    # The size of a digit that isn't there changes nothing.
    conditions = nominal_conditions(simulation, scene, sizes[0])
    conditions = replace(conditions, duration_s=seconds)
    sensor = nominal_sensor(simulation, scene, seed)
    silent = silent_recording(settings["sensor_size"], seconds)
    try:
        sent = make_recording(_BLANK, conditions, sensor, generator(seed, "idle", scene))
    except StudyError:  # not a single event: a result here, no mistake
        sent = silent
    raw = replace(sent, span_us=silent.span)
    return StoredRecording(scene, "", NO_DIGIT, scene, "", raw)


def store_blank_recordings(
    simulation: Mapping,
    scenes: Sequence[str],
    seed: int,
    paths: Mapping,
    progress: Progress,
) -> None:
    """Make a blank recording of each scene, stored in the paths `events` and `table`."""
    with progress.bar(len(scenes), "recording", "blank scenes") as bar:

        def recordings() -> Iterator[StoredRecording]:
            for scene in scenes:
                yield blank_recording(simulation, scene, SECONDS, seed)
                bar.advance(1)

        store_recordings(recordings(), Path(paths["events"]), Path(paths["table"]))
