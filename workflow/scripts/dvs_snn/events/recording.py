"""Recordings of an event camera, and the three file formats that hold them.

======== ==================================================================================
suffix   layout
======== ==================================================================================
`.npz`   numpy archive with the arrays `t` (us), `x`, `y` (pixels), optionally `p` (1 = ON)
         and `sensor_size` (width, height)
`.aedat` AEDAT 2.0 of a DVS128: `#` header lines, then records of a big-endian uint32
         address and a uint32 time in us; x = address >> 1 & 127, y = address >> 8 & 127,
         p = 1 - (address & 1), as jAER reads its DVS128
`.bin`   N-MNIST (Orchard et al. 2015): records of 5 bytes, x, y, then 1 bit of polarity
         (1 = ON) and 23 bits of time in us, big-endian; y == 240 marks an overflow
======== ==================================================================================

Every fault of a file is a :class:`~dvs_snn.files.errors.StudyError` of one sentence.
"""

import logging
import math
import operator
import os
import stat
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError, reason_of
from dvs_snn.files.zipped import (
    MAX_ARRAYS,
    MAX_ARRAYS_DIRECTORY_BYTES,
    npy_header,
    read_exactly,
    refuse_long_directory,
    refuse_packing,
)

EVENT_DTYPE = np.dtype([("t", np.int64), ("x", np.uint16), ("y", np.uint16), ("p", np.bool_)])
"""One event: time in us, column, row, polarity (True = ON, the pixel became brighter)."""

SUFFIXES = (".npz", ".aedat", ".bin")
"""Suffixes of the files that :func:`read_recording` reads."""

MAX_EVENTS = 2**24
"""Most events of a recording, a quarter of a minute of a DVS128 at its fullest: reading takes
about 70 bytes of memory for each."""

MAX_MEMBER_BYTES = 8 * MAX_EVENTS
"""Largest array of an NPZ file, in bytes unpacked and as int64."""

MAX_NPZ_RATIO = 100
NPZ_FREE_BYTES = 64 * 2**20
"""The arrays of an NPZ file, as int64, have at most `MAX_NPZ_RATIO` bytes for each byte of the
file, above so many: a few kilobytes of zip can declare any size, and unpacking must not fill the
memory of a shared machine. Compressed recordings have about 10."""

DVS128_SENSOR = (128, 128)
NMNIST_SENSOR = (34, 34)

_MAX_SIDE = 2**16  # coordinates are uint16
_MAX_HEADER_BYTES = 2**20

_AEDAT_RECORD = np.dtype([("address", ">u4"), ("time", ">u4")])
_AEDAT_FIRST_LINE = b"#!AER-DAT2.0"
_AEDAT_HEADER = (
    _AEDAT_FIRST_LINE + b"\r\n"
    b"# This is a raw AE data file - do not edit\r\n"
    b"# Data format is int32 address, int32 timestamp (8 bytes total), repeated for each event\r\n"
    b"# Timestamps tick is 1 us\r\n"
)
_AEDAT_ADDRESS_BITS = 15

_NMNIST_RECORD_BYTES = 5
_NMNIST_TIME_BITS = 23
_NMNIST_OVERFLOW_ROW = 240
_NMNIST_OVERFLOW_US = 2**13
_NMNIST_MAX_OVERFLOWS = 2**22  # 9.5 hours; 20 MB of records that hold no event

_SIGNATURES = (
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"#!AER-DAT", "an AEDAT file"),
    (b"\x93NUMPY", "a single numpy array (.npy)"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x89PNG", "a PNG image"),
)

