"""What networks see of recordings, to look at: the mean frame, and three single frames."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dvs_snn.files.arrays import evenly_picked
from dvs_snn.recordings.frames import Frame
from dvs_snn.recordings.placement import NETWORK_SIZE
from dvs_snn.recordings.store.frame_store import open_frames, read_index, split_rows

SHOWN, PER_DIGIT = 3, 100
"""Single frames that are shown, and most recordings or frames of a digit's mean image."""


@dataclass(frozen=True, eq=False)
class Frames:
    """Frames: uint8 (frame, height, width) of events per pixel, and int64 (frame,) of digits."""

    pixels: np.ndarray
    labels: np.ndarray

    def like(self, others: "Frames") -> "Frames":
        """Return those of the digits that others show; all where no digit is shared."""
        same = np.isin(self.labels, others.labels)
        return Frames(self.pixels[same], self.labels[same]) if same.any() else self

    def mean(self) -> np.ndarray:
        """Return the mean frame, float64 (height, width); zeros without any."""
        return self.pixels.sum(axis=0, dtype=np.float64) / max(len(self.pixels), 1)

    def some(self) -> list[int]:
        """Return the places of up to `SHOWN` frames, of digits evenly spread over those shown."""
        known = np.unique(self.labels)
        shown = np.resize(known[evenly_picked(SHOWN, len(known))], SHOWN if len(known) else 0)
        places: list[int] = []
        for label, n in Counter(sorted(shown.tolist())).items():
            of_label = np.flatnonzero(self.labels == label)
            places += of_label[_middles(n, len(of_label))].tolist()
        return places


def _middles(n: int, count: int) -> np.ndarray:
    """Return up to `n` of the places 0 to `count` - 1, in the middles of as many equal parts."""
    return np.unique(((np.arange(n) + 0.5) * count / n).astype(int)) if count else np.arange(0)


def spread(labels: np.ndarray, most: int = PER_DIGIT) -> list[int]:
    """Return up to `most` places of each label, ascending and evenly spread over its own."""
    of_each = (np.flatnonzero(labels == label) for label in np.unique(labels))
    return sorted(place for own in of_each for place in own[evenly_picked(most, len(own))].tolist())


def gathered(recordings: Iterable[tuple[int, Sequence[Frame]]], most: int) -> Frames:
    """Gather frames of recordings, (digit, its frames) each, up to `most` of one."""
    pixels, labels = [], []
    for label, frames in recordings:
        for place in _middles(most, len(frames)):
            pixels.append(frames[place].pixels[0])
            labels.append(label)
    shape = (len(pixels), NETWORK_SIZE, NETWORK_SIZE)
    return Frames(np.array(pixels, dtype=np.uint8).reshape(shape), np.array(labels, dtype=np.int64))


def trained_frames(frames: Path, index: Path) -> Frames:
    """Return some of the frames that train, evenly spread over those of each digit."""
    table = read_index(index, ["label", "split"])
    rows = split_rows(table, "train")
    rows = rows[spread(table["label"].to_numpy()[rows])]
    return Frames(np.asarray(open_frames(frames)[rows, 0]), table["label"].to_numpy()[rows])
