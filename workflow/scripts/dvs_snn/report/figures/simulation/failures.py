"""Recordings that are misread."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from dvs_snn.events.placement import counts, place, placement_of
from dvs_snn.files.tables import read_table
from dvs_snn.report.cells import label_text
from dvs_snn.report.style import (
    WIDTH_IN,
    frame_only,
    grid_axes,
    in_style,
    new_figure,
    sentence_figure,
    wrapped,
)
from dvs_snn.results.summaries import PREDICTION_TABLE
from dvs_snn.settings.set_names import REAL_TWINS
from dvs_snn.sources.split_table import open_recording, read_split

TITLE = "misread recordings"
CATEGORY = "5 Simulation"
INPUTS = ("predictions", "splits", "folders")
SETTINGS = ("scenes",)
CAPTION = (
    "Recordings that the first network misreads at its quoted scale: the events of each, "
    "added up, with the digit shown and the digit read."
)

NAME = "Misread simulated recordings"
MAX_FAILURES = 20


def draw(paths: Mapping[str, Any], settings: Mapping[str, Any]) -> Figure:
    """Draw misread recordings, as many of each set."""
    predictions = read_table(paths["predictions"], PREDICTION_TABLE)
    chosen = predictions[predictions["chosen"] == 1]
    splits = [read_split(path) for path in paths["splits"]]
    share, scenes = MAX_FAILURES // len(splits), settings["scenes"]
    rows = [
        found
        for split in splits
        for found in misread(chosen[chosen["set"] == split["split"].iloc[0]], split, scenes, share)
    ]
    has_real = any(split["split"].iloc[0] == REAL_TWINS for split in splits)
    return plot(rows, "Misread recordings: simulated" + (" and real twins" if has_real else ""))


def _evenly(rows: pd.DataFrame, n: int) -> pd.DataFrame:
    places = np.unique(np.linspace(0, len(rows) - 1, min(n, len(rows))).astype(int))
    return rows.iloc[places]


def misread(
    predictions: pd.DataFrame, split: pd.DataFrame, scenes: Mapping[str, dict], n: int
) -> list[tuple[np.ndarray, int, int | None, str]]:
    """Return up to `n` recordings of one set that the first network misreads.

    Args:
        predictions: the set's predictions at the chosen scales.
        split: the set's split table.
        scenes: sensor size and placement by scene.

    Returns:
        (events per network pixel (64, 64), digit shown, digit read or None, name) of each.
    """
    if predictions.empty:
        return []
    first = predictions.iloc[0]
    mine = predictions[
        (predictions["variant"] == first["variant"]) & (predictions["seed"] == first["seed"])
    ]
    wrong = mine[~(mine["predicted"] == mine["label"]).fillna(False)]
    found = []
    for row in _evenly(wrong, n).itertuples() if len(wrong) else ():
        where = split[split["recording"] == row.recording].iloc[0]
        settings = scenes[where["scene"]]
        recording = open_recording(where["file"], where["sha256"], settings["sensor_size"])
        placed = place(recording, placement_of(settings))
        predicted = None if pd.isna(row.predicted) else int(row.predicted)
        seen = counts(placed.row, placed.column)
        found.append((seen, int(row.label), predicted, f"{row.set} {row.symbol}"))
    return found


@in_style
def plot(rows: Sequence[tuple[np.ndarray, Any, Any, str]], title: str = NAME) -> Figure:
    """A grid of misread recordings as accumulated event maps; the first twenty of more.

    `rows` holds (frame, label, predicted, caption): the frame (height, width) or (1, height,
    width) in events per pixel, `predicted` missing for a silent network. Each map has its own
    scale of grey, from none to its largest counts.
    """
    rows = list(rows)
    if not rows:
        return sentence_figure("No recording was misread.", title)
    shown = rows[:MAX_FAILURES]
    columns = min(5, max(len(shown), 3))
    n_rows = math.ceil(len(shown) / columns)
    panel = (WIDTH_IN - 0.4) / columns
    figure = new_figure(WIDTH_IN, n_rows * (panel + 0.32) + 0.7)
    for axis, (frame, label, predicted, caption) in zip(
        grid_axes(figure, n_rows, columns, len(shown)), shown, strict=True
    ):
        frame = np.asarray(frame, dtype=float)
        frame = frame.reshape(frame.shape[-2:])
        positive = frame[frame > 0]
        full = max(float(np.percentile(positive, 99)), 1.0) if positive.size else 1.0
        axis.imshow(frame, cmap="gray_r", vmin=0, vmax=full, interpolation="nearest")
        frame_only(axis)
        read = label_text(predicted)
        axis.set_title(f"shown {label_text(label)}, {f'read {read}' if read else 'silent'}")
        if caption:
            axis.set_xlabel(wrapped(str(caption), 24), fontsize=9, parse_math=False)
    if len(rows) > len(shown):
        title = f"{title}: {len(shown)} of {len(rows)}"
    figure.suptitle(title)
    return figure
