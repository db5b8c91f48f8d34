"""What each change of how a network runs, or of the sensor, moves: accuracy and cost."""

from typing import Any

import pandas as pd

from dvs_snn.probes.probe import BASE, LIMIT_PERCENT, LIMIT_POINTS
from dvs_snn.report import chart
from dvs_snn.report.cells import ordered
from dvs_snn.report.chart import Chart, alt
from dvs_snn.report.style import GREY, INK, SHAPES

TITLE = "one thing changed at a time"
CATEGORY = "2 Results"
SUFFIX = ".svg"
CAPTION = (
    "One thing is changed at a time, and the quoted networks are not trained again. Left: accuracy "
    "less that without the change, on the same recordings. Right: SynOps over those without it, "
    "for 3,000 events; with another sensor or early exit for a recording. A mark is one seed. "
    "Filled marks lie beyond a limit: 2 points of accuracy or 10 % of the cost (dashed lines)."
)

ACCURACY = "accuracy, change in percentage points"
COST = "SynOps, over those without the change"


def draw(probes: pd.DataFrame) -> Chart:
    """The changes of accuracy and of cost, side by side, a row for each condition."""
    rows = probes[(probes["part"] != BASE[0]) & probes["amount"].notna()]
    points, costs = (rows[rows["measure"] == f"{name}_change"] for name in ("accuracy", "synops"))
    if points.empty and costs.empty:
        return chart.sentence("No network was quoted.")
    points, costs = points.assign(x=100 * points["amount"]), costs.assign(x=1 + costs["amount"])
    limit = LIMIT_PERCENT / 100
    ratios = [1 - limit, 1 + limit, *costs["x"]]
    ends, steps = [min(ratios) / 1.05, max(ratios) * 1.05], (1, 1.2, 1.5, 2, 3, 5, 8)
    return alt.hconcat(
        _side(points, (0, -LIMIT_POINTS, LIMIT_POINTS), alt.X("x:Q", title=ACCURACY)),
        _side(
            costs,
            (1, 1 - limit, 1 + limit),
            chart.logarithmic(alt.X, "x", COST, ends, steps, format="~g"),
            labels=False,
        ),
    )


def _side(rows: pd.DataFrame, lines: tuple[float, float, float], x: Any, **axis: Any) -> Chart:
    """The marks of one measure, the line of no change and those of both limits."""
    none, low, high = lines
    rows = rows.assign(
        condition=rows["part"] + ": " + rows["value"],
        # What a measured share lacks to a limit by its last digits doesn't count.
        beyond=(rows["x"] < low - 1e-9) | (rows["x"] > high + 1e-9),
    )
    rows = chart.worded(rows, "{condition}, {method} on {set}, seed {seed}: {x:.3g}")
    names, sets = ordered(rows["condition"]), ordered(rows["set"])
    colour, _ = chart.by_method(rows["method"], symbolType="circle")
    y = alt.Y("condition:N", title=None, sort=names).axis(labelLimit=300, grid=True, **axis)
    legend = alt.Legend(symbolFillColor=INK, symbolStrokeColor=INK)
    shape = alt.Shape("set:N", legend=legend).scale(domain=sets, range=SHAPES[: len(sets)])
    rows["network"] = rows["set"] + rows["method"] + rows["seed"].astype(str)
    shown = rows[["condition", "set", "method", "network", "x", "beyond", "words"]]
    encoding = (x, y, alt.YOffset("network:N"), colour, shape)
    # A layer without a mark would have no extent.
    marks = [
        alt.Chart(part).mark_point(**style).encode(*encoding, tooltip="words:N")
        for part, style in (
            (shown[shown["beyond"]], {"filled": True, "size": 36, "opacity": 1}),
            (shown[~shown["beyond"]], {"size": 30, "strokeWidth": 1.2}),
        )
        if len(part)
    ]
    return alt.layer(
        alt.Chart(pd.DataFrame({"x": [none]})).mark_rule(color=GREY).encode(x),
        alt.Chart(pd.DataFrame({"x": [low, high]}))
        .mark_rule(color=GREY, strokeDash=[4, 3])
        .encode(x),
        *marks,
    ).properties(width=330, height=alt.Step(22, **{"for": "position"}))
