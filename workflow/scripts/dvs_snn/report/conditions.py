"""Rows of the sensitivity table as the page and its figure name and compare them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

NOMINAL = "nominal"
"""The part of the row whose sensor is not changed."""


def condition(row: Mapping[str, Any]) -> str:
    """A condition by name: `threshold doubled`, or `nominal`."""
    values = [row.get(key) for key in ("part", "change")]
    parts = [str(value).strip() for value in values if not pd.isna(value)]
    parts = [part for part in parts if part]
    if not parts or parts[0] == NOMINAL:
        return NOMINAL
    return " ".join(parts)


def relative_synops(sensitivity: pd.DataFrame) -> pd.Series:
    """SynOps per recording over the nominal sensor's, by (variant, seed); nan without."""
    names = pd.Series(
        [condition(row) for row in sensitivity.to_dict("records")], index=sensitivity.index
    )
    nominal = sensitivity[names == NOMINAL]
    by_run = dict(
        zip(
            zip(nominal["variant"], nominal["seed"], strict=True),
            nominal["synops_per_recording"],
            strict=True,
        )
    )
    runs = zip(sensitivity["variant"], sensitivity["seed"], strict=True)
    base = pd.Series([by_run.get(run, np.nan) for run in runs], index=sensitivity.index)
    return sensitivity["synops_per_recording"] / base.where(base > 0)
