"""What hangs on how a network runs: its timing, bounds, weights.

Our engine runs all of it: it alone takes spikes one by one and thresholds by layer.
"""

import itertools
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from dvs_snn.engines.kinds.own import laid_out
from dvs_snn.evaluation.choosing.choice import Quoted
from dvs_snn.evaluation.exits import SetExits
from dvs_snn.evaluation.of_set import evaluate_recordings
from dvs_snn.files.job import Progress
from dvs_snn.networks.discretisation import discretise
from dvs_snn.networks.spiking_network import SpikingNetwork, load_spiking
from dvs_snn.probes.probe import BASE, Probe, compared, rows_of
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.store.event_store import open_store
from dvs_snn.settings.inference import InferenceSettings

PROBE = Probe(
    "How a network runs",
    "How much hangs on how a network runs? At the quoted point of each method we change one thing "
    "and let the network read the same recordings of each test set again (n = {recordings}, spread "
    "evenly over the set). Nothing is trained again. timing: all events of a time step at once, "
    "single events, whose spikes add up in each layer, or single spikes, each of which reaches all "
    "its neurons before the next. lower bound: of the membrane potential, clipped at each step, "
    "event or spike. weights: whole numbers of 8 bits, thresholds and lower bounds of 16, sums in "
    "place of average pools, as a chip computes, in the study's timing or the one that is named; "
    "the folder `exports` holds these networks as NIR files.",
)


@dataclass(frozen=True)
class RunSettings:
    """How a network runs.

    Attributes:
        timing: `events`, `steps`, or `spikes`: each spike is a wave of its own.
        step_ms: length of a time step in milliseconds.
        lower_bound: of the membrane potential; None: none.
        is_whole: weights are whole numbers of 8 bits, thresholds and lower bounds of 16.
    """

    timing: str
    step_ms: float
    lower_bound: float | None
    is_whole: bool = False


TIMINGS = {
    **{f"steps of {ms:g} ms": {"timing": "steps", "step_ms": ms} for ms in (10.0, 1.0)},
    "events": {"timing": "events"},
}
CHANGES: dict[tuple[str, str], dict[str, Any]] = {
    **{("timing", name): how for name, how in TIMINGS.items()},
    ("timing", "spikes"): {"timing": "spikes"},
    ("lower bound", "none"): {"lower_bound": None},
    ("lower bound", "-5"): {"lower_bound": -5.0},
    ("lower bound", "-1"): {"lower_bound": -1.0},
    ("weights", "int8"): {"is_whole": True},
    **{("weights", f"int8, {name}"): how | {"is_whole": True} for name, how in TIMINGS.items()},
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


def measure(
    network: Path,
    choice: Path,
    test_events: list[Path],
    test_tables: list[Path],
    test_placements: dict[str, dict[str, Placement]],
    ablated: int,
    inference: InferenceSettings,
    variant: str,
    progress: Progress,
) -> list[dict[str, Any]]:
    """Run the quoted points of a network under every condition, on some recordings of each set.

    A network runs once for each scale.

    Args:
        network: as it was converted.
        test_events, test_tables: the stores of the test sets, in the order of `test_placements`:
            of each set, how its recordings lie on the network, by scene.
        ablated: recordings of each set that are read, evenly spread.
    """
    points = Quoted.read(choice).of_variant(variant)
    if not points:
        return []
    stored = zip(test_placements, test_events, test_tables, test_placements.values(), strict=True)
    sets = {name: open_store(*store).evenly(ablated) for name, *store in stored}
    converted = load_spiking(network)
    base = RunSettings(inference.timing, inference.step_ms, converted.parts[0].lower_bound)
    rows = []
    for scale in dict.fromkeys(point.scale for point in points.values()):
        exits = {method: point.exit for method, point in points.items() if point.scale == scale}
        leads = [lead for lead in exits.values() if lead is not None]
        read, changed = {}, conditions(base, has_biases=converted.has_biases)
        for condition, how in changed.items():
            run = (discretise if how.is_whole else SpikingNetwork.scaled)(converted, scale)
            if how.lower_bound != base.lower_bound:
                run = run.bounded(how.lower_bound)
            spiking = laid_out(run, inference.compute_threads, how.timing)
            for name, recordings in sets.items():
                binned = (each.in_steps(round(how.step_ms * 1000)) for each in recordings)
                shown = ((each, None) for each in binned)
                title = " ".join((*condition, name))
                read[name, condition] = evaluate_recordings(
                    spiking, shown, how.step_ms, progress, len(recordings), title, leads
                )
        for (method, lead), name in itertools.product(exits.items(), sets):
            outcomes = {c: _stopped(*read[name, c], lead) for c in changed}
            for condition, stopped in outcomes.items():
                reference = None if condition == BASE else outcomes[BASE]
                # Events after the exit cost nothing.
                values = compared(stopped, reference, by_recording=lead is not None)
                rows += rows_of(PROBE, values, condition, name, method, scale)
    return rows


def _stopped(
    outcomes: pd.DataFrame, layers: pd.DataFrame, exits: SetExits, lead: float | None
) -> pd.DataFrame:
    """Return the outcomes of recordings that are read up to a lead of the best output."""
    if lead is None:
        return outcomes
    place = exits.leads.tolist().index(lead)
    correct = exits.correct[:, place].astype(int)
    return outcomes.assign(correct=correct, synops=exits.synops[:, place])
