"""Reads the tables of figures of real recordings that ship with the study (no events)."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from dvs_snn.files.errors import StudyError

REMEDY = "restore the file from the repository"


def read_shipped(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Read a tab-separated table with remarks after #; StudyError if it has other columns."""
    try:
        table = pd.read_csv(path, sep="\t", comment="#")
    except (OSError, ValueError) as error:
        raise StudyError(
            f"{path}: cannot be read ({error}), expected a tab-separated table; {REMEDY}"
        ) from error
    if list(table.columns) != list(columns):
        raise StudyError(
            f"{path}: columns {', '.join(table.columns)}, expected {', '.join(columns)}; {REMEDY}"
        )
    return table
