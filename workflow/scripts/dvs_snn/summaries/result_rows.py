"""Rows of ``evaluation.csv``, ``recordings.csv`` and ``layers.csv``, from what was measured."""

import math
from collections.abc import Sequence

import pandas as pd

from dvs_snn.energy.price import Price, energy_uj, power_mw
from dvs_snn.evaluation.statistics import synops_rates, wilson_interval
from dvs_snn.files.tables import schema
from dvs_snn.settings.data import Classes
from dvs_snn.settings.sides import SPIKING

NAMED = ("label", "predicted", "cnn_predicted")
"""Columns of labels, which tables tell by the names of the classes."""


def named(rows: pd.DataFrame, classes: Sequence[str]) -> pd.DataFrame:
    """Return rows with the names of the classes in place of labels."""
    return rows.assign(**{name: Classes(classes).named(rows[name]) for name in NAMED})


def evaluation_row(ends: pd.DataFrame, cnn: pd.DataFrame | None, price: Price) -> dict[str, object]:
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
    time_ms = float(ends["recording_ms"].sum())
    energy = energy_uj(price, SPIKING, float(synops), time_ms)
    row = {
        "side": SPIKING,
        "n_recordings": n_recordings,
        "n_symbols": n_symbols,
        "accuracy": accuracy,
        "accuracy_low": low,
        "accuracy_high": high,
        "silent_fraction": float(ends["predicted"].isna().mean()),
        "tied_fraction": float(ends["tied"].astype(float).mean()),
        **synops_rates(ends),
        "synops_nonzero_per_recording": ends["operations_nonzero"].mean(),
        "power_mw": float(power_mw(energy, time_ms)),
        "energy_uj": energy / n_recordings,
        "time_to_decision_ms": float(ends["time_to_decision_ms"].mean()),
        "event_rate_hz": events / (time_ms * 1e-3),
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


def recordings_table(sweeps: pd.DataFrame, price: Price, step_ms: float) -> pd.DataFrame:
    """Return ``recordings.csv``: the rows of `sweeps`: A, B, C in every network at every scale."""
    synops = sweeps["synops"]
    time_ms = sweeps["n_steps"] * step_ms
    energy = energy_uj(price, SPIKING, synops, time_ms)
    table = sweeps.assign(
        synops_per_event=synops / sweeps["n_events"].where(sweeps["n_events"] > 0),
        synops_per_s=synops / (time_ms * 1e-3),
        power_mw=power_mw(energy, time_ms),
        energy_uj=energy,
    )
    return table[list(schema("recordings"))]


def layers_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return rows of ``layers.csv`` from layer rows that carry set, recording and network."""
    return table.assign(synops_per_s=table["synops"] / table["seconds"])[list(schema("layers"))]
