"""Which of several methods the page and its figures show, and how a point is named."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from dvs_snn.evaluation.choosing.choice import Quoted
from dvs_snn.evaluation.choosing.trials import RESCALED
from dvs_snn.report.cells import is_known, ordered
from dvs_snn.settings.set_names import TEST_SETS, VALIDATION


def answer_sets(names: Iterable[str]) -> list[str]:
    """The simulated test sets; without them, the first set that isn't validation."""
    names = ordered(names)
    others = [name for name in names if name != VALIDATION]
    return [name for name in TEST_SETS if name in names] or (others or names)[:1]


def answering(rows: pd.DataFrame, choice: pd.DataFrame) -> pd.DataFrame:
    """The rows of the best method's chosen variant; all rows where nothing was chosen."""
    return Quoted.of(choice).answering(rows)


def compared_methods(choice: pd.DataFrame) -> list[str]:
    """The best method, and rescaling beside it; none where nothing was chosen."""
    return Quoted.of(choice).compared


def of_compared_methods(rows: pd.DataFrame, choice: pd.DataFrame) -> pd.DataFrame:
    """The rows of the compared methods; all rows where nothing was chosen."""
    return Quoted.of(choice).of_compared(rows)


def in_order(methods: Iterable[str]) -> list[str]:
    """Methods by name, rescaling first."""
    return sorted(set(methods), key=lambda name: (name != RESCALED, name))


def point_text(point: Mapping[str, Any], several: bool) -> str:
    """A point, `bptt-low, scale 1.00, exit at a lead of 3`; a variant where there are `several`."""
    words = [str(point["variant"])] if several else []
    words.append(f"scale {float(point['scale']):.2f}")
    if is_known(point["exit"]):
        words.append(f"exit at a lead of {float(point['exit']):g}")
    return ", ".join(words)
