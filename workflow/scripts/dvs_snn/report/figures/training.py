"""Loss and accuracy by epoch."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from dvs_snn.files.tables import read_table
from dvs_snn.report import style

TITLE = "training curves"
CATEGORY = "3 Training"
INPUTS = ("training",)
CAPTION = (
    "Loss, accuracy on training frames and accuracy on validation frames by epoch. Each "
    "variant has a colour, each seed a line style."
)

MARKED_EPOCHS = 30


def draw(paths: style.Named, settings: style.Named) -> Figure:
    return plot(read_table(paths["training"], "training"))


@style.styled()
def plot(training: pd.DataFrame) -> Figure:
    """Loss, training accuracy and validation accuracy by epoch."""
    if training.empty:
        return style.sentence_figure("No training curve was recorded.", "Training")
    figure = style.new_figure(style.WIDTH_IN, 3.5)
    axes = figure.subplots(1, 3)
    axes[2].sharey(axes[1])
    panels = (
        ("loss", "training loss (nats)"),
        ("train_accuracy", "accuracy on training frames"),
        ("validation_accuracy", "accuracy on validation frames"),
    )
    runs, handles = style.runs_and_handles(training)
    for axis, (column, label) in zip(axes, panels, strict=True):
        for run, rows in training.groupby(["variant", "seed"], sort=False):
            rows = rows.sort_values("epoch")
            # Marks show single epochs; of many they would hide the lines that tell seeds apart.
            marker, width = ("o", 1.5) if len(rows) <= MARKED_EPOCHS else (None, 1.0)
            how = {"marker": marker, "markersize": 3.5, "linewidth": width}
            axis.plot(rows["epoch"], rows[column], **how, **runs[run])
        axis.set(xlabel="epoch", title=label)
        axis.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axis.grid(axis="y")
    axes[0].set_ylim(bottom=0)
    for axis in axes[1:]:
        axis.yaxis.set_major_formatter(style.PERCENT)
    style.outside_legend(figure, handles)
    return figure
