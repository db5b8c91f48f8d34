"""How much hangs on the simulated sensor."""

from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.report import text
from dvs_snn.report.cells import condition, is_known, relative_synops
from dvs_snn.report.study import FinishedStudy


def context(study: FinishedStudy) -> dict[str, Any] | None:
    """What is shown of changed sensors; None where none was tried."""
    sensitivity, note = study.table("sensitivity"), study.origin.note()
    figure = study.figure("sensitivity", note)
    if sensitivity.empty and not figure:
        return None
    return {
        "table": _table(sensitivity, note),
        "n_symbols": text.counts_listed(sensitivity["n_symbols"]),
        "figure": figure,
    }


def _table(sensitivity: pd.DataFrame, note: str) -> Markup | None:
    """A row for each condition, variant and seed."""
    rows = [
        {
            "sensor": condition(row),
            "network": f"{row['variant']} {row['seed']}",
            "symbols (n)": text.count(row["n_symbols"]),
            "accuracy (95 %)": text.interval_of(row, "accuracy"),
            "difference in points (95 %)": text.interval_of(row, "difference", points),
            "M SynOps per recording": text.millions(row["synops_per_recording"]),
            "over nominal": f"{share:.2f}" if is_known(share) else text.NOTHING,
        }
        for row, share in zip(
            sensitivity.to_dict("records"), relative_synops(sensitivity), strict=True
        )
    ]
    caption = f"{note}The trained networks, read with a sensor of which one part is changed"
    return text.table_html(rows, caption, source="sensitivity")


def points(value: Any) -> str:
    """A difference of two fractions in percentage points, with its sign: `−1.2`."""
    if not is_known(value):
        return text.NOTHING
    written = f"{100 * float(value):+.1f}".replace("-", "−")
    return "0.0" if written in ("+0.0", "−0.0") else written
