"""What the network sees of the sets of `evaluation.sets`, beside what trained it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.files.arrays import picked_by_label
from dvs_snn.recordings.folders.split_table import open_recording, read_split
from dvs_snn.recordings.frames import accumulate
from dvs_snn.recordings.placement import Placement, place
from dvs_snn.recordings.plausibility.look import (
    SHOWN,
    ShownFrames,
    gathered,
    trained_frames,
)
from dvs_snn.report import style
from dvs_snn.report.style import Figure
from dvs_snn.settings.data import TEN_DIGITS, Classes
from dvs_snn.settings.frames import FrameRule

TITLE = "added sets beside training"
CATEGORY = "1 Results"
SUFFIX = ".png"
CAPTION = (
    "What the network sees of training and of each set of evaluation.sets: the mean frame, and "
    "three single frames. A digit that is mirrored, turned, small or off the centre stands out "
    "against training's."
)

PER_DIGIT = 20
"""Recordings of each class whose frames make a mean frame."""


@dataclass(frozen=True, kw_only=True)
class AddedSet(Placement):
    """An added set: its placement and its name."""

    name: str


def draw(
    frames: Path,
    index: Path,
    added: list[Path],
    added_sets: list[AddedSet],
    frame_rule: FrameRule,
    classes: Classes,
) -> Figure:
    by_name = {"training": trained_frames(frames, index)}
    for added_set, table in zip(added_sets, added, strict=True):
        by_name[added_set.name] = set_frames(read_split(table), added_set, frame_rule)
    return plot(by_name, "What the network sees", classes)


def set_frames(split: pd.DataFrame, placement: Placement, rule: FrameRule) -> ShownFrames:
    """Some frames of a set, of some recordings of each class."""
    rows = split.iloc[picked_by_label(split["label"].to_numpy(), PER_DIGIT)]
    return gathered(
        (
            (row.label, list(accumulate(place(open_recording(row), placement), rule)))
            for row in rows.itertuples()
        ),
        SHOWN,
    )


def plot(by_name: Mapping[str, ShownFrames], title: str, classes: Classes = TEN_DIGITS) -> Figure:
    """A row for each name of frames: their mean, and three single ones.

    The means share one scale of grey, the single frames another.
    """
    figure = style.new_figure(style.WIDTH_IN, 2.35 * len(by_name) + 0.9)
    axes = figure.subplots(len(by_name), SHOWN + 1, squeeze=False)
    means = [frames.mean() for frames in by_name.values()]
    shown = [frames.some() for frames in by_name.values()]
    rows = list(zip(axes, by_name.items(), means, shown, strict=True))
    singles = [frames.pixels[places] for _, (_, frames), _, places in rows if len(places)]
    full_mean = style.full_scale(np.array(means))
    full = style.full_scale(np.concatenate(singles)) if singles else 1.0
    images = {}
    for panels, (name, frames), mean, places in rows:
        n = len(frames.pixels)
        images["mean events per pixel"] = style.picture(panels[0], mean, full_mean), axes[:, 0]
        panels[0].set_ylabel(name, fontsize=10.5)
        panels[0].set_title(f"mean of {n} frame{'s' if n != 1 else ''}")
        for axis in panels[1 + len(places) :]:
            axis.set_axis_off()
        for axis, number in zip(panels[1:], places, strict=False):
            pixels, label = frames.pixels[number], classes.names[frames.labels[number]]
            images["events per pixel"] = style.picture(axis, pixels, full), axes[:, 1:]
            axis.set_title(f"{classes.word} {label}, {int(pixels.sum()):,} events")
        if not n:
            style.centred(panels[0], "no event on\nthe network")
    how = {"extend": "max", "location": "bottom", "shrink": 0.9, "aspect": 30, "pad": 0.02}
    for label, (image, of_image) in images.items():
        figure.colorbar(image, ax=list(of_image.ravel()), label=label, **how)
    figure.suptitle(title)
    return figure
