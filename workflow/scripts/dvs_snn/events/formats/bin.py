"""Recordings in N-MNIST's format (Orchard et al. 2015), `.bin`.

A record has 5 bytes, big-endian: x, y, 1 bit of polarity (1 = ON) and 23 bits of time in us. The
clock marks its overflow by y == 240.
"""

from collections.abc import Sequence

import numpy as np

from dvs_snn.events.recording import EventRecording, PathLike, checked_size, from_columns
from dvs_snn.events.recording_files import (
    SIGNATURES,
    file_bytes,
    looks_like,
    refuse_outside,
    refuse_unwritable,
)
from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError

NMNIST_SENSOR = (34, 34)

_RECORD_BYTES = 5
_TIME_BITS = 23
_OVERFLOW_ROW = 240
_OVERFLOW_US = 2**13
_MAX_OVERFLOWS = 2**22  # 9.5 hours; 20 MB of records that hold no event


def read(path: PathLike, sensor_size: Sequence[int] | None = None) -> EventRecording:
    """Read an N-MNIST file.

    A record with y == 240 is no event: like the common readers, this one drops it and adds 8,192 us
    (2^13) to all later times.

    Args:
        path: file of 5-byte records.
        sensor_size: (width, height) in pixels, against which coordinates are checked.

    Raises:
        StudyError: if the file has a fault.
    """
    sensor_size = checked_size(NMNIST_SENSOR if sensor_size is None else sensor_size, "sensor_size")
    data = file_bytes(path, f"N-MNIST records of {_RECORD_BYTES} bytes", _RECORD_BYTES)
    if data.startswith(tuple(signature for signature, _ in SIGNATURES)):
        raise StudyError(
            f"{path}: byte 0 begins {looks_like(data)}, "
            f"expected N-MNIST records of {_RECORD_BYTES} bytes"
        )
    n_left = len(data) % _RECORD_BYTES
    if n_left:
        raise StudyError(
            f"{path}: record at byte {len(data) - n_left} has {n_left} bytes, "
            f"expected {_RECORD_BYTES}: the file is cut off or is not N-MNIST"
        )

    records = np.frombuffer(data, np.uint8).reshape(-1, _RECORD_BYTES)
    x, y = records[:, 0], records[:, 1]
    high = records[:, 2].astype(np.int64)
    times = (high & 127) << 16
    times |= records[:, 3].astype(np.int64) << 8
    times |= records[:, 4]
    on = high > 127
    overflow = y == _OVERFLOW_ROW
    index = None
    if overflow.any():
        index = np.flatnonzero(~overflow)
        if not index.size:
            raise StudyError(
                f"{path}: all {len(y)} records from byte 0 on are clock overflows "
                f"(y = {_OVERFLOW_ROW}), expected events"
            )
        times += np.cumsum(overflow) * _OVERFLOW_US
        x, y, times, on = x[index], y[index], times[index], on[index]
    refuse_outside(path, x, y, sensor_size, index, 0, _RECORD_BYTES)
    return from_columns(path, times, x, y, on, sensor_size)


def write(path: PathLike, recording: EventRecording) -> None:
    """Write N-MNIST records, and overflow records for times of 2^23 us and more.

    The file appears whole or not at all. The format tells neither the sensor size nor that
    there was no polarity.

    Raises:
        StudyError: if x is above 255 or y above 239, or the last time is beyond 9.5 hours.
    """
    events = recording.events
    refuse_unwritable(path, events, 256, _OVERFLOW_ROW, "N-MNIST")
    times = events["t"]
    # Each event needs so many overflows before it that what is left of its time fits in 23 bits.
    excess = np.maximum(times - (2**_TIME_BITS - 1), 0)
    overflows = -(-excess // _OVERFLOW_US)
    n_overflows = int(overflows[-1])
    if n_overflows > _MAX_OVERFLOWS:
        limit = 2**_TIME_BITS - 1 + _MAX_OVERFLOWS * _OVERFLOW_US
        raise StudyError(
            f"{path}: last time is {times[-1]} us, expected at most {limit} us in N-MNIST; "
            "write .npz instead or let the time begin at 0"
        )
    left = times - overflows * _OVERFLOW_US
    records = np.zeros((len(events) + n_overflows, _RECORD_BYTES), np.uint8)
    records[:, 1] = _OVERFLOW_ROW
    rows = np.arange(len(events)) + overflows
    records[rows, 0] = events["x"]
    records[rows, 1] = events["y"]
    records[rows, 2] = left >> 16 | events["p"].astype(np.int64) << 7
    records[rows, 3] = left >> 8 & 255
    records[rows, 4] = left & 255
    with replacing(path) as temporary:
        temporary.write_bytes(records.tobytes())
