"""Published figures beside ours."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from dvs_snn.report.cells import is_known
from dvs_snn.report.material import Material
from dvs_snn.report.text import (
    NBSP,
    count,
    from_to,
    is_number,
    listed,
    percent,
    plain,
    significant,
    table_html,
)


def context(material: Material) -> dict[str, Any]:
    """The table beside published figures, how its verdicts add up, and the tutorial's power."""
    comparison = material.table("comparison", "quantity", "verdict")
    if comparison.empty:
        return {"table": None, "verdicts": "", "n": "0", "printed_mw": "", "correct_mw": ""}
    rows = comparison.to_dict("records")
    shown = [
        {
            "quantity": str(row["quantity"]).replace("_", " "),
            "unit": plain(row.get("unit")),
            "published": significant(row.get("published"), 4),
            "ours": _ours(row),
            "n": plain(row.get("n")),
            "tolerance": percent(row.get("tolerance"))
            if is_number(row.get("tolerance"))
            else plain(row.get("tolerance")),
            "verdict": plain(row["verdict"]),
            "why": plain(row.get("why")),
            "source": plain(row.get("published_source")),
            "certainty": plain(row.get("certainty")),
        }
        for row in rows
    ]
    caption = "Published figures and ours"
    if material.origin.note():
        caption += "; what of ours is measured is measured on simulated recordings"
    published = comparison[comparison["verdict"] != ""]
    verdicts = published["verdict"].value_counts(sort=False)
    parts = [f"{number} {verdict}" for verdict, number in verdicts.items()]
    by_quantity = {row["quantity"]: row for row in rows}
    return {
        "table": table_html(pd.DataFrame(shown), caption, badges="verdict"),
        "verdicts": listed(parts),
        "n": count(len(published)),
        "printed_mw": _milliwatts(by_quantity, "tutorial_power_printed", "published"),
        "correct_mw": _milliwatts(by_quantity, "tutorial_power_at_10_pj", "ours"),
    }


def _ours(row: Mapping[str, Any]) -> str:
    text = significant(row.get("ours"), 4)
    low, high = row.get("ours_low"), row.get("ours_high")
    if not is_known(low) or not is_known(high) or float(low) == float(high):
        return text
    return f"{text} ({from_to(significant(low, 4), significant(high, 4))})"


def _milliwatts(rows: Mapping[str, Mapping[str, Any]], quantity: str, column: str) -> str:
    if quantity not in rows or not is_known(rows[quantity].get(column)):
        return ""
    return f"{significant(rows[quantity][column])}{NBSP}mW"
