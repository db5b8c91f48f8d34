"""Recordings as AEDAT 2.0 of a DVS128, `.aedat`, as jAER reads it.

`#` header lines, then records of a big-endian uint32 address and a uint32 time in us;
x = address >> 1 & 127, y = address >> 8 & 127, p = 1 - (address & 1).
"""

import re
from pathlib import Path

import numpy as np

from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.event_columns import begin_of, check_records, recording_of_columns
from dvs_snn.recordings.recording import CONVERTING, EventRecording, PathLike, Size

DVS128_SENSOR = (128, 128)

_RECORD = np.dtype([("address", ">u4"), ("time", ">u4")])
_FIRST_LINE = b"#!AER-DAT2.0"
_HEADER = (
    _FIRST_LINE + b"\r\n"
    b"# This is a raw AE data file - do not edit\r\n"
    b"# Data format is int32 address, int32 timestamp (8 bytes total), repeated for each event\r\n"
    b"# Timestamps tick is 1 us\r\n"
)
# A special record may begin with the byte of '#' too. Text has no NUL; every event has.
_HEADER_LINES = re.compile(rb"(?:#[^\n\0]*(?:\n|\Z))*")
_ADDRESS_BITS = 15
# jAER names the sensor's class, such as ch.unizh.ini.jaer.chip.retina.DVS128.
_CHIP = re.compile(rb"^# ?AEChip: *(\S+)", re.MULTILINE)
_DVS128_CHIP = re.compile(rb"(dvs|tmpdiff)128", re.IGNORECASE)


def read(path: PathLike, sensor_size: Size = None, time_unit: str | None = None) -> EventRecording:
    """Read an AEDAT 2.0 file of a DVS128.

    A jump backwards by more than 2^31 us is a wrap of its clock: it adds 2^32 us to all later
    times. After it, a jump forwards by more than 2^31 us is a straggler from before the wrap.
    Records with an address bit above 14 are special, not events, and are dropped.
    """
    data = Path(path).read_bytes()
    if data.split(b"\n", 1)[0].rstrip() != _FIRST_LINE:
        raise StudyError(
            f"{path}: begins with {begin_of(data)}, expected the first line "
            f"{_FIRST_LINE.decode()} of AEDAT 2.0; {CONVERTING}"
        )
    header = _HEADER_LINES.match(data)
    start = header.end() if header else 0
    chip = _CHIP.search(data, 0, start)
    if chip and not _DVS128_CHIP.search(chip[1]):
        raise StudyError(
            f"{path}: its header names the sensor {chip[1][-40:].decode('latin-1')!a}, "
            f"expected a DVS128: others have other addresses; {CONVERTING}"
        )
    check_records(path, data, start, _RECORD.itemsize)
    records = np.frombuffer(data[start:], _RECORD)
    address = records["address"].astype(np.uint32)
    # Special records tell the time too, so the clock is unwrapped before they go.
    times = _unwrapped(records["time"].astype(np.int64))
    is_event = address >> _ADDRESS_BITS == 0
    address = address[is_event]
    arrays = {
        "t": times[is_event],
        "x": address >> 1 & 127,
        "y": address >> 8 & 127,
        "p": address & 1 == 0,
    }
    return recording_of_columns(path, arrays, sensor_size or DVS128_SENSOR)


def write(path: PathLike, recording: EventRecording) -> None:
    """Write AEDAT 2.0 of a DVS128: up to 128x128 pixels, and the low 32 bits of the time."""
    events = recording.events
    records = np.empty(len(events), _RECORD)
    x = events["x"].astype(np.uint32)
    y = events["y"].astype(np.uint32)
    records["address"] = y << 8 | x << 1 | ~events["p"]
    records["time"] = events["t"] & 0xFFFFFFFF
    with replacing(path) as temporary:
        temporary.write_bytes(_HEADER + records.tobytes())


def _unwrapped(ticks: np.ndarray) -> np.ndarray:
    """Return the times of a 32-bit clock, int64 (record,), without its wraps."""
    steps = np.diff(ticks)
    if not steps.size or steps.min() >= -(2**31):
        return ticks
    balance = np.zeros(len(ticks), np.int64)
    np.cumsum((steps < -(2**31)).astype(np.int64) - (steps > 2**31), out=balance[1:])
    # Before any wrap a jump forwards is a long pause, no straggler: `turns` never falls below 0.
    turns = balance - np.minimum.accumulate(balance)
    return ticks + turns * 2**32
