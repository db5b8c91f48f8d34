"""Published figures beside ours."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.report import text
from dvs_snn.report.cells import is_known
from dvs_snn.report.material import Material
from dvs_snn.tables.comparison import COMPUTED

ARITHMETIC = "same arithmetic"
"""The verdict on a printed number that was computed again from other printed numbers."""

NOT_COMPARABLE = "not comparable"


def context(material: Material) -> dict[str, Any]:
    comparison = material.table("comparison")
    computed = comparison["why"].astype(str).str.startswith(COMPUTED)
    is_arithmetic = computed & (comparison["verdict"] == "reproduced")
    comparison = comparison.assign(verdict=comparison["verdict"].mask(is_arithmetic, ARITHMETIC))
    note = ""
    if material.origin.note():
        note = "; what of ours is measured is measured on simulated recordings"
    is_other = comparison["verdict"] == NOT_COMPARABLE
    judged = comparison[comparison["verdict"] != ""]["verdict"]
    by_quantity = {row["quantity"]: row for row in comparison.to_dict("records")}
    return {
        "table": _table(comparison[~is_other], f"Published figures and ours{note}"),
        "other_table": _table(comparison[is_other], f"Figures from other data, and ours{note}"),
        "verdicts": text.counted(judged),
        "n": text.count(len(judged)),
        "printed_mw": _milliwatts(by_quantity, "tutorial_power_printed", "published"),
        "correct_mw": _milliwatts(by_quantity, "tutorial_power_at_10_pj", "ours"),
    }


def _table(comparison: pd.DataFrame, caption: str) -> Markup | None:
    shown = [
        {
            "quantity": f"{str(row['quantity']).replace('_', ' ')} ({row['unit']})",
            "published": _four_digits(row["published"]),
            "ours": _four_digits(row["ours"])
            if row["ours_low"] == row["ours_high"]
            else text.interval_of(row, "ours", _four_digits),
            "n": row["n"],
            "verdict": row["verdict"],
            "why": row["why"],
            "source": row["published_source"],
        }
        for row in comparison.to_dict("records")
    ]
    return text.table_html(shown, caption, badges="verdict", source="comparison")


def _four_digits(value: Any) -> str:
    return text.significant(value, 4)


def _milliwatts(rows: Mapping[str, Mapping[str, Any]], quantity: str, column: str) -> str:
    value = rows.get(quantity, {}).get(column)
    return f"{text.significant(value)}{text.NBSP}mW" if is_known(value) else ""
