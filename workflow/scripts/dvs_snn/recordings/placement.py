"""Places a recording's events on the network's 64x64 pixels, and counts them there."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from dvs_snn.recordings.recording import EventRecording

NETWORK_SIZE = 64
EVENTS_AT_ONCE = 100_000
"""Events counted at once, so that memory doesn't grow with the recording."""


@dataclass(frozen=True)
class Placement:
    """How sensor pixels are laid on the 64x64 network, about the two centres.

    Attributes:
        zoom: network pixels per sensor pixel.
        rotate: degrees, counter-clockwise as displayed (y down).
        flip: ``none``, ``x`` (left-right), ``y`` (top-bottom) or ``xy``; done first.
    """

    zoom: float = 1.0
    rotate: int = 0
    flip: str = "none"


CENTRED = Placement()


def placement_of(section: Any) -> Placement:
    """Return the placement in a section of the settings: its zoom, rotate and flip."""
    return Placement(section.zoom, section.rotate, section.flip)


@dataclass(frozen=True, eq=False)
class PlacedEvents:
    """The events of one recording in network coordinates.

    Attributes:
        t: int64 (event,), microseconds, ascending.
        row, column: (event,) of any integer dtype, index of the height and of the width axis.
        t_first, t_last: microseconds of the recording's first and last moment: those of its first
            and last event, placed or not, where nothing tells others.
        n_outside: events of the recording that fall outside the network and are dropped.
    """

    t: np.ndarray
    row: np.ndarray
    column: np.ndarray
    t_first: int
    t_last: int
    n_outside: int

    @property
    def n_events(self) -> int:
        return len(self.t)

    @property
    def duration_s(self) -> float:
        """Seconds between the recording's first and last moment."""
        return (self.t_last - self.t_first) * 1e-6


def place(recording: EventRecording, placement: Placement) -> PlacedEvents:
    """Lay a recording on the network: flip, rotate, zoom about the centres, then floor.

    ON and OFF events are treated alike: they add up in the one channel.
    """
    events = recording.events
    width, height = recording.sensor_size
    # A pixel is the unit square around its centre, so a flip maps pixels onto pixels.
    u, along_u = np.arange(width) + 0.5 - width / 2, events["x"]
    v, along_v = np.arange(height) + 0.5 - height / 2, events["y"]
    if "x" in placement.flip:
        u = -u
    if "y" in placement.flip:
        v = -v
    for _ in range(placement.rotate // 90):
        u, v = v, -u
        along_u, along_v = along_v, along_u

    def cell_of(position: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        cell = np.floor(position * placement.zoom + NETWORK_SIZE / 2)
        inside = (cell >= 0) & (cell < NETWORK_SIZE)
        return np.where(inside, cell, 0).astype(np.uint8), inside

    t_first, t_last = recording.span
    # A sensor has few pixels but many events, so each pixel's place is computed once.
    column_of, is_column = cell_of(u)
    row_of, is_row = cell_of(v)
    inside = is_column[along_u] & is_row[along_v]
    return PlacedEvents(
        t=events["t"][inside],
        row=row_of[along_v[inside]],
        column=column_of[along_u[inside]],
        t_first=t_first,
        t_last=t_last,
        n_outside=int(len(events) - inside.sum()),
    )


def counts(row: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Count events per pixel, some at a time. Returns int64 (height, width)."""
    total = np.zeros(NETWORK_SIZE**2, dtype=np.int64)
    for start in range(0, len(row), EVENTS_AT_ONCE):
        part = slice(start, start + EVENTS_AT_ONCE)
        flat = row[part].astype(np.int64) * NETWORK_SIZE + column[part]
        total += np.bincount(flat, minlength=NETWORK_SIZE**2)
    return total.reshape(NETWORK_SIZE, NETWORK_SIZE)
