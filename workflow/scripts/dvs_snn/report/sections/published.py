"""Published figures beside ours."""

from functools import partial
from typing import Any

import pandas as pd

from dvs_snn.report import text
from dvs_snn.report.study import FinishedStudy
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


def _rows(comparison: pd.DataFrame) -> list[dict[str, str]]:
    return [
        {
            "quantity": f"{str(row['quantity']).replace('_', ' ')} ({row['unit']})",
            "published": four_digits(row["published"]),
            "ours": four_digits(row["ours"])
            if row["ours_low"] == row["ours_high"]
            else text.interval_of(row, "ours", four_digits),
            "n": row["n"],
            "verdict": row["verdict"],
            "why": row["why"],
            "source": row["published_source"],
        }
        for row in comparison.to_dict("records")
    ]
