"""Idle: what a network costs and reads before a sensor that sees no digit.

A reading is taken to be there if one output neuron has enough spikes within the sliding window.
Validation recordings say how many are enough: the count that 95 % of them reach. Before a blank
scene each time that the count is reached is a false alarm.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from dvs_snn.engines.response import Response, sliding_counts
from dvs_snn.engines.spiking import Spiking
from dvs_snn.recordings.store.samples import BinnedRecording

MISSED = 0.05
"""Share of the validation recordings that may stay below the threshold."""


def peak_counts(responses: Iterable[Response], n_steps: int) -> np.ndarray:
    """Return the most spikes of an output in any `n_steps` steps: int64 (recording,)."""
    peaks = [int(sliding_counts(one.spikes, n_steps).max(initial=0)) for one in responses]
    return np.array(peaks, dtype=np.int64)


def alarm_threshold(peaks: np.ndarray) -> int:
    """Return the highest count, at least 1, that a share of 1 - `MISSED` of the peaks reach."""
    return max(1, int(np.quantile(peaks, MISSED, method="inverted_cdf")))


def alarms(spikes: np.ndarray, n_steps: int, threshold: int) -> tuple[int, int]:
    """Count how often spikes (time, 10) reach the threshold in a window, and steps it is kept."""
    over = sliding_counts(spikes, n_steps).max(axis=1) >= threshold
    begins = over & ~np.concatenate([[False], over[:-1]])
    return int(begins.sum()), int(over.sum())


def idle_outcomes(
    spiking: Spiking,
    blank: Iterable[BinnedRecording],
    validation: Iterable[BinnedRecording],
    step_ms: float,
    window_ms: float,
) -> pd.DataFrame:
    """Run a network on validation recordings for its threshold, then before blank scenes.

    Args:
        spiking: the network at the scale that was chosen.
        blank: what `store_blank_recordings` stored.
        validation: the set `validation`.
        step_ms, window_ms: length of a time step and of the sliding window.

    Returns:
        A row per scene, of `idle_outcomes` without its network.
    """
    n_steps = max(1, round(window_ms / step_ms))
    peaks = peak_counts(spiking.respond([one.steps for one in validation]), n_steps)
    threshold = alarm_threshold(peaks)
    rows = []
    scenes = list(blank)
    for scene, response in zip(scenes, spiking.respond([one.steps for one in scenes]), strict=True):
        n_alarms, n_over = alarms(response.spikes, n_steps, threshold)
        rows.append(
            {
                "scene": scene.recording,
                "seconds": round(len(response.spikes) * step_ms * 1e-3, 6),
                "n_events": len(scene.steps.step),
                "n_events_outside": scene.n_outside,
                "synops": response.synops,
                "output_spikes": int(response.spikes.sum()),
                "window_ms": window_ms,
                "threshold_spikes": threshold,
                "n_validation": len(peaks),
                "false_alarms": n_alarms,
                "alarm_seconds": round(n_over * step_ms * 1e-3, 6),
            }
        )
    return pd.DataFrame(rows)
