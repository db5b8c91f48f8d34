"""Recordings as AEDAT 2.0 of a DVS128, `.aedat`, as jAER reads it.

`#` header lines, then records of a big-endian uint32 address and a uint32 time in us;
x = address >> 1 & 127, y = address >> 8 & 127, p = 1 - (address & 1).
"""

import logging
import re
from pathlib import Path

import numpy as np

from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError
from dvs_snn.recordings import event_columns as columns
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
_AEDAT4 = b"#!AER-DAT4"
_ADDRESS_BITS = 15
# jAER names the sensor's class, such as ch.unizh.ini.jaer.chip.retina.DVS128.
_CHIP = re.compile(rb"^# ?AEChip: *(\S+)", re.MULTILINE)
_DVS128_CHIP = re.compile(rb"(dvs|tmpdiff)128", re.IGNORECASE)

_log = logging.getLogger(__name__)


def read(path: PathLike, sensor_size: Size = None, time_unit: str | None = None) -> EventRecording:
    """Read an AEDAT 2.0 file of a DVS128.

    The clock has 32 bits. A jump backwards by more than 2^31 us is a wrap: it adds 2^32 us to all
    later times. After a wrap, a jump forwards by more than 2^31 us is a straggler from before the
    wrap. Records with an address bit above 14 are special, not events, and are dropped.
    """
    data = Path(path).read_bytes()
    first_line = data.split(b"\n", 1)[0].rstrip()
    if first_line != _FIRST_LINE:
        advice = "rename it to .aedat4" if data.startswith(_AEDAT4) else CONVERTING
        raise StudyError(
            f"{path}: byte 0 begins {columns.looks_like(data)}, "
            f"expected the first line {_FIRST_LINE.decode()} of AEDAT 2.0; {advice}"
        )
    start = _header_bytes(data)
    chip = _CHIP.search(data, 0, start)
    if chip and not _DVS128_CHIP.search(chip[1]):
        raise StudyError(
            f"{path}: its header names the sensor {chip[1][-40:].decode('latin-1')!a}, "
            f"expected a DVS128: others have other addresses; {CONVERTING}"
        )
    n_records = columns.count_records(path, data, start, _RECORD.itemsize, "cut off")
    if not n_records:
        raise StudyError(f"{path}: file ends with its header at byte {start}, expected events")

    records = np.frombuffer(data, _RECORD, offset=start)
    address = records["address"].astype(np.uint32)
    # Special records tell the time too, so the clock is unwrapped before they go.
    times = _unwrapped(records["time"].astype(np.int64))
    is_event = address >> _ADDRESS_BITS == 0
    n_special = n_records - np.count_nonzero(is_event)
    if n_special == n_records:
        raise StudyError(
            f"{path}: all {n_records} records from byte {start} on are special (an address "
            "bit above 14), expected events of a DVS128"
        )
    if 2 * n_special > n_records:
        _log.warning(
            f"{path}: {n_special} of {n_records} records are special (an address bit above 14) and "
            "dropped; is it a DVS128 recording?"
        )
    if n_special:
        address, times = address[is_event], times[is_event]
    arrays = {"t": times, "x": address >> 1 & 127, "y": address >> 8 & 127, "p": address & 1 == 0}
    return columns.recording_of_columns(path, arrays, sensor_size or DVS128_SENSOR, "us")


def write(path: PathLike, recording: EventRecording) -> None:
    """Write AEDAT 2.0 of a DVS128, which has neither sensor size nor lack of polarity.

    The format keeps the low 32 bits of the time. :func:`read` gives the same times back if the
    first is below 2^32 us, else times earlier by a multiple of 2^32 us.
    """
    events = recording.events
    columns.refuse_unwritable(path, events, 128, 128, "AEDAT 2.0 of a DVS128")
    longest = int(np.diff(events["t"]).max(initial=0))
    if longest >= 2**31:
        raise StudyError(
            f"{path}: two successive events are {longest} us apart, expected less than 2^31 us "
            "(the clock of AEDAT 2.0 wraps); write .npz instead"
        )
    records = np.empty(len(events), _RECORD)
    x, y = events["x"].astype(np.uint32), events["y"].astype(np.uint32)
    records["address"] = y << 8 | x << 1 | ~events["p"]
    records["time"] = events["t"] & 0xFFFFFFFF
    with replacing(path) as temporary:
        temporary.write_bytes(_HEADER + records.tobytes())


def _header_bytes(data: bytes) -> int:
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
