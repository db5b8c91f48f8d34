"""What was measured, summed: evaluation.csv, recordings.csv, layers.csv, exits.csv."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from dvs_snn.analysis.choice import Quoted
from dvs_snn.analysis.points import measures, same_point
from dvs_snn.analysis.power import EnergyModel, energy_uj, power_mw
from dvs_snn.analysis.trials import EARLY_EXIT, Sums
from dvs_snn.evaluation.statistics import synops_rates, wilson_interval
from dvs_snn.files.tables import schema
from dvs_snn.settings.data import Classes
from dvs_snn.settings.set_names import VALIDATION

NAMED = ("label", "predicted", "cnn_predicted")
"""Columns of labels, which tables tell by the names of the classes."""


def named(rows: pd.DataFrame, classes: Sequence[str]) -> pd.DataFrame:
    """Return rows with the names of the classes in place of labels."""
    return rows.assign(**{name: Classes(classes).named(rows[name]) for name in NAMED})


def evaluation_row(
    ends: pd.DataFrame, cnn: pd.DataFrame | None, energy: EnergyModel
) -> dict[str, object]:
    """Summarise one set under one network; a ratio divides the sums over all recordings.

    The intervals' n is the number of symbols: recordings of one symbol aren't independent.

    Args:
        ends: readings to the recordings' ends.
        cnn: those of the CNN beside the network, of the same recordings; None: there is none.
    """
    n_recordings = len(ends)
    n_symbols = ends["symbol"].nunique()
    # Empty where no recording has a label.
    accuracy = float(ends["correct"].astype(float).mean())
    low, high = wilson_interval(accuracy, n_symbols)
    synops = int(ends["operations"].sum())
    events = int(ends["n_events"].sum())
    seconds = ends["recording_ms"].sum() * 1e-3
    row = {
        "n_recordings": n_recordings,
        "n_symbols": n_symbols,
        "accuracy": accuracy,
        "accuracy_low": low,
        "accuracy_high": high,
        "silent_fraction": float(ends["predicted"].isna().mean()),
        "tied_fraction": float(ends["tied"].astype(float).mean()),
        **synops_rates(ends),
        "synops_nonzero_per_recording": ends["operations_nonzero"].mean(),
        "power_mw": power_mw(synops, seconds, energy),
        "energy_uj": energy_uj(synops, seconds, energy) / n_recordings,
        "time_to_decision_ms": float(ends["time_to_decision_ms"].mean()),
        "event_rate_hz": events / seconds,
    }
    if cnn is None:
        return row
    # A reading without an output is wrong.
    accuracy = float((cnn["predicted"] == cnn["label"]).fillna(False).mean())
    low, high = wilson_interval(accuracy, n_symbols)
    n_events = events or math.nan
    return row | {
        "cnn_accuracy": accuracy,
        "cnn_accuracy_low": low,
        "cnn_accuracy_high": high,
        "cnn_macs_per_3000_events": cnn["operations"].sum() / n_events * 3000,
        "cnn_macs_nonzero_per_3000_events": cnn["operations_nonzero"].sum() / n_events * 3000,
        "cnn_frames": cnn["frames"].iloc[0],
        "n_frames": int(cnn["n_frames"].sum()),
    }


def recordings_table(sweeps: pd.DataFrame, energy: EnergyModel, step_ms: float) -> pd.DataFrame:
    """Return ``recordings.csv``: the rows of `sweeps`: A, B, C in every network at every scale."""
    synops = sweeps["synops"]
    seconds = sweeps["n_steps"] * step_ms * 1e-3
    table = sweeps.assign(
        synops_per_event=synops / sweeps["n_events"].where(sweeps["n_events"] > 0),
        synops_per_s=synops / seconds,
        power_mw=[power_mw(n, s, energy) for n, s in zip(synops, seconds, strict=True)],
        energy_uj=energy_uj(synops, seconds, energy),
    )
    return table[list(schema("recordings"))]


def layers_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return rows of ``layers.csv`` from layer rows that carry set, recording and network."""
    return table.assign(synops_per_s=table["synops"] / table["seconds"])[list(schema("layers"))]


def exits_table(
    readings: Iterable[pd.DataFrame], stops: pd.DataFrame, quoted: Quoted, energy: EnergyModel
) -> pd.DataFrame:
    """Return ``exits.csv``: a row per set, network, scale, lead; the quoted one is marked.

    Args:
        readings: of the sets of one network, a table a set.
        stops: its rows of `fixed_stops`; without those of validation no fixed stop is known.
    """
    tables = [_exit_rows(of_set, energy) for of_set in readings]
    table = pd.concat(tables, ignore_index=True)
    table = pd.concat([table, _fixed_stops(table, stops)], axis=1)
    point = quoted.points.get(EARLY_EXIT)
    chosen = same_point(table, point._asdict()).astype(int) if point else 0
    return table.assign(chosen=chosen)[list(schema("exits"))]


def _exit_rows(readings: pd.DataFrame, energy: EnergyModel) -> pd.DataFrame:
    """Return what a network did on a set at each of its stops."""
    n_symbols = readings["symbol"].nunique()
    rows = []
    for lead, stopped in readings.groupby("exit", dropna=False):
        sums = Sums(
            correct=stopped["correct"].fillna(0).sum(),
            recordings=np.asarray(len(stopped)),
            operations=stopped["operations"].sum(),
            events=stopped["n_events"].sum(),
            whole_ms=stopped["recording_ms"].sum(),
            time_ms=stopped["time_ms"].sum(),
        )
        measured = {name: float(value) for name, value in measures(sums, energy).items()}
        low, high = wilson_interval(measured["accuracy"], n_symbols)
        first = stopped.iloc[0]
        rows.append(
            {
                **measured,
                **{name: first[name] for name in ("set", "variant", "seed", "scale", "timing")},
                "exit": lead,
                "n_recordings": len(stopped),
                "n_symbols": n_symbols,
                "accuracy_low": low,
                "accuracy_high": high,
                "events_per_reading": stopped["n_events_read"].mean(),
                "time_to_exit_median_ms": stopped["time_ms"].median(),
                "exited_fraction": stopped["reached"].mean(),
            }
        )
    return pd.DataFrame(rows)


def _fixed_stops(exits: pd.DataFrame, stops: pd.DataFrame) -> pd.DataFrame:
    """Return what a network does at the fixed stop that stands beside each of its exits.

    It is the earliest stop that reads validation as well as the exit does; nan if there is none.
    """
    at_stops = stops.set_index(["set", "stop_ms"]).sort_index()
    accuracy = at_stops["n_correct"] / at_stops["n_recordings"]
    synops = at_stops["synops"] / at_stops["n_recordings"]
    of_validation = exits[exits["set"] == VALIDATION].set_index("exit")["accuracy"]
    columns = ["stop_ms", "stop_accuracy", "stop_synops_per_reading"]
    table = pd.DataFrame(np.nan, exits.index, columns)
    if of_validation.empty:
        return table
    for place, (name, lead) in enumerate(zip(exits["set"], exits["exit"], strict=True)):
        reaches = accuracy[VALIDATION] >= of_validation.loc[lead]
        if reaches.any():
            stop_ms = reaches.idxmax()
            table.iloc[place] = [stop_ms, accuracy[name, stop_ms], synops[name, stop_ms]]
    return table
