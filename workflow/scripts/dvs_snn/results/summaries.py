"""Sums over sets and recordings: the tables of what was read, and at which cost."""

import math
from collections.abc import Iterable

import pandas as pd

from dvs_snn.evaluation.power import EnergyModel, energy_uj, power_mw
from dvs_snn.evaluation.statistics import wilson_interval

RECORDING_TABLE = (
    "variant", "seed", "scale", "recording", "label", "predicted", "correct", "silent", "tied",
    "n_events", "n_events_outside", "duration_s", "n_steps", "output_spikes", "synops",
    "synops_input", "synops_nominal", "synops_per_event", "synops_per_s", "power_mw", "energy_uj",
    "time_to_decision_ms", "ann_macs", "ann_predicted", "chosen", "chosen_any",
)  # fmt: skip
EVALUATION_TABLE = (
    "set", "variant", "seed", "scale", "chosen", "n_recordings", "n_symbols", "accuracy",
    "accuracy_low", "accuracy_high", "ann_accuracy", "silent_fraction", "tied_fraction",
    "synops_per_recording", "synops_per_3000_events", "synops_per_event", "power_mw", "energy_uj",
    "ann_macs_per_3000_events", "n_frames", "ann_accuracy_low", "ann_accuracy_high",
    "time_to_decision_ms", "event_rate_hz", "chosen_any",
)  # fmt: skip
LAYER_TABLE = (
    "set", "recording", "variant", "seed", "scale", "layer", "spikes_in", "spikes_out",
    "fanout_nominal", "synops", "synops_nominal", "synops_per_s",
)  # fmt: skip
PREDICTION_TABLE = (
    "set", "variant", "seed", "scale", "recording", "symbol", "label", "predicted",
    "ann_predicted", "silent", "tied", "chosen", "n_events", "n_steps", "synops",
    "time_to_decision_ms", "chosen_any",
)  # fmt: skip


def evaluation_row(
    outcomes: pd.DataFrame, key: dict[str, object], energy: EnergyModel, step_ms: float
) -> dict[str, object]:
    """Summarise one set under one network: ratios are sum over sum.

    The intervals' n is the number of symbols: recordings of one symbol aren't independent.
    """
    n, n_symbols = len(outcomes), outcomes["symbol"].nunique()
    accuracy = float(outcomes["correct"].mean())
    low, high = wilson_interval(accuracy, n_symbols)
    ann_accuracy = float((outcomes["ann_predicted"] == outcomes["label"]).mean())
    ann_low, ann_high = wilson_interval(ann_accuracy, n_symbols)
    synops, events = int(outcomes["synops"].sum()), int(outcomes["n_events"].sum())
    seconds = int(outcomes["n_steps"].sum()) * step_ms * 1e-3
    per_event = synops / events if events else math.nan
    return {
        **key,
        "n_recordings": n,
        "n_symbols": n_symbols,
        "accuracy": accuracy,
        "accuracy_low": low,
        "accuracy_high": high,
        "ann_accuracy": ann_accuracy,
        "silent_fraction": float(outcomes["silent"].mean()),
        "tied_fraction": float(outcomes["tied"].mean()),
        "synops_per_recording": synops / n,
        "synops_per_3000_events": per_event * 3000,
        "synops_per_event": per_event,
        "power_mw": power_mw(synops, seconds, energy),
        "energy_uj": energy_uj(synops, seconds, energy) / n,
        "ann_macs_per_3000_events": (
            int(outcomes["ann_macs"].sum()) / events * 3000 if events else math.nan
        ),
        "n_frames": int(outcomes["ann_frames"].sum()),
        "ann_accuracy_low": ann_low,
        "ann_accuracy_high": ann_high,
        "time_to_decision_ms": float(outcomes["time_to_decision_ms"].mean()),
        "event_rate_hz": events / seconds,
    }


def recordings_table(outcomes: pd.DataFrame, energy: EnergyModel, step_ms: float) -> pd.DataFrame:
    """Return ``recordings.csv``: A, B, C under every network and scale.

    Args:
        outcomes: rows of `outcome` with `variant`, `seed`, `scale`, `chosen` and `chosen_any`.
    """
    table = outcomes.copy()
    seconds = table["n_steps"] * step_ms * 1e-3
    table["synops_per_event"] = table["synops"] / table["n_events"].where(table["n_events"] > 0)
    table["synops_per_s"] = table["synops"] / seconds
    table["power_mw"] = [
        power_mw(n, s, energy) for n, s in zip(table["synops"], seconds, strict=True)
    ]
    table["energy_uj"] = [
        energy_uj(n, s, energy) for n, s in zip(table["synops"], seconds, strict=True)
    ]
    return table[list(RECORDING_TABLE)]


def layers_table(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return ``layers.csv`` from layer rows that carry set, recording, variant, seed, scale."""
    table = pd.concat(list(parts), ignore_index=True)
    table["synops_per_s"] = table["synops"] / table["seconds"]
    return table[list(LAYER_TABLE)]


def frames_row(variant: str, seed: int, accuracy: float, n_frames: int) -> pd.DataFrame:
    """Return the row of the set `frames`: the CNN alone, on frames whose symbols nobody names.

    Neither spiking columns nor an interval: frames of one symbol aren't independent.
    """
    row = dict.fromkeys(EVALUATION_TABLE)
    row |= {"set": "frames", "variant": variant, "seed": seed}
    row |= {"ann_accuracy": accuracy, "n_frames": n_frames}
    return pd.DataFrame([row])
