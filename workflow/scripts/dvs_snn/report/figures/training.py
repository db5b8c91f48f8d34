"""Loss and accuracy by epoch."""

from typing import Any

import pandas as pd

from dvs_snn.report import chart
from dvs_snn.report.chart import Chart, alt
from dvs_snn.report.methods import looks_of_variants

TITLE = "training curves"
CATEGORY = "3 Training"
SUFFIX = ".svg"
CAPTION = (
    "Loss, accuracy on training frames and accuracy on validation frames by epoch. Each "
    "variant has a colour, each seed a line style."
)

MARKED_EPOCHS = 30
"""Marks show single epochs; of more they would hide the lines that tell seeds apart."""


def draw(training: pd.DataFrame, methods: dict[str, str]) -> Chart:
    """Loss, training accuracy and validation accuracy by epoch; `methods` are of the variants."""
    if training.empty:
        return chart.sentence("No training curve was recorded.")
    trained = {name: method for name, method in methods.items() if name in set(training["variant"])}
    colours = {name: colour for name, (colour, _) in looks_of_variants(trained).items()}
    variant = alt.Color("variant:N").scale(domain=list(colours), range=list(colours.values()))
    seeds = sorted(training["seed"].unique())
    rows = training.rename(columns={"train_accuracy": "train", "validation_accuracy": "validation"})
    epoch = alt.X("epoch:Q").axis(tickMinStep=1, tickCount=5, grid=False)
    base = alt.Chart(rows).encode(epoch, variant)
    few = training["epoch"].nunique() <= MARKED_EPOCHS
    seed = chart.dashed("seed", seeds, labelExpr="'seed ' + datum.label")

    def panel(title: str, y: Any) -> Chart:
        lines = base.mark_line(strokeWidth=1.6 if few else 1).encode(y, seed)
        marks = [base.mark_point(filled=True, size=18, opacity=1).encode(y)] if few else []
        return alt.layer(lines, *marks).properties(title=title, width=215, height=200)

    lowest = float(rows[["train", "validation"]].min().min())
    accuracy = alt.Scale(domain=[lowest, 1], zero=False, nice=True)
    of_parts = {
        part: alt.Y(f"{part}:Q", title=None, scale=accuracy).axis(format="~%")
        for part in ("train", "validation")
    }
    return alt.hconcat(
        panel("training loss (nats)", alt.Y("loss:Q", title=None)),
        panel("accuracy on training frames", of_parts["train"]),
        panel("accuracy on validation frames", of_parts["validation"]),
    )
