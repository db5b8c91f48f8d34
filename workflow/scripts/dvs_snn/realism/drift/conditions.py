"""The times at which long recordings are read, and how networks run meanwhile."""

from dataclasses import dataclass, replace
from typing import Any

TIMES_S = (0.3, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 10.0, 20.0, 30.0, 60.0)
"""Times since the start; those beyond the recordings' length are left out."""

RECENT_S = 0.3
"""The reading `recent` counts the output spikes of so long a time: a test recording's length."""

BASE = ("base", "")
"""The name of what is compared with: the network as the study runs it."""


@dataclass(frozen=True)
class Condition:
    """How a network runs.

    Attributes:
        lower_bound: of the membrane potential; None: none.
        reset_s: time after which all membrane potentials start anew; None: never.
        leak_s: time constant with which membrane potentials decay; None: they don't.
    """

    lower_bound: float | None
    reset_s: float | None = None
    leak_s: float | None = None


CHANGES: dict[tuple[str, str], dict[str, Any]] = {
    ("lower bound", "none"): {"lower_bound": None},
    ("lower bound", "-1"): {"lower_bound": -1.0},
    ("lower bound", "-0.25"): {"lower_bound": -0.25},
    ("reset", "each 1 s"): {"reset_s": 1.0},
    ("leak", "1 s"): {"leak_s": 1.0},
    ("leak", "0.2 s"): {"leak_s": 0.2},
}
"""(part, value) -> the fields of `Condition` that change."""


def conditions(lower_bound: float | None) -> dict[tuple[str, str], Condition]:
    """Return the base, whose lower bound is given, and every change of it that differs."""
    base = Condition(lower_bound)
    changed = {name: replace(base, **fields) for name, fields in CHANGES.items()}
    return {BASE: base} | {name: one for name, one in changed.items() if one != base}


def times_within(duration_s: float) -> list[float]:
    """Return those of `TIMES_S` that a recording of this length reaches."""
    return [time for time in TIMES_S if time <= duration_s]
