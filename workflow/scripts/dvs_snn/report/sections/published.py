"""Published figures beside ours."""

from functools import partial
from typing import Any

import pandas as pd

from dvs_snn.report import text
from dvs_snn.report.study import FinishedStudy
from dvs_snn.report.table import column
from dvs_snn.tables.comparison import COMPUTED

ARITHMETIC = "same arithmetic"
"""The verdict on a printed number that was computed again from other printed numbers."""

NOT_COMPARABLE = "not comparable"

four_digits = partial(text.significant, digits=4)


def context(study: FinishedStudy) -> dict[str, Any]:
    comparison = study.table("comparison")
    computed = comparison["why"].astype(str).str.startswith(COMPUTED)
    is_arithmetic = computed & (comparison["verdict"] == "reproduced")
    verdict = comparison["verdict"].mask(is_arithmetic, ARITHMETIC)
    comparison = comparison.assign(verdict=verdict)
    powers = comparison.set_index("quantity")[["published", "ours"]].stack()
    return {
        "rows": _rows(comparison[verdict != NOT_COMPARABLE]),
        "other_rows": _rows(comparison[verdict == NOT_COMPARABLE]),
        "verdicts": text.counted(verdict[verdict != ""]),
        "n": (verdict != "").sum(),
        "printed_mw": powers.get(("tutorial_power_printed", "published")),
        "correct_mw": powers.get(("tutorial_power_at_10_pj", "ours")),
    }


def _rows(comparison: pd.DataFrame) -> pd.DataFrame:
    def ours(row: dict[str, Any]) -> str:
        if row["ours_low"] == row["ours_high"]:
            return four_digits(row["ours"])
        return text.interval_of(row, "ours", four_digits)

    quantity = comparison["quantity"].astype(str).str.replace("_", " ")
    return comparison.assign(
        quantity=quantity + " (" + comparison["unit"].astype(str) + ")",
        published=comparison["published"].map(four_digits),
        ours=column(comparison, ours),
    )
