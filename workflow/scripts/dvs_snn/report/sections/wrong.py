"""Misread recordings, digit by digit."""

import re
from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.plausibility.finding import lacking, listed
from dvs_snn.report import text
from dvs_snn.report.cells import flagged, ordered
from dvs_snn.report.material import Material
from dvs_snn.report.methods import answer_sets, answering
from dvs_snn.report.origin import Origin
from dvs_snn.settings.set_names import TEST

MNIST_DVS_SCALE = re.compile(r"_scale(\d\d)")


def context(material: Material) -> dict[str, Any] | None:
    """What the page shows of misread recordings; None if no prediction is known."""
    rows, origin = quoted(material.table("predictions")), material.origin
    # Of the other methods the page tells how much they read, not what they misread.
    rows = answering(rows, material.table("choice"))
    figure = material.picture("failures", origin.note_on(rows["set"]))
    finding = " ".join(filter(None, [_worst(rows), _lacking(rows)]))
    if rows.empty and not figure:
        return None
    several = rows["variant"].nunique() > 1
    return {
        "finding": finding,
        "digits": material.chart("digits", finding, origin.note_on(rows["set"])),
        "digit_tables": [
            digits_table(part[part["set"] == name], name, str(variant) if several else "", origin)
            for variant, part in rows.groupby("variant", sort=False)
            for name in ordered(part["set"])
        ],
        "scales_table": _scales_table(rows, origin),
        "figure": figure,
    }


def quoted(predictions: pd.DataFrame) -> pd.DataFrame:
    """Labelled recordings at the chosen scales."""
    label = pd.to_numeric(predictions["label"], errors="coerce")
    predicted = pd.to_numeric(predictions["predicted"], errors="coerce")
    rows = predictions.assign(label=label, predicted=predicted, right=label == predicted)
    return rows[flagged(predictions["chosen"]) & label.notna()]


def _worst(rows: pd.DataFrame) -> str:
    """Which digit is misread most in each test set, at the answer's point."""
    parts = []
    for name in answer_sets(rows["set"]):
        shares = (~rows[rows["set"] == name]["right"]).groupby(rows["label"]).mean()
        if len(shares) and shares.max() > 0:
            digit = shares.idxmax()
            parts.append(f"the {int(digit)} on {name} ({text.percent(shares[digit])} misread)")
    return f"The worst digit is {text.listed(parts)}." if parts else ""


def _lacking(rows: pd.DataFrame) -> str:
    """Which sets lack which digits."""
    said = []
    for name, labels in rows.groupby("set", sort=False)["label"]:
        if digits := lacking(labels.astype(int)):
            said.append(
                f"The set {name} lacks the digit{'s' * (len(digits) > 1)} {listed(digits)}."
            )
    return " ".join(said)


def digits_table(rows: pd.DataFrame, name: str, variant: str, origin: Origin) -> Markup | None:
    """Digit by digit how much of a set is read right, and what the digit is most taken for."""
    table = []
    for digit in [*sorted(rows["label"].unique()), None]:
        part = rows if digit is None else rows[rows["label"] == digit]
        table.append(
            {
                "digit": "all" if digit is None else text.plain(digit),
                "n": text.count(part["recording"].nunique()),
                "read right": _by_seed(part, "right"),
                "misread as": text.NOTHING if digit is None else _most_misread(part),
            }
        )
    caption = (
        f"{origin.note_on([name])}Set {name}: read right by digit at the quoted scale"
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


def _most_misread(part: pd.DataFrame) -> str:
    """The commonest wrong reading of all seeds, the lower digit on a tie; silence counts too."""
    wrong = part[~part["right"]]
    if wrong.empty:
        return text.NOTHING
    counts = wrong["predicted"].map(lambda digit: "silent" if pd.isna(digit) else text.plain(digit))
    most = counts.value_counts()
    name = min(most[most == most.max()].index)
    return f"{name} ({text.percent(most[name] / len(part))})"
