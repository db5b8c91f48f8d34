"""Facts of one recording that tell whether a sensor can have sent it and how it lies."""

from dataclasses import dataclass

import numpy as np

from dvs_snn.recordings.placement import NETWORK_SIZE, PlacedEvents
from dvs_snn.recordings.recording import EventRecording

BOX_SHARE = 0.9
"""Share of the events, on each axis, that the box of a recording holds: noise lies outside."""


@dataclass(frozen=True)
class Facts:
    """A row of the table `facts`; `box_px` is 0 if no event lies on the network."""

    n_events: int
    duration_s: float
    n_pixels: int
    used_width: int
    used_height: int
    n_outside: int
    box_px: int


def facts_of(recording: EventRecording, placed: PlacedEvents) -> Facts:
    """Return the facts of a recording and of the same recording laid on the network."""
    x, y = recording.events["x"], recording.events["y"]
    width, height = int(x.max()) + 1, int(y.max()) + 1
    pixel = y.astype(np.int64) * width + x
    # A large sensor has more pixels than a recording has events.
    many = width * height > 8 * len(pixel)
    n_pixels = len(np.unique(pixel)) if many else np.count_nonzero(np.bincount(pixel))
    return Facts(
        n_events=recording.n_events,
        duration_s=round(recording.duration_s, 6),
        n_pixels=int(n_pixels),
        used_width=width,
        used_height=height,
        n_outside=placed.n_outside,
        box_px=box_px(placed.row, placed.column),
    )


def box_px(row: np.ndarray, column: np.ndarray) -> int:
    """Return the longer side, in network pixels, of the box that holds most events; 0 without.

    On each axis it leaves out half of `1 - BOX_SHARE` of the events at either end. The arguments
    are (event,) of any integer dtype, on the network.
    """
    sides = [0]
    for position in (row, column) if len(row) else ():
        below = np.cumsum(np.bincount(position, minlength=NETWORK_SIZE))
        left_out = (1 - BOX_SHARE) / 2 * below[-1]
        first = np.searchsorted(below, left_out, side="right")
        last = np.searchsorted(below, below[-1] - left_out, side="left")
        sides.append(int(last - first) + 1)
    return max(sides)
