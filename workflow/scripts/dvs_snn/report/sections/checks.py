"""What the checks found in each set's recordings, and how they compare with those that trained."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.report import text
from dvs_snn.report.cells import is_known, ordered
from dvs_snn.report.material import Material
from dvs_snn.report.methods import answering

SHOWN = {
    "duration_s": "duration (s)",
    "n_events": "events",
    "events_per_s": "events/s",
    "events_per_step": "events/step",
    "events_per_pixel": "events/pixel",
    "outside_share": "outside (%)",
    "box_px": "box (px)",
}
"""The quantities of the page's table, and their headings."""


def context(material: Material) -> dict[str, Any]:
    added = [one["name"] for one in (material.config.get("evaluation") or {}).get("sets") or []]
    return {
        "notes": _notes(material),
        "table": _table(material),
        "inputs": material.picture("inputs", material.origin.note_on(["training", *added])),
    }


def warnings(checks: pd.DataFrame) -> list[str]:
    """The one warning of each set that has one, from `tables/checks.csv`."""
    bad = checks[checks["verdict"] == "warning"]
    return [
        f"{name}: {'; '.join(rows['finding'])}." for name, rows in bad.groupby("set", sort=False)
    ]


def _notes(material: Material) -> list[dict[str, Any]]:
    """Sentences on single sets: warnings first, then what else is good to know."""
    checks = material.table("checks")
    notes = [{"is_warning": True, "text": text.coded(one)} for one in warnings(checks)]
    told = checks[(checks["verdict"] == "told") & (checks["check"] == material.classes.words)]
    others = [f"{row.set} {row.finding}." for row in told.itertuples()]
    others += _beyond(answering(material.chosen, material.table("choice")), checks)
    return notes + [{"is_warning": False, "text": one} for one in others]


def _beyond(rows: pd.DataFrame, checks: pd.DataFrame) -> list[str]:
    """Of each set with recordings beyond training's range: accuracy with and without them."""
    found = []
    for name, own in rows[rows["n_beyond"] > 0].groupby("set", sort=False):
        marked = checks[(checks["set"] == name) & checks["check"].isin(SHOWN)]
        marked = marked[marked["n_beyond"] > 0]
        how = [
            f"{SHOWN[one.check].split(' (')[0]} {one.n_beyond:.0f}" for one in marked.itertuples()
        ]
        n, whole = (own[column].max() for column in ("n_beyond", "n_recordings"))
        within, all_right = own["accuracy_within"].mean(), text.percent(own["accuracy"].mean())
        rest = f"{text.percent(within)} without them" if is_known(within) else "no other is left"
        found.append(
            f"{text.count(n)} of {text.plural(whole, 'recording')} of {name} lie beyond what "
            f"training saw ({', '.join(how)}): {all_right} are read right with them, {rest}."
        )
    return found


def _table(material: Material) -> Markup | None:
    """The median recording of each set, and of training."""
    checks = material.table("checks")
    checks = checks[checks["check"].isin(SHOWN)]
    rows = [
        {"set": name, **_medians(own.set_index("check"), "median")}
        for name, own in checks.groupby("set", sort=False)
    ]
    first = checks[checks["set"].isin(ordered(checks["set"])[:1])].set_index("check")
    if len(first) and first["training_median"].notna().any():
        rows.append({"set": "training", **_medians(first, "training_median")})
    note = material.origin.note_on(row["set"] for row in rows if row["set"] != "training")
    caption = (
        f"{note}The median recording of each set. The box holds 90 % of the events on each axis of "
        "the network"
    )
    return text.table_html(rows, caption, source="checks")


def _medians(checks: pd.DataFrame, column: str) -> Mapping[str, str]:
    values = checks[column].astype(float)
    return {
        heading: text.significant(values[name] * (100 if name == "outside_share" else 1))
        for name, heading in SHOWN.items()
        if name in values
    }
