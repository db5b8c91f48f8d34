"""Misread recordings, digit by digit."""

import re
from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.report import text
from dvs_snn.report.cells import flagged, ordered
from dvs_snn.report.material import Material
from dvs_snn.report.methods import answering
from dvs_snn.report.origin import Origin
from dvs_snn.settings.set_names import TEST

MNIST_DVS_SCALE = re.compile(r"_scale(\d\d)")


def context(material: Material) -> dict[str, Any] | None:
    """What the page shows of misread recordings; None if no prediction is known."""
    rows, origin = quoted(material.table("predictions")), material.origin
    # Of the other methods the page tells how much they read, not what they misread.
    rows = answering(rows, material.table("choice"))
    figure = material.picture("failures", origin.note_on(rows["set"]))
    if rows.empty and not figure:
        return None
    several = rows["variant"].nunique() > 1
    return {
        "digit_tables": [
            digits_table(part, str(variant) if several else "", origin)
            for variant, part in rows.groupby("variant", sort=False)
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


def digits_table(rows: pd.DataFrame, variant: str, origin: Origin) -> Markup | None:
    """Digit by digit how much of each set is read right, and what the digit is most taken for."""
    names = ordered(rows["set"])
    table = []
    for digit in [*sorted(rows["label"].unique()), None]:
        row = {"digit": "all" if digit is None else text.plain(digit)}
        for name in names:
            part = rows[rows["set"] == name]
            part = part if digit is None else part[part["label"] == digit]
            n = part["recording"].nunique()
            row[f"{name}: n"] = text.count(n) if n else text.NOTHING
            row[f"{name}: read right"] = _by_seed(part, "right")
            if digit is not None:
                row[f"{name}: misread as"] = _most_misread(part)
        table.append(row)
    caption = (
        f"{origin.note_on(names)}Read right by digit at the quoted scales"
        f"{f', variant {variant}' if variant else ''}; n counts recordings; means over the seeds "
        "(smallest to largest). Misread as: the commonest wrong reading, and its share of n"
    )
    return text.table_html(table, caption)


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
    return text.table_html(table, caption)


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
