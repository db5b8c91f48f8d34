"""What each change of how a network runs, or of the sensor, moves: accuracy and cost."""

import numpy as np
import pandas as pd

from dvs_snn.probes.probe import BASE, LIMIT_PERCENT, LIMIT_POINTS
from dvs_snn.report import style
from dvs_snn.report.cells import ordered
from dvs_snn.report.methods import looks
from dvs_snn.report.style import Axes, Figure, ticker

TITLE = "one thing changed at a time"
CATEGORY = "2 Results"
SUFFIX = ".svg"
CAPTION = (
    "One thing is changed at a time, and the quoted networks are not trained again. Left: accuracy "
    "less that without the change, on the same recordings. Right: SynOps over those without it, "
    "for 3,000 events; with another sensor or early exit for a recording. A colour for each "
    "method, a marker for each set, one mark for each seed. Filled marks lie beyond a limit: 2 "
    "points of accuracy or 10 % of the cost (dashed lines)."
)

SPREAD = 0.5
"""Share of a row over which the marks of sets, methods and seeds are spread."""


def draw(probes: pd.DataFrame) -> Figure:
    """Draw the changes of accuracy and cost, a row a condition."""
    rows = probes[probes["part"] != BASE[0]].assign(
        condition=probes["part"] + ": " + probes["value"]
    )
    changes = rows[rows["measure"].isin(["accuracy_change", "synops_change"])]
    if changes.empty:
        return style.sentence_figure("No network was quoted.", "One thing changed at a time")
    names = ordered(changes["condition"])
    colours = {name: colour for name, (colour, _) in looks(changes["method"]).items()}
    shapes = style.looks_of(changes["set"]).items()
    markers = {name: style.MARKERS[shape] for name, (_, shape) in shapes}
    figure = style.new_figure(style.WIDTH_IN, 0.34 * len(names) + 1.9)
    left, right = figure.subplots(1, 2, sharey=True)
    groups = list(changes.groupby(["set", "method", "seed"], sort=False))
    offsets = np.linspace(-SPREAD / 2, SPREAD / 2, len(groups)) if len(groups) > 1 else [0.0]
    sides = ((left, "accuracy_change", LIMIT_POINTS), (right, "synops_change", LIMIT_PERCENT))
    for offset, ((shown, method, _), group) in zip(offsets, groups, strict=True):
        for axis, measure, limit in sides:
            part = group[group["measure"] == measure]
            place = np.array([names.index(one) + offset for one in part["condition"]])
            percent = 100 * part["amount"].to_numpy(float)
            beyond = np.round(np.abs(percent), 6) > limit
            for which, face in ((beyond, colours[method]), (~beyond, "none")):
                axis.plot(
                    percent[which] if axis is left else 1 + percent[which] / 100, place[which],
                    linestyle="none", marker=markers[shown], markersize=5.0,
                    color=colours[method], markerfacecolor=face, gid=measure,
                )  # fmt: skip
    _finish(left, (0, -LIMIT_POINTS, LIMIT_POINTS), "accuracy, change in percentage points")
    over = 1 - LIMIT_PERCENT / 100, 1 + LIMIT_PERCENT / 100
    right.set_xscale("log")
    style.log_ticks(right.xaxis, right.get_xlim())
    _finish(right, (1, *over), "SynOps, over those without the change")
    left.xaxis.set_major_formatter(ticker.FuncFormatter(lambda v, _: f"{v:g}".replace("-", "−")))
    left.set_yticks(range(len(names)), names, parse_math=False)
    left.set(ylim=(len(names) - 0.5, -0.5))
    handles = [style.marker_handle(one, "o", name, size=6) for name, one in colours.items()]
    handles += [style.marker_handle(style.GREY, one, name, size=6) for name, one in markers.items()]
    style.outside_legend(figure, handles)
    return figure


def _finish(axis: Axes, lines: tuple[float, float, float], label: str) -> None:
    """Draw the line of no change and those of both limits."""
    none, *limits = lines
    axis.axvline(none, color=style.GREY, linewidth=1.0, zorder=1, gid="zero")
    for limit in limits:
        axis.axvline(limit, color=style.GREY, linewidth=0.8, linestyle="--", zorder=1, gid="limit")
    axis.set(xlabel=label)
    style.faint_grid(axis, "both")
