"""Reads files in a process apart: a native library may abort, hang or fill the memory.

The process lives as long as this one and reads one file after another. It answers in messages: a
line of JSON, which names arrays with their types and lengths, then their bytes. The last message of
a file has the key `end`.
"""

import functools
import importlib
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import BinaryIO

import numpy as np

from dvs_snn.events import format_checks as checks
from dvs_snn.events.columns import no_unit, recording_of_columns
from dvs_snn.events.recording import (
    CONVERTING,
    EVENT_DTYPE,
    EventRecording,
    PathLike,
    checked_size,
)
from dvs_snn.files.errors import StudyError, reason_of

MAX_FILE_BYTES = 2**30
MAX_SECONDS = 120
MAX_MEMORY_BYTES = 2**29
"""What the process may take beyond what it has once a library is loaded."""

SCRIPTS = Path(__file__).resolve().parents[2]
COLUMNS = ("t", "x", "y", "p")
MAX_LINE_BYTES = 2**16
MAX_PART_BYTES = 2**28


def read_apart(
    module: str,
    library: str,
    path: PathLike,
    expected: str,
    sensor_size: Sequence[int] | None,
    unit: str | None,
) -> EventRecording:
    """Read a recording with a native library.

    Args:
        module: of the format. Its ``parts(path, library)`` runs in the process apart and yields
            parts of the columns `t`, `x`, `y`, `p`, arrays by name, and once perhaps facts:
            `sensor_size` and `unit` as the file states them.
        library: name of the package, which `parts` gets loaded.
        expected: what the file should be, for messages.
        sensor_size: (width, height) in pixels, in place of the file's.
        unit: unit of the times if the file states none.

    Raises:
        StudyError: the file has a fault, reading it takes too much, or the library is missing.
    """
    if sensor_size is not None:
        sensor_size = checked_size(sensor_size)
    checks.refuse_file(path, expected, MAX_FILE_BYTES)
    request = {
        "seconds": MAX_SECONDS, "module": module, "library": library, "path": os.path.abspath(path)
    }  # fmt: skip
    found: dict[str, list] = {}
    # Every message has to be taken before the next file, so a fault is raised at the end.
    for part in _answers(path, expected, request):
        for name, value in part.items():
            found.setdefault(name, []).append(value)
    if "fault" in found:
        raise StudyError(f"{path}: {found['fault'][0]}")
    if "t" not in found:
        raise StudyError(f"{path}: holds no events, expected {expected}")
    if sensor_size is None and "sensor_size" in found:
        sensor_size = checked_size(found["sensor_size"][0], f"{path}: stated size")
    columns = {name: np.concatenate(found.pop(name)) for name in COLUMNS if name in found}
    unit = found["unit"][0] if "unit" in found else unit
    if unit is None:
        raise no_unit(path, columns["t"])
    return recording_of_columns(path, "column", columns, sensor_size, unit)


@functools.lru_cache(maxsize=1)
def _process(_parent: int) -> subprocess.Popen:
    """Start the process; a forked copy of this one gets its own."""
    # Without -P a module of the working folder could take the place of one of Python's.
    command = [sys.executable, "-P", "-m", "dvs_snn.events.apart"]
    known = [str(SCRIPTS), *filter(None, [os.environ.get("PYTHONPATH")])]
    own = {"PYTHONPATH": os.pathsep.join(known), "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={**os.environ, **own},
    )  # fmt: skip


def _answers(path: PathLike, expected: str, request: Mapping[str, object]) -> Iterator[dict]:
    """Ask the process to read a file; yield its answers."""
    process = _process(os.getpid())
    assert process.stdin is not None
    assert process.stdout is not None
    at_end = False
    try:
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.flush()
        while not at_end:
            part = _receive(process.stdout)
            at_end = bool(part.pop("end", False))
            yield part
    except (OSError, ValueError, TypeError) as error:
        process.kill()
        timed_out = process.wait() == -signal.SIGALRM
        why = f"took more than {MAX_SECONDS} s" if timed_out else "broke off"
        raise StudyError(
            f"{path}: the library {request['library']} {why} (status {process.returncode}), "
            f"expected {expected}; the file is damaged or too long"
        ) from error
    finally:
        # Else the next file's reader would take the rest of this answer for its own.
        if not at_end:
            _process.cache_clear()
            process.kill()
            process.wait()


def _receive(stream: BinaryIO) -> dict:
    """Take a message; its arrays are of numbers or booleans, of one dimension.

    Raises:
        ValueError: it isn't one.
    """
    part = json.loads(stream.readline(MAX_LINE_BYTES))
    for name in [name for name in COLUMNS if name in part]:
        dtype, n_values = np.dtype(part[name][0]), int(part[name][1])
        n_bytes = n_values * dtype.itemsize
        if dtype.kind not in "biuf" or not 0 <= n_bytes <= MAX_PART_BYTES:
            raise ValueError(f"{n_values} values of {dtype}")
        part[name] = np.frombuffer(stream.read(n_bytes), dtype)
        if part[name].size != n_values:
            raise ValueError("cut off")
    return part


def _send(stream: BinaryIO, part: Mapping[str, object]) -> None:
    """Send a part as a message."""
    arrays = {name: np.ascontiguousarray(part[name]) for name in part if name in COLUMNS}
    head = {name: [array.dtype.str, array.size] for name, array in arrays.items()}
    stream.write(json.dumps({**part, **head}).encode() + b"\n")
    for array in arrays.values():
        stream.write(array.tobytes())
    stream.flush()


@functools.cache
def _loaded(library: str) -> ModuleType:
    """Load a package, then bound the memory where the system tells how much there is: on Linux."""
    try:
        package = importlib.import_module(library)
    except ImportError as error:
        raise StudyError(
            f"only the package {library} reads such a file, which isn't installed; run `pip "
            f"install -r requirements-formats.txt` in the study's environment; {CONVERTING}"
        ) from error
    statistics = Path("/proc/self/statm")
    if statistics.exists():
        used = int(statistics.read_text().split()[0]) * resource.getpagesize()
        most = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (used + MAX_MEMORY_BYTES, most))
    return package


def _parts(module: str, library: str, path: str) -> Iterator[Mapping[str, object]]:
    """Yield the parts of a file; a fault is a part too, the last."""
    n_events = 0
    try:
        package = _loaded(library)
        for part in importlib.import_module(module).parts(path, package):
            n_events += len(part.get("t", ()))
            checks.refuse_bomb(path, n_events * EVENT_DTYPE.itemsize, "its events take")
            checks.refuse_length(path, n_events)
            yield part
    except StudyError as error:
        yield {"fault": str(error).removeprefix(f"{path}: ")}
    except BaseException as error:  # a panic of a Rust library is no Exception
        yield {"fault": f"the library {library} can't read it ({reason_of(error)})"}


def main() -> None:
    """Read the files that standard input names, one request a line."""
    # What a library prints must not stand between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    for line in sys.stdin.buffer:
        request = json.loads(line)
        signal.alarm(request.pop("seconds"))
        for part in _parts(**request):
            _send(answers, part)
        _send(answers, {"end": True})
        signal.alarm(0)


if __name__ == "__main__":
    main()
