"""Which of several methods the page and its figures show, how they look, and a point's name."""

from collections.abc import Iterable, Mapping
from typing import Any

from dvs_snn.evaluation.choosing.trials import EARLY_EXIT
from dvs_snn.files.registry import names
from dvs_snn.report.cells import is_known, ordered
from dvs_snn.report.style import looks_of
from dvs_snn.settings.set_names import TEST_SETS, VALIDATION
from dvs_snn.settings.training import RESCALED


def answer_sets(sets: Iterable[str]) -> list[str]:
    """The simulated test sets; without them, the first set that isn't validation."""
    sets = ordered(sets)
    others = [name for name in sets if name != VALIDATION]
    return [name for name in TEST_SETS if name in sets] or (others or sets)[:1]


def looks(methods: Iterable[str]) -> dict[str, tuple[str, str]]:
    """The colour and the shape of each method, the same in every figure; rescaling first."""
    known = [name.replace("_", "-") for name in names("dvs_snn.training.methods")]
    shown = set(methods)
    every = looks_of([RESCALED, "synop-loss", EARLY_EXIT, *known, *sorted(shown)])
    return {name: look for name, look in every.items() if name in shown}


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
