"""Pixels that send far more events than the rest: hot ones send them whatever the scene shows."""

from dataclasses import dataclass

import numpy as np

from dvs_snn.events.recording import EventRecording

TIMES = 3
"""A hot pixel sent more than so many times the events of most pixels, and of its neighbours."""

MOST_SHARE = 0.9
"""Share of the pixels that sent any event, which are `most pixels`."""

FEWEST_EVENTS = 20
"""With fewer events a pixel may stand out by chance."""

RULE = (
    f"A pixel is hot if it sent at least {FEWEST_EVENTS} events, more than {TIMES} times as many "
    f"as {100 * MOST_SHARE:.0f} % of the pixels that sent any, and more than {TIMES} times as many "
    "as the second most active of its eight neighbours"
)


@dataclass(frozen=True, eq=False)
class PixelCounts:
    """Events of the sensor pixels that sent any; of a large sensor few did.

    Attributes:
        pixel: int64 (pixel,), ascending: (y + 1) * `stride` + x + 1.
        n: int64 (pixel,), events.
        stride: 2 more than the sensor's width, so that no neighbour lies in another row.
    """

    pixel: np.ndarray
    n: np.ndarray
    stride: int

    @property
    def x(self) -> np.ndarray:
        """Return the column of each pixel."""
        return self.pixel % self.stride - 1

    @property
    def y(self) -> np.ndarray:
        """Return the row of each pixel."""
        return self.pixel // self.stride - 1

    def at(self, pixel: np.ndarray) -> np.ndarray:
        """Return the events of any pixels, 0 of those that sent none."""
        place = np.searchsorted(self.pixel, pixel).clip(max=len(self.pixel) - 1)
        return np.where(self.pixel[place] == pixel, self.n[place], 0)

    def __add__(self, other: "PixelCounts") -> "PixelCounts":
        """Return the events of both, before one sensor."""
        pixel, place = np.unique(np.concatenate([self.pixel, other.pixel]), return_inverse=True)
        n = np.bincount(place, np.concatenate([self.n, other.n]), len(pixel))
        return PixelCounts(pixel, n.astype(np.int64), self.stride)


def pixel_counts(recording: EventRecording) -> PixelCounts:
    """Count the events of each sensor pixel of a recording."""
    stride = recording.sensor_size[0] + 2
    rows = recording.events["y"].astype(np.int64) + 1
    pixel, n = np.unique(rows * stride + recording.events["x"] + 1, return_counts=True)
    return PixelCounts(pixel, n, stride)


def hot_pixels(counts: PixelCounts) -> np.ndarray:
    """Return the places of the hot pixels in `counts`, by `RULE`, the most active first."""
    n = counts.n
    above = (n >= FEWEST_EVENTS) & (n > TIMES * np.quantile(n, MOST_SHARE))
    found = np.flatnonzero(above)
    steps = [dy * counts.stride + dx for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx]
    around = np.array([counts.at(counts.pixel[found] + step) for step in steps])
    found = found[n[found] > TIMES * np.sort(around, axis=0)[-2]]
    return found[np.argsort(-n[found], kind="stable")]
