"""Recordings as numpy archives, `.npz`: arrays `t` (us), `x`, `y` (pixels), optionally `p` and
`sensor_size` (width, height)."""

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np

from dvs_snn.events import format_checks as checks
from dvs_snn.events.columns import recording_of_columns, whole_numbers
from dvs_snn.events.recording import MAX_EVENTS, EventRecording, PathLike, checked_size
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


def read(
    path: PathLike, sensor_size: Sequence[int] | None = None, time_unit: str | None = None
) -> EventRecording:
    """Read the arrays `t`, `x`, `y` and, if there, `p` and `sensor_size` of a numpy archive.

    Numbers and polarities: see :func:`~dvs_snn.events.columns.recording_of_columns`. Pickled
    arrays are never loaded.

    Args:
        sensor_size: (width, height) in pixels, in place of the file's. If neither says it, the
            smallest that holds the events: (largest x + 1, largest y + 1).
        time_unit: unit of `t`, with decimals or not. None: whole us.

    Raises:
        StudyError: the file has a fault, or an array exceeds :data:`MAX_MEMBER_BYTES`.
    """
    if sensor_size is not None:
        sensor_size = checked_size(sensor_size)
    arrays = _arrays(path)
    told_size = arrays.pop("sensor_size", None)
    if sensor_size is None and told_size is not None:
        where = f"{path}: key 'sensor_size'"
        sensor_size = checked_size(whole_numbers(where, told_size).tolist(), where)
    return recording_of_columns(path, "key", arrays, sensor_size, time_unit)


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
            checks.refuse_bomb(path, declared, "its arrays (as stored or as int64) unpack to")
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
