"""Probes: what moves if one thing is changed at a time."""

from typing import Any

from dvs_snn.files.registry import load
from dvs_snn.probes.probe import BASE, KINDS, LIMIT_PERCENT, LIMIT_POINTS
from dvs_snn.report import text
from dvs_snn.report.cells import ordered
from dvs_snn.report.study import FinishedStudy


def context(study: FinishedStudy) -> dict[str, Any] | None:
    """What is shown of the probes; None without any."""
    table = study.table("probes")
    if table.empty:
        return None
    moved = table.loc[(table["measure"] == "moved") & (table["part"] != BASE[0]), "amount"]
    each = []
    for name, rows in table.groupby("probe", sort=True):
        probe = load(KINDS, name).PROBE
        amounts = {
            measure: text.listed([text.significant(amount) for amount in sorted(set(of.dropna()))])
            for measure, of in rows.groupby("measure")["amount"]
        }
        about = text.coded(probe.about.format_map(amounts))
        each.append({"name": name, "title": probe.title, "about": about})
    return {
        "figure": study.figure("probes", study.note_on(ordered(table["set"]))),
        "n_moved": text.count(moved.sum()),
        "n_changed": text.count(len(moved)),
        "points": f"{LIMIT_POINTS:g}",
        "percent": f"{LIMIT_PERCENT:g}",
        "each": each,
    }
