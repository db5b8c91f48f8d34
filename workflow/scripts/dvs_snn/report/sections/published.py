"""Published figures beside ours."""

from collections.abc import Mapping
from typing import Any

from dvs_snn.report import text
from dvs_snn.report.cells import is_known
from dvs_snn.report.material import Material


def context(material: Material) -> dict[str, Any]:
    comparison = material.table("comparison")
    rows = comparison.to_dict("records")
    shown = [
        {
            "quantity": str(row["quantity"]).replace("_", " "),
            "unit": row["unit"],
            "published": _four_digits(row["published"]),
            "ours": _four_digits(row["ours"])
            if row["ours_low"] == row["ours_high"]
            else text.interval_of(row, "ours", _four_digits),
            "n": row["n"],
            "tolerance": text.percent(row["tolerance"]),
            "verdict": row["verdict"],
            "why": row["why"],
            "source": row["published_source"],
            "certainty": row["certainty"],
        }
        for row in rows
    ]
    caption = "Published figures and ours"
    if material.origin.note():
        caption += "; what of ours is measured is measured on simulated recordings"
    judged = comparison[comparison["verdict"] != ""]["verdict"]
    by_quantity = {row["quantity"]: row for row in rows}
    return {
        "table": text.table_html(shown, caption, badges="verdict"),
        "verdicts": text.counted(judged),
        "n": text.count(len(judged)),
        "printed_mw": _milliwatts(by_quantity, "tutorial_power_printed", "published"),
        "correct_mw": _milliwatts(by_quantity, "tutorial_power_at_10_pj", "ours"),
    }


def _four_digits(value: Any) -> str:
    return text.significant(value, 4)


def _milliwatts(rows: Mapping[str, Mapping[str, Any]], quantity: str, column: str) -> str:
    value = rows.get(quantity, {}).get(column)
    return f"{text.significant(value)}{text.NBSP}mW" if is_known(value) else ""
