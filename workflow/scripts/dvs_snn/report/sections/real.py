"""On real recordings, and where it breaks: results by set, and labels that may be wrong."""

from collections.abc import Sequence

import pandas as pd
from markupsafe import Markup

from dvs_snn.points.point import Point
from dvs_snn.points.quoted_rows import rows_at
from dvs_snn.report import text
from dvs_snn.report.cells import Row, ordered
from dvs_snn.report.finished_study import FinishedStudy
from dvs_snn.report.template import Context
from dvs_snn.settings.guests import NIR, OURS
from dvs_snn.settings.set_names import VALIDATION

DOUBTED_N = 10
"""A class of fewer recordings says nothing about its labels."""


def context(study: FinishedStudy) -> Context:
    names = [name for name in ordered(study.evaluation["set"]) if name != study.answer_set]
    shown = [name for name in ordered(study.chosen["set"]) if name != VALIDATION]
    return {
        "real": _real_sets(study, shown),
        "figure": study.figure("sets", shown),
        "names": [(study.origin.called(name), name) for name in shown],
        "warnings": cautions(study, names),
        "guests": _guests(study),
        "in_8_bits": _in_8_bits(study.table("chip_check")),
    }


def cautions(study: FinishedStudy, names: Sequence[str]) -> list[Markup]:
    """What stands on the page before the numbers of these sets: their marks and warnings."""
    mark = study.marks.of_sets(names, study.origin.called)
    return [text.coded(words) for words in [mark, *warnings(study, names)] if words]


def warnings(study: FinishedStudy, names: Sequence[str]) -> list[Markup]:
    """Why the labels of sets may be wrong."""
    readings = study.answered
    warned = []
    for name, rows in readings[readings["set"].isin(names)].groupby("set", sort=False):
        doubt = _doubt(rows, study)
        if doubt:
            warned.append(Markup("{}: {}.").format(study.origin.called(name), doubt))
    return warned


def _doubt(rows: pd.DataFrame, study: FinishedStudy) -> str:
    """Why the labels of a set may be wrong; empty if nothing tells so, or the study made them."""
    name = rows["set"].iloc[0]
    if study.origin.is_simulated(name) and name not in study.origin.added:
        return ""

    signs = []
    right = rows["right"].mean()
    chance = 1 / len(study.classes.names)
    if right <= chance:
        n = text.plural(rows["recording"].nunique(), "recording")
        signs.append(
            f"{text.percent(right)} of {n} are read right, chance is {text.percent(chance)}"
        )

    for label, part in rows.groupby("label"):
        shares = part["predicted"].value_counts(normalize=True)
        read = shares.idxmax()
        n = part["recording"].nunique()
        if n >= DOUBTED_N and shares.max() > 0.5 and read not in ("", label):
            signs.append(
                f"{text.percent(shares.max())} of the {n} recordings of {label} are read as {read}"
            )

    if not signs:
        return ""
    return (
        f"{'; '.join(signs[:10])}: are labels shifted or swapped, or flip, rotate or polarity "
        "wrong? workflow/check.py shows them"
    )


def _real_sets(study: FinishedStudy, names: Sequence[str]) -> list[Context]:
    """The accuracy of the quoted network on each set of real recordings.

    Sets of few symbols are left out, unless there are no others.
    """
    real = [name for name in names if not study.origin.is_simulated(name)]
    real = [name for name in real if name not in study.marks.sets] or real
    points = [] if study.chosen_point is None else [Point.of(study.chosen_point)]
    rows = [rows_at(study.points, points, name) for name in real]
    return [
        {"set": study.origin.called(name), "accuracy": read["accuracy"].iloc[0]}
        for name, read in zip(real, rows, strict=True)
        if len(read)
    ]


def _guests(study: FinishedStudy) -> list[Context]:
    """What networks from NIR files read."""
    read = study.evaluation[study.evaluation["method"] == NIR]
    return [
        {
            "name": row["variant"],
            "accuracy": text.interval_of(row),
            "set": study.origin.called(row["set"]),
            "knew": row["symbols_trained_on"] > 0,
        }
        for row in read.to_dict("records")
    ]


def _in_8_bits(checked: pd.DataFrame) -> list[Row]:
    """Networks from NIR files in 8 bits by events, as a chip runs them, beside float32 in steps."""
    checked = checked[checked["accuracy"].notna()].replace({"platform": {OURS: "our count"}})
    steps = (checked["timing"] == "steps") & (checked["step_ms"] == 1) & (checked["bits"] == 32)
    by_events = checked[(checked["timing"] == "events") & (checked["bits"] == 8)]
    both = checked[steps].merge(by_events, on=["network", "set"], suffixes=("_steps", "_events"))
    return both.to_dict("records")
