"""Recordings that are misread."""

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.evaluation.choosing.choice import Quoted
from dvs_snn.files.arrays import evenly_picked
from dvs_snn.recordings.folders.split_table import open_recording, read_split
from dvs_snn.recordings.placement import Placement, counts, place
from dvs_snn.report import style
from dvs_snn.report.style import Figure
from dvs_snn.settings.set_names import REAL_TWINS

TITLE = "misread recordings"
CATEGORY = "5 Simulation"
SUFFIX = ".png"
CAPTION = (
    "Recordings that the best method's first network misreads at its chosen point: the events "
    "of each, added up, with the digit shown and the digit read."
)

MAX_FAILURES = 20

Misread = tuple[np.ndarray, str, str, str]
"""Events per pixel (height, width), class shown, class read, empty for a silent network, name."""


def draw(
    predictions: pd.DataFrame,
    choice: pd.DataFrame,
    splits: list[Path],
    scenes: dict[str, Placement],
) -> Figure:
    """Draw misread recordings, as many of each set."""
    read = Quoted.of(choice).answering(predictions)
    read = read[read["chosen"] == 1]
    by_set = {split["split"].iloc[0]: split for split in map(read_split, splits)}
    share = MAX_FAILURES // len(by_set)
    rows = [
        row
        for name, split in by_set.items()
        for row in misread(read[read["set"] == name], split, scenes, share)
    ]
    ending = " and real twins" if REAL_TWINS in by_set else ""
    return plot(rows, f"Misread recordings: simulated{ending}")


def misread(
    predictions: pd.DataFrame, split: pd.DataFrame, scenes: Mapping[str, Placement], n: int
) -> list[Misread]:
    """Return up to `n` recordings of one set that the first network misreads.

    Args:
        predictions: the set's predictions at the chosen scales.
        split: the set's split table.
        scenes: placement by scene.
    """
    of_first = predictions.merge(predictions[["variant", "seed"]].head(1))
    wrong = of_first[of_first["predicted"] != of_first["label"]]
    failures = []
    for row in wrong.iloc[evenly_picked(n, len(wrong))].itertuples():
        where = split[split["recording"] == row.recording].iloc[0]
        placed = place(open_recording(where), scenes[where["scene"]])
        seen = counts(placed.row, placed.column)
        failures.append((seen, row.label, row.predicted, f"{row.set} {row.symbol}"))
    return failures


def plot(rows: Sequence[Misread], title: str) -> Figure:
    """A grid of event maps, each on its own scale of grey."""
    if not rows:
        return style.sentence_figure("No recording was misread.", title)
    columns = min(5, max(len(rows), 3))
    panel = (style.WIDTH_IN - 0.4) / columns
    figure, axes = style.grid_of_panels(len(rows), columns, panel + 0.32, 0.7)
    for axis, (frame, label, predicted, caption) in zip(axes, rows, strict=True):
        style.picture(axis, frame, style.full_scale(frame))
        axis.set_title(f"shown {label}, {f'read {predicted}' if predicted else 'silent'}")
        axis.set_xlabel(textwrap.fill(caption, 24), fontsize=9, parse_math=False)
    figure.suptitle(title)
    return figure
