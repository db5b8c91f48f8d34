"""Misread recordings, class by class."""

import re
from typing import Any

import pandas as pd

from dvs_snn.report import text
from dvs_snn.report.cells import flagged, labelled, ordered
from dvs_snn.report.methods import answer_sets
from dvs_snn.report.study import FinishedStudy
from dvs_snn.settings.data import Classes
from dvs_snn.settings.set_names import TEST

MNIST_DVS_SCALE = re.compile(r"_scale(\d\d)")


def context(study: FinishedStudy) -> dict[str, Any] | None:
    """What the page shows of misread recordings; None if no prediction is known."""
    rows, classes = answered(study), study.classes
    if rows.empty and "failures" not in study.figures:
        return None
    return {
        "sets": rows["set"],
        "finding": _worst(rows, classes),
        "confused": _confused(rows),
        "several": rows["variant"].nunique() > 1,
        "of_sets": [
            (str(variant), name, _class_rows(part[part["set"] == name], classes))
            for variant, part in rows.groupby("variant", sort=False)
            for name in ordered(part["set"])
        ],
        "scale_rows": _scale_rows(rows[rows["set"] == TEST]),
        "tested_on": TEST,
    }


def answered(study: FinishedStudy) -> pd.DataFrame:
    """Labelled recordings at the answer's point; the prediction of a silent network is empty.

    Of the other methods the page tells how much they read, not what they misread.
    """
    predictions = study.table("predictions")
    rows = labelled(predictions[flagged(predictions["chosen"])])
    rows = rows.assign(right=rows["label"] == rows["predicted"])
    return study.quoted.answering(rows)


def _worst(rows: pd.DataFrame, classes: Classes) -> str:
    """Which class is misread most in each test set."""
    parts = []
    for name in answer_sets(rows["set"]):
        shares = (~rows[rows["set"] == name]["right"]).groupby(rows["label"]).mean()
        if len(shares) and shares.max() > 0:
            shown = shares.idxmax()
            parts.append(f"the {shown} on {name} ({text.percent(shares[shown])} misread)")
    return f"The worst {classes.word} is {text.listed(parts)}." if parts else ""


def _confused(rows: pd.DataFrame) -> str:
    """What is taken for another class most often in the first test set."""
    wrong = rows[rows["set"].isin(answer_sets(rows["set"])) & ~rows["right"]]
    wrong = wrong[wrong["predicted"] != ""]
    if wrong.empty:
        return "None is read as another."
    shown, read = wrong.groupby(["label", "predicted"]).size().idxmax()
    return f"Most often the {shown} is read as {read}."


def _class_rows(rows: pd.DataFrame, classes: Classes) -> list[dict[str, str]]:
    """Class by class how much of a set is read right, and what the class is most taken for."""
    parts = {name: rows[rows["label"] == name] for name in classes.in_order(rows["label"])}
    return [
        {
            classes.word: name or "all",
            "n": part["recording"].nunique(),
            "read right": _by_seed(part, "right"),
            "misread as": _most_misread(part, classes) if name else text.NOTHING,
        }
        for name, part in [*parts.items(), ("", rows)]
    ]


def _scale_rows(rows: pd.DataFrame) -> list[dict[str, str]]:
    """How much is read right at each scale of MNIST-DVS, by the files' names."""
    scale = rows["recording"].astype(str).str.extract(MNIST_DVS_SCALE, expand=False)
    rows = rows.assign(mnist_dvs_scale=scale)[scale.notna()]
    several = rows["variant"].nunique() > 1
    return [
        {"MNIST-DVS scale": int(scale)}
        | ({"variant": variant} if several else {})
        | {
            "recordings (n)": part["recording"].nunique(),
            "read right": _by_seed(part, "right"),
            "silent": _by_seed(part, "silent"),
        }
        for (scale, variant), part in rows.groupby(["mnist_dvs_scale", "variant"], sort=True)
    ]


def _by_seed(part: pd.DataFrame, column: str) -> str:
    return text.spread(flagged(part[column]).groupby(part["seed"]).mean(), text.percent)


def _most_misread(part: pd.DataFrame, classes: Classes) -> str:
    """The commonest wrong reading of all seeds, the lower label on a tie; silence counts too."""
    counts = part.loc[~part["right"], "predicted"].value_counts()
    if counts.empty:
        return text.NOTHING
    name = next(iter(classes.in_order(counts[counts == counts.max()].index)), "")
    return f"{name or 'silent'} ({text.percent(counts[name] / len(part))})"
