"""The study's tables as CSV files, and their columns, which `workflow/data/tables/` lists."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pandas as pd

from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError, reason_of

DATA = Path(__file__).resolve().parents[3] / "data"


class Column(NamedTuple):
    """A column of a table; its `kind` is `whole`, `number` or `text`.

    A cell of numbers may be empty; an empty cell of text is the text "".
    """

    kind: str
    unit: str
    meaning: str


@cache
def schema(table: str) -> Mapping[str, Column]:
    """Return the columns of a table by name, in the table's order.

    In `workflow/data/tables/<table>.tsv` a row has the four cells name, type, unit and meaning. A
    row of two cells stands for the column of that name in another table, the second cell. A row of
    one cell stands for that in `shared.tsv`.
    """
    columns = {}
    for line in (DATA / "tables" / f"{table}.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        name, *cells = line.split("\t")
        home = cells[0] if cells else "shared"
        columns[name] = Column(*cells) if len(cells) == 3 else schema(home)[name]
    return MappingProxyType(columns)


def column_types(*tables: str) -> list[str]:
    """Return each table's name with a hash of its columns' names and types, for `params`.

    So a job runs again if its tables change, and not if only a unit or a meaning does.
    """
    hashed = []
    for table in tables:
        types = [(name, column.kind) for name, column in schema(table).items()]
        hashed.append(f"{table} {hashlib.sha256(repr(types).encode()).hexdigest()[:8]}")
    return hashed


@cache
def result_tables() -> Mapping[str, str]:
    """Return what one row is, in a sentence, of each table below ``tables/`` of a study."""
    lines = (DATA / "tables.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return MappingProxyType(dict(line.split("\t") for line in lines))


def read_csv(
    path: Path, columns: Iterable[str] = (), remedy: str = "delete it and run again", **options: Any
) -> pd.DataFrame:
    """Read a CSV with pandas' `options`, and check it.

    Args:
        columns: names that it must have; they select nothing.
        remedy: what the message tells the user to do.

    Raises:
        StudyError: the file is damaged, or lacks one of `columns`.
    """
    try:
        frame = pd.read_csv(path, **options)
    except Exception as error:  # pandas raises nearly anything on damaged bytes
        raise StudyError(f"{path}: is not a whole table ({reason_of(error)}); {remedy}.") from error
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise StudyError(f"{path}: has no column {missing[0]}, expected one; {remedy}.")
    return frame


def read_shipped(path: Path, columns: Iterable[str]) -> pd.DataFrame:
    """Read columns of a table that ships with the study, tab-separated, with remarks after #."""
    remedy = "restore the file from the repository"
    return read_csv(path, columns, remedy, sep="\t", comment="#")[list(columns)]


def write_table(frame: pd.DataFrame, path: Path, table: str) -> None:
    """Write the columns of a table as CSV, in their order; the file appears whole or not at all.

    Whole numbers stay whole beside empty cells.

    Args:
        table: name of its `schema`.
    """
    with growing_table(path, table) as add:
        add(frame)


@contextmanager
def growing_table(path: Path, table: str) -> Iterator[Callable[[pd.DataFrame], None]]:
    """Yield a function that adds rows to a table, which appears as that of `write_table` does.

    So a table may be larger than memory.
    """
    columns = schema(table)
    whole = {name: "Int64" for name, column in columns.items() if column.kind == "whole"}
    with replacing(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        pd.DataFrame(columns=list(columns)).to_csv(file, index=False, lineterminator="\n")

        def add(frame: pd.DataFrame) -> None:
            rows = frame[list(columns)].astype(whole)
            rows.to_csv(file, index=False, header=False, lineterminator="\n")

        yield add


def read_table(path: Path, table: str, only: Iterable[str] = (), **dtypes: str) -> pd.DataFrame:
    """Read a CSV table of the study; an empty text cell is an empty string.

    Args:
        table: name of its `schema`.
        only: the columns to read; without them all.
        dtypes: types of columns. For the others pandas chooses: whole numbers become int64, but
            float64 if a cell of the column is empty.

    Raises:
        StudyError: it isn't whole, or lacks a column.
    """
    columns = {name: schema(table)[name].kind for name in only or schema(table)}
    text = {name: "str" for name, kind in columns.items() if kind == "text"}
    # A variant or a recording may be called NA: only an empty cell is empty.
    empty = {name: [""] for name in columns if name not in text}
    frame = read_csv(path, columns, dtype=text | dtypes, keep_default_na=False, na_values=empty)
    return frame[list(columns)]


def join_tables(paths: Iterable[Path], table: str, **dtypes: str) -> pd.DataFrame:
    """Return the rows of several tables as one, as `read_table` reads each; no rows without any."""
    # A table without rows has no types, and would take those of the others away.
    tables = [rows for path in paths if len(rows := read_table(path, table, **dtypes))]
    if tables:
        return pd.concat(tables, ignore_index=True)
    return pd.DataFrame(columns=schema(table))
