"""Recordings in N-MNIST's format (Orchard et al. 2015), `.bin`.

A record has 5 bytes, big-endian: x, y, 1 bit of polarity (1 = ON) and 23 bits of time in us. The
clock marks its overflow by y == 240.
"""

from pathlib import Path

import numpy as np

from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError
from dvs_snn.recordings import event_columns as columns
from dvs_snn.recordings.recording import EventRecording, PathLike, Size

NMNIST_SENSOR = (34, 34)

_RECORD_BYTES = 5
_TIME_BITS = 23
_OVERFLOW_ROW = 240
_OVERFLOW_US = 2**13
_MAX_OVERFLOWS = 2**22  # 9.5 hours; 20 MB of records that hold no event


def read(path: PathLike, sensor_size: Size = None, time_unit: str | None = None) -> EventRecording:
    """Read an N-MNIST file.

    A record with y == 240 is no event: like the common readers, this one drops it and adds 8,192 us
    (2^13) to all later times.
    """
    data = Path(path).read_bytes()
    if data.startswith(tuple(columns.SIGNATURES)):
        raise StudyError(
            f"{path}: byte 0 begins {columns.looks_like(data)}, expected N-MNIST records of "
            f"{_RECORD_BYTES} bytes"
        )
    n_records = columns.count_records(path, data, 0, _RECORD_BYTES, "cut off or is not N-MNIST")
    records = np.frombuffer(data, np.uint8).reshape(-1, _RECORD_BYTES)
    x, y = records[:, 0], records[:, 1]
    high, middle, low = records[:, 2:].astype(np.int64).T
    times, on = (high & 127) << 16 | middle << 8 | low, high > 127
    is_event = y != _OVERFLOW_ROW
    if not is_event.any():
        raise StudyError(
            f"{path}: all {n_records} records from byte 0 on are clock overflows "
            f"(y = {_OVERFLOW_ROW}), expected events"
        )
    if not is_event.all():
        times += np.cumsum(~is_event) * _OVERFLOW_US
        x, y, times, on = x[is_event], y[is_event], times[is_event], on[is_event]
    arrays = {"t": times, "x": x, "y": y, "p": on}
    return columns.recording_of_columns(path, arrays, sensor_size or NMNIST_SENSOR, "us")


def write(path: PathLike, recording: EventRecording) -> None:
    """Write N-MNIST records, and overflow records for times of 2^23 us and more.

    The format has neither sensor size nor lack of polarity.
    """
    events = recording.events
    columns.refuse_unwritable(path, events, 256, _OVERFLOW_ROW, "N-MNIST")
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
    records[rows, 0], records[rows, 1] = events["x"], events["y"]
    records[rows, 2] = left >> 16 | events["p"].astype(np.int64) << 7
    records[rows, 3] = left >> 8 & 255
    records[rows, 4] = left & 255
    with replacing(path) as temporary:
        temporary.write_bytes(records.tobytes())
