"""Recordings as text, `.txt`: a line for each event, such as those of the Event-Camera Dataset.

Columns are parted by blanks, commas or semicolons. Before the events may stand, in any order:

- comments, lines that begin with #;
- the sensor's size: two whole numbers, width and height, in a comment or not;
- the columns' names, in a comment or not, such as `x,y,p,t_us` or `t[s] x y`. Without them the
  columns are t, x, y and, if there are four, p. A name may state the unit (`t_ms`, `t[ms]`) or, as
  the package faery writes them, the size (`x@346`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TextIO

import numpy as np

from dvs_snn.events import format_checks as checks
from dvs_snn.events.columns import no_unit, recording_of_columns
from dvs_snn.events.recording import (
    CONVERTING,
    MAX_EVENTS,
    EventRecording,
    PathLike,
    checked_size,
)
from dvs_snn.files.errors import StudyError, reason_of

EXPECTED = "lines of numbers `t x y p`"
_MAX_LINE = 1000
_LINE_BYTES = 64
_COLUMNS = {
    "t": "t", "ts": "t", "time": "t", "timestamp": "t", "x": "x", "y": "y", "p": "p", "pol": "p",
    "polarity": "p", "on": "p",
}  # fmt: skip
_NAME = re.compile(rf"({'|'.join(_COLUMNS)})(?:[_\[(](s|ms|us|ns)[\])]?|@(\d{{1,5}}))?")
_SIDE = re.compile(r"\d{1,5}", re.ASCII)


@dataclass
class _Header:
    """What the lines before the events state; `n_lines` is how many there are."""

    n_lines: int = 0
    names: Sequence[str] = ()
    size: Sequence[int] = ()
    unit: str | None = None


def read(
    path: PathLike, sensor_size: Sequence[int] | None = None, time_unit: str | None = None
) -> EventRecording:
    """Read a text of events. Times may have decimals, and have to have a unit.

    Args:
        sensor_size: (width, height) in pixels, in place of the file's. If neither says it, the
            smallest that holds the events.
        time_unit: unit of the times if the file states none.

    Raises:
        StudyError: the file has a fault, or nothing states the unit.
    """
    if sensor_size is not None:
        sensor_size = checked_size(sensor_size)
    checks.refuse_file(path, EXPECTED, checks.MAX_HEADER_BYTES + MAX_EVENTS * _LINE_BYTES)
    try:
        with open(path, encoding="latin-1") as file:
            header = _header(path, file)
            file.seek(0)
            values = _values(path, file, header)
    except OSError as error:
        raise checks.unreadable(path, error) from error
    columns = {name: values[:, index] for index, name in enumerate(header.names)}
    unit = header.unit or time_unit
    if unit is None:
        raise no_unit(path, columns["t"])
    if sensor_size is None and header.size:
        sensor_size = checked_size(header.size, f"{path}: line of the size")
    return recording_of_columns(path, "column", columns, sensor_size, unit)


def _words(line: str) -> list[str]:
    return line.replace(",", " ").replace(";", " ").split()


def _are_numbers(words: Sequence[str]) -> bool:
    try:
        return all(np.isfinite(float(word)) for word in words)
    except ValueError:
        return False


def _header(path: PathLike, file: TextIO) -> _Header:
    """Read what stands before the events."""
    header = _Header()
    while line := file.readline(_MAX_LINE):
        words = _words(line.lstrip("# \t"))
        if len(words) == 2 and all(map(_SIDE.fullmatch, words)):
            header.size = [int(word) for word in words]
        elif words and not _take_names(header, words) and not line.lstrip().startswith("#"):
            n_columns = len(header.names) or 4
            if not _are_numbers(words) or len(words) not in (n_columns, len(header.names) or 3):
                raise StudyError(
                    f"{path}: line {header.n_lines + 1} is {line[:60].strip()!a}, expected "
                    f"{EXPECTED} or names of columns such as `t_us,x,y,p`; move other texts out "
                    f"of the folder; {CONVERTING}"
                )
            header.names = header.names or "txyp"[: len(words)]
            return header
        header.n_lines += 1
    raise StudyError(f"{path}: holds no events, expected {EXPECTED}")


def _take_names(header: _Header, words: Sequence[str]) -> bool:
    """Take the names of the columns, if the words of a line are that."""
    matches = [match for word in words if (match := _NAME.fullmatch(word.lower()))]
    names = [_COLUMNS[match[1]] for match in matches]
    if len(names) < len(words) or sorted(names) not in (["t", "x", "y"], ["p", "t", "x", "y"]):
        return False
    header.names = names
    of = dict(zip(names, matches, strict=True))
    header.unit = of["t"][2]
    if of["x"][3] and of["y"][3]:
        header.size = [int(of["x"][3]), int(of["y"][3])]
    return True


def _values(path: PathLike, file: TextIO, header: _Header) -> np.ndarray:
    """Read the events, float64 (event, column)."""
    for _ in range(header.n_lines + 1):
        first = file.readline()
    delimiter = next((mark for mark in ",;" if mark in first), None)
    file.seek(0)
    try:
        lines = islice(file, header.n_lines, header.n_lines + MAX_EVENTS + 1)
        values = np.loadtxt(lines, delimiter=delimiter, ndmin=2)
    except ValueError as error:
        file.seek(0)
        for number, line in enumerate(file, 1):
            words = line.partition("#")[0].split(delimiter)
            sound = len(words) == len(header.names) and _are_numbers(words)
            if number > header.n_lines and line.strip() and not sound:
                raise StudyError(
                    f"{path}: line {number} is {line[:60].strip()!a}, "
                    f"expected {len(header.names)} numbers"
                ) from error
        raise StudyError(f"{path}: {reason_of(error)}, expected {EXPECTED}") from error
    checks.refuse_length(path, len(values))
    return values
