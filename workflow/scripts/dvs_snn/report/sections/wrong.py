"""Misread recordings, class by class."""

import re
from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.report import text
from dvs_snn.report.cells import flagged, labelled, ordered
from dvs_snn.report.material import Material
from dvs_snn.report.methods import answer_sets, answering
from dvs_snn.report.origin import Origin
from dvs_snn.settings.data import TEN_DIGITS, Classes
from dvs_snn.settings.set_names import TEST

MNIST_DVS_SCALE = re.compile(r"_scale(\d\d)")


def context(material: Material) -> dict[str, Any] | None:
    """What the page shows of misread recordings; None if no prediction is known."""
    rows, origin = quoted(material.table("predictions")), material.origin
    classes = material.classes
    # Of the other methods the page tells how much they read, not what they misread.
    rows = answering(rows, material.table("choice"))
    figure = material.picture("failures", origin.note_on(rows["set"]))
    finding = " ".join(filter(None, [_worst(rows, classes), _lacking(rows, classes)]))
    if rows.empty and not figure:
        return None
    several = rows["variant"].nunique() > 1
    return {
        "finding": finding,
        "digits": material.chart("digits", finding, origin.note_on(rows["set"])),
        "confusion": material.chart("confusion", _confused(rows), origin.note_on(rows["set"])),
        "class_tables": [
            classes_table(
                part[part["set"] == name], name, str(variant) if several else "", origin, classes
            )
            for variant, part in rows.groupby("variant", sort=False)
            for name in ordered(part["set"])
        ],
        "scales_table": _scales_table(rows, origin),
        "figure": figure,
    }


def quoted(predictions: pd.DataFrame) -> pd.DataFrame:
    """Labelled recordings at the chosen scales; the prediction of a silent network is empty."""
    rows = labelled(predictions[flagged(predictions["chosen"])])
    return rows.assign(right=rows["label"] == rows["predicted"])


def _worst(rows: pd.DataFrame, classes: Classes) -> str:
    """Which class is misread most in each test set, at the answer's point."""
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


def _lacking(rows: pd.DataFrame, classes: Classes) -> str:
    """Which sets lack which classes."""
    said = []
    for name, shown in rows.groupby("set", sort=False)["label"]:
        there = set(shown)
        labels = [label for label, one in enumerate(classes.names) if one not in there]
        if labels:
            said.append(f"The set {name} lacks {classes.listed(labels)}.")
    return " ".join(said)


def classes_table(
    rows: pd.DataFrame, name: str, variant: str, origin: Origin, classes: Classes = TEN_DIGITS
) -> Markup | None:
    """Class by class how much of a set is read right, and what the class is most taken for."""
    table = []
    for shown in [*classes.in_order(rows["label"]), None]:
        part = rows if shown is None else rows[rows["label"] == shown]
        table.append(
            {
                classes.word: shown or "all",
                "n": text.count(part["recording"].nunique()),
                "read right": _by_seed(part, "right"),
                "misread as": _most_misread(part, classes) if shown else text.NOTHING,
            }
        )
    caption = (
        f"{origin.note_on([name])}Set {name}: read right by {classes.word} at the quoted scale"
        f"{f', variant {variant}' if variant else ''}; n counts recordings; means over the seeds "
        "(smallest to largest). Misread as: the commonest wrong reading, and its share of n"
    )
    return text.table_html(table, caption, source="predictions")


def _scales_table(rows: pd.DataFrame, origin: Origin) -> Markup | None:
    """How much of the set `test` is read right at each scale of MNIST-DVS, by the files' names."""
    test = rows[rows["set"] == TEST]
    scale = test["recording"].astype(str).str.extract(MNIST_DVS_SCALE, expand=False)
    test = test.assign(mnist_dvs_scale=scale)[scale.notna()]
    several = test["variant"].nunique() > 1
    table = [
        {"MNIST-DVS scale": int(scale)}
        | ({"variant": variant} if several else {})
        | {
            "recordings (n)": text.count(part["recording"].nunique()),
            "read right": _by_seed(part, "right"),
            "silent": _by_seed(part, "silent"),
        }
        for (scale, variant), part in test.groupby(["mnist_dvs_scale", "variant"], sort=True)
    ]
    caption = (
        f"{origin.note_on([TEST])}Set test by the size of the digit; means over the seeds "
        "(smallest to largest)"
    )
    return text.table_html(table, caption, source="predictions")


def _by_seed(part: pd.DataFrame, column: str) -> str:
    return text.spread(flagged(part[column]).groupby(part["seed"]).mean(), text.percent)


def _most_misread(part: pd.DataFrame, classes: Classes) -> str:
    """The commonest wrong reading of all seeds, the lower label on a tie; silence counts too."""
    counts = part.loc[~part["right"], "predicted"].value_counts()
    if counts.empty:
        return text.NOTHING
    (name,) = [*classes.in_order(counts[counts == counts.max()].index), ""][:1]
    return f"{name or 'silent'} ({text.percent(counts[name] / len(part))})"
