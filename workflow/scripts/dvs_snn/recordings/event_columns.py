"""What all formats share: columns of numbers become a recording, and what is damaged is refused."""

import importlib
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType

import numpy as np

from dvs_snn.files.errors import StudyError, reason_of
from dvs_snn.recordings.recording import (
    CONVERTING,
    EVENT_DTYPE,
    MAX_EVENTS,
    MAX_SIDE,
    UNITS_PER_SECOND,
    EventRecording,
    PathLike,
    Size,
    checked_size,
)

WHOLE_US = "whole us"
SET_TIME_UNIT = "time_unit: s (or ms, us, ns) beside the folder in the settings"

_US_PER_SECOND = UNITS_PER_SECOND["us"]
_log = logging.getLogger(__name__)


class NoUnitError(StudyError):
    """Nothing states the unit of a file's times."""


@contextmanager
def library(path: PathLike, name: str, expected: str) -> Iterator[ModuleType]:
    """Yield the package that reads a file; StudyError if it isn't installed, or if it raises."""
    # Native code may end the process: then the log's last line names the file.
    _log.info("%s reads %s", name, path)
    try:
        yield importlib.import_module(name)
    except (StudyError, KeyboardInterrupt):
        raise
    except ImportError as error:
        raise StudyError(
            f"{path}: only the package {name} reads such a file, which isn't installed; run `pip "
            f"install -r requirements-formats.txt` in the study's environment; {CONVERTING}"
        ) from error
    except BaseException as error:  # a panic of a Rust library is no Exception
        raise StudyError(
            f"{path}: the library {name} can't read it ({reason_of(error)}), expected {expected}; "
            f"export it again; {CONVERTING}"
        ) from error


def refuse_length(path: PathLike, n_events: int) -> None:
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
    refuse_length(path, n_records)


def begin_of(data: bytes) -> str:
    """Quote how a file begins, so that a message tells what the file really is."""
    return f"{data[:12].decode('latin-1')!a}"


def refuse_column(path: PathLike, name: str, dtype: np.dtype, shape: tuple[int, ...]) -> None:
    """Raise StudyError unless a column is numeric, flat and not too long."""
    if dtype.kind not in ("biuf" if name == "p" else "iuf") or len(shape) != 1 or shape[0] < 0:
        raise StudyError(
            f"{path}: column '{name}' has dtype {str(dtype)[:60]} and shape {shape}, expected "
            "numbers in one dimension"
        )
    refuse_length(path, shape[0])


def joined(path: PathLike, packets: Iterable[np.ndarray]) -> dict[str, np.ndarray]:
    """Return the columns `txyp`, (event,), of packets whose fields these are, in this order."""
    taken, n_events = [], 0
    for packet in packets:
        taken.append(packet)
        n_events += len(packet)
        refuse_length(path, n_events)
    if not n_events:
        raise StudyError(f"{path}: holds no events, expected at least one")
    events = np.concatenate(taken)
    return {name: events[field] for name, field in zip("txyp", events.dtype.names, strict=True)}


