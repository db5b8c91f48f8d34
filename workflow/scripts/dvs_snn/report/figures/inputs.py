"""What the network sees of the sets of `evaluation.sets`, beside what trained it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dvs_snn.recordings.folders.split_table import open_recording, read_split
from dvs_snn.recordings.frames import accumulate
from dvs_snn.recordings.placement import place, placement_of
from dvs_snn.recordings.plausibility.pictures import SHOWN, Frames, gathered, spread, trained_frames
from dvs_snn.report import style
from dvs_snn.report.style import Axes, Figure
from dvs_snn.settings.data import TEN_DIGITS, Classes
from dvs_snn.settings.frames import FrameRule

TITLE = "added sets beside training"
CATEGORY = "1 Results"
SUFFIX = ".png"
CAPTION = (
    "What the network sees of training and of each set of evaluation.sets: the mean frame, and "
    "three single frames with the digit that they show. The mean frames share one scale of grey, "
    "the single frames another. A digit that is mirrored, turned, small or off the centre "
    "stands out against training's."
)

PER_DIGIT = 20
"""Recordings of each class whose frames make a mean frame."""


@dataclass(frozen=True, eq=False)
class PictureRow:
    """Frames, and their name."""

    name: str
    frames: Frames


def draw(
    frames: Path,
    index: Path,
    added: list[Path],
    added_sets: list[dict[str, Any]],
    frame_rule: FrameRule,
    classes: Classes,
) -> Figure:
    rows = [PictureRow("training", trained_frames(frames, index))]
    for where, table in zip(added_sets, added, strict=True):
        rows.append(PictureRow(where["name"], set_frames(read_split(table), where, frame_rule)))
    return plot(rows, "What the network sees", classes)


def set_frames(split: pd.DataFrame, where: Mapping[str, Any], rule: FrameRule) -> Frames:
    """Some frames of a set, of some recordings of each class; `where` is its placement."""
    placement = placement_of(where)
    rows = split.iloc[spread(split["label"].to_numpy(), PER_DIGIT)]
    return gathered(
        (
            (row.label, list(accumulate(place(open_recording(row), placement), rule)))
            for row in rows.itertuples()
        ),
        SHOWN,
    )


def plot(rows: Sequence[PictureRow], title: str, classes: Classes = TEN_DIGITS) -> Figure:
    """Rows of pictures, uint8 (height, width), events per pixel: mean frame, three single ones."""
    columns = SHOWN + 1
    figure = style.new_figure(style.WIDTH_IN, 2.35 * len(rows) + 0.9)
    axes = figure.subplots(len(rows), columns, squeeze=False)
    means = [row.frames.mean() for row in rows]
    shown = [row.frames.some() for row in rows]
    singles = [
        row.frames.pixels[places] for row, places in zip(rows, shown, strict=True) if len(places)
    ]
    full_mean = style.full_scale(np.array(means))
    full = style.full_scale(np.concatenate(singles)) if singles else 1.0
    images = {}
    for panels, row, mean, places in zip(axes, rows, means, shown, strict=True):
        n = len(row.frames.pixels)
        images["mean"] = style.picture(panels[0], mean, full_mean)
        panels[0].set_ylabel(row.name, fontsize=10.5)
        panels[0].set_title(f"mean of {n} frame{'s' if n != 1 else ''}")
        for axis, number in zip(panels[1:], places, strict=False):
            _single(axis, row.frames, number, full, classes)
            images["single"] = axis.images[0]
        for axis in panels[1 + len(places) :]:
            axis.set_axis_off()
        if not n:
            style.centred(panels[0], "no event on\nthe network")
    _bar(figure, axes[:, 0], images["mean"], "mean events per pixel")
    if "single" in images:
        _bar(figure, axes[:, 1:], images["single"], "events per pixel")
    figure.suptitle(title)
    return figure


def _single(axis: Axes, frames: Frames, number: int, full: float, classes: Classes) -> None:
    pixels, label = frames.pixels[number], frames.labels[number]
    style.picture(axis, pixels, full)
    axis.set_title(f"{classes.word} {classes.names[label]}, {int(pixels.sum()):,} events")


def _bar(figure: Figure, axes: np.ndarray, image: Any, label: str) -> None:
    figure.colorbar(
        image, ax=list(axes.ravel()), label=label, extend="max", location="bottom",
        shrink=0.9, aspect=30, pad=0.02,
    )  # fmt: skip
