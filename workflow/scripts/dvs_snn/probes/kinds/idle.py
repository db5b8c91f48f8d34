"""What a network costs and reads before a sensor that sees no digit.

The nominal sensors see a scene without a digit: noise, leak and flicker alone. An output neuron
reads a digit if it has enough spikes within the sliding window. Enough is the count that 95 % of
the validation recordings reach. Before a blank scene each time that an output reaches this count
is a false alarm.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from dvs_snn.analysis.choice import Quoted
from dvs_snn.engines.engine import open_spiking
from dvs_snn.engines.response import Response, sliding_counts, window_steps
from dvs_snn.evaluation.statistics import poisson_interval
from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Progress
from dvs_snn.files.randomness import generator
from dvs_snn.probes.probe_modules import Row, Value, rows_of
from dvs_snn.recordings.placement import Placement, placement_of
from dvs_snn.recordings.recording import silent_recording
from dvs_snn.recordings.store.event_store import (
    BinnedRecording,
    StoredRecording,
    open_store,
    store_recordings,
)
from dvs_snn.settings.inference import InferenceSettings
from dvs_snn.settings.simulation_settings import SceneSettings, sizes_of

BLANK = ("scene", "blank")
SECONDS = 60.0
"""Length of the recording of a blank scene."""
NO_DIGIT = -1
"""Label of a scene without a digit: the store holds whole numbers alone."""
MISSED = 0.05
"""Share of the validation recordings that may stay below the threshold."""

MEASURES = {
    "seconds": ("s", "time that the network ran for"),
    "n_events": ("events", "events on the network"),
    "n_events_outside": ("events", "events beside the network"),
    "synops": ("SynOps", "spikes that arrived at synapses"),
    "output_spikes": ("spikes", "spikes of all outputs"),
    "window_ms": ("ms", "sliding window over which output spikes are counted"),
    "threshold_spikes": (
        "spikes",
        "spikes of one output within the window that count as a reading: 95 % of the "
        "recordings of `validation` reach as many",
    ),
    "n_validation": ("recordings", "recordings that the threshold was chosen on"),
    "false_alarms": ("alarms", "times that an output reached the threshold"),
    "alarm_seconds": ("s", "time for which one was at or above the threshold"),
    "events_per_s": ("events/s", "`n_events` over `seconds`"),
    "synops_per_s": ("SynOps/s", "`synops` over `seconds`"),
    "power_mw": ("mW", "mean power, static power included"),
    "output_spikes_per_min": ("spikes/min", "`output_spikes` a minute"),
    "false_alarms_per_min": ("alarms/min", "`false_alarms` a minute (interval: Garwood 1936)"),
}


@dataclass(frozen=True)
class RecordJob:
    """What the blank recordings are made from; `events` and `recordings` are the store's files."""

    both_scenes: SceneSettings
    study_seed: int
    events: Path
    recordings: Path


def record(job: RecordJob, progress: Progress) -> None:
    """Store what each scene's nominal sensor sends in `SECONDS` without a digit.

    A recording has the name of its scene.
    """
    scenes = job.both_scenes.scenes
    blank = (blank_recording(job.both_scenes, name, SECONDS, job.study_seed) for name in scenes)
    store_recordings(blank, job.events, job.recordings)


def blank_recording(
    settings: SceneSettings, name: str, seconds: float, seed: int
) -> StoredRecording:
    """Return a scene without ink from its beginning to its end: a sensor's silence counts."""
    from dvs_snn.simulation.takes import make_recording, nominal_conditions, nominal_sensor

    scene = settings.scenes[name]
    # The size of a digit that isn't there changes nothing.
    nominal = nominal_conditions(settings, name, sizes_of(scene)[0])
    conditions = replace(nominal, duration_s=seconds)
    sensor = nominal_sensor(settings, name, seed)
    image = np.zeros((28, 28), dtype=np.uint8)
    silent = silent_recording(scene.sensor_size, seconds)
    try:
        sent = make_recording(image, conditions, sensor, generator(seed, "idle", name))
    except StudyError:  # not a single event: a result here, no mistake
        sent = silent
    return StoredRecording(
        recording=name,
        symbol="",
        label=NO_DIGIT,
        scene=name,
        sha256="",
        raw=replace(sent, span_us=silent.span),
        placement=placement_of(scene),
    )


