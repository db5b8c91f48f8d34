"""Which digit was read as which."""

import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from dvs_snn.files.tables import read_table
from dvs_snn.report import style
from dvs_snn.report.cells import by_two, flagged, label_text
from dvs_snn.report.methods import answering
from dvs_snn.results.choice import CHOICE_TABLE
from dvs_snn.results.summaries import PREDICTION_TABLE

TITLE = "confusion"
CATEGORY = "1 Results"
INPUTS = ("predictions", "choice")
CAPTION = (
    "The digit shown (rows) against the digit predicted (columns) at the best method's chosen "
    "point, a panel for each set. The last column counts recordings without an output spike. "
    "Each recording counts once for each seed. A grey row is a digit that the set lacks."
)


def draw(paths: style.Named, settings: style.Named) -> Figure:
    choice = read_table(paths["choice"], CHOICE_TABLE)
    return plot(answering(read_table(paths["predictions"], PREDICTION_TABLE), choice))


@style.styled()
def plot(predictions: pd.DataFrame) -> Figure:
    """A matrix of counts for each set and variant; recordings without a label are left out.

    `predictions` has the columns of `tables/predictions.csv`.
    """
    rows = predictions
    if len(rows):
        labelled = rows["label"].map(label_text) != ""
        rows = rows[flagged(rows["chosen"]) & labelled]
    if rows.empty:
        sentence = "No labelled recording was read by a spiking network."
        return style.sentence_figure(sentence, "Confusion matrices")
    panels = by_two(rows, "set", "variant")
    columns = min(2, len(panels))
    width = style.WIDTH_IN if columns == 2 else 6.0
    figure, axes = style.grid_of_panels(len(panels), columns, 4.15, 0.2, width)
    blues = LinearSegmentedColormap.from_list("", ["white", style.BLUE], N=64)
    n = style.N_DIGITS
    for axis, (name, variant, part) in zip(axes, panels, strict=True):
        counts = confusion_counts(part)
        totals = counts.sum(axis=1, keepdims=True)
        shares = np.divide(counts, totals, out=np.zeros(counts.shape), where=totals > 0)
        axis.imshow(shares, cmap=blues, vmin=0, vmax=1, aspect="equal")
        for row, column in np.argwhere(counts > 0):
            colour = "white" if shares[row, column] > 0.5 else style.BLACK
            how = {"ha": "center", "va": "center", "fontsize": 9, "color": colour}
            axis.text(column, row, f"{counts[row, column]}", **how)
        for row in np.flatnonzero(totals[:, 0] == 0):
            axis.axhspan(row - 0.5, row + 0.5, color="#EFEFEF", linewidth=0)
        axis.axvline(n - 0.5, color=style.GREY, linewidth=1)
        axis.set_xticks(range(n + 1), [*map(str, range(n)), "silent"])
        axis.set_yticks(range(n), list(map(str, range(n))))
        axis.tick_params(length=0)
        axis.spines[:].set_visible(True)
        axis.set(xlabel="predicted digit", ylabel="digit shown")
        named = f"{name}, {variant}" if rows["variant"].nunique() > 1 else name
        n_recordings, n_seeds = part["recording"].nunique(), part["seed"].nunique()
        plural = "s" if n_seeds > 1 else ""
        axis.set_title(f"{named}: {n_recordings:,} recordings, {n_seeds} seed{plural} added up")
    return figure


def confusion_counts(predictions: pd.DataFrame) -> np.ndarray:
    """Counts (10, 11) of (digit shown, digit predicted); column 10 counts silent recordings.

    `predictions` has columns `label` and `predicted`; rows without a label are left out.
    """
    label = pd.to_numeric(predictions["label"], errors="coerce")
    predicted = pd.to_numeric(predictions["predicted"], errors="coerce").fillna(style.N_DIGITS)
    known = label.notna().to_numpy()
    counts = np.zeros((style.N_DIGITS, style.N_DIGITS + 1), dtype=np.int64)
    np.add.at(counts, (label[known].astype(int), predicted[known].astype(int)), 1)
    return counts
