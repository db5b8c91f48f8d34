"""Checks that all formats share, since files of recordings may be damaged."""

import os
import stat
from pathlib import Path

import numpy as np

from dvs_snn.events.recording import MAX_EVENTS, PathLike
from dvs_snn.files.errors import StudyError, reason_of

MAX_HEADER_BYTES = 2**20

MAX_RATIO = 100
FREE_BYTES = 64 * 2**20
"""Up to `FREE_BYTES` a file may unpack in any case; above, to `MAX_RATIO` times its size. A few
kilobytes can declare any size, and unpacking must not fill the memory of a shared machine.
Recordings unpack to about 10 times their compressed size."""

SIGNATURES = (
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"#!AER-DAT", "an AEDAT file"),
    (b"\x93NUMPY", "a single numpy array (.npy)"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x89PNG", "a PNG image"),
)


def unreadable(path: PathLike, error: Exception) -> StudyError:
    """Return the error of a file that the system can't or won't read."""
    if isinstance(error, FileNotFoundError):
        return StudyError(f"{path}: no such file, expected a recording; check its name and folder")
    return StudyError(f"{path}: file cannot be read ({reason_of(error)}), expected a recording")


def refuse_file(path: PathLike, expected: str, max_bytes: int) -> None:
    """Raise before a file is opened that would fill the memory or, as a pipe, never end."""
    try:
        status = os.stat(path)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise unreadable(path, error) from error
    if not stat.S_ISREG(status.st_mode):
        raise StudyError(f"{path}: file cannot be read (it is no plain file), expected {expected}")
    if not status.st_size:
        raise StudyError(f"{path}: file is empty (0 bytes), expected {expected}")
    if status.st_size > max_bytes:
        raise StudyError(
            f"{path}: file has {status.st_size} bytes, expected at most {max_bytes}; "
            "cut the recording into shorter ones"
        )


def refuse_bomb(path: PathLike, n_bytes: int, how: str) -> None:
    """Raise if a file unpacks, as `how` says, to more bytes than one of its size should."""
    limit = max(FREE_BYTES, MAX_RATIO * os.stat(path).st_size)
    if n_bytes > limit:
        raise StudyError(
            f"{path}: {how} {n_bytes} bytes, expected at most {limit} of a file of this size; it "
            "isn't safe to unpack"
        )


def refuse_length(path: PathLike, n_events: int) -> None:
    """Raise if a file holds more events than a recording may."""
    if n_events > MAX_EVENTS:
        raise StudyError(
            f"{path}: holds more than {MAX_EVENTS} events; cut the recording into shorter ones"
        )


def file_bytes(path: PathLike, expected: str, record_bytes: int) -> bytes:
    """Read a whole file of records, if it isn't longer than a recording may be.

    Raises:
        StudyError: no such file, an empty one or one that is too long.
    """
    refuse_file(path, expected, MAX_HEADER_BYTES + MAX_EVENTS * record_bytes)
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error


def count_records(path: PathLike, data: bytes, start: int, record_bytes: int, cut: str) -> int:
    """Count the records from byte `start` on; raise, with the reason `cut`, if one isn't whole."""
    n_records, n_left = divmod(len(data) - start, record_bytes)
    if n_left:
        raise StudyError(
            f"{path}: record at byte {len(data) - n_left} has {n_left} bytes, "
            f"expected {record_bytes}: the file is {cut}"
        )
    return n_records


def looks_like(data: bytes) -> str:
    """Say in words how a file begins, so that a message tells what the file really is."""
    for signature, name in SIGNATURES:
        if data.startswith(signature):
            # Of an AEDAT file the version is what matters.
            line = data.split(b"\n", 1)[0].rstrip()[:16] if signature[:1] == b"#" else b""
            return f"like {name}" + (f" ({line.decode('latin-1')!a})" if line else "")
    return f"with {data[:12].decode('latin-1')!a}"


def refuse_outside(
    path: PathLike,
    x: np.ndarray,
    y: np.ndarray,
    sensor_size: tuple[int, int],
    is_event: np.ndarray,
    start: int,
    record_bytes: int,
) -> None:
    """Raise if an event lies outside the sensor.

    Args:
        is_event: bool (record,), which records from byte `start` on are the events.
    """
    width, height = sensor_size
    if x.max() < width and y.max() < height:
        return
    first = int(np.argmax((x >= width) | (y >= height)))
    byte = start + int(np.flatnonzero(is_event)[first]) * record_bytes
    raise StudyError(
        f"{path}: event at byte {byte} has x = {x[first]}, "
        f"y = {y[first]}, expected x below {width} and y below {height}; "
        "check the sensor size and the file's format"
    )


def refuse_unwritable(
    path: PathLike, events: np.ndarray, width: int, height: int, form: str
) -> None:
    """Raise if an event's place is beyond what the format `form` can hold."""
    x_max, y_max = int(events["x"].max()), int(events["y"].max())
    if x_max >= width or y_max >= height:
        raise StudyError(
            f"{path}: largest x = {x_max} and y = {y_max}, expected x below {width} and "
            f"y below {height} in {form}; write .npz instead"
        )
