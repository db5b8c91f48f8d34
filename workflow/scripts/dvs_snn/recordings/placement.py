"""Places a recording's events on the network's pixels, and counts them there."""

from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy as np
from pydantic import ConfigDict

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.recording import EventRecording

NETWORK_SIZE = 64
NETWORK_SHAPE = (1, NETWORK_SIZE, NETWORK_SIZE)
"""Channels, height and width of what the study's own networks see."""


@dataclass(frozen=True)
class Placement:
    """How sensor pixels are laid on the network's input, about the two centres.

    The `flip` comes first: ``none``, ``x`` (left-right), ``y`` (top-bottom) or ``xy``. Then
    `rotate` turns by degrees, counter-clockwise as displayed (y down). `shape` is (channel, height,
    width): in one channel ON and OFF events add up, of two channels OFF is the first.
    """

    # A name that a rule misspells is refused, as those of a job are.
    __pydantic_config__ = ConfigDict(extra="forbid")

    zoom: float = 1.0
    rotate: int = 0
    flip: str = "none"
    shape: tuple[int, int, int] = NETWORK_SHAPE

    def on(self, shape: tuple[int, int, int], **changes: Any) -> "Placement":
        """Return it on another input, whose shorter side shows as much as our networks'.

        `changes` are of its other attributes, or of this zoom.
        """
        zoom = self.zoom * min(shape[1:]) / NETWORK_SIZE
        return replace(self, **{"zoom": zoom, "shape": shape, **changes})


CENTRED = Placement()


def placement_of(section: Any) -> Placement:
    """Return the placement in a section of the settings: its zoom, rotate and flip."""
    return Placement(section.zoom, section.rotate, section.flip)


@dataclass(frozen=True, eq=False)
class PlacedEvents:
    """The events of one recording in network coordinates.

    Attributes:
        t: int64 (event,), microseconds, ascending.
        row, column: (event,) of any integer dtype.
        t_first, t_last: microseconds of the recording's first and last moment.
        n_outside: events that fall outside the network and are dropped.
        shape: of the network's input, (channel, height, width).
        channel: uint8 (event,); None: all events in one channel.
    """

    t: np.ndarray
    row: np.ndarray
    column: np.ndarray
    t_first: int
    t_last: int
    n_outside: int
    shape: tuple[int, int, int] = NETWORK_SHAPE
    channel: np.ndarray | None = None

    @property
    def n_events(self) -> int:
        return len(self.t)

    @property
    def duration_s(self) -> float:
        """Seconds between the recording's first and last moment."""
        return (self.t_last - self.t_first) * 1e-6


def place(recording: EventRecording, placement: Placement) -> PlacedEvents:
    """Lay a recording on the network: flip, rotate, zoom about the centres, then floor.

    StudyError if the network tells ON from OFF, but the recording doesn't.
    """
    events = recording.events
    channels, height_out, width_out = placement.shape
    if channels == 2 and not recording.has_polarity:
        raise StudyError(
            "a recording has no polarity, expected ON and OFF events, which a network with two "
            "channels needs; leave the network or the recording out."
        )
    width, height = recording.sensor_size
    # A pixel is the unit square around its centre, so a flip maps pixels onto pixels.
    u = np.arange(width) + 0.5 - width / 2
    v = np.arange(height) + 0.5 - height / 2
    along_u = events["x"]
    along_v = events["y"]
    if "x" in placement.flip:
        u = -u
    if "y" in placement.flip:
        v = -v
    for _ in range(placement.rotate // 90):
        u, v = v, -u
        along_u, along_v = along_v, along_u

    # A sensor has few pixels but many events, so each pixel's place is computed once.
    column_of, is_column = _cells(u * placement.zoom, width_out)
    row_of, is_row = _cells(v * placement.zoom, height_out)
    inside = is_column[along_u] & is_row[along_v]
    t_first, t_last = recording.span
    return PlacedEvents(
        t=events["t"][inside],
        row=row_of[along_v[inside]],
        column=column_of[along_u[inside]],
        t_first=t_first,
        t_last=t_last,
        n_outside=int(len(events) - inside.sum()),
        shape=placement.shape,
        channel=events["p"][inside].astype(np.uint8) if channels == 2 else None,
    )


def _cells(positions: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the network pixels at `positions` about the centre, and which of them exist."""
    cell = np.floor(positions + size / 2)
    inside = (cell >= 0) & (cell < size)
    return np.where(inside, cell, 0).astype(np.min_scalar_type(size - 1)), inside


def counts(*places: np.ndarray, shape: tuple[int, ...] = NETWORK_SHAPE[1:]) -> np.ndarray:
    """Count events by their places (event,) along each axis; int64 of the `shape`."""
    flat = np.ravel_multi_index(tuple(place.astype(np.int64) for place in places), shape)
    return np.bincount(flat, minlength=prod(shape)).reshape(shape)
