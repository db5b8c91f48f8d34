"""Recordings as text, `.txt`: a line for each event, such as those of the Event-Camera Dataset.

Columns are parted by blanks, commas or semicolons. Before the events may stand, with or without #,
the sensor's width and height, and the columns' names, such as `x,y,p,t_us` or `t[s] x y`. A name
may state the unit or, as the package faery writes them, the size (`x@346`). Without names the
columns are t, x, y and, if there are four, p.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dvs_snn.files.errors import StudyError, reason_of
from dvs_snn.recordings.event_columns import recording_of_columns, refuse_length
from dvs_snn.recordings.recording import CONVERTING, MAX_EVENTS, EventRecording, PathLike, Size

EXPECTED = "lines of numbers `t x y p`"
_MAX_LINE = 1000
_MARKS = re.compile(r"[\s,;]+")
_NAME = re.compile(
    r"(t|x|y|p|ts|time|timestamp|pol|polarity|on)(?:[_\[(](s|ms|us|ns)[\])]?|@(\d{1,5}))?"
)


@dataclass
class _Header:
    """What the lines before the events state; `n_lines` is how many there are."""

    n_lines: int = 0
    names: str = ""
    size: Sequence[int] | None = None
    unit: str | None = None
    mark: str = r"\s+"


def read(path: PathLike, sensor_size: Size = None, time_unit: str | None = None) -> EventRecording:
    """Read a text of events; `time_unit` counts if the file states none. Decimals may stand."""
    header = _header(path)
    try:
        table = pd.read_csv(
            path,
            sep=header.mark,
            header=None,
            comment="#",
            quoting=csv.QUOTE_NONE,
            skiprows=header.n_lines,
            nrows=MAX_EVENTS + 1,
            dtype=np.float64,
            encoding="latin-1",
        )
    except (ValueError, OverflowError) as error:
        raise StudyError(f"{path}: {_odd_line(path, header) or reason_of(error)}") from error
    if table.isna().any(axis=None):
        raise StudyError(f"{path}: {_odd_line(path, header)}")
    refuse_length(path, len(table))
    columns = {name: table[index].to_numpy() for index, name in enumerate(header.names)}
    size = sensor_size or header.size
    return recording_of_columns(path, columns, size, header.unit or time_unit)


def _header(path: PathLike) -> _Header:
    """Read what stands before the events."""
    header = _Header()
    with open(path, encoding="latin-1", newline="\n") as file:
        while line := file.readline(_MAX_LINE):
            words = [word for word in _MARKS.split(line.lstrip("# \t")) if word]
            is_comment = line.lstrip().startswith("#")
            if len(words) == 2 and all(re.fullmatch(r"\d{1,5}", word, re.ASCII) for word in words):
                header.size = [int(word) for word in words]
            elif words and not _take_names(header, words) and not is_comment:
                header.names = header.names or "txyp"[: max(len(words), 3)]
                header.mark = next((mark for mark in ",;" if mark in line), r"\s+")
                if len(words) != len(header.names) or not _are_numbers(words):
                    raise StudyError(
                        f"{path}: line {header.n_lines + 1} is {line[:60].strip()!a}, expected "
                        f"{EXPECTED} or names of columns such as `t_us,x,y,p`; move other texts "
                        f"out of the folder; {CONVERTING}"
                    )
                return header
            header.n_lines += 1
    raise StudyError(f"{path}: holds no events, expected {EXPECTED}")


def _odd_line(path: PathLike, header: _Header) -> str | None:
    """Return a sentence on the first line that isn't as many numbers as there are columns."""
    with open(path, encoding="latin-1", newline="\n") as file:
        for number, line in enumerate(file, 1):
            words = _MARKS.split(line.partition("#")[0].strip())
            sound = len(words) == len(header.names) and _are_numbers(words)
            if number > header.n_lines and words != [""] and not sound:
                return (
                    f"line {number} is {line[:60].strip()!a}, expected {len(header.names)} "
                    "numbers; mend or remove it"
                )
    return None


def _are_numbers(words: Sequence[str]) -> bool:
    try:
        return all(np.isfinite(float(word)) for word in words)
    except ValueError:
        return False


def _take_names(header: _Header, words: Sequence[str]) -> bool:
    """Take the columns' names from a line; return whether its words are such names."""
    matches = [match for word in words if (match := _NAME.fullmatch(word.lower()))]
    names = "".join("p" if match[1] == "on" else match[1][0] for match in matches)
    if len(names) < len(words) or sorted(names) not in ([*"txy"], [*"ptxy"]):
        return False
    of = dict(zip(names, matches, strict=True))
    header.names = names
    header.unit = of["t"][2]
    if of["x"][3] and of["y"][3]:
        header.size = [int(of["x"][3]), int(of["y"][3])]
    return True
