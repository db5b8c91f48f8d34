"""Loss and accuracy by epoch."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from dvs_snn.files.tables import read_table
from dvs_snn.report.cells import ordered
from dvs_snn.report.style import (
    PERCENT,
    WIDTH_IN,
    in_style,
    new_figure,
    outside_legend,
    run_handles,
    seed_style,
    sentence_figure,
    variant_colour,
)
from dvs_snn.training.curve import CURVE_COLUMNS

TITLE = "training curves"
CATEGORY = "3 Training"
INPUTS = ("training",)
CAPTION = (
    "Loss, accuracy on training frames and accuracy on validation frames by epoch. Each "
    "variant has a colour, each seed a line style."
)

MARKED_EPOCHS = 30


def draw(paths: Mapping[str, Path], settings: Mapping[str, Any]) -> Figure:
    """Draw the training curves."""
    return plot(read_table(paths["training"], CURVE_COLUMNS))


@in_style
def plot(training: pd.DataFrame) -> Figure:
    """Loss, training accuracy and validation accuracy by epoch.

    `training` has the columns of `tables/training.csv`. A colour for a variant, a line style for
    a seed.
    """
    if training.empty:
        return sentence_figure("No training curve was recorded.", "Training")
    figure = new_figure(WIDTH_IN, 3.5)
    axes = figure.subplots(1, 3)
    axes[2].sharey(axes[1])
    panels = (
        ("loss", "training loss (nats)"),
        ("train_accuracy", "accuracy on training frames"),
        ("validation_accuracy", "accuracy on validation frames"),
    )
    variants, seeds = ordered(training["variant"]), sorted(training["seed"].unique())
    for axis, (column, label) in zip(axes, panels, strict=True):
        for (variant, seed), rows in training.groupby(["variant", "seed"], sort=False):
            rows = rows.sort_values("epoch")
            axis.plot(
                rows["epoch"],
                rows[column],
                color=variant_colour(variants, variant),
                linestyle=seed_style(seeds, seed),
                # Marks show single epochs; of many they would hide the lines that tell seeds apart.
                marker="o" if len(rows) <= MARKED_EPOCHS else None,
                markersize=3.5,
                linewidth=1.5 if len(rows) <= MARKED_EPOCHS else 1.0,
            )
        axis.set_xlabel("epoch")
        axis.set_title(label)
        axis.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axis.grid(axis="y")
    axes[0].set_ylim(bottom=0)
    for axis in axes[1:]:
        axis.yaxis.set_major_formatter(PERCENT)
    outside_legend(figure, run_handles(variants, seeds))
    return figure
