"""What each change of how a network runs moves: accuracy and cost."""

import pandas as pd

from dvs_snn.points.choice import Quoted
from dvs_snn.probes.changes import ACCURACY, COST, LINES, changes
from dvs_snn.report import chart
from dvs_snn.report.cells import ordered
from dvs_snn.report.chart import Chart, Encoding, alt
from dvs_snn.report.origin import Origin
from dvs_snn.report.style import GREY, INK, SHAPES

TITLE = "one thing changed at a time"
CAPTION = (
    "One thing is changed at a time, and the quoted network reads the same recordings again, "
    "without new training; means over the trainings. Left: change of accuracy, with 95 % "
    "intervals. Right: SynOps, as a multiple of those without the change. Filled marks are changes "
    "that count: the interval doesn't include 0, and the change exceeds a dashed limit, 2 "
    "percentage points or 10 % of the SynOps."
)

TITLES = {ACCURACY: "change of accuracy (points)", COST: "SynOps (multiple)"}


def draw(probes: pd.DataFrame, choice: pd.DataFrame, origin: Origin) -> Chart:
    """The changes of accuracy and of cost, side by side, a row for each condition."""
    rows = changes(probes, Quoted.of(choice))
    if rows.empty:
        return chart.sentence("No network was quoted.")

    sizes = rows.groupby("set")["n"].max()
    kind = origin.kind(rows["set"].iloc[0])
    rows["set"] = [f"{origin.called(name)} (n = {sizes[name]:.0f})" for name in rows["set"]]
    points = rows[rows["measure"] == ACCURACY]
    costs = rows[rows["measure"] == COST]

    ratios = [*LINES[COST], *costs["x"]]
    ends = [min(ratios) / 1.05, max(ratios) * 1.05]
    # Where all changes are small the axis is short, and would show no other tick than 1.
    is_short = ends[1] < 2 * ends[0]
    ticks = [1, 1.1, 1.2, 9] if is_short else [1, 1.5, 2, 3, 5]
    ratio = chart.logarithmic(alt.X("x:Q"), TITLES[COST], ends, ticks)

    return alt.hconcat(
        _side(points, LINES[ACCURACY], alt.X("x:Q", title=TITLES[ACCURACY]).axis(tickCount=3)),
        _side(costs, LINES[COST], ratio),
    ).properties(title=f"{kind} recordings", params=[chart.stacks()])


def _side(rows: pd.DataFrame, lines: tuple[float, float, float], x: Encoding) -> Chart:
    """The marks of one measure, the line of no change and those of both limits."""
    none, low, high = lines
    seen = rows["seen"].map({True: "", False: ": no change seen"})
    rows = chart.worded(rows.assign(said=seen), "{condition}, {set}: {x:.3g}{said}")

    names = ordered(rows["condition"])
    sets = ordered(rows["set"])
    legend = alt.Legend(columns=1, labelFontSize=11, symbolFillColor=INK, symbolStrokeColor=INK)
    shape = alt.Shape("set:N", legend=legend).scale(domain=sets, range=SHAPES[: len(sets)])
    y = alt.Y("condition:N", title=None, sort=names).axis(
        labelLimit=180, labelFontSize=11, grid=True
    )
    offset = alt.YOffset("set:N")

    shown = rows[["condition", "set", "x", "low", "high", "seen", "words"]]
    seen_rows = alt.Chart(shown[shown["seen"]])
    other_rows = alt.Chart(shown[~shown["seen"]])
    marks = [
        seen_rows.mark_point(color=INK, filled=True, size=46, opacity=1),
        other_rows.mark_point(color=INK, size=36, strokeWidth=1.2),
    ]
    intervals = alt.Chart(shown.dropna(subset=["low", "high"])).mark_rule(color=GREY)
    intervals = intervals.encode(alt.X("low:Q", title=""), alt.X2("high:Q"), y, offset)

    limits = alt.Chart(pd.DataFrame({"x": [low, high]}))
    return chart.layered(
        [
            alt.Chart(pd.DataFrame({"x": [none]})).mark_rule(color=GREY).encode(x),
            limits.mark_rule(color=GREY, strokeDash=[4, 3]).encode(x),
            intervals,
            *[mark.encode(x, y, offset, shape, tooltip="words:N") for mark in marks],
        ]
    ).properties(width=124, height=alt.Step(16, **{"for": "position"}))
