"""Runs recordings through both inference engines, in both timings; stops where they disagree.

If sums of the weights are exact in float32, the engines agree in every entry. If not, each adds in
its own order, so a neuron just at its threshold may fire a step sooner or later. This module counts
how often.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
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
from dvs_snn.networks.spiking import SpikingNetwork, load_spiking
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.steps import StepEvents
from dvs_snn.recordings.store.event_store import open_store
from dvs_snn.settings.data import Classes
from dvs_snn.settings.inference import InferenceSettings

ENTRIES_SHARE, SYNOPS_SHARE, PREDICTIONS_SHARE = 1e-3, 1e-4, 1e-3
"""Most output entries (step, class), SynOps and predictions that may differ, as shares of all. One
prediction may differ in any case, if its margin is at most `MARGIN_SPIKES`."""

MARGIN_SPIKES = 2
"""A prediction whose first and second class are further apart than this may not differ."""

PREDICTED = "predicted_event", "predicted_sinabs"

RECORDINGS_BY_EVENTS, FIRST_EVENTS = 10, 1000
"""Recordings that run by events, at one scale, and how far: sinabs takes a step for each event."""


def first_events(steps: StepEvents, n: int) -> StepEvents:
    """Return a recording's first `n` events, each in a step, so that it is compared by events."""
    kept = {key: of[:n] for key, of in vars(steps).items() if isinstance(of, np.ndarray)}
    return one_a_step(replace(steps, **kept))


def compare_responses(
    recording: str, scale: float, event: Response, sinabs: Response
) -> dict[str, object]:
    """Return one row of `compare`: where two engines' responses to a recording differ."""
    layers = zip(event.layers, sinabs.layers, strict=True)
    apart = np.subtract(*(each.of_steps(each.step_synops) for each in (event, sinabs)))
    # Output spikes between the first and the second digit.
    margins = [np.diff(np.sort(each.spikes.sum(axis=0)))[-1] for each in (event, sinabs)]
    return {
        "recording": recording,
        "scale": scale,
        "layers": len(event.layers),
        "layers_differing": sum(a != b for a, b in layers),
        "entries": event.by_step.size,
        "entries_differing": int((event.by_step != sinabs.by_step).sum()),
        "synops_event": event.synops,
        "synops_sinabs": sinabs.synops,
        "predicted_event": event.predicted,
        "predicted_sinabs": sinabs.predicted,
        "margin_spikes": int(max(margins)),
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
        engines = (kind.opened(network.scaled(scale), settings) for kind in (own, sinabs))
        answers = zip(recordings, *(each.respond(steps) for each in engines), strict=True)
        rows += [compare_responses(name, scale, a, b) for name, a, b in answers]
    types = dict.fromkeys(PREDICTED, "Int64")
    return pd.DataFrame(rows).assign(timing=settings.timing).astype(types)


def _differs(comparison: pd.DataFrame) -> pd.Series:
    # A silent network has no prediction: two missing predictions are equal.
    event, sinabs = (comparison[name].astype("Int64").fillna(-1) for name in PREDICTED)
    return (event != sinabs).astype(bool)


def agreement(comparison: pd.DataFrame) -> dict[str, float]:
    """Return the shares that differ; opposite differences of SynOps don't cancel."""
    columns = ["entries_differing", "entries", "synops_differing", "synops_sinabs"]
    sums = comparison[columns].sum()
    return {
        "output entries": float(sums["entries_differing"] / sums["entries"]),
        "SynOps": float(sums["synops_differing"] / max(1, sums["synops_sinabs"])),
        "predictions": float(_differs(comparison).mean()),
    }


def check(comparison: pd.DataFrame) -> dict[str, float]:
    """Return the `agreement`; StudyError if it is empty or breaks a bound."""
    remedy = "set inference.engine: sinabs, and report it, for the engines should agree."
    if not comparison["entries"].sum():
        raise StudyError(
            "verification: no output was compared, expected at least one recording and one scale; "
            "name one."
        )
    clear = _differs(comparison) & (comparison["margin_spikes"] > MARGIN_SPIKES)
    for row in comparison[clear].itertuples():
        raise StudyError(
            f"verification: inference.engine own reads recording {row.recording} at scale "
            f"{row.scale:.2f} as {row.predicted_event}, sinabs as {row.predicted_sinabs}, with "
            f"{row.margin_spikes} spikes between the first and the second class, expected the same "
            f"class above {MARGIN_SPIKES}; {remedy}"
        )
    shares = agreement(comparison)
    few = max(1 / len(comparison), PREDICTIONS_SHARE)
    for (what, share), bound in zip(
        shares.items(), (ENTRIES_SHARE, SYNOPS_SHARE, few), strict=True
    ):
        if share > bound:
            raise StudyError(
                f"verification: a share of {share:.2g} of the {what} differs between "
                f"inference.engine own and sinabs, expected at most {bound:g}; {remedy}"
            )
    return shares


def verify(
    networks: list[Path],
    names: list[str],
    scales: list[list[float]],
    events: Path,
    recorded: Path,
    placements: dict[str, Placement],
    recordings: int,
    inference: InferenceSettings,
    classes: list[str],
    table: Path,
    progress: Progress,
) -> None:
    """Run a sample of a set through several networks by both engines; write where they differ.

    StudyError if they disagree. Of each of the `networks`, `names` are ``<variant>~<seed>``.
    `recordings` of the stored set (`events`, `recorded`) are run.
    """
    sample = open_store(events, recorded, placements).evenly(recordings)
    steps = {each.recording: each.in_steps(inference.step_us).steps for each in sample}
    few = [list(steps)[place] for place in evenly_picked(RECORDINGS_BY_EVENTS, len(steps))]
    begun = {name: first_events(steps[name], FIRST_EVENTS) for name in few}
    parts = []
    with progress.bar(len(networks), "network", "both engines") as bar:
        for path, name, of_network in zip(networks, names, scales, strict=True):
            variant, seed = name.rsplit("~", 1)
            network, middle = load_spiking(path), of_network[len(of_network) // 2]
            runs = [("steps", of_network, steps)]
            # Biases act once a step, so a network that has them runs in steps alone.
            if not network.has_biases:
                runs.append(("events", [middle], begun))
            for timing, of_timing, sample in runs:
                rows = compare(network, of_timing, sample, replace(inference, timing=timing))
                parts.append(rows.assign(variant=variant, seed=int(seed)))
            bar.advance(1)
    comparison = pd.concat(parts, ignore_index=True)
    known = {name: Classes(classes).named(comparison[name]) for name in PREDICTED}
    write_table(comparison.assign(**known), table, "verification")
    for timing, rows in comparison.groupby("timing"):
        shares = ", ".join(f"{share:.2g} of the {what}" for what, share in check(rows).items())
        progress.say(f"{len(rows)} runs by {timing} compared; {shares} differ")
