"""Results set by set: each seed at the chosen scale, and operations by layer."""

from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.report import live, text
from dvs_snn.report.cells import chosen_layers
from dvs_snn.report.material import Material
from dvs_snn.report.methods import answer_sets, answering
from dvs_snn.settings.set_names import VALIDATION

SMALL_N = 100


def context(material: Material) -> dict[str, Any]:
    sizes = material.chosen.groupby("set", sort=False)["n_symbols"].max()
    return {
        "table": _table(material),
        "dots": material.chart("sets", finding := _finding(material), material.note_on_chosen),
        "finding": finding,
        "layers": material.chart("layers", share := _shares(material), material.note_on_chosen),
        "layers_finding": share,
        "layers_table": _layers_table(material),
        # Sets whose few symbols make their intervals wide.
        "small": [
            f"{name} ({text.plural(n, 'symbol')})" for name, n in sizes.items() if n < SMALL_N
        ],
    }


def _size(rows: pd.DataFrame) -> int:
    return int(rows["n_symbols"].max())


def _finding(material: Material) -> str:
    """What the answering method reads of real recordings, beside the simulated test sets."""
    rows = answering(material.chosen, material.table("choice"))
    rows = rows[rows["set"] != VALIDATION]
    parts = [
        f"{text.percent(own['accuracy'].mean())} of {name} "
        f"({'simulated' if material.origin.is_simulated(name) else 'real'}, "
        f"n = {text.count(_size(own))})"
        for name, own in sorted(
            rows.groupby("set", sort=False),
            key=lambda part: (material.origin.is_simulated(part[0]), SMALL_N > _size(part[1])),
        )
    ]
    if not parts:
        return ""
    reader = f"{material.best_method} reads" if material.best_method else "The networks read"
    return f"{reader} {text.listed(parts)} right, means over the seeds."


def _shares(material: Material) -> str:
    """Which layer takes most of the SynOps of the answering method, and what the input takes."""
    part = chosen_layers(material.table("layers"), material.chosen)
    part = answering(part, material.table("choice"))
    sets = answer_sets(part["set"])
    if not sets:
        return ""
    of_layer = part[part["set"] == sets[0]].groupby("layer", sort=False)["synops"].sum()
    if of_layer.sum() == 0:
        return ""
    shares, most = of_layer / of_layer.sum(), of_layer.idxmax()
    return (
        f"On {sets[0]}, {most} takes {text.percent(shares[most])} of the SynOps, and the first "
        f"layer, which no method can spare, {text.percent(shares.iloc[0])}."
    )


def _table(material: Material) -> Markup | None:
    """A row for each set, variant and seed at the chosen points, with the intervals."""
    chosen, frames_only = material.chosen, material.frames_only
    power, several = material.power, chosen["method"].nunique() > 1
    rows = [
        {
            "set": row["set"],
            "network": ", ".join(
                [*([row["method"]] if several else []), f"{row['variant']} {row['seed']}"]
            ),
            "scale": f"{float(row['scale']):.2f}",
            "n": text.count(row["n_symbols"]),
            "spiking accuracy (95 %)": text.interval_of(row, "accuracy"),
            "CNN accuracy (95 %)": text.interval_of(row, "ann_accuracy"),
            "power (mW)": live.power(row["power_mw"], power),
        }
        for row in chosen.to_dict("records")
    ] + [
        {
            "set": f"{row['set']} ({text.count(row['n_frames'])} frames, CNN only)",
            "network": f"{row['variant']} {row['seed']}",
            "CNN accuracy (95 %)": text.interval_of(row, "ann_accuracy"),
        }
        for row in frames_only.to_dict("records")
    ]
    note = material.origin.note_on([*chosen["set"], *frames_only["set"]])
    caption = (
        f"{note}Each variant and seed at the chosen points, with Wilson 95 % intervals; n counts "
        "symbols"
    )
    return text.table_html(rows, caption, source="evaluation")


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
    return text.table_html(rows, caption, source="layers")
