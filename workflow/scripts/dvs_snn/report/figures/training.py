"""Loss and accuracy by epoch."""

import pandas as pd

from dvs_snn.report import chart
from dvs_snn.report.cells import ordered
from dvs_snn.report.chart import Chart, alt
from dvs_snn.report.style import looks_of

TITLE = "training curves"
CATEGORY = "3 Training"
SUFFIX = ".svg"
CAPTION = (
    "Loss, accuracy on training frames and accuracy on validation frames by epoch. Each "
    "variant has a colour, each seed a line style."
)

MARKED_EPOCHS = 30
"""Marks show single epochs; of more they would hide the lines that tell seeds apart."""


def draw(training: pd.DataFrame) -> Chart:
    """Loss, training accuracy and validation accuracy by epoch."""
    if training.empty:
        return chart.sentence("No training curve was recorded.")
    looks, seeds = looks_of(ordered(training["variant"])), sorted(training["seed"].unique())
    colours = [colour for colour, _ in looks.values()]
    variant = alt.Color("variant:N").scale(domain=list(looks), range=colours)
    seed = chart.dashed("seed", seeds, title="seed")
    few = training["epoch"].nunique() <= MARKED_EPOCHS
    rows = training.rename(columns={"train_accuracy": "train", "validation_accuracy": "validation"})
    base = (
        alt.Chart(rows)
        .mark_line(strokeWidth=1.6 if few else 1, point={"size": 18} if few else False)
        .encode(alt.X("epoch:Q").axis(tickMinStep=1, tickCount=5, grid=False), variant, seed)
        .properties(width=210, height=200)
    )
    lowest = float(rows[["train", "validation"]].min().min())
    accuracy = alt.Scale(domain=[lowest, 1], zero=False, nice=True)
    return alt.hconcat(
        base.encode(alt.Y("loss:Q", title=None)).properties(title="training loss (nats)"),
        *(
            base.encode(alt.Y(f"{part}:Q", title=None, scale=accuracy).axis(format="~%"))
            .properties(title=f"accuracy on {word} frames")
            for part, word in (("train", "training"), ("validation", "validation"))
        ),
    )
