"""What all formats share: columns of numbers become a recording, and what is damaged is refused."""

from collections.abc import Mapping

import numpy as np

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.recording import (
    EVENT_DTYPE,
    MAX_EVENTS,
    MAX_SIDE,
    UNITS_PER_SECOND,
    EventRecording,
    PathLike,
    Size,
    checked_size,
)

FEWEST_IN_ORDER = 100
"""So many times are never equal, and so many coordinates never ascend, by chance."""

MOST_JUMPS = 100
MOST_JUMPING = 0.01
"""A clock that wraps, or a second recording in a file, takes times back by most of their range: at
16 bits of us it does so 38 times in 2.5 s. In a file whose events are in no order, or in that of
their pixels, this happens more often, also as a share of its events."""


def _refuse_length(path: PathLike, n_events: int) -> None:
    """Raise if a file holds more events than a recording may."""
    if n_events > MAX_EVENTS:
        raise StudyError(
            f"{path}: holds more than {MAX_EVENTS} events; cut the recording into shorter ones"
        )


def check_records(path: PathLike, data: bytes, start: int, record_bytes: int) -> None:
    """Raise unless from byte `start` on there are whole records, and not too many."""
    n_records, n_left = divmod(len(data) - start, record_bytes)
    if n_left:
        raise StudyError(
            f"{path}: begins with {begin_of(data)}, and the record at byte {len(data) - n_left} "
            f"has {n_left} bytes, expected {record_bytes}: it is cut off or of another format; "
            "fetch or write it again"
        )
    _refuse_length(path, n_records)


def begin_of(data: bytes) -> str:
    """Quote how a file begins, so that a message tells what the file really is."""
    return f"{data[:12].decode('latin-1')!a}"


def refuse_column(path: PathLike, name: str, column: np.ndarray) -> None:
    """Raise StudyError unless a column is numeric, flat and not too long."""
    if column.dtype.kind not in ("biuf" if name == "p" else "iuf") or column.ndim != 1:
        raise StudyError(
            f"{path}: column '{name}' has dtype {str(column.dtype)[:60]} and shape {column.shape}, "
            "expected numbers in one dimension"
        )
    _refuse_length(path, len(column))


def recording_of_columns(
    path: PathLike,
    arrays: Mapping[str, np.ndarray],
    sensor_size: Size,
    unit: str | None = None,
) -> EventRecording:
    """Check columns and put them together, sorted by time; StudyError if one doesn't fit.

    Args:
        arrays: `t`, `x`, `y` and perhaps `p`, (event,) each, whole numbers of any dtype. `p` may be
            boolean, 0/1 or -1/1; without it every event counts as ON.
        unit: of the times, of `UNITS_PER_SECOND`; they may have decimals and are rounded to us.
            None: they have to be whole us.
    """
    counts = {key: array.size for key, array in arrays.items()}
    if len(set(counts.values())) > 1:
        raise StudyError(
            f"{path}: number of values per column is {counts}, expected the same number in each"
        )
    if not counts["t"]:
        raise StudyError(f"{path}: holds no events, expected at least one")
    _refuse_misused(path, arrays)
    size = None if sensor_size is None else checked_size(path, sensor_size)

    place = f"{path}: column 't'"
    times = _microseconds(place, arrays["t"], unit)
    expected = "times in us of 0 or more; subtract the smallest from all"
    _refuse_first(place, times, times < 0, expected)
    x = _coordinates(f"{path}: column 'x'", arrays["x"], "width", size and size[0])
    y = _coordinates(f"{path}: column 'y'", arrays["y"], "height", size and size[1])
    events = np.empty(len(times), EVENT_DTYPE)
    events["t"] = times
    events["x"] = x
    events["y"] = y
    events["p"] = _polarities(f"{path}: column 'p'", arrays["p"]) if "p" in arrays else True

    if (times[1:] < times[:-1]).any():
        # Events of one time keep their order.
        events = events[np.argsort(times, kind="stable")]
    extent = size or (int(x.max()) + 1, int(y.max()) + 1)
    return EventRecording(events, extent, "p" in arrays, size_told=size is not None)


