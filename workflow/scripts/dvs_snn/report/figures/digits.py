"""What goes wrong: the share misread of each digit in each set."""

import pandas as pd

from dvs_snn.files.tables import read_table
from dvs_snn.report import chart
from dvs_snn.report.cells import flagged, labelled, ordered
from dvs_snn.report.methods import answering
from dvs_snn.report.style import Named
from dvs_snn.settings.data import TEN_DIGITS, Classes
from dvs_snn.settings.set_names import VALIDATION

TITLE = "misread digits"
CATEGORY = "1 Results"
INPUTS = ("predictions", "choice")
SETTINGS = ("classes",)
CAPTION = (
    "The share misread of each digit in each set, at the best method's chosen point, means over "
    "the seeds. Darker is worse; an empty cell is a digit that the set lacks."
)


def draw(paths: Named, settings: Named) -> chart.Chart:
    return plot(
        read_table(paths["predictions"], "predictions"),
        read_table(paths["choice"], "choice"),
        Classes(settings["classes"]),
    )


def plot(
    predictions: pd.DataFrame, choice: pd.DataFrame, classes: Classes = TEN_DIGITS
) -> chart.Chart:
    """A cell for each set and class."""
    rows = answering(predictions, choice)
    rows = rows[flagged(rows["chosen"]) & (rows["set"] != VALIDATION)]
    rows = labelled(rows)
    if rows.empty:
        return chart.sentence("No recording with a label was read, so none was misread.")
    wrong = rows["predicted"] != rows["label"]
    by_class = rows.assign(wrong=wrong).groupby(["set", "label"], sort=False)
    shares = by_class.agg(misread=("wrong", "mean"), n=("recording", "nunique")).reset_index()
    shown = classes.in_order(shares["label"])
    shares["percent"] = [f"{100 * share:.0f}" for share in shares["misread"]]
    shares["words"] = [
        f"{100 * row.misread:.1f} % of the {row.label} misread in {row.set} (n = {row.n})"
        for row in shares.itertuples()
    ]
    place = {
        "x": chart.across("label", f"{classes.word} shown", shown, sort=shown),
        "y": {"field": "set", "type": "nominal", "sort": ordered(shares["set"]),
              "axis": {"title": None, "labelLimit": 240}},
    }  # fmt: skip
    return chart.shaded(shares, "misread", place, len(shown))
