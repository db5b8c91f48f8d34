"""Result tables as CSV files, and what a column is."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError, reason_of

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        kind: of its cells. A cell of numbers may be empty; an empty cell of text is the text "".
        unit: as `docs/tables.md` shows it; "" where it has none.
        meaning: one sentence of plain text.
    """

    kind: Literal["whole", "number", "text"]
    unit: str
    meaning: str


Columns = Mapping[str, Column]
"""The columns of a table by name, in the table's order."""


def subset(columns: Columns, names: str) -> dict[str, Column]:
    """Return the columns of `names`, separated by spaces, in that order."""
    return {name: columns[name] for name in names.split()}


def read_csv(path: Path, columns: Iterable[str] = (), **options: Any) -> pd.DataFrame:
    """Read the study's CSV with pandas' `options`; StudyError if damaged or without `columns`."""
    try:
        frame = pd.read_csv(path, **options)
    except Exception as error:  # pandas raises nearly anything on damaged bytes
        raise StudyError(
            f"{path}: is not a whole table ({reason_of(error)}); delete it and run again."
        ) from error
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise StudyError(
            f"{path}: has no column {missing[0]}, expected one; delete it and run again."
        )
    return frame


def write_table(frame: pd.DataFrame, path: Path, columns: Columns) -> None:
    """Write `columns` of a table as CSV, in their order; the file appears whole or not at all.

    Whole numbers stay whole beside empty cells.
    """
    with growing_table(path, columns) as add:
        add(frame)


@contextmanager
def growing_table(path: Path, columns: Columns) -> Iterator[Callable[[pd.DataFrame], None]]:
    """Yield a function that adds rows to a table, which appears as that of `write_table` does.

    So a table may be larger than memory.
    """
    whole = {name: "Int64" for name, column in columns.items() if column.kind == "whole"}
    with replacing(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        pd.DataFrame(columns=list(columns)).to_csv(file, index=False, lineterminator="\n")

        def add(frame: pd.DataFrame) -> None:
            rows = frame[list(columns)].astype(whole)
            rows.to_csv(file, index=False, header=False, lineterminator="\n")

        yield add


def write_empty_table(path: Path, columns: Columns, why: str) -> None:
    """Write a table without rows, for a job that has nothing to tell; its log says why."""
    _log.info("%s: %s", path, why)
    write_table(pd.DataFrame(columns=list(columns)), path, columns)


def read_table(path: Path, columns: Columns, **dtypes: str) -> pd.DataFrame:
    """Read `columns` of a CSV table of the study; an empty text cell is an empty string.

    Args:
        dtypes: types of columns. For the others pandas chooses: whole numbers become int64, but
            float64 if a cell of the column is empty.

    Raises:
        StudyError: it isn't whole, or lacks a column.
    """
    text = {name: "str" for name, column in columns.items() if column.kind == "text"}
    # A variant or a recording may be called NA: only an empty cell is empty.
    empty = {name: [""] for name in columns if name not in text}
    frame = read_csv(path, columns, dtype=text | dtypes, keep_default_na=False, na_values=empty)
    return frame[list(columns)]


def join_tables(paths: Iterable[Path], columns: Columns) -> pd.DataFrame:
    """Return the rows of several tables as one; no rows without tables."""
    # A table without rows has no types, and would take those of the others away.
    tables = [table for path in paths if len(table := read_table(path, columns))]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(columns))