PathLike = str | os.PathLike[str]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class EventRecording:
    """What a sensor sent between two moments: at least one event, in order of time.

    Attributes:
        events: (n_events,) of :data:`EVENT_DTYPE`; `t` in us, >= 0, non-decreasing.
        sensor_size: (width, height) in pixels; `x` < width, `y` < height.
        has_polarity: False if the file told none; then every event counts as ON.
        n_resorted: events that stood after a later one in the file, before they were sorted.

    Raises:
        StudyError: if the events break one of these conditions.
    """

    events: np.ndarray
    sensor_size: tuple[int, int]
    has_polarity: bool = True
    n_resorted: int = 0

    def __post_init__(self) -> None:
        events = self.events
        if not isinstance(events, np.ndarray) or events.dtype != EVENT_DTYPE:
            found = getattr(events, "dtype", type(events).__name__)
            raise StudyError(f"event recording: events have dtype {found}, expected {EVENT_DTYPE}")
        if events.ndim != 1:
            raise StudyError(
                f"event recording: events have shape {events.shape}, expected one dimension"
            )
        if not events.size:
            raise StudyError("event recording: no events, expected at least one")
        width, height = _checked_size(self.sensor_size, "event recording")
        object.__setattr__(self, "sensor_size", (width, height))
        times = events["t"]
        if times.min() < 0:
            raise StudyError(
                f"event recording: earliest time {times.min()} us, expected 0 us or later"
            )
        n_backwards = _count_backwards(times)
        if n_backwards:
            raise StudyError(
                f"event recording: {n_backwards} events are earlier than the one before them, "
                "expected events in order of time"
            )
        x_max, y_max = int(events["x"].max()), int(events["y"].max())
        if x_max >= width or y_max >= height:
            raise StudyError(
                f"event recording: largest x = {x_max} and y = {y_max}, "
                f"expected x below {width} and y below {height}"
            )

    @property
    def n_events(self) -> int:
        """Number of events."""
        return int(self.events.size)

    @property
    def duration_s(self) -> float:
        """Time from the first event to the last, in s."""
        return int(self.events["t"][-1] - self.events["t"][0]) / 1e6

    @property
    def on_share(self) -> float:
        """Share of ON events, 0 to 1; nan if the file told no polarity."""
        return float(self.events["p"].mean()) if self.has_polarity else math.nan


