"""Which classes are taken for which: the confusion matrix of the network that the page quotes."""

import pandas as pd

from dvs_snn.analysis.choice import Quoted
from dvs_snn.report import chart
from dvs_snn.report.cells import labelled
from dvs_snn.report.chart import Chart, alt
from dvs_snn.report.front_rows import quoted_spiking, rows_of_networks
from dvs_snn.report.origin import Origin
from dvs_snn.report.style import BLUE, INK, VERMILLION

TITLE = "what is taken for what"
CAPTION = (
    "What recordings show (rows) and what the quoted network answers (columns), over all "
    "trainings. It reads whole recordings. Right answers are blue, mistakes orange."
)

SILENT = "none"
"""The answer of a network without an output spike."""


def draw(
    predictions: pd.DataFrame,
    front: pd.DataFrame,
    evaluation: pd.DataFrame,
    choice: pd.DataFrame,
    origin: Origin,
) -> Chart:
    """A cell for each pair of classes, on the set that answers."""
    answer_set = origin.answer_set(evaluation)
    quoted = quoted_spiking(front, Quoted.of(choice), answer_set).head(1)
    cells = confused(rows_of_networks(predictions, quoted, "set", "variant", "scale"))
    if answer_set is None or cells.empty:
        return chart.sentence("No set with labels was read.")

    classes = sorted(
        {*cells["label"], *cells["predicted"]}, key=lambda name: (name == SILENT, name)
    )
    x = alt.X("predicted:N", title="answer", sort=classes).scale(domain=classes)
    y = alt.Y("label:N", title="shown", sort=classes)
    base = alt.Chart(cells).encode(x.axis(orient="top", labelAngle=0), y, tooltip="words:N")
    # The cells stay so pale that their numbers can be read in light and in dark.
    squares = base.mark_rect().encode(
        alt.Color("is_right:N", legend=None).scale(domain=[True, False], range=[BLUE, VERMILLION]),
        alt.Opacity("n:Q", legend=None).scale(type="sqrt", range=[0.05, 0.35]),
    )
    numbers = base.mark_text(color=INK, fontSize=11).encode(text="n:Q")
    title = origin.titled(answer_set, quoted["n_symbols"].max())
    return (squares + numbers).properties(title=title, width=alt.Step(25), height=alt.Step(25))


def confused(readings: pd.DataFrame) -> pd.DataFrame:
    """Count readings by `label` and by what was `predicted`; those without a label are left out."""
    pairs = labelled(readings)[["label", "predicted"]].replace({"predicted": {"": SILENT}})
    cells = pairs.value_counts(sort=False).rename("n").reset_index()
    cells = cells.assign(is_right=cells["label"] == cells["predicted"])
    return chart.worded(cells, "{label} read as {predicted}: {n} times")
