"""Runs recordings through both inference engines, in both timings; stops where they disagree.

If sums of the weights are exact in float32, the engines agree in every entry. Else each engine adds
in its own order, so a neuron just at its threshold may fire a step sooner or later. This module
counts how often.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.engines.kinds import own, sinabs
from dvs_snn.engines.kinds.sinabs import one_a_step
from dvs_snn.engines.response import Response
from dvs_snn.files.arrays import evenly_picked
from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import write_table
from dvs_snn.networks.spiking_network import SpikingNetwork, load_spiking
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.steps import StepEvents
from dvs_snn.recordings.store.event_store import open_store
from dvs_snn.settings.data import Classes
from dvs_snn.settings.inference import InferenceSettings

ENTRIES_SHARE = 1e-3
SYNOPS_SHARE = 1e-4
PREDICTIONS_SHARE = 1e-3
"""Largest shares of output entries (step, class), SynOps and predictions that may differ.

One prediction may differ in any case, and so may entries and SynOps of the run that differs most.
Where a neuron fires a step later and a potential is clipped meanwhile, all that follows in the
recording may differ. In a small sample this is a large share."""

PREDICTED = ["predicted_event", "predicted_sinabs"]

RECORDINGS_BY_EVENTS = 10
FIRST_EVENTS = 1000
"""How many recordings run by events, at one scale, and how many events of each: sinabs takes a step
for each event."""


def first_events(steps: StepEvents, n: int) -> StepEvents:
    """Return a recording's first `n` events, one in each step and without times."""
    begun = replace(
        steps,
        step=steps.step[:n],
        row=steps.row[:n],
        column=steps.column[:n],
        channel=None if steps.channel is None else steps.channel[:n],
    )
    return one_a_step(begun)


def compare_responses(
    recording: str, scale: float, event: Response, sinabs: Response
) -> dict[str, object]:
    """Return one row of `compare`: where two engines' responses to a recording differ."""
    apart = event.of_steps(event.step_synops) - sinabs.of_steps(sinabs.step_synops)
    return {
        "recording": recording,
        "scale": scale,
        "entries": event.by_step.size,
        "entries_differing": int((event.by_step != sinabs.by_step).sum()),
        "synops_event": event.synops,
        "synops_sinabs": sinabs.synops,
        "predicted_event": event.predicted,
        "predicted_sinabs": sinabs.predicted,
        "synops_differing": int(np.abs(apart).sum()),
    }


def compare(
    network: SpikingNetwork,
    scales: Sequence[float],
    recordings: Mapping[str, StepEvents],
    settings: InferenceSettings,
) -> pd.DataFrame:
    """Run recordings, by name, through both engines at every scale.

    Returns a row per (scale, recording), of the table `verification` without its network; a silent
    network's prediction is missing.
    """
    rows = []
    steps = list(recordings.values())
    for scale in scales:
        scaled = network.scaled(scale)
        by_event = own.opened(scaled, settings).respond(steps)
        by_sinabs = sinabs.opened(scaled, settings).respond(steps)
        answers = zip(recordings, by_event, by_sinabs, strict=True)
        rows += [compare_responses(name, scale, a, b) for name, a, b in answers]
    types = dict.fromkeys(PREDICTED, "Int64")
    return pd.DataFrame(rows).assign(timing=settings.timing).astype(types)


def agreement(comparison: pd.DataFrame) -> dict[str, float]:
    """Return the shares that differ; opposite differences of SynOps don't cancel."""
    sums = comparison.sum(numeric_only=True)
    # A silent network has no prediction: two missing predictions are equal.
    predicted = comparison[PREDICTED].astype("Int64").fillna(-1)
    is_other = predicted["predicted_event"] != predicted["predicted_sinabs"]
    return {
        "output entries": float(sums["entries_differing"] / sums["entries"]),
        "SynOps": float(sums["synops_differing"] / max(1, sums["synops_sinabs"])),
        "predictions": float(is_other.mean()),
    }


def _share_of_others(comparison: pd.DataFrame, differing: str, of: str) -> float:
    """Return the share that differs, without what differs in the run that differs most."""
    others = comparison[differing].sum() - comparison[differing].max()
    return float(others / max(1, comparison[of].sum()))


def check(comparison: pd.DataFrame) -> dict[str, float]:
    """Return the `agreement`; StudyError if it breaks a bound."""
    shares = agreement(comparison)
    judged = {
        "output entries": _share_of_others(comparison, "entries_differing", "entries"),
        "SynOps": _share_of_others(comparison, "synops_differing", "synops_sinabs"),
        "predictions": shares["predictions"],
    }
    bounds = {
        "output entries": ENTRIES_SHARE,
        "SynOps": SYNOPS_SHARE,
        "predictions": max(1 / len(comparison), PREDICTIONS_SHARE),
    }
    for what, bound in bounds.items():
        if judged[what] > bound:
            raise StudyError(
                f"verification: a share of {judged[what]:.2g} of the {what} differs between "
                f"inference.engine own and sinabs, expected at most {bound:g}; set "
                "inference.engine: sinabs, and report this, since both engines should agree."
            )
    return shares


@dataclass(frozen=True)
class Compared:
    """A network that is compared: its name, and the scales of its first layer."""

    variant: str
    seed: int
    scales: list[float]


@dataclass(frozen=True)
class VerifyJob:
    """What the rule `verify` gives.

    Attributes:
        networks: the files of the networks `compared`.
        events, recorded, placements: the stored set, and how its recordings lie, by scene.
        recordings: how many of it run.
        table: where the comparison is written.
    """

    networks: list[Path]
    compared: list[Compared]
    events: Path
    recorded: Path
    placements: dict[str, Placement]
    recordings: int
    inference: InferenceSettings
    classes: list[str]
    table: Path


def verify(job: VerifyJob, progress: Progress) -> None:
    """Run a sample of a set through several networks by both engines; write where they differ.

    StudyError if they disagree.
    """
    inference = job.inference
    sample = open_store(job.events, job.recorded, job.placements).evenly(job.recordings)
    steps = {each.recording: each.in_steps(inference.step_us).steps for each in sample}
    names = list(steps)
    few = [names[place] for place in evenly_picked(RECORDINGS_BY_EVENTS, len(names))]
    begun = {name: first_events(steps[name], FIRST_EVENTS) for name in few}

    parts = []
    with progress.bar(len(job.networks), "network", "both engines") as bar:
        for path, compared in zip(job.networks, job.compared, strict=True):
            network = load_spiking(path)
            scales = compared.scales
            runs = [compare(network, scales, steps, replace(inference, timing="steps"))]
            # Biases act once a step, so a network that has them runs in steps alone.
            if not network.has_biases:
                middle = scales[len(scales) // 2]
                by_events = replace(inference, timing="events")
                runs.append(compare(network, [middle], begun, by_events))
            parts += [rows.assign(variant=compared.variant, seed=compared.seed) for rows in runs]
            bar.advance(1)
    comparison = pd.concat(parts, ignore_index=True)
    classes = Classes(job.classes)
    named = {name: classes.named(comparison[name]) for name in PREDICTED}
    write_table(comparison.assign(**named), job.table, "verification")
    for timing, rows in comparison.groupby("timing"):
        shares = ", ".join(f"{share:.2g} of the {what}" for what, share in check(rows).items())
        progress.say(f"{len(rows)} runs by {timing} compared; {shares} differ")
