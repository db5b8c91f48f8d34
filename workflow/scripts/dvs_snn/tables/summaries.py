"""What was measured, summed: evaluation.csv, recordings.csv, layers.csv, exits.csv."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from dvs_snn.evaluation.choosing.choice import Quoted
from dvs_snn.evaluation.choosing.points import measures, same_point
from dvs_snn.evaluation.choosing.trials import EARLY_EXIT, Sums
from dvs_snn.evaluation.exits import STOPS, Key, SetExits
from dvs_snn.evaluation.power import EnergyModel, energy_uj, power_mw
from dvs_snn.evaluation.statistics import synops_rates, wilson_interval
from dvs_snn.files.tables import schema
from dvs_snn.settings.data import Classes
from dvs_snn.settings.set_names import VALIDATION

NAMED = ("label", "predicted", "ann_predicted")
"""Columns of labels, which tables tell by the names of the classes."""


def named(outcomes: pd.DataFrame, classes: Sequence[str]) -> pd.DataFrame:
    """Return outcomes with the names of the classes in place of labels."""
    return outcomes.assign(**{name: Classes(classes).named(outcomes[name]) for name in NAMED})


def evaluation_row(
    outcomes: pd.DataFrame, energy: EnergyModel, step_ms: float
) -> dict[str, object]:
    """Summarise one set under one network; a ratio divides the sums over all recordings.

    The intervals' n is the number of symbols: recordings of one symbol aren't independent.
    """
    n, n_symbols = len(outcomes), outcomes["symbol"].nunique()
    accuracy = float(outcomes["correct"].mean())
    low, high = wilson_interval(accuracy, n_symbols)
    ann_accuracy = float((outcomes["ann_predicted"] == outcomes["label"]).mean())
    ann_low, ann_high = wilson_interval(ann_accuracy, n_symbols)
    summed = ["synops", "n_events", "n_steps", "ann_macs", "ann_macs_nonzero", "n_frames"]
    synops, events, n_steps, *of_cnn = (int(outcomes[name].sum()) for name in summed)
    per_3000 = [macs / events * 3000 if events else math.nan for macs in of_cnn[:2]]
    seconds = n_steps * step_ms * 1e-3
    row = {
        "n_recordings": n,
        "n_symbols": n_symbols,
        "accuracy": accuracy,
        "accuracy_low": low,
        "accuracy_high": high,
        "ann_accuracy": ann_accuracy,
        "silent_fraction": float(outcomes["silent"].mean()),
        "tied_fraction": float(outcomes["tied"].mean()),
        **synops_rates(outcomes),
        "synops_nonzero_per_recording": outcomes["synops_nonzero"].mean(),
        "power_mw": power_mw(synops, seconds, energy),
        "energy_uj": energy_uj(synops, seconds, energy) / n,
        "ann_macs_per_3000_events": per_3000[0],
        "ann_macs_nonzero_per_3000_events": per_3000[1],
        "ann_frames": outcomes["ann_frames"].iloc[0],
        "n_frames": of_cnn[2],
        "ann_accuracy_low": ann_low,
        "ann_accuracy_high": ann_high,
        "time_to_decision_ms": float(outcomes["time_to_decision_ms"].mean()),
        "event_rate_hz": events / seconds,
    }
    # A guest has no CNN beside it.
    no_cnn = outcomes["n_frames"].isna().all()
    empty = [name for name in row if no_cnn and (name.startswith("ann_") or name == "n_frames")]
    return row | dict.fromkeys(empty)


def recordings_table(outcomes: pd.DataFrame, energy: EnergyModel, step_ms: float) -> pd.DataFrame:
    """Return ``recordings.csv``: the `outcome` rows of A, B, C under every network and scale."""
    synops, seconds = outcomes["synops"], outcomes["n_steps"] * step_ms * 1e-3
    table = outcomes.assign(
        synops_per_event=synops / outcomes["n_events"].where(outcomes["n_events"] > 0),
        synops_per_s=synops / seconds,
        power_mw=[power_mw(n, s, energy) for n, s in zip(synops, seconds, strict=True)],
        energy_uj=energy_uj(synops, seconds, energy),
    )
    return table[list(schema("recordings"))]


def layers_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return rows of ``layers.csv`` from layer rows that carry set, recording and network."""
    return table.assign(synops_per_s=table["synops"] / table["seconds"])[list(schema("layers"))]


def _exit_rows(exits: SetExits, energy: EnergyModel, step_ms: float) -> pd.DataFrame:
    n, n_symbols = len(exits.symbol), len(np.unique(exits.symbol))
    right, synops, stopped = (
        each.sum(axis=0) for each in (exits.correct, exits.synops, exits.n_steps)
    )
    whole = exits.n_events[:, -1].sum(), exits.n_steps[:, -1].sum()
    measured = measures(Sums(right, n, synops, *whole, stopped), energy, step_ms)
    low, high = zip(
        *(wilson_interval(share, n_symbols) for share in measured["accuracy"]), strict=True
    )
    return pd.DataFrame(
        {
            **measured,
            "exit": np.where(np.isfinite(exits.leads), exits.leads, math.nan),
            "n_recordings": n,
            "n_symbols": n_symbols,
            "accuracy_low": low,
            "accuracy_high": high,
            "events_per_reading": exits.n_events.mean(axis=0),
            "time_to_exit_median_ms": np.median(exits.n_steps, axis=0) * step_ms,
            "exited_fraction": exits.exited.mean(axis=0),
        }
    )


def _fixed_stops(exits: SetExits, validation: SetExits | None, step_ms: float) -> dict:
    """Return what a network does at the fixed stop that stands beside each lead.

    It is the earliest stop that reads validation as well as the lead does; nan if there is none.
    """
    names = "stop_ms", "stop_accuracy", "stop_synops_per_reading"
    if validation is None:
        return dict.fromkeys(names, math.nan)
    at_leads, at_stops = validation.correct.mean(axis=0), validation.stop_correct.mean(axis=0)
    reaches = at_stops >= at_leads[:, None]
    place = reaches.argmax(axis=1)
    at_place = STOPS * step_ms, exits.stop_correct.mean(axis=0), exits.stop_synops.mean(axis=0)
    values = [np.where(reaches.any(axis=1), each[place], math.nan) for each in at_place]
    return dict(zip(names, values, strict=True))


def exits_table(
    read: Iterable[tuple[Key, SetExits]], quoted: Quoted, energy: EnergyModel, step_ms: float
) -> pd.DataFrame:
    """Return ``exits.csv``: a row per set, network, scale, lead; the quoted one is marked.

    `read` are sets of one network; without validation among them no fixed stop is known.
    """
    read = list(read)
    validation = {key["set"]: exits for key, exits in read}.get(VALIDATION)
    table = pd.concat(
        _exit_rows(exits, energy, step_ms).assign(**key, **_fixed_stops(exits, validation, step_ms))
        for key, exits in read
    )
    point = quoted.points.get(EARLY_EXIT)
    chosen = same_point(table, point._asdict()).astype(int) if point else 0
    return table.assign(chosen=chosen)[list(schema("exits"))]
