"""What each change of how a network runs moves: accuracy and cost."""

import itertools

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from dvs_snn.files.tables import read_table
from dvs_snn.probes.ablation_table import LIMIT_PERCENT, LIMIT_POINTS
from dvs_snn.probes.run_settings import BASE
from dvs_snn.report import style
from dvs_snn.report.cells import ordered

TITLE = "one thing changed at a time"
CATEGORY = "2 Results"
INPUTS = ("ablation",)
CAPTION = (
    "One thing is changed at a time in how the quoted networks run. Left: accuracy less that of "
    "the network as the study runs it, on the same recordings. Right: the change of SynOps for "
    "3,000 events, of early exit that of SynOps per decision. A colour for each set, a marker for "
    "each method, one mark for each seed. Filled marks lie beyond a limit: 2 points of accuracy or "
    "10 % of the cost (dashed lines)."
)

METHOD_MARKERS = ("o", "^", "s", "D", "v", "P", "X", "*")
SPREAD = 0.5
"""Share of a row over which the marks of sets, methods and seeds are spread."""


def draw(paths: style.Named, settings: style.Named) -> Figure:
    return plot(read_table(paths["ablation"], "ablation"))


@style.styled()
def plot(ablation: pd.DataFrame) -> Figure:
    """Draw the changes of accuracy and cost, a row a condition."""
    rows = ablation[ablation["part"] != BASE[0]]
    if rows.empty:
        return style.sentence_figure("No network was quoted.", "One thing changed at a time")
    rows = rows.assign(condition=rows["part"] + ": " + rows["value"])
    names, runs = ordered(rows["condition"]), ["set", "method", "seed"]
    colours = style.colours_of(rows["set"])
    markers = dict(zip(ordered(rows["method"]), itertools.cycle(METHOD_MARKERS), strict=False))
    figure = style.new_figure(style.WIDTH_IN, 0.34 * len(names) + 1.9)
    left, right = figure.subplots(1, 2, sharey=True)
    groups = list(rows.groupby(runs, sort=False))
    offsets = np.linspace(-SPREAD / 2, SPREAD / 2, len(groups)) if len(groups) > 1 else [0.0]
    for offset, ((name, method, _), part) in zip(offsets, groups, strict=True):
        place = np.array([names.index(one) + offset for one in part["condition"]])
        for axis, column, limit in (
            (left, "difference", LIMIT_POINTS), (right, "synops_change", LIMIT_PERCENT)
        ):  # fmt: skip
            percent = 100 * part[column].to_numpy(float)
            beyond = np.round(np.abs(percent), 6) > limit
            for some, face in ((beyond, colours[name]), (~beyond, "none")):
                axis.plot(
                    percent[some], place[some], linestyle="none", marker=markers[method],
                    markersize=5.0, color=colours[name], markerfacecolor=face, gid=column,
                )  # fmt: skip
    _finish(left, LIMIT_POINTS, "accuracy, change in percentage points")
    _finish(right, LIMIT_PERCENT, "SynOps, change in %")
    left.set_yticks(range(len(names)), names, parse_math=False)
    left.set(ylim=(len(names) - 0.5, -0.5))
    handles = [style.marker_handle(one, "o", name, size=6) for name, one in colours.items()]
    handles += [style.marker_handle(style.GREY, one, name, size=6) for name, one in markers.items()]
    style.outside_legend(figure, handles)
    return figure


def _finish(axis: Axes, limit: float, label: str) -> None:
    axis.axvline(0, color=style.GREY, linewidth=1.0, zorder=1, gid="zero")
    for side in (-limit, limit):
        axis.axvline(side, color=style.GREY, linewidth=0.8, linestyle="--", zorder=1, gid="limit")
    axis.set(xlabel=label)
    axis.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}".replace("-", "−")))
    style.faint_grid(axis, "both")
