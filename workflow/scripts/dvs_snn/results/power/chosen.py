"""The points that are quoted on sets that didn't choose them, one for each method."""

import pandas as pd

from dvs_snn.settings.set_names import VALIDATION_SETS

POINT = ("set", "method", "variant", "scale")
"""Columns that name a point on a set."""


def chosen_rows(evaluation: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of ``evaluation.csv`` that are quoted, without the validation sets."""
    quoted = (evaluation["chosen"] == 1).fillna(False) & evaluation["scale"].notna()
    return evaluation[quoted & ~evaluation["set"].isin(VALIDATION_SETS)]
