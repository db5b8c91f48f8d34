"""What goes wrong: what each class is read as."""

import pandas as pd

from dvs_snn.evaluation.choosing.choice import Quoted
from dvs_snn.report import chart
from dvs_snn.report.cells import answer_sets, flagged, labelled
from dvs_snn.report.chart import Chart, alt
from dvs_snn.settings.data import TEN_DIGITS, Classes

TITLE = "confusion of digits"
CATEGORY = "1 Results"
SUFFIX = ".svg"
CAPTION = (
    "What each digit of the test sets is read as, at the best method's chosen point: shares of "
    "their recordings, all seeds together."
)
SILENT = "no output"


def draw(predictions: pd.DataFrame, choice: pd.DataFrame, classes: Classes = TEN_DIGITS) -> Chart:
    """A cell for each class shown and what it was read as."""
    rows = Quoted.of(choice).answering(predictions)
    rows = labelled(rows[flagged(rows["chosen"]) & rows["set"].isin(answer_sets(rows["set"]))])
    if rows.empty:
        return chart.sentence("No recording with a label was read, so none was confused.")
    cells = rows.groupby(["label", "predicted"]).size().rename("n").reset_index()
    cells["share"] = cells["n"] / cells.groupby("label")["n"].transform("sum")
    cells["percent"] = (100 * cells["share"]).map("{:.0f}".format)
    cells["read"] = cells["predicted"].replace("", SILENT)
    cells = chart.worded(cells, "{share:.1%} of the {label} read as {read}")
    read = [*classes.names, *([SILENT] if (cells["predicted"] == "").any() else [])]
    # Long names stand aslant.
    angle = 0 if max(map(len, read)) * len(read) < 100 else -45
    x = alt.X("read:O", title=f"{classes.word} read", scale=alt.Scale(domain=read))
    y = alt.Y("label:O", title=f"{classes.word} shown", sort=classes.in_order(rows["label"]))
    # The text lies on its cell: without words it would hide the cell's tooltip.
    base = alt.Chart(cells).encode(
        x.axis(orient="top", labelAngle=angle), y.axis(labelLimit=240), tooltip="words:N"
    )
    darkest = max(0.2, float(cells["share"].max()))
    share = alt.Color("share:Q", legend=alt.Legend(title="share", format="~%", gradientLength=200))
    # White text stands on the darker half: at least 4.5 to 1 either way.
    on_dark = f"datum.share > {0.45 * darkest:.4g}"
    ink = alt.condition(on_dark, alt.value("#fffffe"), alt.value("#1b1f23"))
    return (
        base.mark_rect(stroke=chart.GRID, strokeWidth=0.5).encode(
            share.scale(range=["#f7f4ee", "#7a2e00"], domain=[0, darkest])
        )
        + base.mark_text().encode(text="percent:N", color=ink)
    ).properties(width=alt.Step(max(22, min(52, 1040 // len(read)))), height=alt.Step(26))
