"""The symbols that rows of the recordings table name, looked up in the split table."""

import re

import pandas as pd

from dvs_snn.files.errors import StudyError


def find_symbol(split: pd.DataFrame, symbol: str) -> pd.Series:
    """Return the row of a test symbol: ``<class>/<name>``, or ``<class>/test-<k>`` for the k-th.

    Raises:
        StudyError: no such symbol, or one that trains or validates.
    """
    match = re.fullmatch(r"([^/]+)/test-(\d+)", symbol)
    if match:
        name, k = match[1], int(match[2])
        # The symbols of a folder of test recordings have `test/` in front.
        is_shown = split["symbol"].str.split("/").str[-2] == name
        is_test = (split["split"] == "test") & is_shown
        rows = split[is_test].drop_duplicates("symbol")
        if not 1 <= k <= len(rows):
            raise StudyError(
                f"symbol {symbol!r} of the recordings table: {name} has {len(rows)} test "
                "symbols; choose a number from 1 to that."
            )
        return rows.iloc[k - 1]
    rows = split[split["symbol"].isin([symbol, f"test/{symbol}"])]
    if rows.empty:
        raise StudyError(
            f"symbol {symbol!r} of the recordings table is not in the study's data; expected one "
            "of split.csv, or <class>/test-<k>."
        )
    if rows.iloc[0]["split"] != "test":
        raise StudyError(
            f"symbol {symbol!r} of the recordings table is in the {rows.iloc[0]['split']} part; "
            "recordings that are shown must be test symbols: see split.csv, or write "
            "<class>/test-<k>."
        )
    return rows.iloc[0]
