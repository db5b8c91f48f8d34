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


MEASURES = {"accuracy_change": LIMIT_POINTS, "synops_change": LIMIT_PERCENT}
"""Measure of each side, and the change in per cent beyond which its marks are filled."""


def draw(probes: pd.DataFrame) -> Figure:
    """Draw the changes of accuracy and cost, a row a condition."""
    changes = probes[(probes["part"] != BASE[0]) & probes["measure"].isin(MEASURES)]
    if changes.empty:
        return style.sentence_figure("No network was quoted.", "One thing changed at a time")
    conditions = changes["part"] + ": " + changes["value"]
    names = ordered(conditions)
    places = conditions.map({name: place for place, name in enumerate(names)})
    colours = {name: colour for name, (colour, _) in looks(changes["method"]).items()}
    shapes = style.looks_of(changes["set"]).items()
    markers = {name: style.MARKERS[shape] for name, (_, shape) in shapes}
    figure = style.new_figure(style.WIDTH_IN, 0.34 * len(names) + 1.9)
    left, right = figure.subplots(1, 2, sharey=True)
    groups = list(changes.groupby(["set", "method", "seed"], sort=False))
    offsets = np.linspace(-SPREAD / 2, SPREAD / 2, len(groups)) if len(groups) > 1 else [0.0]
    for offset, ((shown, method, _), group) in zip(offsets, groups, strict=True):
        look = {"marker": markers[shown], "markersize": 5.0, "color": colours[method]}
        for axis, measure in zip((left, right), MEASURES, strict=True):
            rows = group[group["measure"] == measure]
            percent = 100 * rows["amount"].astype(float)
            beyond = np.round(percent.abs(), 6) > MEASURES[measure]
            x = percent if axis is left else 1 + percent / 100
            y = places[rows.index] + offset
            for which, face in ((beyond, colours[method]), (~beyond, "none")):
                how = look | {"markerfacecolor": face, "linestyle": "none", "gid": measure}
                axis.plot(x[which], y[which], **how)
    _finish(left, (0, -LIMIT_POINTS, LIMIT_POINTS), "accuracy, change in percentage points")
    left.xaxis.set_major_formatter(ticker.FuncFormatter(lambda v, _: f"{v:g}".replace("-", "−")))
    over = 1 - LIMIT_PERCENT / 100, 1 + LIMIT_PERCENT / 100
    right.set_xscale("log")
    _finish(right, (1, *over), "SynOps, over those without the change")
    style.log_ticks(right.xaxis, right.get_xlim())
    left.set_yticks(range(len(names)), names, parse_math=False)
    left.set(ylim=(len(names) - 0.5, -0.5))
    handles = [style.marker_handle(colour, "o", name) for name, colour in colours.items()]
    handles += [style.marker_handle(style.GREY, shape, name) for name, shape in markers.items()]
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
