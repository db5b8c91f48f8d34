"""Whether accuracy drifts while a recording goes on, and what helps."""

from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.realism.drift.conditions import BASE, RECENT_S
from dvs_snn.report import text
from dvs_snn.report.material import Material
from dvs_snn.report.methods import in_order
from dvs_snn.report.sections.simulation.sensitivity import points

READINGS = {"all": "all spikes", "recent": f"the last {RECENT_S:g} s alone"}


def context(material: Material) -> dict[str, Any] | None:
    """What is shown of long recordings; None where none was read."""
    drift, note = material.table("drift"), material.origin.note()
    if drift.empty:
        return None
    whole = drift[drift["size"] == "all"]
    first, last = whole["time_s"].min(), whole["time_s"].max()
    ends, base = whole[whole["time_s"] == last], whole[whole["part"] == BASE[0]]
    return {
        "figure": material.picture("drift", note),
        "n_symbols": text.counts_listed(whole, "n_symbols"),
        "first": f"{first:g}",
        "last": f"{last:g}",
        "went_on": first < last,
        "recent": f"{RECENT_S:g}",
        "methods": [
            {"name": method, "readings": [_course(base[base["method"] == method], reading)
                                          for reading in READINGS]}
            for method in in_order(base["method"])
        ],
        "helps": [_helps(ends[ends["reading"] == reading], reading) for reading in READINGS],
        "table": _table(ends, f"{note}Networks that read until {last:g} s, all sizes together"),
    }  # fmt: skip


def _beyond(rows: pd.DataFrame, column: str) -> tuple[int, int]:
    """Count the networks whose interval of a difference lies above 0, and below."""
    return int((rows[f"{column}_low"] > 0).sum()), int((rows[f"{column}_high"] < 0).sum())


def _course(rows: pd.DataFrame, reading: str) -> str:
    """How accuracy moves from the first time to the last: of a method's networks, in words."""
    rows = rows[rows["reading"] == reading]
    start = rows[rows["time_s"] == rows["time_s"].min()]
    end = rows[rows["time_s"] == rows["time_s"].max()]
    rises, falls = _beyond(end, "change")
    return (
        f"by {READINGS[reading]} {text.spread(start['accuracy'], text.percent)} at first and "
        f"{text.spread(end['accuracy'], text.percent)} at last, a change of "
        f"{text.spread(end['change'], points)} points: beyond its 95 % interval it rises for "
        f"{rises} and falls for {falls} of {text.plural(len(end), 'network')}"
    )


def _helps(ends: pd.DataFrame, reading: str) -> str:
    """Which changes raise accuracy at the last time, and which lower it, in words."""
    ends = ends[ends["part"] != BASE[0]]
    ups, downs, neither = [], [], []
    for (part, value), own in ends.groupby(["part", "value"], sort=False):
        raised, lowered = _beyond(own, "difference")
        for found, number in ((ups, raised), (downs, lowered)):
            if number:
                found.append(f"{part} {value} ({number} of {text.plural(len(own), 'network')})")
        if not raised and not lowered:
            neither.append(f"{part} {value}")
    told = [f"raised by {text.listed(ups) or 'none'}", f"lowered by {text.listed(downs) or 'none'}"]
    told += [f"moved neither way by {text.listed(neither)}"] if neither else []
    return f"Read by {READINGS[reading]} it is {'; '.join(told)}."


def _table(ends: pd.DataFrame, caption: str) -> Markup | None:
    """A row for each method and change; numbers of several seeds as a mean and a range."""
    rows = []
    for (method, part, value), own in ends.groupby(
        ["method", "part", "value"], sort=False, dropna=False
    ):
        row = {"network": method, "changed": "nothing" if part == BASE[0] else f"{part} {value}"}
        for reading, words in READINGS.items():
            of_reading = own[own["reading"] == reading]
            row[f"by {words}"] = text.spread(of_reading["accuracy"], text.percent)
            row[f"points, by {words}"] = text.spread(of_reading["difference"], points)
        row["M SynOps/s"] = text.spread(own["synops_per_s"], text.millions)
        rows.append(row)
    return text.table_html(rows, caption, source="drift")
