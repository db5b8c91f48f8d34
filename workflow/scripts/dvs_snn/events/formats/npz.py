"""Recordings as numpy archives, `.npz`: arrays `t` (us), `x`, `y` (pixels), optionally `p` and
`sensor_size` (width, height)."""

import os
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np

from dvs_snn.events import format_checks as checks
from dvs_snn.events.recording import (
    MAX_EVENTS,
    MAX_SIDE,
    EventRecording,
    PathLike,
    checked_size,
    from_columns,
)
from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError, reason_of
from dvs_snn.files.zipped import refuse_long_directory

MAX_MEMBER_BYTES = 8 * MAX_EVENTS
"""Largest array of an NPZ file, in bytes unpacked and as int64."""

MAX_ARRAYS = 1000
MAX_DIRECTORY_BYTES = 2**20

_KEYS = ("t", "x", "y", "p", "sensor_size")
_READ_HEADER = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}

MAX_NPZ_RATIO = 100
NPZ_FREE_BYTES = 64 * 2**20
"""Up to `NPZ_FREE_BYTES` an NPZ file may unpack in any case; above, to `MAX_NPZ_RATIO` times its
size (arrays as int64). A few kilobytes of zip can declare any size, and unpacking must not fill the
memory of a shared machine. Recordings unpack to about 10 times their compressed size."""


def read(path: PathLike, sensor_size: Sequence[int] | None = None) -> EventRecording:
    """Read the arrays `t` (us), `x`, `y` and, if there, `p` and `sensor_size` of a numpy archive.

    Numbers may have any integer dtype, or be whole numbers in floating point. `p` may be
    boolean, 0/1 or -1/1; without it every event counts as ON and `has_polarity` is False.
    Pickled arrays are never loaded.

    Args:
        sensor_size: (width, height) in pixels, in place of the file's. If neither says it, the
            smallest that holds the events: (largest x + 1, largest y + 1).

    Raises:
        StudyError: the file has a fault, or an array exceeds :data:`MAX_MEMBER_BYTES`.
    """
    if sensor_size is not None:
        sensor_size = checked_size(sensor_size)
    arrays = _arrays(path)
    counts = {key: array.size for key, array in arrays.items() if key != "sensor_size"}
    if len(set(counts.values())) > 1:
        found = ", ".join(f"'{key}' {count}" for key, count in counts.items())
        raise StudyError(
            f"{path}: number of values per key is {found}, expected as many in each of them"
        )
    if not counts["t"]:
        raise StudyError(f"{path}: key 't' holds no events, expected at least one")

    # Each array is freed once it is converted: to keep both forms would take twice the memory.
    whole = {key: _whole_numbers(path, key, arrays.pop(key)) for key in list(arrays)}
    _refuse_first(path, "t", whole["t"], whole["t"] < 0, "times in us of 0 or more")
    if sensor_size is None and "sensor_size" in whole:
        sensor_size = checked_size(whole["sensor_size"].tolist(), f"{path}: key 'sensor_size'")
    limits = sensor_size or (MAX_SIDE, MAX_SIDE)
    for key, side, limit in zip("xy", ("width", "height"), limits, strict=True):
        outside = (whole[key] < 0) | (whole[key] >= limit)
        expected = f"columns or rows from 0 to {limit - 1} (sensor {side} {limit} pixels)"
        _refuse_first(path, key, whole[key], outside, expected)
    if sensor_size is None:
        sensor_size = (int(whole["x"].max()) + 1, int(whole["y"].max()) + 1)

    told = "p" in whole
    on = _polarities(path, whole["p"]) if told else np.True_
    return from_columns(path, whole["t"], whole["x"], whole["y"], on, sensor_size, told)


