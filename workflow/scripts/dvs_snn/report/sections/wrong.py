"""What still goes wrong: readings digit by digit."""

import re
from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.report.cells import flagged
from dvs_snn.report.material import Material
from dvs_snn.report.origin import Origin
from dvs_snn.report.text import (
    NOTHING,
    columns_of_longest,
    count,
    percent,
    plain,
    spread,
    table_html,
)

MNIST_DVS_SCALE = re.compile(r"_scale(\d\d)")


def context(material: Material) -> dict[str, Any] | None:
    """What is shown of misread recordings; None where no prediction is known."""
    rows, origin = quoted(material.table("predictions")), material.origin
    figure = material.picture("failures", origin.note_on(rows["set"] if len(rows) else []))
    if rows.empty and not figure:
        return None
    by_variant = [] if rows.empty else list(rows.groupby("variant", sort=False))
    return {
        "digit_tables": [
            digits_table(part, str(variant) if len(by_variant) > 1 else "", origin)
            for variant, part in by_variant
        ],
        "scales_table": scales_table(rows, origin),
        "figure": figure,
    }


def quoted(predictions: pd.DataFrame) -> pd.DataFrame:
    """Labelled recordings at the chosen scales."""
    if predictions.empty:
        return predictions
    label = pd.to_numeric(predictions["label"], errors="coerce")
    predicted = pd.to_numeric(predictions["predicted"], errors="coerce")
    rows = predictions.assign(label=label, predicted=predicted, right=label == predicted)
    return rows[flagged(predictions["chosen"]) & label.notna()]


def digits_table(rows: pd.DataFrame, variant: str, origin: Origin) -> Markup:
    """Digit by digit how much of each set is read right, and what the digit is most taken for."""
    names = list(dict.fromkeys(rows["set"]))
    table = []
    for digit in [*sorted(rows["label"].unique()), None]:
        row = {"digit": "all" if digit is None else plain(digit)}
        for name in names:
            part = rows[rows["set"] == name]
            part = part if digit is None else part[part["label"] == digit]
            row[f"{name}: n"] = count(part["recording"].nunique()) if len(part) else NOTHING
            row[f"{name}: read right"] = _right_by_seed(part)
            if digit is not None:
                row[f"{name}: misread as"] = _most_misread(part)
        table.append(row)
    caption = (
        f"{origin.note_on(names)}Read right by digit at the quoted scales"
        f"{f', variant {variant}' if variant else ''}; n counts recordings; means over the seeds "
        "(smallest to largest). Misread as: the commonest wrong reading, and its share of n"
    )
    return table_html(columns_of_longest(table), caption)


def scales_table(rows: pd.DataFrame, origin: Origin) -> Markup | None:
    """How much of the set `test` is read right at each scale of MNIST-DVS, by the files' names."""
    if rows.empty:
        return None
    test = rows[rows["set"] == "test"]
    scale = test["recording"].astype(str).str.extract(MNIST_DVS_SCALE, expand=False)
    test = test.assign(mnist_dvs_scale=scale)[scale.notna()]
    if test.empty:
        return None
    several = test["variant"].nunique() > 1
    table = [
        {"MNIST-DVS scale": plain(int(scale))}
        | ({"variant": plain(variant)} if several else {})
        | {
            "recordings (n)": count(part["recording"].nunique()),
            "read right": _right_by_seed(part),
            "silent": spread(
                [flagged(of_seed["silent"]).mean() for _, of_seed in part.groupby("seed")], percent
            ),
        }
        for (scale, variant), part in test.groupby(["mnist_dvs_scale", "variant"], sort=True)
    ]
    caption = (
        f"{origin.note_on(['test'])}Set test by the size of the digit; means over the seeds "
        "(smallest to largest)"
    )
    return table_html(pd.DataFrame(table), caption)


def _right_by_seed(part: pd.DataFrame) -> str:
    return spread([of_seed["right"].mean() for _, of_seed in part.groupby("seed")], percent)


def _most_misread(part: pd.DataFrame) -> str:
    """The commonest wrong reading of all seeds, the lower digit on a tie; silence counts too."""
    wrong = part[~part["right"]]
    if wrong.empty:
        return NOTHING
    counts = wrong["predicted"].map(lambda digit: "silent" if pd.isna(digit) else plain(digit))
    most = counts.value_counts()
    name = min(most[most == most.max()].index)
    return f"{name} ({percent(most[name] / len(part))})"
