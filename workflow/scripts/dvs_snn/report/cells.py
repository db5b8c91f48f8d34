"""Cells and rows of result tables, as figures and the page read them."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from dvs_snn.points.point import EARLY_EXIT, PUBLISHED, SPARSE_CNN
from dvs_snn.report.style import method_name
from dvs_snn.settings.set_names import TEST_SETS, VALIDATION
from dvs_snn.settings.sides import SPIKING

Row = Mapping[str, Any]
"""A row of a table: its cells by column."""

Item = TypeVar("Item")


def is_known(value: object) -> bool:
    """Whether a cell holds something: not None, NaN or blank text."""
    if isinstance(value, str):
        return value.strip() != ""
    return not pd.isna(value)


def label_text(value: object) -> str:
    """A label as text; empty for None, NaN and blanks; 3.0 (3 beside gaps in pandas) is 3."""
    if not is_known(value):
        return ""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def flagged(column: pd.Series) -> pd.Series:
    """Where a column of 0 and 1 is 1."""
    return pd.to_numeric(column, errors="coerce").isin([1])


def ordered(column: Iterable[Item]) -> list[Item]:
    """Distinct values in the order in which they first stand."""
    return list(dict.fromkeys(column))


def shown_sets(sets: Iterable[str]) -> list[str]:
    """The simulated test sets; without them, the first set that isn't validation."""
    sets = ordered(sets)
    others = [name for name in sets if name != VALIDATION]
    return [name for name in TEST_SETS if name in sets] or (others or sets)[:1]


def labelled(readings: pd.DataFrame) -> pd.DataFrame:
    """Readings of recordings that have a label, with label and answer as text, and whether `right`.

    A silent network's answer is "".
    """
    label = readings["label"].map(label_text).astype(str)
    predicted = readings["predicted"].map(label_text).astype(str)
    in_words = readings.assign(label=label, predicted=predicted, right=label == predicted)
    return in_words[label != ""]


def network_names(points: pd.DataFrame) -> dict[str, str]:
    """What the page calls each variant: its method's name, or its own if several share it.

    Args:
        points: rows with `variant`, `method` and `side`; those of CNNs and of exits don't count.
    """
    is_network = (points["side"] == SPIKING) & ~points["method"].isin([EARLY_EXIT, PUBLISHED])
    networks = points[is_network]
    methods = networks.drop_duplicates("variant").set_index("variant")["method"]
    several = methods.value_counts() > 1
    return {
        str(variant): str(variant) if several[method] else method_name(method)
        for variant, method in methods.items()
    }


def point_text(point: Row, names: Mapping[str, str]) -> str:
    """A point, `synop-loss, scale 1.00, exit at a lead of 3`; `names` as `network_names` gives.

    What its method says already is left out.
    """
    name = names.get(point["variant"], str(point["variant"]))
    words = []
    if point["side"] == SPIKING:
        if name != method_name(point["method"]):
            words.append(name)
        words.append(f"scale {float(point['scale']):.2f}")
    else:
        if point["method"] == SPARSE_CNN:
            words.append(f"weights of {name}, scale {float(point['scale']):.2f}")
        words.append(f"frames of {point['frames']}")
    if is_known(point["exit"]):
        words.append(f"exit at a lead of {float(point['exit']):g}")
    return ", ".join(words)
