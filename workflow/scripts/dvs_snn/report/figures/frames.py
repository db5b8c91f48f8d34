"""Frames that train the CNN."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dvs_snn.files.arrays import evenly_picked
from dvs_snn.recordings.store.frame_store import open_frames, read_index, split_rows
from dvs_snn.report import style
from dvs_snn.report.cells import label_text
from dvs_snn.report.style import Figure
from dvs_snn.settings.data import Classes

TITLE = "training frames"
CATEGORY = "3 Training"
SUFFIX = ".png"
CAPTION = (
    "Training frames with the digit shown, as the CNN sees them before any random shift or "
    "scaling. ON and OFF events add up; all frames share one scale of grey."
)

N_GRID_FRAMES = 30


def draw(frames: Path, index: Path, data_note: str, classes: Classes) -> Figure:
    """Draw training frames, as many of each class, evenly spaced over the store."""
    rows = read_index(index, ["label", "split"])
    labels, train = rows["label"].to_numpy(), split_rows(rows, "train")
    n_shown = min(len(classes.names), N_GRID_FRAMES)
    chosen: list[int] = []
    for label in range(n_shown):
        of_class = train[labels[train] == label]
        if len(of_class):
            chosen += of_class[evenly_picked(N_GRID_FRAMES // n_shown, len(of_class))].tolist()
    shown = [classes.names[label] for label in labels[chosen]]
    title = "Training frames" + (f" ({data_note})" if data_note else "")
    return plot(np.asarray(open_frames(frames)[chosen]), shown, title)


def plot(frames: np.ndarray, labels: Sequence[Any], title: str) -> Figure:
    """A grid of frames, uint8 (frame, 1, height, width), with labels; an empty one shows "?"."""
    n = len(frames)
    if not n:
        return style.sentence_figure("There is no frame to show.", title)
    columns = 10 if n >= 20 else min(5, n)
    figure, axes = style.grid_of_panels(n, columns, (style.WIDTH_IN - 1.2) / columns * 1.28, 0.7)
    full = style.full_scale(frames)
    for axis, frame, label in zip(axes, frames, labels, strict=True):
        image = style.picture(axis, frame[0], full)
        axis.set_title(label_text(label) or "?")
    extend = "max" if frames.max() > full else "neither"
    figure.colorbar(image, ax=axes, label="events per pixel", extend=extend, shrink=0.9, aspect=30)
    figure.suptitle(title)
    return figure
