"""Recordings in N-MNIST's format (Orchard et al. 2015), `.bin`.

A record has 5 bytes, big-endian: x, y, 1 bit of polarity (1 = ON) and 23 bits of time in us. The
clock marks its overflow by y == 240.
"""

from pathlib import Path

import numpy as np

from dvs_snn.files.atomic import replacing
from dvs_snn.recordings.event_columns import check_records, recording_of_columns
from dvs_snn.recordings.recording import EventRecording, PathLike, Size

NMNIST_SENSOR = (34, 34)

_RECORD_BYTES = 5
_TIME_BITS = 23
_OVERFLOW_ROW = 240
_OVERFLOW_US = 2**13


def read(path: PathLike, sensor_size: Size = None, time_unit: str | None = None) -> EventRecording:
    """Read an N-MNIST file; each overflow adds 8,192 us to all later times, as usual readers do."""
    data = Path(path).read_bytes()
    check_records(path, data, 0, _RECORD_BYTES)
    records = np.frombuffer(data, np.uint8).reshape(-1, _RECORD_BYTES)
    x, y, high, middle, low = records.astype(np.int64).T
    is_event = y != _OVERFLOW_ROW
    times = (high & 127) << 16 | middle << 8 | low
    times += np.cumsum(~is_event) * _OVERFLOW_US
    columns = {"t": times, "x": x, "y": y, "p": high > 127}
    arrays = {name: column[is_event] for name, column in columns.items()}
    return recording_of_columns(path, arrays, sensor_size or NMNIST_SENSOR)


def write(path: PathLike, recording: EventRecording) -> None:
    """Write N-MNIST records, and overflow records for times of 2^23 us and more."""
    events = recording.events
    times = events["t"]
    # Each event needs so many overflows before it that what is left of its time fits in 23 bits.
    excess = np.maximum(times - (2**_TIME_BITS - 1), 0)
    overflows = -(-excess // _OVERFLOW_US)
    left = times - overflows * _OVERFLOW_US
    records = np.zeros((len(events) + overflows[-1], _RECORD_BYTES), np.uint8)
    records[:, 1] = _OVERFLOW_ROW
    rows = np.arange(len(events)) + overflows
    records[rows, 0] = events["x"]
    records[rows, 1] = events["y"]
    records[rows, 2] = left >> 16 | events["p"].astype(np.int64) << 7
    records[rows, 3] = left >> 8 & 255
    records[rows, 4] = left & 255
    with replacing(path) as temporary:
        temporary.write_bytes(records.tobytes())
