"""The table of recordings A, B, C: one row each, checked."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from pydantic import Field, model_validator

from dvs_snn.files.errors import CONTROL, StudyError, reason_of
from dvs_snn.settings.base import (
    Flip,
    Folder,
    Name,
    Positive,
    Rotation,
    Seed,
    Text,
    Whole,
    key,
    mistake,
    section,
)
from dvs_snn.settings.data import DIGITS, Classes
from dvs_snn.settings.mistakes import one_line, refuse_alike, shown, validated

VIDEOS = "digits-videos.zip"
MAX_RECORDINGS = 200

Pixels = Annotated[Whole, Field(ge=1, le=65535)]


@section
class RecordingRow:
    """One row; empty cells are None."""

    recording: Name = key("name of the recording, used in file names")
    file: Folder | None = key("its file, or digits-videos.zip/<member>", None)
    symbol: Text | None = key("a test symbol, <class>/<name> or <class>/test-<k>", None)
    seed: Seed | None = key("number of another simulated take of the symbol", None)
    label: Text | None = key("the class that was shown; empty if unknown", None)
    sensor_width: Pixels | None = key("width of the sensor", None, "pixels")
    sensor_height: Pixels | None = key("height of the sensor", None, "pixels")
    zoom: Positive | None = key("network pixels for a sensor pixel", None)
    rotate: Rotation | None = key("turn, counter-clockwise as displayed", None, "degrees")
    flip: Flip | None = key("mirroring, before the turn", None)
    note: Text | None = key("what the recording is", None)

    @property
    def archive_member(self) -> str | None:
        """The file of the tutorial's second archive that the row names; None if it names none."""
        folder, _, member = (self.file or "").partition("/")
        return member if folder == VIDEOS else None

    @model_validator(mode="after")
    def _width_and_height(self) -> "RecordingRow":
        if (self.sensor_width is None) != (self.sensor_height is None):
            raise mistake("sensor_width", "or sensor_height is empty, expected both or neither.")
        return self


RECORDING_COLUMNS = tuple(RecordingRow.__dataclass_fields__)
_WHOLE = ("seed", "sensor_width", "sensor_height", "rotate")


def read_recordings_table(
    path: Path, source: str, classes: Sequence[str] = DIGITS
) -> list[RecordingRow]:
    """Read and check the table of recordings A, B, C.

    Raises:
        StudyError: one sentence that names the table, the row and the column.
    """
    rows = []
    for number, cells in enumerate(_cells(path).to_dict("records"), start=2):
        where = f"{path} line {number}, column"
        filled: dict[str, Any] = {key: cell for key, cell in cells.items() if cell}
        for name in filled.keys() & {*_WHOLE, "zoom"}:
            try:
                filled[name] = int(filled[name]) if name in _WHOLE else float(filled[name])
            except ValueError as error:
                raise StudyError(
                    f"{where} {name} is {shown.repr(filled[name])}, expected a number or nothing."
                ) from error
        rows.append(validated(RecordingRow, filled, where))
        for sentence in _mistakes(rows[-1], source, classes):
            raise StudyError(f"{where} {sentence}")
    refuse_alike(f"{path}: column recording", [row.recording for row in rows])
    return rows


def _cells(path: Path) -> pd.DataFrame:
    """Read the table as text."""
    if not os.path.isfile(path):  # False where the system refuses the question
        raise StudyError(f"config key recordings is {str(path)!r}, which isn't a file; correct it.")
    try:
        table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    except Exception as error:  # pandas raises nearly anything on damaged bytes
        raise StudyError(f"{path}: is not a tab-separated table ({reason_of(error)}).") from error
    if tuple(table.columns) != RECORDING_COLUMNS:
        columns = one_line(", ".join(map(str, table.columns)))[:300]
        known = ", ".join(RECORDING_COLUMNS)
        raise StudyError(f"{path}: its columns are {columns}, expected {known} (tab-separated).")
    if not 0 < len(table) <= MAX_RECORDINGS:
        raise StudyError(
            f"{path}: has {len(table) or 'no'} rows, expected 1 to {MAX_RECORDINGS}, since the "
            "page shows each; test a whole set with evaluation.sets."
        )
    return table


def _mistakes(row: RecordingRow, source: str, classes: Sequence[str]) -> Iterator[str]:
    """Yield what is wrong with a row, from its column on."""
    if (row.file is None) == (row.symbol is None):
        yield "file or symbol: expected just one of the two to be filled in."
    words = f"the {Classes(classes).words} {', '.join(classes)[:200]}"
    file = shown.repr(row.file)
    if row.symbol is not None:
        symbol = shown.repr(row.symbol)
        shown_class, _, name = row.symbol.partition("/")
        if source == "tutorial":
            yield f"symbol is {symbol}, but the tutorial's data name no symbols; fill in file."
        if shown_class not in classes or not name or CONTROL.search(name):
            yield f"symbol is {symbol}, expected <class>/<name> with one of {words}."
        if row.label not in (None, shown_class) and row.label in classes:
            yield f"label is {row.label}, expected {shown_class}, as the symbol says, or nothing."
    if row.label not in (None, *classes):
        yield f"label is {shown.repr(row.label)}, expected one of {words}, or nothing."
    member = row.archive_member
    if member is None and row.file is not None and not os.path.isfile(row.file):
        yield f"file is {file}, which doesn't exist."
    if member is not None and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*\.npz", member):
        yield f"file is {file}, expected {VIDEOS}/ and the name of a .npz file in it."
    if member is not None and source != "tutorial":
        yield f"file is {file}, which only data.source: tutorial can unpack."