def recording_of_columns(
    path: PathLike,
    arrays: Mapping[str, np.ndarray],
    sensor_size: Size,
    unit: str | None,
) -> EventRecording:
    """Check columns and put them together, sorted by time; StudyError if one doesn't fit.

    Args:
        arrays: `t`, `x`, `y` and perhaps `p`, (event,) each, whole numbers of any dtype. `p` may be
            boolean, 0/1 or -1/1; without it every event counts as ON.
        unit: of the times, of `UNITS_PER_SECOND`; they may have decimals and are rounded to us.
            `WHOLE_US`: they have to be whole us. None: nothing states it, a `NoUnitError`.
    """
    counts = {key: array.size for key, array in arrays.items()}
    if len(set(counts.values())) > 1:
        raise StudyError(
            f"{path}: number of values per column is {counts}, expected as many in each of them"
        )
    if not counts["t"]:
        raise StudyError(f"{path}: holds no events, expected at least one")
    times, last = arrays["t"], arrays.get("p", arrays["t"])
    is_last = (times[1:] < times[:-1]).any() and (last[1:] >= last[:-1]).all()
    if is_last and not np.isin(last, (-1, 0, 1)).all():
        raise StudyError(
            f"{path}: the last column ascends from {last[0]} to {last[-1]}, so times stand there, "
            "expected t, x, y, p; write them in that order, or begin a text with `x y p t_us`"
        )
    if unit is None:
        raise NoUnitError(
            f"{path}: states no unit of its times, which run from {times[0]} to {times[-1]}; "
            f"set {SET_TIME_UNIT}"
        )
    place = {key: f"{path}: column '{key}'" for key in arrays}
    size = None if sensor_size is None else checked_size(sensor_size, str(path))
    times = _microseconds(place["t"], times, unit)
    expected = "times in us of 0 or more; subtract the smallest from all"
    _refuse_first(place["t"], times, times < 0, expected)
    whole = {key: whole_numbers(place[key], arrays[key]) for key in arrays if key != "t"}
    for key, side, limit in zip("xy", ("width", "height"), size or (MAX_SIDE,) * 2, strict=True):
        expected = f"0 to {limit - 1} (sensor {side} {limit} pixels); check the sensor's size"
        _refuse_outside(place[key], whole[key], 0, limit, expected)
    on = _polarities(place["p"], whole["p"]) if "p" in whole else np.True_
    extent = size or (int(whole["x"].max()) + 1, int(whole["y"].max()) + 1)
    events = np.empty(len(times), EVENT_DTYPE)
    events["t"], events["x"], events["y"], events["p"] = times, whole["x"], whole["y"], on
    n_backwards = int(np.count_nonzero(times[1:] < times[:-1]))
    if n_backwards:
        # Events of one time keep their order.
        events = events[np.argsort(times, kind="stable")]
    return EventRecording(events, extent, "p" in whole, n_backwards, size is not None)


def _refuse_first(place: str, values: np.ndarray, bad: np.ndarray, expected: str) -> None:
    """Raise and name the first value that is bad, if one is."""
    if bad.any():
        index = int(np.argmax(bad))
        raise StudyError(f"{place} holds {values[index]} at index {index}, expected {expected}")


def _refuse_outside(place: str, values: np.ndarray, low: int, high: int, expected: str) -> None:
    """Raise if a value isn't a number, is below `low`, or isn't below `high`."""
    _refuse_first(place, values, ~((values >= low) & (values < high)), expected)


def _wide(values: np.ndarray) -> np.ndarray:
    """Return floating point in double at least: half precision can't hold 2^63."""
    is_float = values.dtype.kind == "f"
    return values.astype(np.promote_types(values.dtype, np.float64)) if is_float else values


def _microseconds(place: str, values: np.ndarray, unit: str) -> np.ndarray:
    """Convert times to int64 (value,) in us."""
    if unit == WHOLE_US:
        expected = f"whole numbers of us; if the times have another unit, set {SET_TIME_UNIT}"
        return whole_numbers(place, values, expected)
    many, values = UNITS_PER_SECOND[unit], _wide(values)
    limit = 2**63 // max(_US_PER_SECOND // many, 1)
    _refuse_outside(place, values, 1 - limit, limit, f"finite numbers below {limit} {unit}")
    if values.dtype.kind == "f":
        scaled = values * (_US_PER_SECOND // many) if many <= _US_PER_SECOND else values / 1000
        return np.rint(scaled).astype(np.int64)
    whole = values.astype(np.int64)
    if many > _US_PER_SECOND:
        return whole // 1000 + (whole % 1000 >= 500)
    return whole * (_US_PER_SECOND // many)


def whole_numbers(place: str, values: np.ndarray, expected: str = "whole numbers") -> np.ndarray:
    """Convert to int64 (value,) what can be converted without loss, refuse the rest."""
    values = _wide(values)
    if values.dtype.kind != "b":
        _refuse_outside(place, values, -(2**63), 2**63, "finite numbers below 2^63")
    if values.dtype.kind == "f":
        _refuse_first(place, values, values != np.floor(values), expected)
    return values.astype(np.int64, copy=False)


def _polarities(place: str, values: np.ndarray) -> np.ndarray:
    """Convert 0/1 or -1/1 to bool (event,), True = ON."""
    _refuse_outside(place, values, -1, 2, "0 and 1, or -1 and 1")
    if (values == -1).any():
        _refuse_first(place, values, values == 0, "-1 and 1 where one of them is -1")
    return values > 0
