"""Cells of result tables, as figures and the page read them."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from dvs_snn.settings.set_names import TEST


def is_known(value: Any) -> bool:
    """Whether a cell holds something: not None, NaN or blank text."""
    if value is None:
        return False
    if isinstance(value, str):
        return value.strip() != ""
    return not pd.isna(value)


def label_text(value: Any) -> str:
    """A label as text; empty for None, NaN and blanks; 3.0 (3 beside gaps in pandas) is 3."""
    if not is_known(value):
        return ""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def flagged(column: pd.Series) -> pd.Series:
    """Where a column of 0 and 1 is 1."""
    return pd.to_numeric(column, errors="coerce").fillna(0).astype(int) == 1


def ordered(column: Iterable[Any]) -> list[Any]:
    """Distinct values in the order in which they first stand."""
    return list(dict.fromkeys(column))


def spiking(evaluation: pd.DataFrame) -> pd.DataFrame:
    """The rows of `tables/evaluation.csv` that a spiking network made: those with a scale."""
    if "scale" not in evaluation:
        return evaluation.iloc[:0]
    return evaluation[pd.to_numeric(evaluation["scale"], errors="coerce").notna()]


def shown_set(evaluation: pd.DataFrame) -> str:
    """The set that stands for the study: `test` or, without it, the first that spiked."""
    sets = ordered(spiking(evaluation)["set"])
    return TEST if TEST in sets or not sets else sets[0]
