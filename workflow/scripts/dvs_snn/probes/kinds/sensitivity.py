"""How well trained networks read recordings of a sensor of which one part is changed.

All conditions show the same symbols on the same paths to the same pixels, since named generators
draw everything random. Two conditions differ only in the changed part, so they are compared in
pairs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import pandas as pd

from dvs_snn.analysis.choice import Quoted
from dvs_snn.engines.engine import open_spiking
from dvs_snn.evaluation.of_set import evaluate_recordings
from dvs_snn.files.job import Progress
from dvs_snn.probes.probe_modules import BASE, Row, Value, compared, rows_of
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.store.event_store import StoredRecording, open_store, store_recordings
from dvs_snn.settings.frame_settings import FrameRule
from dvs_snn.settings.inference import InferenceSettings
from dvs_snn.settings.set_names import TEST
from dvs_snn.settings.simulation_settings import SceneSettings

MEASURES = {"ann_accuracy": ("share", "recordings that the CNN read rightly")}


@dataclass(frozen=True)
class RecordJob:
    """What the recordings are made from.

    Attributes:
        shown_per_digit: of each digit so many test symbols are shown, the first.
        events, recordings: files of the store.
    """

    symbols: Path
    mnist_dvs: SceneSettings
    shown_per_digit: int
    study_seed: int
    events: Path
    recordings: Path


def record(job: RecordJob, progress: Progress) -> None:
    """Store the recordings of every condition, each called ``<part>/<change>/<name>``.

    Conditions whose settings equal the nominal ones are left out.
    """
    from dvs_snn.probes.sensors import distinct_settings, recordings_of
    from dvs_snn.simulation.drawn_symbols import read_symbols
    from dvs_snn.simulation.takes import set_takes

    symbols = read_symbols(job.symbols)
    takes = []
    of_set = set_takes(job.mnist_dvs, symbols, "mnist-dvs", "test")
    for digit in range(10):
        takes += [take for take in of_set if take.label == digit][: job.shown_per_digit]
    changed = distinct_settings(job.mnist_dvs, "mnist-dvs")
    with progress.bar(len(changed) * len(takes), "recording", "conditions") as bar:

        def made() -> Iterator[StoredRecording]:
            for (part, change), settings in changed.items():
                for recording in recordings_of(takes, symbols, settings, job.study_seed):
                    yield replace(recording, recording=f"{part}/{change}/{recording.recording}")
                    bar.advance(1)

        store_recordings(made(), job.events, job.recordings)


@dataclass(frozen=True)
class MeasureJob:
    """What the probe reads.

    Attributes:
        spiking, cnn: the converted network, and the weights of the CNN beside it.
        events, recordings, placements: the store that `record` filled.
    """

    spiking: Path
    cnn: Path
    choice: Path
    events: Path
    recordings: Path
    placements: dict[str, Placement]
    frames: FrameRule
    inference: InferenceSettings
    variant: str


def measure(job: MeasureJob, progress: Progress) -> list[Row]:
    """Let a network, and the CNN beside it, read the recordings of every condition."""
    from dvs_snn.evaluation.cnn import CountedCnn
    from dvs_snn.probes.sensors import CONDITIONS, NOMINAL_CONDITION

    stored = open_store(job.events, job.recordings, job.placements)
    shown = {condition: list(group) for condition, group in groupby(stored, _condition_of)}
    cnn = CountedCnn.load(job.cnn)
    of_cnn = {}
    for condition, recordings in shown.items():
        responses = cnn.responses([each.frames(job.frames) for each in recordings])
        of_cnn[condition] = pd.array([each.predicted for each in responses], dtype="Int8")

    step_ms = job.inference.step_ms
    rows = []
    for method, scale in Quoted.read(job.choice).scales_of(job.variant).items():
        network = open_spiking(job.spiking, scale, job.inference)
        readings = {}
        for condition, recordings in shown.items():
            binned = [recording.in_steps(job.inference.step_us) for recording in recordings]
            title = " ".join(condition)
            read = evaluate_recordings(network, binned, step_ms, progress, title).readings
            readings[condition] = read.assign(of_cnn=of_cnn[condition])

        nominal = readings[NOMINAL_CONDITION]
        for condition in CONDITIONS:
            read = readings.get(condition, nominal)
            values = compared(read, None if read is nominal else nominal, by_recording=True)
            is_right = (read["of_cnn"] == read["label"]).fillna(False)
            values.append(Value("ann_accuracy", float(is_right.mean())))
            changed = BASE if condition == NOMINAL_CONDITION else condition
            rows += rows_of(MEASURES, values, changed, TEST, method, scale)
    return rows


def _condition_of(recording: StoredRecording) -> tuple[str, str]:
    """Return the condition that a stored recording was made under, by its name."""
    part, change, _ = recording.recording.split("/", 2)
    return part, change
