"""Recordings of an event camera, and how to read and write them in their file's format.

A format is a module of :mod:`dvs_snn.recordings.formats`: `xyz` reads files `.xyz`. It is a
`ReadFormat` or a `WrittenFormat`. Every fault of a file is a StudyError of one sentence.
"""

import math
import operator
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from dvs_snn.files import registry
from dvs_snn.files.errors import StudyError, reason_of

EVENT_DTYPE = np.dtype([("t", np.int64), ("x", np.uint16), ("y", np.uint16), ("p", np.bool_)])
"""One event: time in us, column, row, polarity (True = ON, the pixel became brighter)."""

FORMATS = "dvs_snn.recordings.formats"
SUFFIXES = tuple(f".{name}" for name in registry.names(FORMATS))
"""Suffixes of the files that :func:`read_recording` reads."""

MAX_EVENTS = 2**24
"""Most events of a recording, a quarter of a minute of a DVS128 at its fullest: reading takes
60 to 110 bytes of memory for each, by format."""

MAX_FILE_BYTES = 2**30


MAX_SIDE = 2**16
"""Most pixels of a sensor's side: coordinates are uint16."""

UNITS_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
"""Units that times may have, as the setting `time_unit` names them."""

CONVERTING = "docs/own_recordings.md tells how to convert other files"

PathLike = str | os.PathLike[str]
Size = Sequence[int] | None


@dataclass(frozen=True, eq=False)
class EventRecording:
    """What a sensor sent between two moments, in the order of time.

    Attributes:
        events: (n_events,) of :data:`EVENT_DTYPE`; `t` >= 0, non-decreasing.
        sensor_size: (width, height) in pixels, beyond every `x`, `y`.
        has_polarity: False if the file states no polarity. Then every event counts as ON.
        size_told: whether settings, format or file state the sensor's size. If not, it is the
            smallest that holds the events.
        span_us: the first and the last moment, in us. None: those of its first and last event.
    """

    events: np.ndarray
    sensor_size: tuple[int, int]
    has_polarity: bool = True
    size_told: bool = True
    span_us: tuple[int, int] | None = None

    @property
    def n_events(self) -> int:
        return len(self.events)

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last moment, in us."""
        return self.span_us or (int(self.events["t"][0]), int(self.events["t"][-1]))

    @property
    def duration_s(self) -> float:
        """Time from the first moment to the last, in s."""
        return (self.span[1] - self.span[0]) / 1e6

    @property
    def on_share(self) -> float:
        """Share of ON events, 0 to 1; nan if the file states no polarity."""
        return float(self.events["p"].mean()) if self.has_polarity else math.nan

    @property
    def pixel_pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """Every two consecutive events of a pixel: places of the earlier and of the later ones."""
        pixel = self.events["y"].astype(np.int64) * self.sensor_size[0] + self.events["x"]
        # Sorting small numbers takes half of the time.
        pixel = pixel.astype(np.min_scalar_type(math.prod(self.sensor_size)))
        order = np.argsort(pixel, kind="stable")
        is_next = np.diff(pixel[order]) == 0
        return order[:-1][is_next], order[1:][is_next]

    @property
    def n_pixels(self) -> int:
        """How many pixels sent an event."""
        _, later = self.pixel_pairs
        return self.n_events - len(later)


class ReadFormat(Protocol):
    """What a format's module holds."""

    def read(self, path: PathLike, sensor_size: Size, time_unit: str | None) -> EventRecording:
        """Read a file; what it takes and refuses: :func:`read_recording`."""
        ...


class WrittenFormat(ReadFormat, Protocol):
    """What the module of a format holds that the study writes too."""

    def write(self, path: PathLike, recording: EventRecording) -> None:
        """Write a whole file or none."""
        ...


def format_modules(suffixes: Iterable[str]) -> list[str]:
    """Return the modules that read and write files of these suffixes; unknown ones have none."""
    known = {suffix.lower() for suffix in suffixes} & set(SUFFIXES)
    return [registry.module_of(FORMATS, suffix[1:]) for suffix in sorted(known)]


def _name_of_format(path: PathLike) -> str:
    """Return the name of the module for a file; StudyError if its suffix is unknown."""
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise StudyError(
            f"{path}: unknown suffix {suffix!a}, expected one of {', '.join(SUFFIXES)}; "
            f"{CONVERTING}"
        )
    return suffix[1:]


def read_recording(
    path: PathLike, sensor_size: Size = None, time_unit: str | None = None
) -> EventRecording:
    """Read a recording in the format that the file's suffix names; StudyError tells a fault.

    Args:
        sensor_size: (width, height) in pixels, against which coordinates are checked. Without
            it: what the file says, or the sensor of the format's data set.
        time_unit: unit of the times in `.npz`, of :data:`UNITS_PER_SECOND`. None: whole us.
    """
    module: ReadFormat = registry.load(FORMATS, _name_of_format(path), ReadFormat)
    try:
        n_bytes = os.stat(path).st_size
        # A pipe would never end, and a large file would fill the memory.
        if not os.path.isfile(path) or not 0 < n_bytes <= MAX_FILE_BYTES:
            raise StudyError(
                f"{path}: has {n_bytes} bytes, expected a plain file of 1 to {MAX_FILE_BYTES}; "
                "fetch it again if it is empty, cut it into shorter ones if it is long"
            )
        return module.read(path, sensor_size, time_unit)
    except OSError as error:
        reason = reason_of(error)
        raise StudyError(f"{path}: can't be read ({reason}), expected a recording") from error


def write_recording(path: PathLike, recording: EventRecording) -> None:
    """Write a recording in the format that the file's suffix names, whole or not at all."""
    module: WrittenFormat = registry.load(FORMATS, _name_of_format(path), WrittenFormat)
    module.write(path, recording)


def silent_recording(sensor_size: Sequence[int], duration_s: float) -> EventRecording:
    """Return what a sensor sent that sent no event for so long."""
    width, height = sensor_size
    span = (0, round(duration_s * 1e6) - 1)
    return EventRecording(np.empty(0, EVENT_DTYPE), (width, height), span_us=span)


def checked_size(path: PathLike, sensor_size: Sequence[int]) -> tuple[int, int]:
    """Return the (width, height) of a file's sensor as ints; StudyError if no sensor has it."""
    try:
        width, height = (operator.index(side) for side in sensor_size)
    except (TypeError, ValueError):
        width = height = 0
    if not (1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE):
        raise StudyError(
            f"{path}: sensor size is {str(sensor_size)[:60]}, expected width and height, two "
            f"whole numbers from 1 to {MAX_SIDE} pixels"
        )
    return width, height