def _refuse_misused(path: PathLike, arrays: Mapping[str, np.ndarray]) -> None:
    """Raise if all times are equal, if they stand in another column, or if a clock began anew."""
    times = arrays["t"]
    if len(times) < FEWEST_IN_ORDER:
        return
    if (times == times[0]).all():
        raise StudyError(
            f"{path}: column 't' holds {times[0]} for all {len(times)} events, expected the time "
            "of each; write the file again with them"
        )
    if not (times[1:] < times[:-1]).any():
        return
    for name, values in arrays.items():
        ascends = (values[1:] >= values[:-1]).all() and values[-1] > values[0]
        if ascends and not np.isin(values, (-1, 0, 1)).all():
            raise StudyError(
                f"{path}: column '{name}' ascends from {values[0]} to {values[-1]} and column 't' "
                "doesn't, so the times seem to be there, expected them in 't'; write each column "
                "under its own name"
            )
    # Unsigned numbers would never be negative.
    steps = np.diff(times.astype(np.float64))
    back = np.flatnonzero(-steps > (float(times.max()) - float(times.min())) / 2)
    if 0 < len(back) <= min(MOST_JUMPS, MOST_JUMPING * len(times)):
        raise StudyError(
            f"{path}: column 't' jumps back from {times[back[0]]} to {times[back[0] + 1]} at event "
            f"{back[0] + 2:,}, expected times that rise: add what the clock lost, or write each "
            "recording to a file of its own"
        )


def _wide(values: np.ndarray) -> np.ndarray:
    """Return numbers that can be compared with 2^63: no half precision, and no booleans."""
    if values.dtype.kind == "f":
        return values.astype(np.promote_types(values.dtype, np.float64))
    return values.astype(np.int64) if values.dtype.kind == "b" else values


def _refuse_first(place: str, values: np.ndarray, bad: np.ndarray, expected: str) -> None:
    """Raise and name the first value that is bad, if one is."""
    if bad.any():
        index = int(np.argmax(bad))
        raise StudyError(f"{place} holds {values[index]} at index {index}, expected {expected}")


def _refuse_outside(place: str, values: np.ndarray, low: int, high: int, expected: str) -> None:
    """Raise if a value isn't a number, is below `low`, or isn't below `high`."""
    _refuse_first(place, values, ~((values >= low) & (values < high)), expected)


def whole_numbers(place: str, values: np.ndarray, expected: str = "whole numbers") -> np.ndarray:
    """Convert to int64 (value,) what can be converted without loss, refuse the rest."""
    values = _wide(values)
    finite = "finite numbers below 2^63; leave out events that lack one"
    _refuse_outside(place, values, -(2**63), 2**63, finite)
    if values.dtype.kind == "f":
        _refuse_first(place, values, values != np.floor(values), expected)
    return values.astype(np.int64, copy=False)


def _coordinates(place: str, values: np.ndarray, side: str, limit: int | None) -> np.ndarray:
    """Convert to int64 (event,) columns or rows that lie on a sensor with so many, if known."""
    whole = whole_numbers(place, values, "whole numbers of pixels; round them down")
    limit = limit or MAX_SIDE
    expected = (
        f"0 to {limit - 1} (sensor {side} {limit} pixels); check the sensor's size, or leave out "
        "such events"
    )
    _refuse_outside(place, whole, 0, limit, expected)
    return whole


def _microseconds(place: str, values: np.ndarray, unit: str | None) -> np.ndarray:
    """Convert times to int64 (event,) in us, rounded."""
    if unit is None:
        expected = (
            "whole numbers of us; if the times have another unit, set time_unit: s (or ms, us, ns) "
            "beside the folder in the settings"
        )
        return whole_numbers(place, values, expected)
    values = _wide(values)
    factor = max(UNITS_PER_SECOND["us"] // UNITS_PER_SECOND[unit], 1)
    limit = 2**63 // factor
    _refuse_outside(place, values, 1 - limit, limit, f"finite numbers below {limit} {unit}")
    if values.dtype.kind != "f":
        values = values.astype(np.int64)
    if unit == "ns":
        return (values // 1000 + (values % 1000 >= 500)).astype(np.int64)
    return np.round(values * factor).astype(np.int64)


def _polarities(place: str, values: np.ndarray) -> np.ndarray:
    """Convert 0/1 or -1/1 to bool (event,), True = ON."""
    whole = whole_numbers(place, values)
    _refuse_outside(place, whole, -1, 2, "0 and 1, or -1 and 1")
    if (whole == -1).any():
        _refuse_first(place, whole, whole == 0, "-1 and 1 where one of them is -1")
    return whole > 0
