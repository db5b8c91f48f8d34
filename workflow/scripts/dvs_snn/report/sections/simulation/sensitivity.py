"""How much hangs on the simulated sensor."""

from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.report.cells import is_known
from dvs_snn.report.conditions import condition, relative_synops
from dvs_snn.report.material import Material
from dvs_snn.report.text import (
    NOTHING,
    count,
    counts_listed,
    from_to,
    millions,
    plain,
    table_html,
    with_interval,
)


def context(material: Material) -> dict[str, Any] | None:
    """What is shown of changed sensors; None where none was tried."""
    sensitivity, note = material.table("sensitivity"), material.origin.note()
    figure = material.picture("sensitivity", note)
    if sensitivity.empty and not figure:
        return None
    return {
        "table": sensitivity_table(sensitivity, note),
        "n_symbols": counts_listed(sensitivity, "n_symbols"),
        "figure": figure,
    }


def sensitivity_table(sensitivity: pd.DataFrame, note: str = "") -> Markup | None:
    """A row for each condition, variant and seed."""
    if sensitivity.empty:
        return None
    relative = relative_synops(sensitivity)
    rows = []
    for row, share in zip(sensitivity.to_dict("records"), relative, strict=True):
        rows.append(
            {
                "sensor": condition(row),
                "variant": plain(row["variant"]),
                "seed": plain(row["seed"]),
                "symbols (n)": count(row["n_symbols"]),
                "accuracy (95 %)": with_interval(
                    row["accuracy"], row["accuracy_low"], row["accuracy_high"]
                ),
                "difference in points (95 %)": _points_with_interval(
                    row["difference"], row["difference_low"], row["difference_high"]
                ),
                "M SynOps per recording": millions(row["synops_per_recording"]),
                "over nominal": f"{share:.2f}" if is_known(share) else NOTHING,
            }
        )
    caption = f"{note}The trained networks, read with a sensor of which one part is changed"
    return table_html(pd.DataFrame(rows), caption)


def points(value: Any) -> str:
    """A difference of two fractions in percentage points, with its sign: `−1.2`."""
    if not is_known(value):
        return NOTHING
    text = f"{100 * float(value):+.1f}".replace("-", "−")
    return "0.0" if text in ("+0.0", "−0.0") else text


def _points_with_interval(value: Any, low: Any, high: Any) -> str:
    if not is_known(value) or not is_known(low) or not is_known(high):
        return points(value)
    return f"{points(value)} ({from_to(points(low), points(high))})"
