"""What goes wrong: the share misread of each digit in each set."""

import pandas as pd

from dvs_snn.evaluation.choosing.choice import Quoted
from dvs_snn.report import chart
from dvs_snn.report.cells import flagged, labelled, ordered
from dvs_snn.report.chart import Chart, alt
from dvs_snn.settings.data import TEN_DIGITS, Classes
from dvs_snn.settings.set_names import VALIDATION

TITLE = "misread digits"
CATEGORY = "1 Results"
SUFFIX = ".svg"
CAPTION = (
    "The share misread of each digit in each set, at the best method's chosen point, means over "
    "the seeds. An empty cell is a digit that the set lacks."
)


def draw(predictions: pd.DataFrame, choice: pd.DataFrame, classes: Classes = TEN_DIGITS) -> Chart:
    """A cell for each set and class."""
    rows = Quoted.of(choice).answering(predictions)
    rows = labelled(rows[flagged(rows["chosen"]) & (rows["set"] != VALIDATION)])
    if rows.empty:
        return chart.sentence("No recording with a label was read, so none was misread.")
    by_class = rows.assign(wrong=rows["predicted"] != rows["label"])
    by_class = by_class.groupby(["set", "label"], sort=False)
    shares = by_class.agg(misread=("wrong", "mean"), n=("recording", "nunique")).reset_index()
    shares = chart.worded(shares, "{misread:.1%} of the {label} misread in {set} (n = {n})")
    shown = classes.in_order(shares["label"])
    x = chart.across("label", f"{classes.word} shown", shown)
    y = alt.Y("set:N", title=None, sort=ordered(shares["set"])).axis(labelLimit=240)
    return chart.shaded(shares, "misread", x, y, len(shown))