def write(path: PathLike, recording: EventRecording) -> None:
    """Write `t` (int64, us), `x`, `y` (uint16), `p` (bool) and `sensor_size` (width, height).

    `p` is left out if the recording has no polarity. The same recording gives the same bytes.
    The file appears whole or not at all.
    """
    keys = ("t", "x", "y", "p") if recording.has_polarity else ("t", "x", "y")
    arrays = {key: recording.events[key] for key in keys}
    with replacing(path) as temporary, open(temporary, "wb") as stream:
        # A stream, not a name: numpy appends .npz to names that lack it.
        np.savez_compressed(stream, sensor_size=np.array(recording.sensor_size, np.int64), **arrays)


def _arrays(path: PathLike) -> dict[str, np.ndarray]:
    """Read the known keys of a numpy archive as they are, each of one dimension."""
    # Stored, not deflated, the five arrays of the longest recording.
    checks.refuse_file(path, "a numpy archive", checks.MAX_HEADER_BYTES + 5 * MAX_MEMBER_BYTES)
    arrays: dict[str, np.ndarray] = {}
    try:
        with open(path, "rb") as file:
            refuse_long_directory(Path(path), file, MAX_ARRAYS, MAX_DIRECTORY_BYTES)
            archive = zipfile.ZipFile(file)
            members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
            for key in ("t", "x", "y"):
                if key not in members:
                    found = ", ".join(ascii(name) for name in sorted(members)[:8]) or "none"
                    raise StudyError(
                        f"{path}: key '{key}' is missing, found {found}, "
                        "expected t, x, y and optionally p and sensor_size"
                    )
            known = {key: members[key] for key in _KEYS if key in members}
            declared = 0
            for key, info in known.items():
                with _member(path, key, archive, info) as (_, n_values, _):
                    declared += max(info.file_size, 8 * n_values)
            limit = max(NPZ_FREE_BYTES, MAX_NPZ_RATIO * os.stat(path).st_size)
            if declared > limit:
                raise StudyError(
                    f"{path}: its arrays unpack to {declared} bytes (as stored or as int64), "
                    f"expected at most {limit} of a file of this size; it isn't safe to unpack"
                )
            for key, info in known.items():
                with _member(path, key, archive, info) as (stream, n_values, dtype):
                    content = _read_exactly(stream, n_values * dtype.itemsize)
                    arrays[key] = np.frombuffer(content, dtype)
    except StudyError:
        raise
    except zipfile.BadZipFile as error:
        with open(path, "rb") as stream:
            found = checks.looks_like(stream.read(32))
        raise StudyError(
            f"{path}: byte 0 begins {found} and no whole zip archive follows, "
            "expected a numpy archive (.npz)"
        ) from error
    except Exception as error:  # a damaged directory raises nearly anything
        raise checks.unreadable(path, error) from error
    return arrays


@contextmanager
def _member(
    path: PathLike, key: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo
) -> Iterator[tuple[BinaryIO, int, np.dtype]]:
    """Check the declared sizes of one array; yield its bytes, number of values and dtype."""
    try:
        # Another compression, which no writer of NPZ uses, may take any memory.
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError(f"packed by method {info.compress_type}")
        with archive.open(info) as stream:
            version = np.lib.format.read_magic(stream)
            # Version 3 differs in the names of structured fields only, which no key of ours has.
            if version not in _READ_HEADER:
                raise ValueError(f"version {version[0]}.{version[1]} of the array format")
            shape, _, dtype = _READ_HEADER[version](stream)
            _refuse_array(path, key, shape, dtype, info.file_size)
            n_bytes, n_declared = info.file_size - stream.tell(), shape[0] * dtype.itemsize
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


def _read_exactly(stream: BinaryIO, n_bytes: int) -> bytes:
    """Read the rest of a member, `n_bytes`; never unpacks more than one byte beyond.

    Raises:
        ValueError: it has more or fewer.
    """
    # Without a number zipfile unpacks whatever a member holds, however few bytes were announced.
    data = stream.read(n_bytes + 1)
    if len(data) != n_bytes:
        more = "more" if len(data) > n_bytes else f"{len(data)}"
        raise ValueError(f"{more} bytes of data, expected {n_bytes}")
    return data
