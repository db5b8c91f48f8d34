"""The response of a spiking network: its spikes, its predictions over time."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dvs_snn.networks.synops import LayerActivity
from dvs_snn.recordings.steps import StepEvents


@dataclass(frozen=True, eq=False)
class Response:
    """A network's response to one recording, at moments when one may look at it.

    These are the ends of steps, and by events also when an output neuron fires.

    Attributes:
        spikes: int64 (moment, class), output spikes since the moment before.
        layers: activity of each weighted layer.
        step_synops: int64 (moment,), SynOps in all layers since the moment before.
        ends: (moment,), in time steps since the start, ascending; None: the ends of steps.
        n_events: int64 (moment,), events until then; None: of the steps until then.
        layer_sums: int64 (moment, layer, 3), until then: spikes that arrived at each weighted
            layer, before its pools; their SynOps; neurons that they reached, as
            `networks.synops.touched_neurons` counts them. None: the engine doesn't count layers.
    """

    spikes: np.ndarray
    layers: tuple[LayerActivity, ...]
    step_synops: np.ndarray
    ends: np.ndarray | None = None
    n_events: np.ndarray | None = None
    layer_sums: np.ndarray | None = None

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


def running_prediction(outputs: np.ndarray) -> np.ndarray:
    """Return the prediction after each moment: the output most active so far.

    A tie goes to the output that reached the sum at the earlier moment, then to the lower label.
    From numbers (moment, class) that aren't negative, spikes or the CNN's outputs, to int64
    (moment,); -1 as long as all are 0.
    """
    total = np.cumsum(outputs, axis=0)
    # The moment at which each output reached the sum that it has now.
    changed = np.where(outputs > 0, np.arange(len(outputs))[:, None], -1)
    since = np.maximum.accumulate(changed, axis=0)
    best = total.max(axis=1, keepdims=True)
    rank = np.where(total == best, since, np.iinfo(np.int64).max)
    return np.where(best[:, 0] > 0, rank.argmin(axis=1), -1)


def response_by_events(
    events: np.ndarray,
    spikes: np.ndarray,
    synops: np.ndarray,
    layers: tuple[LayerActivity, ...],
    steps: StepEvents,
    layer_sums: np.ndarray | None = None,
) -> Response:
    """Return the response of a network that ran event by event.

    Its moments are the events at which an output neuron fired, and the ends of steps.

    Args:
        events: int64 (row,), ascending numbers of events: all at which an output neuron fired, and
            at least the last one of each step.
        spikes: int64 (row, class), output spikes at each of them.
        synops: int64 (row,), SynOps of all events so far.
        layer_sums: int64 (row, layer, 3), as those of a `Response`.
    """
    fired = np.flatnonzero(spikes.any(axis=1))
    n_events = np.searchsorted(steps.step, np.arange(steps.n_steps), side="right")
    # The row of the last event before each end of a step; -1 before the first event.
    at_ends = np.searchsorted(events, n_events - 1, side="right") - 1
    time = steps.step + 1 if steps.time is None else steps.time
    ends = np.concatenate([time[events[fired]], np.arange(1, steps.n_steps + 1)])
    order = np.argsort(ends, kind="stable")
    # The row of each moment, after one of zeros.
    row = np.concatenate([fired, at_ends])[order] + 1
    so_far = np.append(0, synops)[row]
    if layer_sums is not None:
        at_start = np.zeros((1, *layer_sums.shape[1:]), np.int64)
        layer_sums = np.concatenate([at_start, layer_sums])[row]
    at_moments = np.zeros((len(ends), spikes.shape[1]), np.int64)
    at_moments[: len(fired)] = spikes[fired]
    return Response(
        spikes=at_moments[order],
        layers=layers,
        step_synops=np.diff(so_far, prepend=0),
        ends=ends[order],
        n_events=np.concatenate([events[fired] + 1, n_events])[order],
        layer_sums=layer_sums,
    )
