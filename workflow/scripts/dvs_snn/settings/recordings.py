"""The table of recordings A, B, C: one row each, checked."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from pydantic import Field, model_validator

from dvs_snn.files.errors import CONTROL, StudyError, reason_of
from dvs_snn.settings import base
from dvs_snn.settings.base import key, mistake, section
from dvs_snn.settings.data import DIGITS, Classes
from dvs_snn.settings.mistakes import one_line, refuse_alike, shown, validated

VIDEOS = "digits-videos.zip"
MAX_TABLE_BYTES = 2**20
MAX_RECORDINGS = 200

Pixels = Annotated[base.Whole, Field(ge=1, le=65535)]


@section
class Row:
    """One row; empty cells are None."""

    recording: base.Name = key("name of the recording, used in file names")
    file: base.Folder | None = key(
        "path of its file, or digits-videos.zip/<member> of the tutorial's archive", None
    )
    symbol: base.Text | None = key(
        "a test symbol of the study's data, <class>/<name>, or <class>/test-<k> for the k-th", None
    )
    seed: base.Seed | None = key(
        "in a simulated study, the number of another take of the same symbol", None
    )
    label: base.Text | None = key(
        "digit that was shown, or the class by its name; empty if unknown", None
    )
    sensor_width: Pixels | None = key("width of the sensor", None, "pixels")
    sensor_height: Pixels | None = key("height of the sensor", None, "pixels")
    zoom: base.Positive | None = key("network pixels for a sensor pixel", None)
    rotate: base.Rotation | None = key("turn, counter-clockwise as displayed", None, "degrees")
    flip: base.Flip | None = key("mirroring, before the turn", None)
    note: base.Text | None = key("what the recording is", None)

    @model_validator(mode="after")
    def _width_and_height(self) -> "Row":
        if (self.sensor_width is None) != (self.sensor_height is None):
            raise mistake("sensor_width", "or sensor_height is empty, expected both or neither.")
        return self


RECORDING_COLUMNS = tuple(Row.__dataclass_fields__)
_NUMBERS = {
    "seed": int, "sensor_width": int, "sensor_height": int, "zoom": float, "rotate": int,
}  # fmt: skip


def read_recordings_table(
    path: Path, source: str, classes: Sequence[str] = DIGITS
) -> list[dict[str, Any]]:
    """Read and check the table of recordings A, B, C: a list of rows, empty cells as None.

    A label becomes the place of its class in `classes`.

    Raises:
        StudyError: one sentence that names the table, the row and the column.
    """
    if not os.path.isfile(path):  # False where the system refuses the question
        raise StudyError(f"config key recordings is {str(path)!r}, which is no file.")
    if path.stat().st_size > MAX_TABLE_BYTES:
        raise StudyError(
            f"{path}: has {path.stat().st_size} bytes, expected at most {MAX_TABLE_BYTES} of a "
            "table of some recordings."
        )
    try:
        table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    except Exception as error:  # pandas raises nearly anything on damaged bytes
        raise StudyError(f"{path}: is not a tab-separated table ({reason_of(error)}).") from error
    if tuple(table.columns) != RECORDING_COLUMNS:
        found = one_line(", ".join(map(str, table.columns)))[:300]
        raise StudyError(
            f"{path}: its columns are {found}, expected {', '.join(RECORDING_COLUMNS)} "
            "(tab-separated)."
        )
    if len(table) > MAX_RECORDINGS:
        raise StudyError(
            f"{path}: has {len(table)} rows, expected at most {MAX_RECORDINGS}: each is run on its "
            "own and shown; for a whole set see evaluation.sets."
        )
    rows = []
    for number, cells in enumerate(table.to_dict("records"), start=2):
        where = f"{path} line {number}, column"
        filled: dict[str, Any] = {key: cell for key, cell in cells.items() if cell}
        for name in [name for name in _NUMBERS if name in filled]:
            try:
                filled[name] = _NUMBERS[name](filled[name])
            except ValueError as error:
                raise StudyError(
                    f"{where} {name} is {shown.repr(filled[name])}, expected a number or nothing."
                ) from error
        row = vars(validated(Row, filled, where))
        _check_row(row, where, source, classes)
        label = None if row["label"] is None else classes.index(row["label"])
        rows.append({**row, "label": label})
    names = [row["recording"] for row in rows]
    for name in names:
        if names.count(name) > 1:
            raise StudyError(f"{path}: recording {name!r} stands there twice, expected once.")
    refuse_alike(f"{path}: column recording", names)
    if not rows:
        raise StudyError(f"{path}: has no row, expected at least one recording.")
    return rows


def _check_row(row: dict[str, Any], where: str, source: str, classes: Sequence[str]) -> None:
    if (row["file"] is None) == (row["symbol"] is None):
        raise StudyError(f"{where} file or symbol: expected just one of the two to be filled in.")
    if row["symbol"] is not None and source == "tutorial":
        raise StudyError(
            f"{where} symbol is {row['symbol']!r}, but the tutorial's data name no symbols; "
            "fill in file."
        )
    shown_class, _, name = (row["symbol"] or "").partition("/")
    if row["symbol"] is not None and (
        shown_class not in classes or not name or CONTROL.search(name)
    ):
        raise StudyError(
            f"{where} symbol is {shown.repr(row['symbol'])}, expected <class>/<name> with one of "
            f"the {Classes(classes).words} {', '.join(classes)[:200]}."
        )
    if row["label"] not in (None, *classes):
        raise StudyError(
            f"{where} label is {shown.repr(row['label'])}, expected one of the "
            f"{Classes(classes).words} {', '.join(classes)[:200]}, or nothing."
        )
    if row["symbol"] is not None and row["label"] not in (None, shown_class):
        raise StudyError(
            f"{where} label is {row['label']}, expected {shown_class} as the symbol "
            f"{shown.repr(row['symbol'])} says, or nothing."
        )
    if row["recording"].endswith(".layers"):
        raise StudyError(
            f"{where} recording is {row['recording']!r}, expected a name that doesn't end in "
            "'.layers', as the study's own files do."
        )
    member = archive_member(row)
    if member is not None and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*\.npz", member):
        raise StudyError(
            f"{where} file is {shown.repr(row['file'])}, expected {VIDEOS}/ and the name of "
            "a .npz file in it."
        )
    if row["file"] is not None and member is None and not os.path.isfile(row["file"]):
        raise StudyError(f"{where} file is {shown.repr(row['file'])}, which doesn't exist.")
    if member is not None and source != "tutorial":
        raise StudyError(
            f"{where} file is {row['file']!r}, which only data.source: tutorial can unpack."
        )


def archive_member(row: dict[str, Any]) -> str | None:
    """Return the file of the tutorial's second archive that a row names; None if it names none."""
    file = row["file"] or ""
    return file.removeprefix(f"{VIDEOS}/") if file.startswith(f"{VIDEOS}/") else None


def simulated_symbol(row: dict[str, Any], test: Sequence[int]) -> str:
    """Return the symbol of a simulated recording A, B, C; ``3/test-1`` is the first that tests.

    Args:
        row: its row of the recordings table.
        test: number of test symbols of each digit; these are the first ones.

    Raises:
        StudyError: no such symbol, or one that trains or validates.
    """
    match = re.fullmatch(r"([0-9])/(?:test-)?([0-9]{1,9})", row["symbol"])
    if not match or int(match[2]) < 1:
        raise StudyError(
            f"recording {row['recording']}: its symbol is {row['symbol']!r}, expected "
            "<digit>/<number> or <digit>/test-<number>, counted from 1."
        )
    digit, number = int(match[1]), int(match[2])
    if number > test[digit]:
        raise StudyError(
            f"recording {row['recording']}: its symbol {row['symbol']!r} isn't a test symbol but "
            "may train or validate; recordings that are shown must be test symbols: choose a "
            f"number from 1 to {test[digit]}."
        )
    return f"{digit}/{number:04d}"
