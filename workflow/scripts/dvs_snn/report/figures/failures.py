"""Recordings that are misread."""

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dvs_snn.evaluation.choosing.choice import Quoted
from dvs_snn.files.arrays import evenly_picked
from dvs_snn.recordings.folders.split_table import open_recording, read_split
from dvs_snn.recordings.placement import counts, place, placement_of
from dvs_snn.report import style
from dvs_snn.report.cells import label_text
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


def draw(
    predictions: pd.DataFrame,
    choice: pd.DataFrame,
    splits: list[Path],
    scenes: dict[str, dict[str, Any]],
) -> Figure:
    """Draw misread recordings, as many of each set."""
    predictions = Quoted.of(choice).answering(predictions)
    chosen = predictions[predictions["chosen"] == 1]
    by_set = {split["split"].iloc[0]: split for split in map(read_split, splits)}
    share = MAX_FAILURES // len(by_set)
    rows = [
        row
        for name, split in by_set.items()
        for row in misread(chosen[chosen["set"] == name], split, scenes, share)
    ]
    ending = " and real twins" if REAL_TWINS in by_set else ""
    return plot(rows, f"Misread recordings: simulated{ending}")


def misread(
    predictions: pd.DataFrame, split: pd.DataFrame, scenes: Mapping[str, dict], n: int
) -> list[tuple[np.ndarray, str, str, str]]:
    """Return up to `n` recordings of one set that the first network misreads.

    Args:
        predictions: the set's predictions at the chosen scales.
        split: the set's split table.
        scenes: sensor size and placement by scene.

    Returns:
        (events per network pixel (64, 64), digit shown, digit read or "", name) of each.
    """
    if predictions.empty:
        return []
    first = predictions.iloc[0]
    mine = predictions[
        (predictions["variant"] == first["variant"]) & (predictions["seed"] == first["seed"])
    ]
    wrong = mine[~(mine["predicted"] == mine["label"]).fillna(False)]
    found = []
    for row in wrong.iloc[evenly_picked(n, len(wrong))].itertuples():
        where = split[split["recording"] == row.recording].iloc[0]
        settings = scenes[where["scene"]]
        recording = open_recording(where)
        placed = place(recording, placement_of(settings))
        seen = counts(placed.row, placed.column)
        found.append((seen, row.label, row.predicted, f"{row.set} {row.symbol}"))
    return found


def plot(rows: Sequence[tuple[np.ndarray, Any, Any, str]], title: str) -> Figure:
    """A grid of misread recordings as accumulated event maps; the first twenty of more.

    `rows` holds (frame, label, predicted, caption): the frame (height, width) in events per pixel,
    `predicted` missing for a silent network. Each map has its own scale of grey, from none to its
    largest counts.
    """
    if not rows:
        return style.sentence_figure("No recording was misread.", title)
    shown = rows[:MAX_FAILURES]
    columns = min(5, max(len(shown), 3))
    panel = (style.WIDTH_IN - 0.4) / columns
    figure, axes = style.grid_of_panels(len(shown), columns, panel + 0.32, 0.7)
    for axis, (frame, label, predicted, caption) in zip(axes, shown, strict=True):
        style.picture(axis, frame, style.full_scale(frame))
        read = label_text(predicted)
        axis.set_title(f"shown {label_text(label)}, {f'read {read}' if read else 'silent'}")
        axis.set_xlabel(textwrap.fill(caption, 24), fontsize=9, parse_math=False)
    if len(rows) > len(shown):
        title = f"{title}: {len(shown)} of {len(rows)}"
    figure.suptitle(title)
    return figure
