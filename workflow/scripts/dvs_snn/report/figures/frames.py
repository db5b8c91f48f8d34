"""Frames that train the CNN."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from dvs_snn.recordings.store.frame_store import open_frames, read_index, split_rows
from dvs_snn.report import style
from dvs_snn.report.cells import label_text

TITLE = "training frames"
CATEGORY = "3 Training"
INPUTS = ("frames", "index")
SETTINGS = ("data_note", "classes")
SUFFIX = ".png"
CAPTION = (
    "Training frames with the digit shown, as the CNN sees them before any random shift or "
    "scaling. ON and OFF events add up; all frames share one scale of grey."
)

N_GRID_FRAMES = 30


def draw(paths: style.Named, settings: style.Named) -> Figure:
    """Draw training frames, as many of each class, evenly spaced over the store."""
    index = read_index(paths["index"], ["label", "split"])
    labels = index["label"].to_numpy()
    train = split_rows(index, "train")
    names = settings["classes"]
    chosen: list[int] = []
    for label in range(min(len(names), N_GRID_FRAMES)):
        rows = train[labels[train] == label]
        if len(rows):
            n = min(N_GRID_FRAMES // min(len(names), N_GRID_FRAMES), len(rows))
            chosen += rows[np.linspace(0, len(rows) - 1, n).astype(int)].tolist()
    frames = np.asarray(open_frames(paths["frames"])[chosen])
    note = settings["data_note"]
    shown = [names[label] for label in labels[chosen]]
    return plot(frames, shown, "Training frames" + (f" ({note})" if note else ""))


@style.styled()
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
