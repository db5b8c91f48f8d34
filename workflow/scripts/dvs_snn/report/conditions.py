"""Rows of the sensitivity table as the page and its figure name and compare them."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

NOMINAL = "nominal"
"""The part of the row whose sensor is not changed."""


def condition(row: Mapping[str, Any]) -> str:
    """A condition by name: `threshold doubled`, or `nominal`."""
    return NOMINAL if row["part"] == NOMINAL else f"{row['part']} {row['change']}"


def relative_synops(sensitivity: pd.DataFrame) -> pd.Series:
    """SynOps per recording over the nominal sensor's, by (variant, seed); nan without."""
    runs, synops = ["variant", "seed"], "synops_per_recording"
    nominal = sensitivity[sensitivity["part"] == NOMINAL].set_index(runs)[synops]
    base = sensitivity[runs].join(nominal, on=runs)[synops]
    return sensitivity[synops] / base.where(base > 0)
