"""Checks that all formats share, since files of recordings may be damaged."""

import importlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import numpy as np

from dvs_snn.files.errors import StudyError, reason_of
from dvs_snn.recordings.recording import CONVERTING, MAX_EVENTS, PathLike

SIGNATURES = {
    b"PK\x03\x04": "a zip archive", b"PK\x05\x06": "an empty zip archive",
    b"#!AER-DAT": "an AEDAT file", b"\x93NUMPY": "a single numpy array (.npy)",
    b"\x89HDF": "an HDF5 file",
}  # fmt: skip

_log = logging.getLogger(__name__)


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


def count_records(path: PathLike, data: bytes, start: int, record_bytes: int, cut: str) -> int:
    """Count the records from byte `start` on; raise, with the reason `cut`, if one isn't whole."""
    n_records, n_left = divmod(len(data) - start, record_bytes)
    if n_left:
        raise StudyError(
            f"{path}: record at byte {len(data) - n_left} has {n_left} bytes, "
            f"expected {record_bytes}: the file is {cut}"
        )
    refuse_length(path, n_records)
    return n_records


def looks_like(data: bytes) -> str:
    """Say in words how a file begins, so that a message tells what the file really is."""
    for signature, name in SIGNATURES.items():
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
