"""What the checks found in each set's recordings, and how they compare with those that trained."""

from typing import Any

import pandas as pd

from dvs_snn.report import text
from dvs_snn.report.study import FinishedStudy

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


def context(study: FinishedStudy) -> dict[str, Any]:
    checks = study.table("checks")
    lacking = checks[(checks["verdict"] == "told") & (checks["check"] == study.classes.words)]
    measured = checks[checks["check"].isin(SHOWN)]
    first = measured[measured["set"].isin(measured["set"].head(1))]
    training = first.assign(set="training", median=first["training_median"])
    medians = pd.concat([measured, training.dropna(subset="median")])
    percent = medians["check"].map({"outside_share": 100}).fillna(1)
    medians = medians.assign(median=medians["median"].astype(float) * percent)
    rows = medians.pivot(index="set", columns="check", values="median")
    rows = rows.reindex(medians["set"].unique()).reindex(
        columns=[check for check in SHOWN if check in rows]
    )
    answers = study.quoted.answering(study.chosen)
    return {
        "warnings": [text.coded(warning) for warning in warnings(checks)],
        "notes": [f"{row.set} {row.finding}." for row in lacking.itertuples()]
        + [
            _beyond(str(name), part, measured[measured["set"] == name])
            for name, part in answers[answers["n_beyond"] > 0].groupby("set", sort=False)
        ],
        "sets": measured["set"],
        "rows": rows.rename(columns=SHOWN).reset_index(),
        "added": ["training", *(entry.name for entry in study.settings.evaluation.sets)],
    }


def warnings(checks: pd.DataFrame) -> list[str]:
    """The one warning of each set that has one, from `tables/checks.csv`."""
    bad = checks[checks["verdict"] == "warning"]
    return [
        f"{name}: {'; '.join(rows['finding'])}." for name, rows in bad.groupby("set", sort=False)
    ]


def _beyond(name: str, rows: pd.DataFrame, checks: pd.DataFrame) -> str:
    """Of a set with recordings beyond training's range: accuracy with and without them."""
    how = [
        f"{SHOWN[row.check].split(' (')[0]} {row.n_beyond:.0f}"
        for row in checks[checks["n_beyond"] > 0].itertuples()
    ]
    within = rows["accuracy_within"].mean()
    rest = "no other is left" if pd.isna(within) else f"{text.percent(within)} without them"
    return (
        f"{text.count(rows['n_beyond'].max())} of "
        f"{text.plural(rows['n_recordings'].max(), 'recording')} of {name} lie beyond what "
        f"training saw ({', '.join(how)}): {text.percent(rows['accuracy'].mean())} are read right "
        f"with them, {rest}."
    )
