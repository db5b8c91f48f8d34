"""The response of a spiking network: its spikes, its predictions over time."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dvs_snn.networks.synops import LayerActivity
from dvs_snn.recordings.steps import StepEvents


@dataclass(frozen=True, eq=False)
class Response:
    """A network's response to one recording, at moments when one may look at it.

    These are the ends of steps, and by events also when an output neuron fires. Of a CNN they are
    its frames: its outputs stand for spikes, its MACs for SynOps.

    Attributes:
        spikes: int64 (moment, class), output spikes since the moment before.
        layers: activity of each weighted layer.
        step_synops: int64 (moment,), SynOps in all layers since the moment before.
        ends: (moment,), in time steps since the start, ascending; None: the ends of steps.
        n_events: int64 (moment,), events until then; None: of the steps until then.
    """

    spikes: np.ndarray
    layers: tuple[LayerActivity, ...]
    step_synops: np.ndarray
    ends: np.ndarray | None = None
    n_events: np.ndarray | None = None

    @cached_property
    def moments(self) -> np.ndarray:
        """When each moment is, in time steps since the start."""
        return np.arange(1, len(self.spikes) + 1) if self.ends is None else self.ends

    @property
    def n_steps(self) -> int:
        """Time steps of the recording."""
        return int(self.moments[-1]) if len(self.spikes) else 0

    @cached_property
    def step_ends(self) -> np.ndarray:
        """The last moment of each step, int64 (time,)."""
        return np.searchsorted(self.moments, np.arange(1, self.n_steps + 1), side="right") - 1

    @property
    def by_step(self) -> np.ndarray:
        """Output spikes of each step, int64 (time, class)."""
        return self.of_steps(self.spikes)

    def of_steps(self, counts: np.ndarray) -> np.ndarray:
        """Sum `counts` (moment, ...) over each step, int64 (time, ...)."""
        return np.diff(np.cumsum(counts, axis=0)[self.step_ends], axis=0, prepend=0)

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
    def steps_to_decision(self) -> float | None:
        """When the prediction has changed for the last time, in steps; None if silent."""
        if self.predicted is None:
            return None
        others = np.flatnonzero(self.predictions != self.predicted)
        return self.moments[others[-1] + 1 if len(others) else 0].item()

    @property
    def synops(self) -> int:
        """SynOps of all layers, the input layer included."""
        return sum(layer.synops for layer in self.layers)

    @property
    def synops_nonzero(self) -> int:
        """SynOps at weights that aren't 0 in 8 bits."""
        return sum(layer.synops_nonzero for layer in self.layers)

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


def response_by_events(
    answers: np.ndarray,
    n_classes: int,
    layers: tuple[LayerActivity, ...],
    synops: np.ndarray,
    steps: StepEvents,
) -> Response:
    """Return the response of a network that ran event by event.

    `answers` are those of `walk_events`, int64 (output spike, 4); `synops` int64 (time,) of steps.
    """
    events, first, row = np.unique(answers[:, 0], return_index=True, return_inverse=True)
    time = steps.step + 1 if steps.time is None else steps.time
    ends = np.concatenate([time[events], np.arange(1, steps.n_steps + 1)])
    order = np.argsort(ends, kind="stable")
    spikes = np.zeros((len(ends), n_classes), np.int64)
    np.add.at(spikes, (np.argsort(order)[row], answers[:, 1]), answers[:, 2])
    n_events = np.searchsorted(steps.step, np.arange(steps.n_steps), side="right")
    so_far = np.concatenate([answers[first, 3], np.cumsum(synops)])[order]
    n_events = np.concatenate([events + 1, n_events])[order]
    return Response(spikes, layers, np.diff(so_far, prepend=0), ends[order], n_events)
