"""Columns of numbers as a recording: the checks of formats that hold any number of any type."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from dvs_snn.events.recording import (
    MAX_SIDE,
    UNITS_PER_SECOND,
    EventRecording,
    PathLike,
    checked_size,
    from_columns,
)
from dvs_snn.files.errors import StudyError

SET_TIME_UNIT = "time_unit: s (or ms, us, ns) beside the folder in the settings"
_US_PER_SECOND = UNITS_PER_SECOND["us"]


def recording_of_columns(
    path: PathLike,
    word: str,
    arrays: Mapping[str, np.ndarray],
    sensor_size: Sequence[int] | None,
    unit: str | None,
) -> EventRecording:
    """Check columns and put them together.

    Numbers may have any integer dtype, or be whole numbers in floating point. Times in `unit` may
    have decimals and are rounded to us.

    Args:
        word: what the format calls a column, for messages.
        arrays: `t`, `x`, `y` and perhaps `p`, (event,) each, emptied on the way: to keep both
            forms would take twice the memory. `p` may be boolean, 0/1 or -1/1; without it every
            event counts as ON and `has_polarity` is False.
        sensor_size: (width, height) in pixels. None: the smallest that holds the events.
        unit: of the times, of `UNITS_PER_SECOND`. None: they have to be whole us.

    Raises:
        StudyError: a column doesn't fit.
    """
    arrays = dict(arrays)
    place = f"{path}: {word}"
    counts = {key: array.size for key, array in arrays.items()}
    if len(set(counts.values())) > 1:
        found = ", ".join(f"'{key}' {count}" for key, count in counts.items())
        raise StudyError(
            f"{path}: number of values per {word} is {found}, expected as many in each of them"
        )
    if not counts["t"]:
        raise StudyError(f"{place} 't' holds no events, expected at least one")
    times = _microseconds(place, arrays.pop("t"), unit)
    _refuse_first(f"{place} 't'", times, times < 0, "times in us of 0 or more")
    whole = {key: whole_numbers(f"{place} '{key}'", arrays.pop(key)) for key in list(arrays)}
    limits = sensor_size or (MAX_SIDE, MAX_SIDE)
    for key, side, limit in zip("xy", ("width", "height"), limits, strict=True):
        outside = (whole[key] < 0) | (whole[key] >= limit)
        expected = f"columns or rows from 0 to {limit - 1} (sensor {side} {limit} pixels)"
        _refuse_first(f"{place} '{key}'", whole[key], outside, expected)
    size_told = sensor_size is not None
    if not size_told:
        sensor_size = (int(whole["x"].max()) + 1, int(whole["y"].max()) + 1)
    told = "p" in whole
    on = _polarities(f"{place} 'p'", whole["p"]) if told else np.True_
    size = checked_size(sensor_size)
    recording = from_columns(path, times, whole["x"], whole["y"], on, size, told)
    return replace(recording, size_told=size_told)


def no_unit(path: PathLike, times: np.ndarray) -> StudyError:
    """Return the error of times (event,) whose unit nothing states."""
    return StudyError(
        f"{path}: states no unit of its times, which run from {times[0]} to {times[-1]}; "
        f"set {SET_TIME_UNIT}"
    )


def _refuse_first(place: str, values: np.ndarray, bad: np.ndarray, expected: str) -> None:
    """Raise and name the first value that is bad, if one is."""
    if bad.any():
        index = int(np.argmax(bad))
        raise StudyError(f"{place} holds {values[index]} at index {index}, expected {expected}")


def _microseconds(place: str, values: np.ndarray, unit: str | None) -> np.ndarray:
    """Convert times to int64 (value,) in us."""
    place = f"{place} 't'"
    if unit is None:
        expected = f"whole numbers of us; if the times have another unit, set {SET_TIME_UNIT}"
        return whole_numbers(place, values, expected)
    many = UNITS_PER_SECOND[unit]
    limit = 2**63 // max(_US_PER_SECOND // many, 1)
    if values.dtype.kind == "f":
        _refuse_first(place, values, ~np.isfinite(values), "finite numbers")
        wide = values.astype(np.promote_types(values.dtype, np.float64))
        _refuse_first(place, values, np.abs(wide) >= limit, f"numbers below {limit} {unit}")
        scaled = wide * (_US_PER_SECOND // many) if many <= _US_PER_SECOND else wide / 1000
        return np.rint(scaled).astype(np.int64)
    whole = whole_numbers(place, values)
    bad = (whole >= limit) | (whole <= -limit)
    _refuse_first(place, values, bad, f"numbers below {limit} {unit}")
    if many > _US_PER_SECOND:
        return whole // 1000 + (whole % 1000 >= 500)
    return whole * (_US_PER_SECOND // many)


def whole_numbers(place: str, values: np.ndarray, expected: str = "whole numbers") -> np.ndarray:
    """Convert to int64 (value,) what can be converted without loss, refuse the rest."""
    if values.dtype.kind == "f":
        _refuse_first(place, values, ~np.isfinite(values), "finite numbers")
        _refuse_first(place, values, values != np.floor(values), expected)
        # Half precision cannot hold 2^63, so it is compared in double.
        wide = values.astype(np.promote_types(values.dtype, np.float64))
        _refuse_first(place, values, np.abs(wide) >= 2.0**63, "numbers below 2^63")
    elif values.dtype == np.uint64:
        _refuse_first(place, values, values >= np.uint64(2**63), "numbers below 2^63")
    return values.astype(np.int64, copy=False)


def _polarities(place: str, values: np.ndarray) -> np.ndarray:
    """Convert 0/1 or -1/1 to bool (event,), True = ON."""
    expected = "0 and 1, or -1 and 1"
    _refuse_first(place, values, (values < -1) | (values > 1), expected)
    if (values == -1).any():
        _refuse_first(place, values, values == 0, f"{expected}, not -1 and 0 in one file")
    return values > 0
