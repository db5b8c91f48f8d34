"""What recordings show: some of their frames beside those that trained the network."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.files.arrays import picked_by_label
from dvs_snn.files.job import Progress
from dvs_snn.recordings.folders.split_table import open_recording
from dvs_snn.recordings.frames import Frame, accumulate, open_frames, read_index, split_rows
from dvs_snn.recordings.placement import NETWORK_SIZE, Placement, place
from dvs_snn.settings.frame_settings import FrameRule

SHOWN = 3
"""Single frames that are shown."""

PER_DIGIT = 100
"""Most recordings or frames of a digit that the mean frame is made of."""

MOST_FRAMES = 300
"""Frames of one recording that make its mean frame."""


@dataclass(frozen=True, eq=False)
class ShownFrames:
    """Frames: uint8 (frame, height, width) of events per pixel, and int64 (frame,) of digits."""

    pixels: np.ndarray
    labels: np.ndarray

    def like(self, others: "ShownFrames") -> "ShownFrames":
        """Return those of the digits that others show; all where no digit is shared."""
        same = np.isin(self.labels, others.labels)
        return ShownFrames(self.pixels[same], self.labels[same]) if same.any() else self

    def mean(self) -> np.ndarray:
        """Return the mean frame, float64 (height, width); zeros without any."""
        return self.pixels.sum(axis=0, dtype=np.float64) / max(len(self.pixels), 1)

    def some(self) -> list[int]:
        """Return the places of up to `SHOWN` frames, evenly spread over them in order of digit."""
        in_order = np.argsort(self.labels, kind="stable")
        return in_order[_middles(SHOWN, len(in_order))].tolist()


def _middles(n: int, count: int) -> np.ndarray:
    """Return up to `n` of the places 0 to `count` - 1, in the middles of as many equal parts."""
    middles = ((np.arange(n) + 0.5) * count / n).astype(int)
    return np.unique(middles[middles < count])


def gathered(recordings: Iterable[tuple[int, Sequence[Frame]]], most: int) -> ShownFrames:
    """Gather frames of recordings, (digit, its frames) each, up to `most` of one."""
    pixels = []
    labels = []
    for label, frames in recordings:
        for number in _middles(most, len(frames)):
            pixels.append(frames[number].pixels[0])
            labels.append(label)
    images = np.array(pixels, dtype=np.uint8).reshape(-1, NETWORK_SIZE, NETWORK_SIZE)
    return ShownFrames(images, np.array(labels, dtype=np.int64))


def trained_frames(frames: Path, index: Path) -> ShownFrames:
    """Return some of the frames that train, evenly spread over those of each digit."""
    table = read_index(index, ["label", "split"])
    labels = table["label"].to_numpy()
    rows = split_rows(table, "train")
    rows = rows[picked_by_label(labels[rows], PER_DIGIT)]
    return ShownFrames(np.asarray(open_frames(frames)[rows, 0]), labels[rows])


@dataclass(frozen=True)
class Training:
    """Some of the frames that train a network, and whether they stand in for those to come."""

    frames: ShownFrames = field(default_factory=lambda: gathered([], 1))
    is_simulated: bool = False


def look_at(
    rows: pd.DataFrame, placement: Placement, rule: FrameRule, progress: Progress
) -> ShownFrames:
    """Return frames of some recordings of each class, from rows of a split table.

    A recording that was altered since it was listed raises StudyError.
    """
    rows = rows.iloc[picked_by_label(rows["label"].to_numpy(), PER_DIGIT)]
    frames = []
    for row in progress.over(list(rows.itertuples()), "recording", "look at"):
        placed = place(open_recording(row), placement)
        frames.append((row.label, list(accumulate(placed, rule))))
    return gathered(frames, max(MOST_FRAMES // len(rows), SHOWN))
