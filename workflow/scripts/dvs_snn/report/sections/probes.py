"""Probes: what moves if one thing is changed at a time."""

from typing import Any

import pandas as pd

from dvs_snn.files.registry import load
from dvs_snn.probes.probe import BASE, KINDS, LIMIT_PERCENT, LIMIT_POINTS, Probe
from dvs_snn.report import live, text
from dvs_snn.report.cells import ordered
from dvs_snn.report.study import FinishedStudy
from dvs_snn.settings.sweep import Power


def context(study: FinishedStudy) -> dict[str, Any] | None:
    """What is shown of the probes; None without any."""
    table = study.table("probes").fillna({"value": "", "method": "", "why": ""})
    if table.empty:
        return None
    note = study.origin.note_on(ordered(table["set"]))
    moved = table.loc[(table["measure"] == "moved") & (table["part"] != BASE[0]), "amount"]
    return {
        "figure": study.figure("probes", note),
        "n_moved": text.count(moved.sum()),
        "n_changed": text.count(len(moved)),
        "points": f"{LIMIT_POINTS:g}",
        "percent": f"{LIMIT_PERCENT:g}",
        "each": [
            _shown(load(KINDS, name).PROBE, name, rows, note, study.power)
            for name, rows in table.groupby("probe", sort=True)
        ],
    }


def _shown(probe: Probe, name: str, rows: pd.DataFrame, note: str, power: Power) -> dict[str, Any]:
    """A probe's words and its table: a row a condition, numbers of several seeds as a range."""
    amounts = {
        measure: text.listed([text.significant(amount) for amount in sorted(set(of.dropna()))])
        for measure, of in rows.groupby("measure")["amount"]
    }
    cells = []
    key = ["set", "method", "part", "value"]
    for (shown, method, part, value), of_condition in rows.groupby(key, sort=False):
        by_measure = dict(iter(of_condition.groupby("measure")))
        first = {"network": f"{method} on {shown}"} if method else {"scene": shown}
        first["changed"] = "nothing" if part == BASE[0] else f"{part}: {value}".replace("_", " ")
        cells.append(
            first
            | {
                heading: _cell(by_measure[measure], power)
                for heading, measure in probe.shown.items()
                if measure in by_measure
            }
        )
    return {
        "name": name,
        "title": probe.title,
        "about": text.coded(probe.about.format_map(amounts)),
        "caption": f"{note}{probe.title}",
        "rows": cells,
    }


def _cell(rows: pd.DataFrame, power: Power) -> str:
    """The amounts of one measure, and remarks on them."""
    unit, measure, amounts = rows["unit"].iloc[0], rows["measure"].iloc[0], rows["amount"]
    if unit == "mW":
        return live.spread(amounts, power)
    if measure == "moved":
        return f"{int(amounts.sum())} of {text.plural(len(rows), 'seed')}"
    written = text.significant
    if unit == "share":
        written = text.points if measure.endswith("_change") else text.percent
    elif unit == "SynOps":
        written = text.millions
    remarks = ordered(why for why in rows["why"] if why)
    return text.spread(amounts, written) + (f" ({'; '.join(remarks)})" if remarks else "")
