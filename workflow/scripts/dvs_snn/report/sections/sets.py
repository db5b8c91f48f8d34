"""Results set by set: each seed at the chosen scale, and operations by layer."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from dvs_snn.report.cells import is_known
from dvs_snn.report.material import Material
from dvs_snn.report.text import (
    NOTHING,
    columns_of_longest,
    count,
    millions,
    percent,
    plain,
    plural,
    power_band,
    power_words,
    significant,
    spread,
    table_html,
    with_interval,
)

SMALL_N = 100


def context(material: Material) -> dict[str, Any]:
    """What is shown set by set: accuracy and power of each seed, sweeps, confusion, layers."""
    figures = [
        material.picture("sweep", material.note_on_sets),
        material.picture("confusion", material.note_on_chosen),
        material.picture("layers", material.note_on_chosen),
    ]
    return {
        "table": _table(material),
        "figures": [figure for figure in figures if figure],
        "layers_table": _layers_table(material),
        "small": _small_sets(material.chosen),
    }


def _table(material: Material) -> Markup | None:
    """A row for each set, variant and seed at the chosen scale, with the intervals."""
    chosen, frames_only = material.chosen, material.frames_only
    power = material.power
    rows = []
    for row in chosen.to_dict("records"):
        rows.append(
            {
                "set": row["set"],
                "variant": row["variant"],
                "seed": plain(row["seed"]),
                "scale": f"{float(row['scale']):.2f}",
                "recordings": count(row["n_recordings"]),
                "symbols (n)": count(row["n_symbols"]),
                "spiking accuracy (95 %)": with_interval(
                    row["accuracy"], row["accuracy_low"], row["accuracy_high"]
                ),
                "CNN accuracy (95 %)": with_interval(
                    row["ann_accuracy"], row.get("ann_accuracy_low"), row.get("ann_accuracy_high")
                ),
                "silent": percent(row["silent_fraction"]),
                "tied": percent(row["tied_fraction"]),
                "M SynOps per recording": millions(row["synops_per_recording"]),
                "M SynOps per 3,000 events": millions(row["synops_per_3000_events"]),
                "SynOps per event": significant(row["synops_per_event"]),
                "CNN, M MACs per 3,000 events": millions(row["ann_macs_per_3000_events"]),
                "power (mW)": significant(row["power_mw"]),
                f"power (mW) at {power_words(power)['band']}": power_band(row["power_mw"], power),
                "energy per recording (µJ)": significant(row["energy_uj"]),
                "time to decision (ms)": significant(row.get("time_to_decision_ms")),
            }
        )
    for row in frames_only.to_dict("records"):
        rows.append(
            {
                "set": f"{row['set']} ({count(row.get('n_frames'))} frames, CNN only)",
                "variant": row["variant"],
                "seed": plain(row["seed"]),
                "CNN accuracy (95 %)": with_interval(
                    row["ann_accuracy"], row.get("ann_accuracy_low"), row.get("ann_accuracy_high")
                ),
            }
        )
    if not rows:
        return None
    note = material.origin.note_on(dict.fromkeys([*chosen["set"], *frames_only["set"]]))
    caption = f"{note}Each seed at its chosen scale, with Wilson 95 % intervals over symbols"
    return table_html(columns_of_longest(rows), caption)


def _layers_table(material: Material) -> Markup | None:
    """SynOps per layer of each set at the chosen scales, means over seeds."""
    layers, chosen = material.table("layers", "layer"), material.chosen
    if layers.empty or chosen.empty or "synops" not in layers:
        return None
    keys = set(map(_run, chosen.to_dict("records")))
    whole_sets = layers[~layers["recording"].map(is_known) & layers["set"].map(is_known)]
    kept = [_run(row) in keys for row in whole_sets.to_dict("records")]
    part = whole_sets[np.asarray(kept, dtype=bool)]
    if part.empty:
        return None
    rows = []
    for (name, variant, layer), group in part.groupby(["set", "variant", "layer"], sort=False):
        ours, nominal = group["synops"].mean(), group["synops_nominal"].mean()
        rows.append(
            {
                "set": name,
                "variant": variant,
                "layer": layer,
                "M spikes in": millions(group["spikes_in"].mean()),
                "M SynOps, ours": spread(group["synops"], millions),
                "M SynOps, nominal": millions(nominal),
                "ours / nominal": significant(ours / nominal)
                if is_known(nominal) and nominal > 0
                else NOTHING,
            }
        )
    note = material.origin.note_on(row["set"] for row in rows)
    caption = f"{note}SynOps of whole sets by layer, means over seeds (smallest to largest)"
    return table_html(pd.DataFrame(rows), caption)


def _run(row: Mapping[str, Any]) -> tuple[str, str, int, str]:
    # Scales pass through text and back: they are compared at a fixed width, not as floats.
    return str(row["set"]), str(row["variant"]), int(row["seed"]), f"{float(row['scale']):.4f}"


def _small_sets(chosen: pd.DataFrame) -> list[str]:
    """Sets whose few symbols make their intervals wide."""
    if chosen.empty:
        return []
    sizes = chosen.groupby("set", sort=False)["n_symbols"].max()
    return [f"{name} ({plural(n, 'symbol')})" for name, n in sizes.items() if n < SMALL_N]
