"""Frames that train the CNN."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dvs_snn.files.arrays import picked_by_label
from dvs_snn.recordings.frames import open_frames, read_index, split_rows
from dvs_snn.report import style
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
    train = train[labels[train] < n_shown]
    chosen = train[picked_by_label(labels[train], N_GRID_FRAMES // n_shown)]
    chosen = chosen[np.argsort(labels[chosen], kind="stable")]
    shown = [classes.names[label] for label in labels[chosen]]
    title = "Training frames" + (f" ({data_note})" if data_note else "")
    return plot(np.asarray(open_frames(frames)[chosen]), shown, title)


def plot(frames: np.ndarray, names: Sequence[str], title: str) -> Figure:
    """A grid of frames, uint8 (frame, 1, height, width), with the names of their classes."""
    n = len(frames)
    columns = 10 if n >= 20 else min(5, n)
    figure, axes = style.grid_of_panels(n, columns, (style.WIDTH_IN - 1.2) / columns * 1.28, 0.7)
    full = style.full_scale(frames)
    for axis, frame, name in zip(axes, frames, names, strict=True):
        image = style.picture(axis, frame[0], full)
        axis.set_title(name)
    extend = "max" if frames.max() > full else "neither"
    figure.colorbar(image, ax=axes, label="events per pixel", extend=extend, shrink=0.9, aspect=30)
    figure.suptitle(title)
    return figure