def alarm_threshold(peaks: Sequence[int]) -> int:
    """Return the highest count, at least 1, that a share of 1 - `MISSED` of the peaks reach."""
    return max(1, int(np.quantile(peaks, MISSED, method="inverted_cdf")))


def alarms(spikes: np.ndarray, n_steps: int, threshold: int) -> tuple[int, int]:
    """Count how often spikes (time, class) rise to a threshold in a window, and steps there."""
    over = sliding_counts(spikes, n_steps).max(axis=1) >= threshold
    begins = over & ~np.concatenate([[False], over[:-1]])
    return int(begins.sum()), int(over.sum())


def idle_values(
    scene: BinnedRecording,
    response: Response,
    peaks: Sequence[int],
    step_ms: float,
    window_ms: float,
) -> list[Value]:
    """Return what a network did before a blank scene.

    Args:
        peaks: most spikes of an output within a window, of each validation recording.
        step_ms, window_ms: length of a time step and of the sliding window.
    """
    n_events = len(scene.steps.step)
    seconds = round(response.n_steps * step_ms * 1e-3, 6)
    threshold = alarm_threshold(peaks)
    output_spikes = int(response.spikes.sum())
    n_alarms, n_over = alarms(response.by_step, window_steps(step_ms, window_ms), threshold)
    low, high = poisson_interval(n_alarms)
    return [
        Value("seconds", seconds),
        Value("n_events", n_events),
        Value("n_events_outside", scene.n_outside),
        Value("synops", response.synops),
        Value("output_spikes", output_spikes),
        Value("window_ms", window_ms),
        Value("threshold_spikes", threshold),
        Value("n_validation", len(peaks)),
        Value("false_alarms", n_alarms),
        Value("alarm_seconds", round(n_over * step_ms * 1e-3, 6)),
        Value("events_per_s", n_events / seconds),
        Value("synops_per_s", response.synops / seconds),
        Value("output_spikes_per_min", output_spikes * 60 / seconds),
        Value(
            "false_alarms_per_min", n_alarms * 60 / seconds, low * 60 / seconds, high * 60 / seconds
        ),
    ]


@dataclass(frozen=True)
class MeasureJob:
    """What the probe reads.

    Attributes:
        spiking: the converted network.
        events, recordings: the store of the blank scenes.
        validation_events, validation_table: the store of the set `validation`.
        placements: of both, by scene.
        window_ms: of the sliding window.
    """

    spiking: Path
    choice: Path
    events: Path
    recordings: Path
    validation_events: Path
    validation_table: Path
    placements: dict[str, Placement]
    inference: InferenceSettings
    window_ms: float
    variant: str


def measure(job: MeasureJob, progress: Progress) -> list[Row]:
    """Run a network on validation recordings for its threshold, then before blank scenes."""
    step_ms = job.inference.step_ms
    step_us = job.inference.step_us
    validation = open_store(job.validation_events, job.validation_table, job.placements)
    shown = [recording.steps for recording in validation.in_steps(step_us)]
    scenes = list(open_store(job.events, job.recordings, job.placements).in_steps(step_us))
    n_steps = window_steps(step_ms, job.window_ms)
    rows = []
    for method, scale in Quoted.read(job.choice).scales_of(job.variant).items():
        network = open_spiking(job.spiking, scale, job.inference)
        counts = (sliding_counts(each.by_step, n_steps) for each in network.respond(shown))
        peaks = [int(of_outputs.max(initial=0)) for of_outputs in counts]
        responses = network.respond([scene.steps for scene in scenes])
        for scene, response in zip(scenes, responses, strict=True):
            values = idle_values(scene, response, peaks, step_ms, job.window_ms)
            rows += rows_of(MEASURES, values, BLANK, scene.recording, method, scale)
    return rows