def read_recording(path: PathLike, sensor_size: Sequence[int] | None = None) -> EventRecording:
    """Read a recording in the format that the file's suffix names (one of :data:`SUFFIXES`).

    Args:
        path: `.npz`, `.aedat` (AEDAT 2.0) or `.bin` (N-MNIST); case does not matter.
        sensor_size: (width, height) in pixels, against which coordinates are checked. Without
            it: what the NPZ file says, 128x128 for `.aedat`, 34x34 for `.bin`.

    Raises:
        StudyError: if the suffix is another one or the file has a fault.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in _READERS:
        raise StudyError(
            f"{path}: unknown suffix '{suffix}', expected one of {', '.join(SUFFIXES)}"
        )
    reader = _READERS[suffix]
    return reader(path) if sensor_size is None else reader(path, sensor_size)


def read_npz(path: PathLike, sensor_size: Sequence[int] | None = None) -> EventRecording:
    """Read the arrays `t` (us), `x`, `y` and, if there, `p` and `sensor_size` of a numpy archive.

    Numbers may have any integer dtype, or be whole numbers in floating point. `p` may be
    boolean, 0/1 or -1/1; without it every event counts as ON and `has_polarity` is False.
    Pickled arrays are never loaded.

    Args:
        path: file written by `numpy.savez` or `numpy.savez_compressed`.
        sensor_size: (width, height) in pixels, in place of the file's. If neither says it, the
            smallest that holds the events: (largest x + 1, largest y + 1).

    Raises:
        StudyError: if the file has a fault, or an array exceeds :data:`MAX_MEMBER_BYTES`.
    """
    if sensor_size is not None:
        sensor_size = _checked_size(sensor_size, "sensor_size")
    arrays = _npz_arrays(path)
    counts = {key: array.size for key, array in arrays.items() if key != "sensor_size"}
    if len(set(counts.values())) > 1:
        found = ", ".join(f"'{key}' {count}" for key, count in counts.items())
        raise StudyError(
            f"{path}: number of values per key is {found}, expected as many in each of them"
        )
    if not counts["t"]:
        raise StudyError(f"{path}: key 't' holds no events, expected at least one")

    # Each array goes as soon as it is converted: both of all would be twice the memory.
    whole = {key: _whole_numbers(path, key, arrays.pop(key)) for key in list(arrays)}
    _refuse_first(path, "t", whole["t"], whole["t"] < 0, "times in us of 0 or more")
    if sensor_size is None and "sensor_size" in whole:
        sensor_size = _checked_size(whole["sensor_size"].tolist(), f"{path}: key 'sensor_size'")
    limits = sensor_size or (_MAX_SIDE, _MAX_SIDE)
    for key, side, limit in zip("xy", ("width", "height"), limits, strict=True):
        outside = (whole[key] < 0) | (whole[key] >= limit)
        expected = f"columns or rows from 0 to {limit - 1} (sensor {side} {limit} pixels)"
        _refuse_first(path, key, whole[key], outside, expected)
    if sensor_size is None:
        sensor_size = (int(whole["x"].max()) + 1, int(whole["y"].max()) + 1)

    on = _polarities(path, whole["p"]) if "p" in whole else np.True_
    return _recording(
        path,
        whole["t"],
        whole["x"],
        whole["y"],
        on,
        sensor_size,
        has_polarity="p" in whole,
    )


def read_aedat(path: PathLike, sensor_size: Sequence[int] = DVS128_SENSOR) -> EventRecording:
    """Read an AEDAT 2.0 file of a DVS128.

    The clock has 32 bits: a jump backwards by more than 2^31 us is a wrap and adds 2^32 us from
    there on (and a jump forwards by more than that, after a wrap, is a straggler from before
    it). Records with an address bit above 14 are special, not events, and are dropped.

    Args:
        path: file whose first line is `#!AER-DAT2.0`.
        sensor_size: (width, height) in pixels, against which coordinates are checked.

    Raises:
        StudyError: if the file has a fault.
    """
    sensor_size = _checked_size(sensor_size, "sensor_size")
    data = _file_bytes(path, "an AEDAT 2.0 header and events", _AEDAT_RECORD.itemsize)
    first_line = data.split(b"\n", 1)[0].rstrip()
    if first_line != _AEDAT_FIRST_LINE:
        raise StudyError(
            f"{path}: byte 0 begins {_looks_like(data)}, "
            f"expected the first line {_AEDAT_FIRST_LINE.decode()}"
        )
    start = _aedat_header_bytes(data)
    n_records, n_left = divmod(len(data) - start, _AEDAT_RECORD.itemsize)
    if n_left:
        offset = len(data) - n_left
        raise StudyError(
            f"{path}: record at byte {offset} has {n_left} bytes, "
            f"expected {_AEDAT_RECORD.itemsize}: the file is cut off"
        )
    if not n_records:
        raise StudyError(f"{path}: file ends with its header at byte {start}, expected events")

    records = np.frombuffer(data, _AEDAT_RECORD, offset=start)
    address = records["address"].astype(np.uint32)
    # Special records tell the time too, so the clock is unwrapped before they go.
    times = _unwrapped(records["time"].astype(np.int64))
    is_event = address >> _AEDAT_ADDRESS_BITS == 0
    index = None
    if not is_event.all():
        index = np.flatnonzero(is_event)
        if not index.size:
            raise StudyError(
                f"{path}: all {n_records} records from byte {start} on are special (an address "
                "bit above 14), expected events of a DVS128"
            )
        if 2 * index.size < n_records:
            _log.warning(
                "%s: %d of %d records are special (an address bit above 14) and dropped; "
                "is it a DVS128 recording?",
                path,
                n_records - index.size,
                n_records,
            )
        address, times = address[index], times[index]
    x, y = address >> 1 & 127, address >> 8 & 127
    _refuse_outside(path, x, y, sensor_size, index, start, _AEDAT_RECORD.itemsize)
    return _recording(path, times, x, y, (address & 1) == 0, sensor_size)


def read_nmnist(path: PathLike, sensor_size: Sequence[int] = NMNIST_SENSOR) -> EventRecording:
    """Read an N-MNIST file.

    A record with y == 240 is no event: it adds 8,192 us (2^13) to all later times and is
    dropped, as the common readers do.

    Args:
        path: file of 5-byte records.
        sensor_size: (width, height) in pixels, against which coordinates are checked.

    Raises:
        StudyError: if the file has a fault.
    """
    sensor_size = _checked_size(sensor_size, "sensor_size")
    data = _file_bytes(
        path, f"N-MNIST records of {_NMNIST_RECORD_BYTES} bytes", _NMNIST_RECORD_BYTES
    )
    if data.startswith(tuple(signature for signature, _ in _SIGNATURES)):
        raise StudyError(
            f"{path}: byte 0 begins {_looks_like(data)}, "
            f"expected N-MNIST records of {_NMNIST_RECORD_BYTES} bytes"
        )
    n_left = len(data) % _NMNIST_RECORD_BYTES
    if n_left:
        raise StudyError(
            f"{path}: record at byte {len(data) - n_left} has {n_left} bytes, "
            f"expected {_NMNIST_RECORD_BYTES}: the file is cut off or is not N-MNIST"
        )

    records = np.frombuffer(data, np.uint8).reshape(-1, _NMNIST_RECORD_BYTES)
    x, y = records[:, 0], records[:, 1]
    high = records[:, 2].astype(np.int64)
    times = (high & 127) << 16
    times |= records[:, 3].astype(np.int64) << 8
    times |= records[:, 4]
    on = high > 127
    overflow = y == _NMNIST_OVERFLOW_ROW
    index = None
    if overflow.any():
        index = np.flatnonzero(~overflow)
        if not index.size:
            raise StudyError(
                f"{path}: all {len(y)} records from byte 0 on are clock overflows "
                f"(y = {_NMNIST_OVERFLOW_ROW}), expected events"
            )
        times += np.cumsum(overflow) * _NMNIST_OVERFLOW_US
        x, y, times, on = x[index], y[index], times[index], on[index]
    _refuse_outside(path, x, y, sensor_size, index, 0, _NMNIST_RECORD_BYTES)
    return _recording(path, times, x, y, on, sensor_size)


def write_npz(path: PathLike, recording: EventRecording) -> None:
    """Write `t` (int64, us), `x`, `y` (uint16), `p` (bool) and `sensor_size` (width, height).

    `p` is left out if the recording has no polarity. The same recording gives the same bytes.
    The file appears whole or not at all.
    """
    keys = ("t", "x", "y", "p") if recording.has_polarity else ("t", "x", "y")
    arrays = {key: recording.events[key] for key in keys}
    with replacing(path) as temporary, open(temporary, "wb") as stream:
        # A stream, not a name: numpy appends .npz to names that lack it.
        np.savez_compressed(stream, sensor_size=np.array(recording.sensor_size, np.int64), **arrays)


def write_aedat(path: PathLike, recording: EventRecording) -> None:
    """Write AEDAT 2.0 of a DVS128; the file appears whole or not at all.

    The format keeps the low 32 bits of the time: :func:`read_aedat` gives the same times back
    if the first is below 2^32 us, else times earlier by a multiple of 2^32 us. It tells neither
    the sensor size nor that there was no polarity.

    Raises:
        StudyError: if a coordinate is above 127, or two events are 2^31 us or more apart.
    """
    events = recording.events
    _refuse_unwritable(path, events, 128, 128, "AEDAT 2.0 of a DVS128")
    longest = int(np.diff(events["t"]).max(initial=0))
    if longest >= 2**31:
        raise StudyError(
            f"{path}: two successive events are {longest} us apart, expected less than 2^31 us "
            "(the clock of AEDAT 2.0 wraps); write .npz instead"
        )
    records = np.empty(len(events), _AEDAT_RECORD)
    off = ~events["p"]
    records["address"] = events["y"].astype(np.uint32) << 8 | events["x"].astype(np.uint32) << 1
    records["address"] |= off
    records["time"] = events["t"] & 0xFFFFFFFF
    with replacing(path) as temporary:
        temporary.write_bytes(_AEDAT_HEADER + records.tobytes())


def write_nmnist(path: PathLike, recording: EventRecording) -> None:
    """Write N-MNIST records, and overflow records for times of 2^23 us and more.

    The file appears whole or not at all. The format tells neither the sensor size nor that
    there was no polarity.

    Raises:
        StudyError: if x is above 255 or y above 239, or the last time is beyond 9.5 hours.
    """
    events = recording.events
    _refuse_unwritable(path, events, 256, _NMNIST_OVERFLOW_ROW, "N-MNIST")
    times = events["t"]
    # Each event needs so many overflows before it that what is left of its time fits in 23 bits.
    excess = np.maximum(times - (2**_NMNIST_TIME_BITS - 1), 0)
    overflows = -(-excess // _NMNIST_OVERFLOW_US)
    n_overflows = int(overflows[-1])
    if n_overflows > _NMNIST_MAX_OVERFLOWS:
        limit = 2**_NMNIST_TIME_BITS - 1 + _NMNIST_MAX_OVERFLOWS * _NMNIST_OVERFLOW_US
        raise StudyError(
            f"{path}: last time is {times[-1]} us, expected at most {limit} us in N-MNIST; "
            "write .npz instead or let the time begin at 0"
        )
    left = times - overflows * _NMNIST_OVERFLOW_US
    records = np.zeros((len(events) + n_overflows, _NMNIST_RECORD_BYTES), np.uint8)
    records[:, 1] = _NMNIST_OVERFLOW_ROW
    rows = np.arange(len(events)) + overflows
    records[rows, 0] = events["x"]
    records[rows, 1] = events["y"]
    records[rows, 2] = left >> 16 | events["p"].astype(np.int64) << 7
    records[rows, 3] = left >> 8 & 255
    records[rows, 4] = left & 255
    with replacing(path) as temporary:
        temporary.write_bytes(records.tobytes())


_READERS = {".npz": read_npz, ".aedat": read_aedat, ".bin": read_nmnist}


def _recording(
    path: PathLike,
    t: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    p: np.ndarray | np.bool_,
    sensor_size: tuple[int, int],
    has_polarity: bool = True,
) -> EventRecording:
    """Put checked columns together, sorted by time; events of one time keep their order."""
    events = np.empty(len(t), EVENT_DTYPE)
    events["t"], events["x"], events["y"], events["p"] = t, x, y, p
    n_backwards = _count_backwards(t)
    if n_backwards:
        events = events[np.argsort(t, kind="stable")]
        _log.warning(
            "%s: %d of %d events were earlier than the one before them; sorted by time",
            path,
            n_backwards,
            len(t),
        )
    return EventRecording(events, sensor_size, has_polarity, n_backwards)


def _count_backwards(times: np.ndarray) -> int:
    return int(np.count_nonzero(times[1:] < times[:-1]))


def _checked_size(sensor_size: Sequence[int], where: str) -> tuple[int, int]:
    """Give (width, height) as ints, or raise a StudyError that begins with `where`."""
    try:
        width, height = (operator.index(side) for side in sensor_size)
    except (TypeError, ValueError):
        width = height = 0
    if not (1 <= width <= _MAX_SIDE and 1 <= height <= _MAX_SIDE):
        raise StudyError(
            f"{where}: sensor size is {str(sensor_size)[:60]}, "
            f"expected width and height, two whole numbers from 1 to {_MAX_SIDE} pixels"
        )
    return width, height


def _unreadable(path: PathLike, error: Exception) -> StudyError:
    if isinstance(error, FileNotFoundError):
        return StudyError(f"{path}: no such file, expected a recording; check its name and folder")
    return StudyError(f"{path}: file cannot be read ({reason_of(error)}), expected a recording")


def _refuse_file(path: PathLike, expected: str, max_bytes: int) -> None:
    """Raise before a file is opened that would fill the memory or, as a pipe, never end."""
    try:
        status = os.stat(path)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise _unreadable(path, error) from error
    if not stat.S_ISREG(status.st_mode):
        raise StudyError(f"{path}: file cannot be read (it is no plain file), expected {expected}")
    if not status.st_size:
        raise StudyError(f"{path}: file is empty (0 bytes), expected {expected}")
    if status.st_size > max_bytes:
        raise StudyError(
            f"{path}: file has {status.st_size} bytes, expected at most {max_bytes}; "
            "cut the recording into shorter ones"
        )


def _file_bytes(path: PathLike, expected: str, record_bytes: int) -> bytes:
    _refuse_file(path, expected, _MAX_HEADER_BYTES + MAX_EVENTS * record_bytes)
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error


def _looks_like(data: bytes) -> str:
    """Say in words how a file begins, to tell its reader what he really has."""
    for signature, name in _SIGNATURES:
        if data.startswith(signature):
            # Of an AEDAT file the version is what matters.
            line = data.split(b"\n", 1)[0].rstrip()[:16] if signature[:1] == b"#" else b""
            return f"like {name}" + (f" ({line.decode('latin-1')!a})" if line else "")
    return f"with {data[:12].decode('latin-1')!a}"


def _refuse_outside(
    path: PathLike,
    x: np.ndarray,
    y: np.ndarray,
    sensor_size: tuple[int, int],
    index: np.ndarray | None,
    start: int,
    record_bytes: int,
) -> None:
    """Raise if an event lies outside the sensor; `index` gives its record if some were dropped."""
    width, height = sensor_size
    if x.max() < width and y.max() < height:
        return
    first = int(np.argmax((x >= width) | (y >= height)))
    record = first if index is None else int(index[first])
    raise StudyError(
        f"{path}: event at byte {start + record * record_bytes} has x = {x[first]}, "
        f"y = {y[first]}, expected x below {width} and y below {height}; "
        "check the sensor size and the file's format"
    )


def _refuse_unwritable(
    path: PathLike, events: np.ndarray, width: int, height: int, form: str
) -> None:
    x_max, y_max = int(events["x"].max()), int(events["y"].max())
    if x_max >= width or y_max >= height:
        raise StudyError(
            f"{path}: largest x = {x_max} and y = {y_max}, expected x below {width} and "
            f"y below {height} in {form}; write .npz instead"
        )


def _aedat_header_bytes(data: bytes) -> int:
    """Length of the `#` lines at the start of an AEDAT file, in bytes."""
    position = 0
    while data[position : position + 1] == b"#":
        end = data.find(b"\n", position) + 1 or len(data)
        # A special record may begin with the byte of '#' too. Text has no NUL; every event has.
        if b"\0" in data[position:end]:
            break
        position = end
    return position


def _unwrapped(ticks: np.ndarray) -> np.ndarray:
    """Undo the wraps of a 32-bit clock; `ticks` int64 (record,), each below 2^32."""
    steps = np.diff(ticks)
    if not steps.size or steps.min() >= -(2**31):
        return ticks
    walk = np.zeros(len(ticks), np.int64)
    np.cumsum((steps < -(2**31)).astype(np.int64) - (steps > 2**31), out=walk[1:])
    # No event comes from before the first turn of the clock: keep the walk from going below 0.
    turns = walk - np.minimum.accumulate(walk)
    return ticks + turns * 2**32


def _npz_arrays(path: PathLike) -> dict[str, np.ndarray]:
    """Read the known keys of a numpy archive as they are; none is pickled or has a shape
    other than one dimension."""
    # Stored, not deflated, the five arrays of the longest recording.
    _refuse_file(path, "a numpy archive", _MAX_HEADER_BYTES + 5 * MAX_MEMBER_BYTES)
    try:
        with open(path, "rb") as file, _npz_archive(path, file) as archive:
            members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
            for key in ("t", "x", "y"):
                if key not in members:
                    found = ", ".join(ascii(name) for name in sorted(members)[:8]) or "none"
                    raise StudyError(
                        f"{path}: key '{key}' is missing, found {found}, "
                        "expected t, x, y and optionally p and sensor_size"
                    )
            keys = [key for key in ("t", "x", "y", "p", "sensor_size") if key in members]
            _refuse_bomb(path, [_npz_sizes(path, key, archive, members[key]) for key in keys])
            return {key: _npz_array(path, key, archive, members[key]) for key in keys}
    except StudyError:
        raise
    except zipfile.BadZipFile as error:
        with open(path, "rb") as stream:
            found = _looks_like(stream.read(32))
        raise StudyError(
            f"{path}: byte 0 begins {found} and no whole zip archive follows, "
            "expected a numpy archive (.npz)"
        ) from error
    except Exception as error:  # a damaged directory raises nearly anything
        raise _unreadable(path, error) from error


def _npz_archive(path: PathLike, file: BinaryIO) -> zipfile.ZipFile:
    refuse_long_directory(Path(path), file, MAX_ARRAYS, MAX_ARRAYS_DIRECTORY_BYTES)
    return zipfile.ZipFile(file)


def _refuse_bomb(path: PathLike, members: Sequence[tuple[int, int]]) -> None:
    """Raise if a small file would become much memory; `members`: bytes and values of each."""
    declared = sum(max(n_bytes, 8 * n_values) for n_bytes, n_values in members)
    limit = max(NPZ_FREE_BYTES, MAX_NPZ_RATIO * os.stat(path).st_size)
    if declared > limit:
        raise StudyError(
            f"{path}: its arrays unpack to {declared} bytes (as stored or as int64), expected at "
            f"most {limit} of a file of this size; it isn't safe to unpack"
        )


@contextmanager
def _npz_member(
    path: PathLike, key: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo
) -> Iterator[tuple[BinaryIO, int, np.dtype]]:
    """Open one array after its declared sizes are found sane and equal: its bytes, how many values
    they are, and of which dtype."""
    try:
        refuse_packing(info)
        with archive.open(info) as stream:
            shape, dtype, _ = npy_header(stream)
            _refuse_array(path, key, shape, dtype, info.file_size)
            n_bytes = info.file_size - stream.tell()
            n_declared = shape[0] * dtype.itemsize
            if n_declared != n_bytes:
                raise StudyError(
                    f"{path}: key '{key}' has {n_bytes} bytes of data, "
                    f"expected {n_declared} ({shape[0]} values of {dtype})"
                )
            yield stream, shape[0], dtype
    except StudyError:
        raise
    except Exception as error:  # zipfile, zlib and numpy raise nearly anything on damaged bytes
        raise StudyError(
            f"{path}: key '{key}' cannot be unpacked ({reason_of(error)}), expected a numpy array; "
            "the file is damaged, fetch or write it again"
        ) from error


def _npz_sizes(
    path: PathLike, key: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo
) -> tuple[int, int]:
    with _npz_member(path, key, archive, info) as (_, n_values, _):
        return info.file_size, n_values


def _npz_array(
    path: PathLike, key: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo
) -> np.ndarray:
    with _npz_member(path, key, archive, info) as (stream, n_values, dtype):
        return np.frombuffer(read_exactly(stream, n_values * dtype.itemsize), dtype)


def _refuse_array(
    path: PathLike, key: str, shape: tuple[int, ...], dtype: np.dtype, n_bytes: int
) -> None:
    if dtype.hasobject:
        raise StudyError(
            f"{path}: key '{key}' is a pickled object array, expected numbers; "
            "pickles can run any code and are not loaded"
        )
    if dtype.kind not in ("biuf" if key == "p" else "iuf"):
        expected = "booleans or numbers" if key == "p" else "whole numbers"
        raise StudyError(f"{path}: key '{key}' has dtype {dtype}, expected {expected}")
    if len(shape) != 1 or shape[0] < 0:
        raise StudyError(f"{path}: key '{key}' has shape {shape}, expected one dimension")
    declared = max(n_bytes, shape[0] * 8)
    if declared > MAX_MEMBER_BYTES:
        raise StudyError(
            f"{path}: key '{key}' unpacks to {declared} bytes (as stored or as int64), "
            f"expected at most {MAX_MEMBER_BYTES}; cut the recording into shorter ones"
        )


def _refuse_first(
    path: PathLike, key: str, values: np.ndarray, bad: np.ndarray, expected: str
) -> None:
    """Raise and name the first value that is bad, if one is."""
    if bad.any():
        index = int(np.argmax(bad))
        raise StudyError(
            f"{path}: key '{key}' holds {values[index]} at index {index}, expected {expected}"
        )


def _whole_numbers(path: PathLike, key: str, values: np.ndarray) -> np.ndarray:
    """Convert to int64 (value,) what can be converted without loss, refuse the rest."""
    if values.dtype.kind == "f":
        _refuse_first(path, key, values, ~np.isfinite(values), "finite numbers")
        _refuse_first(path, key, values, values != np.floor(values), "whole numbers")
        # Half precision cannot hold 2^63, so it is compared in double.
        wide = values.astype(np.promote_types(values.dtype, np.float64))
        _refuse_first(path, key, values, np.abs(wide) >= 2.0**63, "numbers below 2^63")
    elif values.dtype == np.uint64:
        _refuse_first(path, key, values, values >= np.uint64(2**63), "numbers below 2^63")
    return values.astype(np.int64, copy=False)


def _polarities(path: PathLike, values: np.ndarray) -> np.ndarray:
    """Convert 0/1 or -1/1 to bool (event,), True = ON."""
    expected = "0 and 1, or -1 and 1"
    _refuse_first(path, "p", values, (values < -1) | (values > 1), expected)
    if (values == -1).any():
        _refuse_first(path, "p", values, values == 0, f"{expected}, not -1 and 0 in one file")
    return values > 0
