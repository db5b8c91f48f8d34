"""What goes wrong: what each class is read as."""

import pandas as pd

from dvs_snn.files.tables import read_table
from dvs_snn.report import chart
from dvs_snn.report.cells import flagged, labelled
from dvs_snn.report.methods import answer_sets, answering
from dvs_snn.report.style import Named
from dvs_snn.settings.data import TEN_DIGITS, Classes

TITLE = "confusion of digits"
CATEGORY = "1 Results"
INPUTS = ("predictions", "choice")
SETTINGS = ("classes",)
CAPTION = (
    "What each digit of the first test set is read as, at the best method's chosen point: shares "
    "of its recordings, all seeds together. What is right lies on the diagonal; an empty cell "
    "never happened."
)
SILENT = "no output"


def draw(paths: Named, settings: Named) -> chart.Chart:
    return plot(
        read_table(paths["predictions"], "predictions"),
        read_table(paths["choice"], "choice"),
        Classes(settings["classes"]),
    )


def plot(
    predictions: pd.DataFrame, choice: pd.DataFrame, classes: Classes = TEN_DIGITS
) -> chart.Chart:
    """A cell for each class shown and what it was read as."""
    rows = answering(predictions, choice)
    rows = rows[flagged(rows["chosen"]) & rows["set"].isin(answer_sets(rows["set"]))]
    rows = labelled(rows)
    if rows.empty:
        return chart.sentence("No recording with a label was read, so none was confused.")
    shown = classes.in_order(rows["label"])
    cells = rows.groupby(["label", "predicted"]).size().rename("n").reset_index()
    cells["share"] = cells["n"] / cells.groupby("label")["n"].transform("sum")
    cells["read"] = cells["predicted"].replace("", SILENT)
    cells["percent"] = [f"{100 * share:.0f}" for share in cells["share"]]
    cells["words"] = [
        f"{100 * row.share:.1f} % of the {row.label} read as {row.read}"
        for row in cells.itertuples()
    ]
    read = [*classes.names, *([SILENT] if (cells["predicted"] == "").any() else [])]
    place = {
        "x": chart.across("read", f"{classes.word} read", read, scale={"domain": read}),
        "y": {"field": "label", "type": "ordinal", "sort": shown,
              "axis": {"title": f"{classes.word} shown", "labelLimit": 240}},
    }  # fmt: skip
    return chart.shaded(cells, "share", place, len(read))
