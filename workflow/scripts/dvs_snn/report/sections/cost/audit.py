"""The audit: what other counters make of the same spikes."""

from typing import Any

from dvs_snn.inference.counters import OURS
from dvs_snn.report import text
from dvs_snn.report.cells import label_text
from dvs_snn.report.material import Material
from dvs_snn.results.audit import totals


def context(material: Material) -> dict[str, Any] | None:
    """The figure, a row for each counter, and those whose count differs from ours."""
    audit = material.table("audit")
    if audit.empty:
        return None
    whole = totals(audit)
    others = whole[whole["counter"] != OURS]
    is_same = others["ratio"] == 1
    differing = others[~is_same]
    rows = [
        {
            "counter": f"{row['counter']} {label_text(row['version'])}".strip(),
            "M SynOps": text.millions(row["synops"]),
            "over ours": f"{row['ratio']:.3f}",
            "input layer": "yes" if row["includes_input"] else "no",
            "edges": row["edges"],
            "counted": row["measured"],
            "why": row["why"],
        }
        for row in whole.to_dict("records")
    ]
    ratios = [f"{name} {ratio:.3f}" for name, ratio in differing[["counter", "ratio"]].to_numpy()]
    return {
        "figure": material.picture("audit", ""),
        "table": text.table_html(
            rows, "SynOps of one fixed recording, by each counter", source="audit"
        ),
        "same": text.listed(list(others[is_same]["counter"])),
        "differing": text.listed(ratios),
    }
