"""Synaptic operations by layer."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from dvs_snn.files.tables import read_table
from dvs_snn.report import style
from dvs_snn.report.cells import (
    by_two,
    chosen_layers,
    label_text,
    ordered,
    shown_set,
    spiking,
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


def draw(paths: style.Named, settings: style.Named) -> Figure:
    """Draw the layers of the test set, of the first set that spiked, or of single recordings."""
    evaluation = read_table(paths["evaluation"], EVALUATION_TABLE)
    layers = read_table(paths["layers"], LAYER_TABLE)
    if spiking(evaluation).empty:
        return plot(layers[layers["scale"] == 1.0])
    quoted = chosen_layers(layers, evaluation)
    return plot(quoted[quoted["set"] == shown_set(evaluation)])


@style.styled()
def plot(layers: pd.DataFrame) -> Figure:
    """SynOps per layer, our exact count beside the nominal one, a panel for each set and variant.

    `layers` has the columns of `tables/layers.csv`, at one scale for each (set, variant, seed):
    see `cells.chosen_layers`. Rows of single recordings are drawn only if there is no row of a set.
    """
    single = layers["recording"].map(label_text) != ""
    rows = layers[~single] if (~single).any() else layers
    if rows.empty:
        return style.sentence_figure("No spiking set was evaluated.", "SynOps per layer")
    name = "recording" if single.all() else "set"
    rows = rows.assign(panel=rows[name].map(label_text))
    panels = by_two(rows, "panel", "variant")
    figure, axes = style.grid_of_panels(len(panels), min(2, len(panels)), 3.1, 0.6)
    for axis, (panel, variant, part) in zip(axes, panels, strict=True):
        names = ordered(part["layer"])
        for offset, column, colour in (
            (-0.2, "synops", style.BLUE),
            (0.2, "synops_nominal", style.ORANGE),
        ):
            values = part[column] / 1e6
            means = values.groupby(part["layer"]).mean().reindex(names)
            axis.bar(np.arange(len(names)) + offset, means.to_numpy(), width=0.38, color=colour)
            places = [names.index(layer) + offset for layer in part["layer"]]
            how = {"color": "white", "edgecolors": style.BLACK, "linewidths": 0.9, "zorder": 3}
            axis.scatter(places, values, s=18, **how)
        ticks = [f"{name}\n(input)" if i == 0 else name for i, name in enumerate(names)]
        axis.set_xticks(range(len(names)), ticks)
        axis.set_ylabel("SynOps (million)")
        axis.yaxis.set_major_formatter("{x:,g}")
        axis.set_ylim(bottom=0)
        style.faint_grid(axis, "y")
        scales = ", ".join(f"{scale:.2f}" for scale in sorted(part["scale"].dropna().unique()))
        named = f"{panel}, {variant}" if rows["variant"].nunique() > 1 else panel
        axis.set_title(f"{named} (first layer × {scales})" if scales else named)
    handles = [
        Patch(color=style.BLUE, label="ours: synapses that exist"),
        Patch(color=style.ORANGE, label="nominal: edges ignored, input layer left out"),
        style.marker_handle(style.BLACK, "o", "one seed", size=5, filled=False),
    ]
    style.outside_legend(figure, handles)
    return figure
