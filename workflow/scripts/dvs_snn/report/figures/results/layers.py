"""Synaptic operations by layer."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from dvs_snn.files.tables import read_table
from dvs_snn.report.cells import flagged, label_text, ordered, shown_set, spiking
from dvs_snn.report.style import (
    BLACK,
    BLUE,
    ORANGE,
    WIDTH_IN,
    grid_axes,
    in_style,
    marker_handle,
    new_figure,
    outside_legend,
    sentence_figure,
)
from dvs_snn.results.summaries import EVALUATION_TABLE, LAYER_TABLE

TITLE = "operations by layer"
CATEGORY = "1 Results"
INPUTS = ("layers", "evaluation")
CAPTION = (
    "SynOps by layer, summed over the set. Our count has the synapses that each spike really "
    "reaches; the nominal one ignores edges and leaves out the input layer. Bars are means "
    "over seeds, points are the seeds."
)


def draw(paths: Mapping[str, Path], settings: Mapping[str, Any]) -> Figure:
    """Draw the layers of the test set, of the first set that spiked, or of single recordings."""
    evaluation = read_table(paths["evaluation"], EVALUATION_TABLE)
    layers = read_table(paths["layers"], LAYER_TABLE)
    if spiking(evaluation).empty:
        return plot(layers[layers["scale"] == 1.0])
    quoted = chosen_layers(layers, evaluation)
    return plot(quoted[quoted["set"] == shown_set(evaluation)])


@in_style
def plot(layers: pd.DataFrame) -> Figure:
    """SynOps per layer, our exact count beside the nominal one, a panel for each set and variant.

    `layers` has the columns of `tables/layers.csv`, at one scale for each (set, variant, seed):
    see :func:`chosen_layers`. Bars are means over seeds, points the seeds. Rows of single
    recordings are drawn only if there is no row of a set. Raises ValueError if a group holds two
    scales, whose sum would mean nothing.
    """
    if "chosen" in layers:
        layers = layers[flagged(layers["chosen"])]
    single = layers["recording"].map(label_text) != ""
    rows = layers[~single] if (~single).any() else layers
    if rows.empty:
        return sentence_figure("No spiking set was evaluated.", "SynOps per layer")
    rows = rows.assign(panel=rows["set"].map(label_text))
    if single.all():
        rows["panel"] = rows["recording"].map(label_text)
    scales = rows.groupby(["panel", "variant", "seed"])["scale"].nunique()
    if (scales > 1).any():
        raise ValueError(
            f"several scales of {scales.idxmax()}: give the rows of one scale, as chosen_layers()"
        )
    variants = ordered(rows["variant"])
    panels = [
        (panel, variant)
        for panel in ordered(rows["panel"])
        for variant in variants
        if ((rows["panel"] == panel) & (rows["variant"] == variant)).any()
    ]
    columns = min(2, len(panels))
    figure = new_figure(WIDTH_IN, 3.1 * math.ceil(len(panels) / columns) + 0.6)
    axes = grid_axes(figure, math.ceil(len(panels) / columns), columns, len(panels))
    for axis, (panel, variant) in zip(axes, panels, strict=True):
        part = rows[(rows["panel"] == panel) & (rows["variant"] == variant)]
        names = ordered(part["layer"])
        for offset, column, colour in ((-0.2, "synops", BLUE), (0.2, "synops_nominal", ORANGE)):
            values = pd.to_numeric(part[column], errors="coerce") / 1e6
            means = values.groupby(part["layer"]).mean().reindex(names)
            places = np.arange(len(names)) + offset
            axis.bar(places, means.to_numpy(), width=0.38, color=colour)
            axis.scatter(
                [names.index(layer) + offset for layer in part["layer"]],
                values,
                s=18,
                color="white",
                edgecolors=BLACK,
                linewidths=0.9,
                zorder=3,
            )
        ticks = [f"{name}\n(input)" if i == 0 else name for i, name in enumerate(names)]
        axis.set_xticks(range(len(names)), ticks)
        axis.set_ylabel("SynOps (million)")
        axis.yaxis.set_major_formatter("{x:,g}")
        axis.set_ylim(bottom=0)
        axis.grid(axis="y")
        axis.set_axisbelow(True)
        scales_text = ", ".join(f"{scale:.2f}" for scale in sorted(part["scale"].dropna().unique()))
        named = f"{panel}, {variant}" if len(variants) > 1 else panel
        axis.set_title(f"{named} (first layer × {scales_text})" if scales_text else named)
    handles = [
        Patch(color=BLUE, label="ours: synapses that exist"),
        Patch(color=ORANGE, label="nominal: edges ignored, input layer left out"),
        marker_handle(BLACK, "o", "one seed", size=5, filled=False),
    ]
    outside_legend(figure, handles)
    return figure


def chosen_layers(layers: pd.DataFrame, evaluation: pd.DataFrame) -> pd.DataFrame:
    """The rows of `tables/layers.csv` whose (set, variant, seed, scale) is chosen in `evaluation`.

    Rows of single recordings have no set and are kept if their (variant, seed, scale) is chosen
    in any set.
    """
    if "chosen" not in evaluation or "scale" not in evaluation:
        return layers.iloc[:0]
    chosen = evaluation[flagged(evaluation["chosen"]) & evaluation["scale"].notna()]
    # Scales pass through text and back: compare them at a fixed width, not as floats.
    by_set = {_run_key(row) for row in chosen.to_dict("records")}
    by_run = {key[1:] for key in by_set}
    kept = [
        (_run_key(row) in by_set)
        if not label_text(row.get("recording"))
        else (_run_key(row)[1:] in by_run)
        for row in layers.to_dict("records")
    ]
    return layers[np.asarray(kept, dtype=bool)]


def _run_key(row: Mapping[str, Any]) -> tuple[str, str, int, str]:
    scale = row["scale"]
    fixed = f"{float(scale):.4f}" if pd.notna(scale) else ""
    return label_text(row.get("set")), str(row["variant"]), int(row["seed"]), fixed
