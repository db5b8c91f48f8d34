"""Cells and rows of result tables, as figures and the page read them."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from dvs_snn.settings.set_names import TEST_SETS, VALIDATION
from dvs_snn.settings.training import RESCALED


def is_known(value: Any) -> bool:
    """Whether a cell holds something: not None, NaN or blank text."""
    if value is None:
        return False
    if isinstance(value, str):
        return value.strip() != ""
    return not pd.isna(value)


def label_text(value: Any) -> str:
    """A label as text; empty for None, NaN and blanks; 3.0 (3 beside gaps in pandas) is 3."""
    if not is_known(value):
        return ""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def labelled(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that have a `label`, with it and `predicted` as text; of a silent network empty."""
    texts = {name: rows[name].map(label_text).astype(str) for name in ("label", "predicted")}
    return rows.assign(**texts)[texts["label"] != ""]


def flagged(column: pd.Series) -> pd.Series:
    """Where a column of 0 and 1 is 1."""
    return pd.to_numeric(column, errors="coerce").fillna(0).astype(int) == 1


def ordered(column: Iterable[Any]) -> list[Any]:
    """Distinct values in the order in which they first stand."""
    return list(dict.fromkeys(column))


def spiking(evaluation: pd.DataFrame) -> pd.DataFrame:
    """The rows of `tables/evaluation.csv` that a spiking network made: those with a scale."""
    if "scale" not in evaluation:
        return evaluation.iloc[:0]
    return evaluation[pd.to_numeric(evaluation["scale"], errors="coerce").notna()]


def chosen_layers(layers: pd.DataFrame, evaluation: pd.DataFrame) -> pd.DataFrame:
    """The rows of `tables/layers.csv` of the sets and networks at their chosen scales."""
    run = ["set", "variant", "seed", "scale"]
    chosen = pd.MultiIndex.from_frame(evaluation.loc[flagged(evaluation["chosen"]), run])
    return layers[pd.MultiIndex.from_frame(layers[run]).isin(chosen)]


def answer_sets(sets: Iterable[str]) -> list[str]:
    """The simulated test sets; without them, the first set that isn't validation."""
    sets = ordered(sets)
    others = [name for name in sets if name != VALIDATION]
    return [name for name in TEST_SETS if name in sets] or (others or sets)[:1]


def in_order(methods: Iterable[str]) -> list[str]:
    """Methods by name, rescaling first."""
    return sorted(set(methods), key=lambda name: (name != RESCALED, name))


def point_text(point: Mapping[str, Any], several: bool) -> str:
    """A point, `bptt-low, scale 1.00, exit at a lead of 3`; a variant where there are `several`."""
    words = [str(point["variant"])] if several else []
    if is_known(point["scale"]):
        words.append(f"scale {float(point['scale']):.2f}")
    else:
        words.append(f"frames of {point['ann_frames']}")
    if is_known(point["exit"]):
        words.append(f"exit at a lead of {float(point['exit']):g}")
    return ", ".join(words)
