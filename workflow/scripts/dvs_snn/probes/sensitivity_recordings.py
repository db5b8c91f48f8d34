"""Simulates recordings of a sensor with one of its parts switched off, halved or doubled.

All conditions show the same symbols on the same paths to the same pixels, since named generators
draw everything random. Two conditions differ only in the changed part, so the study compares them
in pairs. It makes the recordings once; the job of every network reads them.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Progress
from dvs_snn.probes.sensor_changes import distinct_settings
from dvs_snn.recordings.placement import Placement, place
from dvs_snn.recordings.steps import StepEvents, bin_steps
from dvs_snn.recordings.store.frame_store import frame_writer
from dvs_snn.recordings.store.samples import PlacedRecording, Sample, sample_of
from dvs_snn.recordings.store.step_store import store_steps
from dvs_snn.settings.frames import FrameRule
from dvs_snn.simulation.symbols import Symbols
from dvs_snn.simulation.takes import Take, nominal_sensor, nominal_take, set_takes


def sensitivity_takes(simulation: dict, symbols: Symbols, scene: str, per_digit: int) -> list[Take]:
    """List takes of the test set: those of the first `per_digit` symbols of each digit."""
    takes = set_takes(simulation, symbols, scene, "test")
    of_digits = ([take for take in takes if take.label == digit] for digit in range(10))
    return [take for of_digit in of_digits for take in of_digit[:per_digit]]


def condition_samples(
    takes: Sequence[Take],
    symbols: Symbols,
    simulation: dict,
    placement: Placement,
    step_us: int,
    rule: FrameRule,
    seed: int,
) -> Iterator[Sample]:
    """Make the recordings of one condition, in order, one at a time.

    If the sensor sends no event, the recording consists of empty steps over its whole length.
    """
    scene = takes[0].scene
    sensor = nominal_sensor(simulation, scene, seed)
    for take in takes:
        try:
            recording = nominal_take(take, symbols, simulation, sensor, seed)
        except StudyError:  # not a single event: a result here, no mistake
            nothing = np.empty(0, dtype=np.int64)
            n_steps = math.ceil(simulation["scenes"][scene]["duration_s"] * 1e6 / step_us)
            steps = StepEvents(nothing, nothing, nothing, n_steps, 0)
            yield Sample(take.name, take.symbol, take.label, "", steps, 0, 0.0, frames=[])
            continue
        placed = place(recording, placement)
        of_take = PlacedRecording(take.name, take.symbol, take.label, "", placed)
        yield sample_of(of_take, bin_steps(placed, step_us), rule)


def store_conditions(
    takes: Sequence[Take],
    symbols: Symbols,
    simulation: dict,
    placement: Placement,
    step_us: int,
    rule: FrameRule,
    seed: int,
    paths: Mapping,
    progress: Progress,
) -> None:
    """Make the recordings of every condition and store them as both networks see them.

    A recording is called ``<part>/<change>/<name>``. Conditions whose settings equal the nominal
    ones are left out.

    Args:
        takes: of one scene.
        step_us: length of a time step in microseconds.
        rule: how events become frames.
        seed: the study's.
        paths: of time steps: `steps` and `table`; of frames: `frames` and `index`.
    """
    made = distinct_settings(simulation, takes[0].scene)
    with (
        frame_writer(Path(paths["frames"]), Path(paths["index"])) as writer,
        progress.bar(len(made) * len(takes), "recording", "conditions") as bar,
    ):

        def recordings() -> Iterator[Sample]:
            for (part, change), own in made.items():
                samples = condition_samples(takes, symbols, own, placement, step_us, rule, seed)
                for sample in samples:
                    name = f"{part}/{change}/{sample.recording}"
                    for frame in sample.frames:
                        writer.append(frame, name, sample.symbol, sample.label, "test")
                    yield replace(sample, recording=name)
                    bar.advance(1)

        store_steps(recordings(), Path(paths["steps"]), Path(paths["table"]))
