"""Which of several methods the page and its figures show, how they look, and a point's name."""

from collections.abc import Iterable, Mapping
from typing import Any

from dvs_snn.evaluation.choosing.trials import RESCALED
from dvs_snn.report.cells import is_known, ordered
from dvs_snn.settings.set_names import TEST_SETS, VALIDATION


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
    words.append(f"scale {float(point['scale']):.2f}")
    if is_known(point["exit"]):
        words.append(f"exit at a lead of {float(point['exit']):g}")
    return ", ".join(words)
