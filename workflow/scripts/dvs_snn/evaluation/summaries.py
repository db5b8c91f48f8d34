"""Tables of accuracy and cost, summed over sets and recordings."""

import math
from collections.abc import Sequence

import pandas as pd

from dvs_snn.evaluation.choosing.choice import CHOSEN_COLUMN
from dvs_snn.evaluation.choosing.trials import METHOD_COLUMN
from dvs_snn.evaluation.outcomes import KEY, STORED_LAYERS, STORED_OUTCOMES
from dvs_snn.evaluation.power import EnergyModel, energy_uj, power_mw
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.files.tables import Column, subset
from dvs_snn.recordings.plausibility.check_columns import BEYOND, WITHIN
from dvs_snn.settings.data import Classes

NAMED = {
    "label": Column("text", "", "the digit or class shown, empty where it is unknown"),
    "predicted": Column("text", "", "what the spiking network read, empty if silent"),
    "ann_predicted": Column("text", "", "what the CNN read, empty where it gave no output"),
}
"""Columns of labels, which tables tell by the names of the classes."""

RECORDING_TABLE = {
    **subset(
        STORED_OUTCOMES,
        "variant seed scale recording label predicted correct silent tied n_events"
        " n_events_outside duration_s n_steps output_spikes synops synops_input synops_nominal",
    ),
    "synops_per_event": Column("number", "SynOps/event", "`synops` over `n_events`"),
    "synops_per_s": Column("number", "SynOps/s", "`synops` over the time of `n_steps`"),
    "power_mw": Column("number", "mW", "mean power, static power included"),
    "energy_uj": Column("number", "uJ", "energy of the recording, static power included"),
    **subset(STORED_OUTCOMES, "time_to_decision_ms ann_macs ann_predicted"),
    **CHOSEN_COLUMN,
    **BEYOND,
}
RECORDING_TABLE |= NAMED
EVALUATION_TABLE = {
    **KEY,
    **CHOSEN_COLUMN,
    "n_recordings": Column("whole", "recordings", "recordings of the set"),
    "n_symbols": Column("whole", "symbols", "symbols that they show"),
    "accuracy": Column("number", "share", "recordings that the spiking network read rightly"),
    "accuracy_low": Column(
        "number", "share", "lower end of its 95 % interval (Wilson, n is the number of symbols)"
    ),
    "accuracy_high": Column("number", "share", "upper end of that interval"),
    "ann_accuracy": Column("number", "share", "recordings that the CNN read rightly"),
    "silent_fraction": Column("number", "share", "recordings without any output spike"),
    "tied_fraction": Column("number", "share", "recordings with a tie between outputs"),
    "synops_per_recording": Column("number", "SynOps", "all SynOps over all recordings"),
    "synops_per_3000_events": Column("number", "SynOps", "SynOps over events, times 3,000"),
    "synops_per_event": Column("number", "SynOps/event", "all SynOps over all events"),
    "power_mw": Column("number", "mW", "mean power, static power included"),
    "energy_uj": Column("number", "uJ", "mean energy of a recording, static power included"),
    "ann_macs_per_3000_events": Column("number", "MACs", "MACs over events, times 3,000"),
    "n_frames": Column("whole", "frames", "frames that the CNN read"),
    "ann_accuracy_low": Column(
        "number", "share", "lower end of the 95 % interval of `ann_accuracy` (Wilson)"
    ),
    "ann_accuracy_high": Column("number", "share", "upper end of that interval"),
    "time_to_decision_ms": Column(
        "number", "ms", "mean time after which the prediction stays, without silent recordings"
    ),
    "event_rate_hz": Column("number", "events/s", "all events over the time of all steps"),
    **METHOD_COLUMN,
    **WITHIN,
}
LAYER_TABLE = {
    **subset(
        STORED_LAYERS,
        "set recording variant seed scale layer spikes_in spikes_out fanout_nominal synops"
        " synops_nominal",
    ),
    "synops_per_s": Column("number", "SynOps/s", "`synops` over the time that the network ran"),
}
PREDICTION_TABLE = {
    **subset(
        STORED_OUTCOMES,
        "set variant seed scale recording symbol label predicted ann_predicted silent tied",
    ),
    **CHOSEN_COLUMN,
    **subset(STORED_OUTCOMES, "n_events n_steps synops time_to_decision_ms"),
    **BEYOND,
}
PREDICTION_TABLE |= NAMED


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
    summed = ["synops", "n_events", "n_steps", "ann_macs", "ann_frames"]
    synops, events, n_steps, macs, n_frames = (int(outcomes[name].sum()) for name in summed)
    seconds = n_steps * step_ms * 1e-3
    per_event, macs_per_event = (count / events if events else math.nan for count in (synops, macs))
    return {
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
        "ann_macs_per_3000_events": macs_per_event * 3000,
        "n_frames": n_frames,
        "ann_accuracy_low": ann_low,
        "ann_accuracy_high": ann_high,
        "time_to_decision_ms": float(outcomes["time_to_decision_ms"].mean()),
        "event_rate_hz": events / seconds,
    }


def recordings_table(outcomes: pd.DataFrame, energy: EnergyModel, step_ms: float) -> pd.DataFrame:
    """Return ``recordings.csv``: the `outcome` rows of A, B, C under every network and scale."""
    synops, seconds = outcomes["synops"], outcomes["n_steps"] * step_ms * 1e-3
    table = outcomes.assign(
        synops_per_event=synops / outcomes["n_events"].where(outcomes["n_events"] > 0),
        synops_per_s=synops / seconds,
        power_mw=[power_mw(n, s, energy) for n, s in zip(synops, seconds, strict=True)],
        energy_uj=energy_uj(synops, seconds, energy),
    )
    return table[list(RECORDING_TABLE)]


def layers_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return rows of ``layers.csv`` from layer rows that carry set, recording and network."""
    return table.assign(synops_per_s=table["synops"] / table["seconds"])[list(LAYER_TABLE)]
