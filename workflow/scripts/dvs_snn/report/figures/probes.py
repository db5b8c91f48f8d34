"""What each change of how a network runs, or of the sensor, moves: accuracy and cost."""

import pandas as pd

from dvs_snn.analysis.choice import Quoted
from dvs_snn.probes.probe_modules import BASE, LIMIT_PERCENT, LIMIT_POINTS
from dvs_snn.report import chart
from dvs_snn.report.cells import ordered
from dvs_snn.report.chart import Chart, Encoding, alt
from dvs_snn.report.origin import Origin
from dvs_snn.report.style import GREY, INK, SHAPES

TITLE = "one thing changed at a time"
CATEGORY = "1 Results"
CAPTION = (
    "One thing is changed at a time, and the best method's network reads the same recordings "
    "again, not trained anew; means over the trainings. Left: change of accuracy. Right: SynOps "
    "over those without the change. Filled marks lie beyond a limit (dashed): 2 points of accuracy "
    "or 10 % of the cost."
)

ACCURACY = "accuracy_change"
COST = "synops_change"
TITLES = {
    ACCURACY: "accuracy, change in percentage points",
    COST: "SynOps, over those without the change",
}
LINES = {
    ACCURACY: (0, -LIMIT_POINTS, LIMIT_POINTS),
    COST: (1, 1 - LIMIT_PERCENT / 100, 1 + LIMIT_PERCENT / 100),
}
"""Of each measure no change, and the limits below and above."""


def changes(probes: pd.DataFrame, best: str | None) -> pd.DataFrame:
    """What each condition moves of the network of the method `best`, means over the trainings.

    Columns: condition, set, measure, `x` (percentage points, or a ratio), and `beyond` a limit.
    """
    rows = probes[(probes["part"] != BASE[0]) & probes["measure"].isin(LINES)]
    rows = rows.dropna(subset="amount")
    if (rows["method"] == best).any():
        rows = rows[rows["method"] == best]
    # An empty table has no text in its columns of text.
    rows = rows.assign(condition=rows["part"].astype(str) + ": " + rows["value"].astype(str))

    key = ["condition", "set", "measure"]
    rows = rows.groupby(key, sort=False, as_index=False)["amount"].mean()

    is_share = rows["measure"] == ACCURACY
    rows["x"] = (100 * rows["amount"]).where(is_share, 1 + rows["amount"])
    limits = pd.DataFrame(LINES, ["none", "low", "high"]).T
    low = limits["low"].reindex(rows["measure"]).to_numpy()
    high = limits["high"].reindex(rows["measure"]).to_numpy()
    # What a measured share lacks to a limit by its last digits doesn't count.
    return rows.assign(beyond=(rows["x"] < low - 1e-9) | (rows["x"] > high + 1e-9))


def draw(probes: pd.DataFrame, choice: pd.DataFrame, origin: Origin) -> Chart:
    """The changes of accuracy and of cost, side by side, a row for each condition."""
    rows = changes(probes, Quoted.of(choice).best)
    if rows.empty:
        return chart.sentence("No network was quoted.")

    rows["set"] = rows["set"].map(origin.called)
    points = rows[rows["measure"] == ACCURACY]
    costs = rows[rows["measure"] == COST]

    ratios = [*LINES[COST], *costs["x"]]
    ends = [min(ratios) / 1.05, max(ratios) * 1.05]
    ratio = chart.logarithmic(alt.X("x:Q"), TITLES[COST], ends, [1, 1.2, 1.5, 2, 3, 5, 8])

    return alt.hconcat(
        _side(points, LINES[ACCURACY], alt.X("x:Q", title=TITLES[ACCURACY])),
        _side(costs, LINES[COST], ratio, labels=False),
    )


def _side(
    rows: pd.DataFrame, lines: tuple[float, float, float], x: Encoding, **axis: bool
) -> Chart:
    """The marks of one measure, the line of no change and those of both limits."""
    none, low, high = lines
    rows = chart.worded(rows, "{condition}, {set}: {x:.3g}")

    names = ordered(rows["condition"])
    sets = ordered(rows["set"])
    legend = alt.Legend(symbolFillColor=INK, symbolStrokeColor=INK)
    shape = alt.Shape("set:N", legend=legend).scale(domain=sets, range=SHAPES[: len(sets)])
    y = alt.Y("condition:N", title=None, sort=names).axis(labelLimit=300, grid=True, **axis)
    offset = alt.YOffset("set:N")

    shown = rows[["condition", "set", "x", "beyond", "words"]]
    beyond = alt.Chart(shown[shown["beyond"]])
    within = alt.Chart(shown[~shown["beyond"]])
    marks = [
        beyond.mark_point(color=INK, filled=True, size=46, opacity=1),
        within.mark_point(color=INK, size=36, strokeWidth=1.2),
    ]

    return alt.layer(
        alt.Chart(pd.DataFrame({"x": [none]})).mark_rule(color=GREY).encode(x),
        alt.Chart(pd.DataFrame({"x": [low, high]}))
        .mark_rule(color=GREY, strokeDash=[4, 3])
        .encode(x),
        # A layer without a mark would have no extent.
        *[mark.encode(x, y, offset, shape, tooltip="words:N") for mark in marks if len(mark.data)],
    ).properties(width=300, height=alt.Step(20, **{"for": "position"}))
