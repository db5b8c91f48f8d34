"""Frames that train the CNN."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from dvs_snn.datasets.frame_store import open_frames, read_index, split_rows
from dvs_snn.report.cells import label_text
from dvs_snn.report.style import (
    FAINT,
    N_DIGITS,
    WIDTH_IN,
    grid_axes,
    in_style,
    new_figure,
    sentence_figure,
)

TITLE = "training frames"
CATEGORY = "3 Training"
INPUTS = ("frames", "index")
SETTINGS = ("data_note",)
CAPTION = (
    "Training frames with the digit shown, as the CNN sees them before any random shift or "
    "scaling. ON and OFF events add up; all frames share one scale of grey."
)

N_GRID_FRAMES = 30


def draw(paths: Mapping[str, Path], settings: Mapping[str, Any]) -> Figure:
    """Draw training frames, three of each digit, evenly spaced over the store."""
    index = read_index(paths["index"], ["label", "split"])
    labels = index["label"].to_numpy()
    train = split_rows(index, "train")
    chosen: list[int] = []
    for digit in range(N_DIGITS):
        rows = train[labels[train] == digit]
        if len(rows):
            n = min(N_GRID_FRAMES // N_DIGITS, len(rows))
            chosen += rows[np.linspace(0, len(rows) - 1, n).astype(int)].tolist()
    frames = np.asarray(open_frames(paths["frames"])[chosen])
    note = settings["data_note"]
    return plot(frames, labels[chosen], "Training frames" + (f" ({note})" if note else ""))


@in_style
def plot(frames: np.ndarray, labels: Sequence[Any], title: str) -> Figure:
    """A grid of input frames with their labels and one colour bar for all.

    `frames` (frame, 1, height, width) uint8, in events per pixel; `labels` as many; an empty one
    is shown as "?".
    """
    frames = np.asarray(frames)
    if not len(frames):
        return sentence_figure("There is no frame to show.", title)
    columns = 10 if len(frames) >= 20 else min(5, len(frames))
    rows = math.ceil(len(frames) / columns)
    figure = new_figure(WIDTH_IN, rows * (WIDTH_IN - 1.2) / columns * 1.28 + 0.7)
    axes = grid_axes(figure, rows, columns, len(frames))
    positive = frames[frames > 0]
    full = max(float(np.percentile(positive, 99)), 1.0) if positive.size else 1.0
    image = None
    for axis, frame, label in zip(axes, frames, labels, strict=True):
        image = axis.imshow(frame[0], cmap="gray_r", vmin=0, vmax=full, interpolation="nearest")
        axis.set_title(label_text(label) or "?")
        axis.set_xticks([])
        axis.set_yticks([])
        for spine in axis.spines.values():
            spine.set_visible(True)
            spine.set_color(FAINT)
    extend = "max" if frames.max() > full else "neither"
    figure.colorbar(image, ax=axes, label="events per pixel", extend=extend, shrink=0.9, aspect=30)
    figure.suptitle(title)
    return figure
