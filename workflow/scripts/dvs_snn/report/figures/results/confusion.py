"""Which digit was read as which."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.colors import ListedColormap, to_rgb
from matplotlib.figure import Figure

from dvs_snn.files.tables import read_table
from dvs_snn.report.cells import flagged, label_text, ordered
from dvs_snn.report.style import (
    BLACK,
    BLUE,
    GREY,
    N_DIGITS,
    WIDTH_IN,
    grid_axes,
    in_style,
    new_figure,
    sentence_figure,
)
from dvs_snn.results.summaries import PREDICTION_TABLE

TITLE = "confusion"
CATEGORY = "1 Results"
INPUTS = ("predictions",)
CAPTION = (
    "The digit shown (rows) against the digit predicted (columns) at the quoted scales, a "
    "panel for each set. The last column counts recordings without an output spike. Each "
    "recording counts once for each seed. A grey row is a digit that the set lacks."
)


def draw(paths: Mapping[str, Path], settings: Mapping[str, Any]) -> Figure:
    """Draw the confusion matrices."""
    return plot(read_table(paths["predictions"], PREDICTION_TABLE))


@in_style
def plot(predictions: pd.DataFrame) -> Figure:
    """Which digit was read as which, at the chosen scales, a panel for each set and variant.

    `predictions` has the columns of `tables/predictions.csv`. Counts add up the seeds, so a
    recording counts once for each. The last column holds the recordings that left the network
    silent; recordings without a label are left out. A digit that the set lacks has a grey row.
    """
    rows = predictions
    if len(rows):
        labelled = rows["label"].map(label_text) != ""
        rows = rows[flagged(rows["chosen"]) & labelled]
    if rows.empty:
        return sentence_figure(
            "No labelled recording was read by a spiking network.", "Confusion matrices"
        )
    variants = ordered(rows["variant"])
    panels = [
        (name, variant)
        for name in ordered(rows["set"])
        for variant in variants
        if ((rows["set"] == name) & (rows["variant"] == variant)).any()
    ]
    columns = min(2, len(panels))
    n_rows = math.ceil(len(panels) / columns)
    width = WIDTH_IN if columns == 2 else 6.0
    figure = new_figure(width, 4.15 * n_rows + 0.2)
    axes = grid_axes(figure, n_rows, columns, len(panels))
    greys = ListedColormap([_mix("white", BLUE, share) for share in np.linspace(0, 1, 64)])
    for axis, (name, variant) in zip(axes, panels, strict=True):
        part = rows[(rows["set"] == name) & (rows["variant"] == variant)]
        counts = confusion_counts(part)
        totals = counts.sum(axis=1, keepdims=True)
        shares = np.divide(counts, totals, out=np.zeros(counts.shape), where=totals > 0)
        axis.imshow(shares, cmap=greys, vmin=0, vmax=1, aspect="equal")
        for row, column in np.argwhere(counts > 0):
            axis.text(
                column,
                row,
                f"{counts[row, column]}",
                ha="center",
                va="center",
                fontsize=9,
                color="white" if shares[row, column] > 0.5 else BLACK,
            )
        for row in np.flatnonzero(totals[:, 0] == 0):
            axis.axhspan(row - 0.5, row + 0.5, color="#EFEFEF", linewidth=0)
        axis.axvline(N_DIGITS - 0.5, color=GREY, linewidth=1)
        axis.set_xticks(range(N_DIGITS + 1), [*map(str, range(N_DIGITS)), "silent"])
        axis.set_yticks(range(N_DIGITS), list(map(str, range(N_DIGITS))))
        axis.tick_params(length=0)
        for spine in axis.spines.values():
            spine.set_visible(True)
        axis.set_xlabel("predicted digit")
        axis.set_ylabel("digit shown")
        named = f"{name}, {variant}" if len(variants) > 1 else name
        n_recordings, n_seeds = part["recording"].nunique(), part["seed"].nunique()
        plural = "s" if n_seeds > 1 else ""
        axis.set_title(f"{named}: {n_recordings:,} recordings, {n_seeds} seed{plural} added up")
    return figure


def confusion_counts(predictions: pd.DataFrame) -> np.ndarray:
    """Counts (10, 11) of (digit shown, digit predicted); column 10 counts silent recordings.

    `predictions` has columns `label` and `predicted`; rows without a label are left out.
    """
    label = pd.to_numeric(predictions["label"], errors="coerce")
    predicted = pd.to_numeric(predictions["predicted"], errors="coerce").fillna(N_DIGITS)
    known = label.notna().to_numpy()
    counts = np.zeros((N_DIGITS, N_DIGITS + 1), dtype=np.int64)
    np.add.at(
        counts, (label[known].astype(int).to_numpy(), predicted[known].astype(int).to_numpy()), 1
    )
    return counts


def _mix(start: str, end: str, share: float) -> tuple[float, ...]:
    return tuple((1 - share) * np.asarray(to_rgb(start)) + share * np.asarray(to_rgb(end)))
