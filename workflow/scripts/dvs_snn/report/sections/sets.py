"""Results set by set: each seed at the chosen scale, and operations by layer."""

from typing import Any

import pandas as pd

from dvs_snn.report import text
from dvs_snn.report.cells import chosen_layers
from dvs_snn.report.methods import answer_sets
from dvs_snn.report.study import FinishedStudy
from dvs_snn.report.table import column
from dvs_snn.settings.set_names import VALIDATION

SMALL_N = 100


def context(study: FinishedStudy) -> dict[str, Any]:
    sizes = study.chosen.groupby("set", sort=False)["n_symbols"].max()
    layers = chosen_layers(study.table("layers"), study.chosen)
    return {
        "finding": _finding(study),
        "note_on_chosen": study.origin.note_on(study.chosen["set"]),
        "sets": [*study.chosen["set"], *study.frames_only["set"]],
        "rows": _rows(study),
        "layers_finding": _shares(study.quoted.answering(layers)),
        "layer_sets": layers["set"],
        "layer_rows": _layer_rows(layers),
        # Sets whose few symbols make their intervals wide.
        "small": [
            f"{name} ({text.plural(n, 'symbol')})" for name, n in sizes.items() if n < SMALL_N
        ],
    }


def _finding(study: FinishedStudy) -> str:
    """What the answering method reads of real recordings, beside the simulated test sets."""
    rows = study.quoted.answering(study.chosen)
    rows = rows[rows["set"] != VALIDATION]
    sets = rows.groupby("set", sort=False).agg(read=("accuracy", "mean"), n=("n_symbols", "max"))
    if sets.empty:
        return ""
    names = sorted(
        sets.index, key=lambda name: (study.origin.is_simulated(name), SMALL_N > sets["n"][name])
    )
    parts = [
        f"{text.percent(sets['read'][name])} of {name} ({study.origin.kind(name)}, "
        f"n = {text.count(sets['n'][name])})"
        for name in names
    ]
    reader = f"{study.quoted.best} reads" if study.quoted.best else "The networks read"
    return f"{reader} {text.listed(parts)} right, means over the seeds."


def _shares(layers: pd.DataFrame) -> str:
    """Which layer takes most of the SynOps of the answering method, and what the input takes."""
    sets = answer_sets(layers["set"])
    synops = layers[layers["set"].isin(sets[:1])].groupby("layer", sort=False)["synops"].sum()
    if synops.sum() == 0:
        return ""
    shares, most = synops / synops.sum(), synops.idxmax()
    return (
        f"On {sets[0]}, {most} takes {text.percent(shares[most])} of the SynOps, and the first "
        f"layer, which no method can spare, {text.percent(shares.iloc[0])}."
    )


def _rows(study: FinishedStudy) -> pd.DataFrame:
    """A row for each set, variant and seed at the chosen points, and of frames alone."""
    several = study.chosen["method"].nunique() > 1
    frames = study.frames_only
    names = column(
        frames, lambda row: f"{row['set']} ({text.count(row['n_frames'])} frames, CNN only)"
    )
    rows = pd.concat([study.chosen, frames.assign(set=names, method="", n_symbols=None)])
    words = "{method}, {variant} {seed}" if several else "{variant} {seed}"
    return rows.assign(
        network=column(rows, lambda row: words.format_map(row).removeprefix(", ")),
        scale=rows["scale"].map(lambda scale: f"{float(scale):.2f}", na_action="ignore"),
    )


def _layer_rows(layers: pd.DataFrame) -> pd.DataFrame:
    """SynOps per layer of each set at the chosen scales, means over seeds."""
    by_layer = layers.groupby(["set", "variant", "layer"], sort=False)
    rows = by_layer[["spikes_in", "synops", "synops_nominal"]].mean()
    return rows.assign(
        ours=by_layer["synops"].agg(lambda synops: text.spread(synops, text.millions)),
        ratio=rows["synops"] / rows["synops_nominal"].replace(0, None),
    ).reset_index()
