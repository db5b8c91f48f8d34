"""Simulates recordings of a sensor with one of its parts switched off, halved or doubled.

All conditions show the same symbols on the same paths to the same pixels, since named generators
draw everything random. Two conditions differ only in the changed part, so the study compares them
in pairs. It makes the recordings once; the job of every network reads them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Progress
from dvs_snn.probes.sensor_changes import distinct_settings
from dvs_snn.recordings.recording import silent_recording
from dvs_snn.recordings.store.event_store import StoredRecording, store_recordings
from dvs_snn.simulation.symbols import Symbols
from dvs_snn.simulation.takes import Take, nominal_sensor, nominal_take, set_takes


def sensitivity_takes(simulation: dict, symbols: Symbols, scene: str, per_digit: int) -> list[Take]:
    """List takes of the test set: those of the first `per_digit` symbols of each digit."""
    takes = set_takes(simulation, symbols, scene, "test")
    of_digits = ([take for take in takes if take.label == digit] for digit in range(10))
    return [take for of_digit in of_digits for take in of_digit[:per_digit]]


def condition_recordings(
    takes: Sequence[Take], symbols: Symbols, simulation: dict, seed: int
) -> Iterator[StoredRecording]:
    """Make the recordings of one condition, in order, one at a time.

    If the sensor sends no event, the recording is empty over its whole length.
    """
    scene = takes[0].scene
    settings = simulation["scenes"][scene]
    sensor = nominal_sensor(simulation, scene, seed)
    for take in takes:
        try:
            recording = nominal_take(take, symbols, simulation, sensor, seed)
        except StudyError:  # not a single event: a result here, no mistake
            recording = silent_recording(settings["sensor_size"], settings["duration_s"])
        yield StoredRecording(take.name, take.symbol, take.label, scene, "", recording)


def store_conditions(
    takes: Sequence[Take],
    symbols: Symbols,
    simulation: dict,
    seed: int,
    paths: Mapping,
    progress: Progress,
) -> None:
    """Make the recordings of every condition and store them.

    A recording is called ``<part>/<change>/<name>``. Conditions whose settings equal the nominal
    ones are left out.

    Args:
        takes: of one scene.
        seed: the study's.
        paths: of the store: `events` and `table`.
    """
    made = distinct_settings(simulation, takes[0].scene)
    with progress.bar(len(made) * len(takes), "recording", "conditions") as bar:

        def recordings() -> Iterator[StoredRecording]:
            for (part, change), own in made.items():
                for recording in condition_recordings(takes, symbols, own, seed):
                    yield replace(recording, recording=f"{part}/{change}/{recording.recording}")
                    bar.advance(1)

        store_recordings(recordings(), Path(paths["events"]), Path(paths["table"]))
