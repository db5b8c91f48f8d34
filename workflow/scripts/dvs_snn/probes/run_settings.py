"""What the ablation changes of how a network runs, one thing at a time."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dvs_snn.recordings.steps import StepEvents

BASE = ("base", "")
"""The name of what is compared with: the network as the study runs it."""


@dataclass(frozen=True)
class RunSettings:
    """How a network runs.

    Attributes:
        step_ms: length of a time step in milliseconds.
        lower_bound: of the membrane potential; None: none.
        max_spikes: most spikes of a neuron in one step.
        is_whole: weights are whole numbers of 8 bits, thresholds and lower bounds of 16.
        times: how many times a recording is played, one time after the other.
    """

    step_ms: float
    lower_bound: float | None
    max_spikes: float = float("inf")
    is_whole: bool = False
    times: int = 1


CHANGES: dict[tuple[str, str], dict[str, Any]] = {
    **{("step", f"{ms:g} ms"): {"step_ms": ms} for ms in (1.0, 2.0, 5.0, 10.0)},
    ("spikes a step", "1"): {"max_spikes": 1.0},
    ("lower bound", "none"): {"lower_bound": None},
    ("lower bound", "-5"): {"lower_bound": -5.0},
    ("lower bound", "-1"): {"lower_bound": -1.0},
    ("weights", "int8"): {"is_whole": True},
    **{("length", f"{times} times"): {"times": times} for times in (2, 4, 8)},
}
"""(part, value) -> the fields of `RunSettings` that change."""


def conditions(base: RunSettings) -> dict[tuple[str, str], RunSettings]:
    """Return the base and every change of it, by (part, value); none equals the base."""
    changed = {name: replace(base, **fields) for name, fields in CHANGES.items()}
    return {BASE: base} | {name: one for name, one in changed.items() if one != base}


def repeated(steps: StepEvents, times: int) -> StepEvents:
    """Play a recording several times, each time in the steps right after the last time's."""
    starts = np.repeat(np.arange(times, dtype=np.int64) * steps.n_steps, len(steps.step))
    step = np.tile(steps.step.astype(np.int64), times) + starts
    return StepEvents(
        step, np.tile(steps.row, times), np.tile(steps.column, times), steps.n_steps * times,
        steps.n_dropped * times,
    )  # fmt: skip
