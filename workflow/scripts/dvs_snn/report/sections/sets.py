"""Results set by set: each seed at the chosen scale, and operations by layer."""

from typing import Any

from markupsafe import Markup

from dvs_snn.report import text
from dvs_snn.report.cells import chosen_layers
from dvs_snn.report.material import Material

SMALL_N = 100


def context(material: Material) -> dict[str, Any]:
    sizes = material.chosen.groupby("set", sort=False)["n_symbols"].max()
    figures = [
        material.picture("sweep", material.note_on_sets),
        material.picture("confusion", material.note_on_chosen),
        material.picture("layers", material.note_on_chosen),
    ]
    return {
        "table": _table(material),
        "figures": [figure for figure in figures if figure],
        "layers_table": _layers_table(material),
        # Sets whose few symbols make their intervals wide.
        "small": [
            f"{name} ({text.plural(n, 'symbol')})" for name, n in sizes.items() if n < SMALL_N
        ],
    }


def _table(material: Material) -> Markup | None:
    """A row for each set, variant and seed at the chosen points, with the intervals."""
    chosen, frames_only = material.chosen, material.frames_only
    power, several = material.power, chosen["method"].nunique() > 1
    rows = [
        {
            "set": row["set"],
            **({"method": row["method"]} if several else {}),
            "variant": row["variant"],
            "seed": row["seed"],
            "scale": f"{float(row['scale']):.2f}",
            "recordings": text.count(row["n_recordings"]),
            "symbols (n)": text.count(row["n_symbols"]),
            "spiking accuracy (95 %)": text.interval_of(row, "accuracy"),
            "CNN accuracy (95 %)": text.interval_of(row, "ann_accuracy"),
            "silent": text.percent(row["silent_fraction"]),
            "tied": text.percent(row["tied_fraction"]),
            "M SynOps per recording": text.millions(row["synops_per_recording"]),
            "M SynOps per 3,000 events": text.millions(row["synops_per_3000_events"]),
            "SynOps per event": text.significant(row["synops_per_event"]),
            "CNN, M MACs per 3,000 events": text.millions(row["ann_macs_per_3000_events"]),
            **text.power_cells(row["power_mw"], power),
            "energy per recording (µJ)": text.significant(row["energy_uj"]),
            "time to decision (ms)": text.significant(row["time_to_decision_ms"]),
        }
        for row in chosen.to_dict("records")
    ] + [
        {
            "set": f"{row['set']} ({text.count(row['n_frames'])} frames, CNN only)",
            "variant": row["variant"],
            "seed": row["seed"],
            "CNN accuracy (95 %)": text.interval_of(row, "ann_accuracy"),
        }
        for row in frames_only.to_dict("records")
    ]
    note = material.origin.note_on([*chosen["set"], *frames_only["set"]])
    caption = f"{note}Each seed at the chosen points, with Wilson 95 % intervals over symbols"
    return text.table_html(rows, caption)


def _layers_table(material: Material) -> Markup | None:
    """SynOps per layer of each set at the chosen scales, means over seeds."""
    part = chosen_layers(material.table("layers"), material.chosen)
    rows = []
    for (name, variant, layer), group in part.groupby(["set", "variant", "layer"], sort=False):
        ours, nominal = group["synops"].mean(), group["synops_nominal"].mean()
        rows.append(
            {
                "set": name,
                "variant": variant,
                "layer": layer,
                "M spikes in": text.millions(group["spikes_in"].mean()),
                "M SynOps, ours": text.spread(group["synops"], text.millions),
                "M SynOps, nominal": text.millions(nominal),
                "ours / nominal": text.significant(ours / nominal if nominal else None),
            }
        )
    note = material.origin.note_on(row["set"] for row in rows)
    caption = f"{note}SynOps of whole sets by layer, means over seeds (smallest to largest)"
    return text.table_html(rows, caption)
