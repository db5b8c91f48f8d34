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
    "What each digit of the first test set is read as, at the best method's chosen point: shares "
    "of its recordings, all seeds together."
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
    cells["read"] = cells["predicted"].replace("", SILENT)
    cells = chart.worded(cells, "{share:.1%} of the {label} read as {read}")
    read = [*classes.names, *([SILENT] if (cells["predicted"] == "").any() else [])]
    x = chart.across("read", f"{classes.word} read", read)
    shown = classes.in_order(rows["label"])
    y = alt.Y("label:O", title=f"{classes.word} shown", sort=shown).axis(labelLimit=240)
    return chart.shaded(cells, "share", x, y, len(read))
