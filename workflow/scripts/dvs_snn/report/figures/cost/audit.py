"""What other counters make of the same spikes."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from dvs_snn.files.tables import read_table
from dvs_snn.inference.counters import ALL
from dvs_snn.report import style
from dvs_snn.report.cells import ordered
from dvs_snn.results.audit import AUDIT_TABLE

TITLE = "counters on the same spikes"
CATEGORY = "1 Results"
INPUTS = ("audit",)
CAPTION = (
    "SynOps that each counter counts, by layer, of one fixed recording in one fixed network. "
    "Beside each bar stands its ratio to our count. A counter that tells no layers has a grey bar. "
    "Unrolled: each layer got its spikes one by one, in binary steps."
)
COLOURS = (style.SKY, style.BLUE, style.ORANGE, style.GREEN, style.PURPLE, style.VERMILLION)


def draw(paths: style.Named, settings: style.Named) -> Figure:
    return plot(read_table(paths["audit"], AUDIT_TABLE))


@style.styled()
def plot(audit: pd.DataFrame) -> Figure:
    """A bar for each counter, its layers one after the other; ours on top.

    `audit` has the columns of `tables/audit.csv`.
    """
    counters = ordered(audit["counter"])
    layers = [layer for layer in ordered(audit["layer"]) if layer != ALL]
    counted = audit.pivot(index="counter", columns="layer", values="synops").loc[counters] / 1e6
    figure = style.new_figure(style.WIDTH_IN, 0.34 * len(counters) + 1.3)
    axis = figure.add_subplot()
    places = np.arange(len(counters))
    told = counted[layers].notna().any(axis=1)
    axis.barh(places, counted[ALL].where(~told, 0), color=style.GREY)
    start = np.zeros(len(counters))
    for layer, colour in zip(layers, COLOURS, strict=False):
        width = counted[layer].fillna(0).to_numpy()
        axis.barh(places, width, left=start, color=colour)
        start += width
    ratios = audit[audit["layer"] == ALL].set_index("counter")["ratio"]
    for place, counter in zip(places, counters, strict=True):
        axis.annotate(
            f"× {ratios[counter]:.3f}", (counted.loc[counter, ALL], place),
            xytext=(5, 0), textcoords="offset points", va="center",
        )  # fmt: skip
    axis.set_yticks(places, counters)
    axis.invert_yaxis()
    axis.tick_params(axis="y", length=0)
    axis.set_xlim(0, 1.1 * counted[ALL].max())
    axis.set_xlabel("SynOps (million)")
    style.faint_grid(axis, "x")
    handles = [
        Patch(color=colour, label=layer) for layer, colour in zip(layers, COLOURS, strict=False)
    ]
    handles += [] if told.all() else [Patch(color=style.GREY, label="all layers")]
    style.outside_legend(figure, handles)
    return figure
