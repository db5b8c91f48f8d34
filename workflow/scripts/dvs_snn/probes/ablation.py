"""Runs a network as the study does, then with one thing changed at a time, on the same recordings.

The event engine runs all of it: it alone takes a limit of spikes and thresholds by layer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.engines.kinds.event.layout import lay_out, lay_out_discretised
from dvs_snn.engines.kinds.event.network import EventNetwork
from dvs_snn.engines.spiking import Spiking
from dvs_snn.evaluation.choosing.choice import QuotedPoint
from dvs_snn.evaluation.of_set import AnnReading, evaluate_recordings
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import schema
from dvs_snn.networks.conversion import Converted
from dvs_snn.networks.discretisation import discretise
from dvs_snn.probes.run_settings import RunSettings, conditions, repeated
from dvs_snn.recordings.folders.split_table import read_split
from dvs_snn.recordings.store.samples import (
    BinnedRecording,
    PlacedRecording,
    binned,
    split_recordings,
)


def sampled_recordings(
    split: Path, name: str, scenes: Mapping[str, dict], n: int
) -> list[PlacedRecording]:
    """Read `n` recordings of a set, spread evenly over their order, and so over all digits."""
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
    """Return what runs under `how`: `network`, or `whole` for whole numbers; both run as `base`."""
    own = whole if how.is_whole else network
    if how.lower_bound != base.lower_bound:
        own = own.bounded(how.lower_bound)
    return own.changed(max_spikes=np.float32(how.max_spikes))


def ablate(
    converted: Converted,
    scale: float,
    sets: Mapping[str, Sequence[PlacedRecording]],
    step_ms: float,
    threads: int,
    progress: Progress,
    leads: Sequence[float] = (),
) -> pd.DataFrame:
    """Run a network's recordings under every condition.

    Args:
        scale: of its first layer.
        sets: recordings by the name of their set.
        step_ms: length of the study's time step.
        threads: recordings that run side by side.
        leads: at which the network also stops early.

    Returns:
        A row per (set, condition, recording) of `ablation_outcomes` without the columns that
        name the point. The column `exit` tells the lead of the rows that stop early; they count
        SynOps up to the exit.
    """
    base = RunSettings(step_ms, converted.neurons.min_v_mem)
    network = lay_out(converted).scaled(scale)
    whole = lay_out_discretised(discretise(converted, scale))
    outcomes = []
    for (part, value), how in conditions(base).items():
        running = changed_network(network, whole, how, base)
        spiking = Spiking(running.layers, partial(running.respond, threads=threads))
        for name, recordings in sets.items():
            played = ((_played(one, how), AnnReading(None, 0)) for one in recordings)
            title = " ".join((part, value, name))
            found, _, exits = evaluate_recordings(
                spiking, played, how.step_ms, progress, len(recordings), title, leads
            )
            found = found.assign(set=name, part=part, value=value, exit=np.nan)
            outcomes.append(found)
            for place, lead in enumerate(exits.leads[:-1]):
                stopped = {"correct": exits.correct[:, place], "synops": exits.synops[:, place]}
                outcomes.append(found.assign(exit=lead, **stopped).astype({"correct": int}))
    return pd.concat(outcomes, ignore_index=True)


def ablate_points(
    points: Sequence[QuotedPoint],
    converted: Converted,
    sets: Mapping[str, Sequence[PlacedRecording]],
    step_ms: float,
    threads: int,
    progress: Progress,
    **key: object,
) -> pd.DataFrame:
    """Return `ablate` of each point with its `key`, variant and seed; a run for each scale."""
    outcomes = []
    for scale in dict.fromkeys(point.scale for point in points):
        own = [point for point in points if point.scale == scale]
        leads = [point.exit for point in own if point.exit is not None]
        found = ablate(converted, scale, sets, step_ms, threads, progress, leads)
        for point in own:
            stops = found["exit"].isna() if point.exit is None else found["exit"] == point.exit
            outcomes.append(found[stops].assign(method=point.method, scale=scale, **key))
    return pd.concat(outcomes, ignore_index=True)[list(schema("ablation_outcomes"))]
