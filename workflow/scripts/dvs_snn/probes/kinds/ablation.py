"""What hangs on how a network runs: its timing, bounds, weights.

One thing is changed at a time, and the network reads the same recordings again:

- timing: all events of a time step at once, or single events, whose spikes add up in each layer;
- lower bound: of the membrane potential, clipped at each step or event;
- weights: whole numbers of 8 bits, thresholds and lower bounds of 16, sums in place of average
  pools, as a chip computes; in the study's timing, or in the one that is named.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from dvs_snn.engines.engine import Spiking
from dvs_snn.engines.kinds import own
from dvs_snn.evaluation.of_set import evaluate_recordings
from dvs_snn.evaluation.readings import at_exit
from dvs_snn.files.job import Progress
from dvs_snn.networks.discretisation import discretise
from dvs_snn.networks.spiking_network import SpikingNetwork, load_spiking
from dvs_snn.points.choice import Quoted
from dvs_snn.probes.probe_modules import BASE, ProbeJob, Row, compared, rows_of
from dvs_snn.recordings.store.event_store import StoredRecording, open_sets
from dvs_snn.settings.inference import InferenceSettings, Timing


@dataclass(frozen=True)
class RunSettings:
    """How a network runs.

    Attributes:
        timing: `events` or `steps`.
        step_ms: length of a time step in milliseconds.
        lower_bound: of the membrane potential; None: none.
        is_whole: weights are whole numbers of 8 bits, thresholds and lower bounds of 16.
    """

    timing: Timing
    step_ms: float
    lower_bound: float | None
    is_whole: bool = False


STEPS_OF_10_MS = {"timing": "steps", "step_ms": 10.0}
STEPS_OF_1_MS = {"timing": "steps", "step_ms": 1.0}
EVENTS = {"timing": "events"}
CHANGES: dict[tuple[str, str], dict[str, Any]] = {
    ("timing", "steps of 10 ms"): STEPS_OF_10_MS,
    ("timing", "steps of 1 ms"): STEPS_OF_1_MS,
    ("timing", "events"): EVENTS,
    ("lower bound", "none"): {"lower_bound": None},
    ("lower bound", "-5"): {"lower_bound": -5.0},
    ("lower bound", "-1"): {"lower_bound": -1.0},
    ("weights", "int8"): {"is_whole": True},
    ("weights", "int8, steps of 10 ms"): {"is_whole": True, **STEPS_OF_10_MS},
    ("weights", "int8, steps of 1 ms"): {"is_whole": True, **STEPS_OF_1_MS},
    ("weights", "int8, events"): {"is_whole": True, **EVENTS},
}
"""(part, value) -> the fields of `RunSettings` that change."""


def conditions(base: RunSettings, has_biases: bool) -> dict[tuple[str, str], RunSettings]:
    """Return the base and every change of it, by (part, value); no two are equal.

    Biases act once a step, so a network that has them runs in steps alone.
    """
    changed = {BASE: base}
    for name, fields in CHANGES.items():
        how = replace(base, **fields)
        if how not in changed.values() and (how.timing == "steps" or not has_biases):
            changed[name] = how
    return changed


def measure(job: ProbeJob, progress: Progress) -> list[Row]:
    """Run the quoted points of a network under every condition, on some recordings of each set.

    A network runs once for each scale.
    """
    points = Quoted.read(job.choice).of_variant(job.variant)
    stored = open_sets(job.events, job.recorded, job.sets)
    sets = {name: recorded.evenly(job.recordings) for name, recorded in stored.items()}
    converted = load_spiking(job.network)
    rows = []
    for scale in dict.fromkeys(point.scale for point in points.values()):
        leads = {method: point.exit for method, point in points.items() if point.scale == scale}
        rows += _rows_at(scale, leads, converted, sets, job.inference, progress)
    return rows


def _rows_at(
    scale: float,
    leads: Mapping[str, float | None],
    converted: SpikingNetwork,
    sets: Mapping[str, list[StoredRecording]],
    inference: InferenceSettings,
    progress: Progress,
) -> list[Row]:
    """Run a network at one scale under every condition, and compare each with the base.

    Args:
        leads: of each method quoted at this scale the lead at which it stops; None: at the end.
        sets: recordings by set.
    """
    base = RunSettings(inference.timing, inference.step_ms, converted.parts[0].lower_bound)
    changed = conditions(base, has_biases=converted.has_biases)
    exits = sorted(lead for lead in leads.values() if lead is not None)
    readings = {}
    for condition, how in changed.items():
        spiking = _ready(converted, scale, how, base, inference.compute_threads)
        step_us = round(how.step_ms * 1000)
        for name, recordings in sets.items():
            title = " ".join((*condition, name))
            binned = [recording.in_steps(step_us) for recording in recordings]
            read = evaluate_recordings(spiking, binned, how.step_ms, progress, title, exits)
            readings[condition, name] = read.readings

    rows = []
    for method, lead in leads.items():
        for name in sets:
            reference = at_exit(readings[BASE, name], lead)
            for condition in changed:
                values = compared(
                    at_exit(readings[condition, name], lead),
                    None if condition == BASE else reference,
                    # Events after the exit cost nothing.
                    by_recording=lead is not None,
                )
                rows += rows_of(values, condition, name, method, scale)
    return rows


def _ready(
    converted: SpikingNetwork, scale: float, how: RunSettings, base: RunSettings, threads: int
) -> Spiking:
    """Lay out a network at a scale, as one condition says."""
    scaled = discretise(converted, scale) if how.is_whole else converted.scaled(scale)
    # Each layer keeps its own bound unless the bound is what changes.
    if how.lower_bound != base.lower_bound:
        scaled = scaled.bounded(how.lower_bound)
    return own.opened(scaled, InferenceSettings(compute_threads=threads, timing=how.timing))
