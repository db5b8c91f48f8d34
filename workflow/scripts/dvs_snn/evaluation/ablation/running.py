"""Runs a network as the study does, then with one thing changed at a time, on the same recordings.

The event engine runs all of it: it alone takes a limit of spikes and thresholds by layer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.datasets.samples import BinnedRecording, PlacedRecording, binned, split_recordings
from dvs_snn.evaluation.ablation.outcomes import ABLATION_OUTCOMES, WHOLE_LAYERS
from dvs_snn.evaluation.ablation.run_settings import RunSettings, conditions, repeated
from dvs_snn.evaluation.choosing.choice import QuotedPoint
from dvs_snn.evaluation.of_set import evaluate_recordings
from dvs_snn.evaluation.readings import AnnReading
from dvs_snn.files.job import Progress
from dvs_snn.inference.engines.event.discretised import lay_out_discretised
from dvs_snn.inference.engines.event.engine import respond
from dvs_snn.inference.engines.event.layout import lay_out
from dvs_snn.inference.engines.event.network import EventNetwork
from dvs_snn.inference.engines.interface import Spiking
from dvs_snn.networks.conversion import Converted
from dvs_snn.networks.discretisation import discretise
from dvs_snn.sources.split_table import read_split


def sampled_recordings(
    split: Path, name: str, scenes: Mapping[str, dict], n: int
) -> list[PlacedRecording]:
    """Read `n` recordings of a set, spread evenly over their order, and so over all digits.

    Args:
        split: the split table that lists the set.
        scenes: placement by scene.
    """
    table = read_split(split)
    rows = table[table["split"] == name]
    places = np.linspace(0, len(rows) - 1, min(n, len(rows))).astype(int)
    return list(split_recordings(rows.iloc[places], scenes))


def _played(recording: PlacedRecording, how: RunSettings) -> BinnedRecording:
    once = binned(recording, round(how.step_ms * 1000))
    return replace(
        once, steps=repeated(once.steps, how.times), n_outside=once.n_outside * how.times,
        duration_s=once.duration_s * how.times,
    )  # fmt: skip


def changed_network(
    network: EventNetwork, whole: EventNetwork, how: RunSettings, base: RunSettings
) -> EventNetwork:
    """Return the network that runs under `how`.

    Args:
        network, whole: as trained, and of whole numbers.
        base: the settings that both of them have.
    """
    own = whole if how.is_whole else network
    if how.lower_bound != base.lower_bound:
        own = own.bounded(how.lower_bound)
    return replace(own, max_spikes=np.float32(how.max_spikes))


def ablate(
    converted: Converted,
    scale: float,
    sets: Mapping[str, Sequence[PlacedRecording]],
    step_ms: float,
    threads: int,
    progress: Progress,
    leads: Sequence[float] = (),
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Run a network's recordings under every condition.

    Args:
        scale: of its first layer.
        sets: recordings by the name of their set.
        step_ms: length of the study's time step.
        threads: recordings that run side by side.
        leads: at which the network also stops early.

    Returns:
        A row per (set, condition, recording) of `ABLATION_OUTCOMES`, and a row per (set, layer) of
        the network of whole numbers, `WHOLE_LAYERS`; neither with the columns of `POINT_KEY`. The
        column `exit` tells the lead of the rows that stop early; they count SynOps up to the exit.
    """
    base = RunSettings(step_ms, converted.neurons.min_v_mem)
    discretised = discretise(converted, scale)
    network, whole = lay_out(converted).scaled(scale), lay_out_discretised(discretised)
    about = {
        "largest_weight": [int(part.weight.max()) for part in discretised.weighted],
        "threshold": discretised.thresholds,
        "lower_bound": discretised.lower_bounds,
    }
    outcomes, layers = [], []
    for (part, value), how in conditions(base).items():
        running = changed_network(network, whole, how, base)
        spiking = Spiking(
            running.layers, lambda steps, running=running: respond(running, steps, threads)
        )
        for name, recordings in sets.items():
            played = ((_played(one, how), AnnReading(None, 0)) for one in recordings)
            title = " ".join((part, value, name))
            found, activity, exits = evaluate_recordings(
                spiking, played, how.step_ms, progress, len(recordings), title, leads
            )
            found = found.assign(set=name, part=part, value=value, exit=np.nan)
            outcomes.append(found)
            for place, lead in enumerate(exits.leads[:-1]):
                stopped = {"correct": exits.correct[:, place], "synops": exits.synops[:, place]}
                outcomes.append(found.assign(exit=lead, **stopped).astype({"correct": int}))
            if how == replace(base, is_whole=True):
                layers.append(activity.assign(set=name, **about))
    return pd.concat(outcomes, ignore_index=True), pd.concat(layers, ignore_index=True)


def ablate_points(
    points: Sequence[QuotedPoint],
    converted: Converted,
    sets: Mapping[str, Sequence[PlacedRecording]],
    step_ms: float,
    threads: int,
    progress: Progress,
    **key: object,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what `ablate` does at each point, with the whole `POINT_KEY`.

    Points of one scale share a run. Layers are those of networks that read to the end.

    Args:
        key: `variant` and `seed`.
    """
    outcomes, layers = [], []
    for scale in dict.fromkeys(point.scale for point in points):
        own = [point for point in points if point.scale == scale]
        leads = [point.exit for point in own if point.exit is not None]
        found, activity = ablate(converted, scale, sets, step_ms, threads, progress, leads)
        for point in own:
            named = {"method": point.method, "scale": scale, **key}
            if point.exit is None:
                outcomes.append(found[found["exit"].isna()].assign(**named))
                layers.append(activity.assign(**named))
            else:
                outcomes.append(found[found["exit"] == point.exit].assign(**named))
    names = (ABLATION_OUTCOMES, WHOLE_LAYERS)
    return tuple(
        pd.concat(parts, ignore_index=True)[list(columns)]
        for parts, columns in zip((outcomes, layers), names, strict=True)
    )
