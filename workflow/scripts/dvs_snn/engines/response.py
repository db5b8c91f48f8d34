"""The response of a spiking network: its spikes, its predictions over time."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dvs_snn.networks.synops import LayerActivity


@dataclass(frozen=True, eq=False)
class Response:
    """A spiking network's response to one recording.

    Attributes:
        spikes: int64 (time, class), output spikes per step.
        layers: activity of each weighted layer.
        step_synops: int64 (time,), SynOps of each step in all layers.
    """

    spikes: np.ndarray
    layers: tuple[LayerActivity, ...]
    step_synops: np.ndarray

    @cached_property
    def predictions(self) -> np.ndarray:
        """`running_prediction` of the spikes."""
        return running_prediction(self.spikes)

    @property
    def predicted(self) -> int | None:
        """The digit that it read at the end; None of a silent network: no output neuron fired."""
        return int(self.predictions[-1]) if self.spikes.any() else None

    @property
    def tied(self) -> bool:
        """Whether more than one output neuron reached the highest count."""
        total = self.spikes.sum(axis=0)
        return self.predicted is not None and int((total == total.max()).sum()) > 1

    @property
    def steps_to_decision(self) -> int | None:
        """Steps after which the prediction no longer changes; None of a silent network."""
        if self.predicted is None:
            return None
        others = np.flatnonzero(self.predictions != self.predicted)
        return int(others[-1]) + 2 if len(others) else 1

    @property
    def synops(self) -> int:
        """SynOps of all layers, the input layer included."""
        return sum(layer.synops for layer in self.layers)

    @property
    def synops_nominal(self) -> int:
        """SynOps by the tutorial's convention."""
        return sum(layer.synops_nominal for layer in self.layers)


def running_prediction(spikes: np.ndarray) -> np.ndarray:
    """Return the prediction after each step: the output neuron most active so far.

    A tie goes to the neuron that reached the count in the earlier step, then to the lower label.
    From whole numbers (time, class) to int64 (time,); -1 as long as no output neuron has fired.
    """
    total = np.cumsum(spikes, axis=0)
    # Step in which each neuron reached the count that it has now.
    changed = np.where(spikes > 0, np.arange(len(spikes))[:, None], -1)
    since = np.maximum.accumulate(changed, axis=0)
    best = total.max(axis=1, keepdims=True)
    rank = np.where(total == best, since, np.iinfo(np.int64).max)
    return np.where(best[:, 0] > 0, rank.argmin(axis=1), -1)


def window_steps(step_ms: float, window_ms: float) -> int:
    """Return how many time steps a window lasts, at least one."""
    return max(1, round(window_ms / step_ms))


def sliding_counts(spikes: np.ndarray, n_steps: int) -> np.ndarray:
    """Return outputs' spikes in the last `n_steps` steps, int64 (time, class); first ones fewer."""
    total = np.cumsum(spikes, axis=0)
    window = total.copy()
    window[n_steps:] -= total[:-n_steps]
    return window


def sliding_prediction(spikes: np.ndarray, n_steps: int) -> np.ndarray:
    """Return the most active output in the last `n_steps` steps, the lower of a tie; -1: none."""
    window = sliding_counts(spikes, n_steps)
    return np.where(window.max(axis=1) > 0, window.argmax(axis=1), -1)
