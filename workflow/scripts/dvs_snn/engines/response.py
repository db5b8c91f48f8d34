"""The response of a spiking network: its spikes, its predictions over time, where it may stop.

Early exit: a network stops as soon as its best output leads by enough spikes. The lead is the
spikes so far of the most active output neuron minus those of the second. The network looks at it
after each time step. Source: the cutoff by the gap of the two largest outputs, Wu et al. 2025,
Front. Neurosci. 19:1522788.
"""

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
        step_synops: int64 (time,), SynOps that the events and spikes of each step cause in all
            layers. They sum to `synops`.
    """

    spikes: np.ndarray
    layers: tuple[LayerActivity, ...]
    step_synops: np.ndarray

    @cached_property
    def predictions(self) -> np.ndarray:
        """`running_prediction` of the spikes."""
        return running_prediction(self.spikes)

    @property
    def synops(self) -> int:
        """SynOps of all layers, the input layer included."""
        return sum(layer.synops for layer in self.layers)

    @property
    def synops_input(self) -> int:
        """SynOps of the input layer."""
        return self.layers[0].synops

    @property
    def synops_nominal(self) -> int:
        """SynOps by the tutorial's convention."""
        return sum(layer.synops_nominal for layer in self.layers)


def running_prediction(spikes: np.ndarray) -> np.ndarray:
    """Return the prediction after each step: the output neuron most active so far.

    A tie goes to the neuron that reached the count in the earlier step, then to the lower label.

    Args:
        spikes: whole numbers (time, class).

    Returns:
        int64 (time,); -1 as long as no output neuron has fired.
    """
    total = np.cumsum(spikes, axis=0)
    # Step in which each neuron reached the count that it has now.
    changed = np.where(spikes > 0, np.arange(len(spikes))[:, None], -1)
    since = np.maximum.accumulate(changed, axis=0)
    best = total.max(axis=1, keepdims=True)
    rank = np.where(total == best, since, np.iinfo(np.int64).max)
    return np.where(best[:, 0] > 0, rank.argmin(axis=1), -1)


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


@dataclass(frozen=True)
class Decision:
    """What the network made of a recording.

    Attributes:
        predicted: the digit; None for a silent network.
        tied: more than one output neuron reached the highest count.
        time_to_decision_ms: end of the step after which the running prediction no longer
            changes; None for a silent network.
    """

    predicted: int | None
    tied: bool
    time_to_decision_ms: float | None

    @property
    def silent(self) -> bool:
        """No output neuron fired."""
        return self.predicted is None


def decide(spikes: np.ndarray, step_ms: float) -> Decision:
    """Read the digit from output spikes (time, class)."""
    return decision_of(spikes, running_prediction(spikes), step_ms)


def decision_of(spikes: np.ndarray, running: np.ndarray, step_ms: float) -> Decision:
    """Read the digit from output spikes (time, class) and their `running_prediction`."""
    if not len(running) or running[-1] < 0:
        return Decision(None, False, None)
    total = spikes.sum(axis=0)
    other = np.flatnonzero(running != running[-1])
    decided = int(other[-1]) + 1 if len(other) else 0
    return Decision(
        predicted=int(running[-1]),
        tied=int((total == total.max()).sum()) > 1,
        time_to_decision_ms=(decided + 1) * step_ms,
    )


@dataclass(frozen=True, eq=False)
class Exits:
    """Where a network stops in one recording, at each of several leads.

    Attributes:
        predicted: int64 (exit,), the digit read so far; -1 if no output neuron has fired.
        n_steps: int64 (exit,), time steps that the network ran for.
        synops: int64 (exit,), SynOps of these steps.
        exited: bool (exit,), whether the lead was reached. If not, the network ran to the end.
    """

    predicted: np.ndarray
    n_steps: np.ndarray
    synops: np.ndarray
    exited: np.ndarray


def exit_steps(spikes: np.ndarray, leads: np.ndarray) -> np.ndarray:
    """Return after how many steps each lead is first reached.

    Args:
        spikes: whole numbers (time, class), output spikes per step.
        leads: numbers of spikes (exit,), above zero. An infinite lead is never reached.

    Returns:
        int64 (exit,); one more than there are steps where a lead is never reached.
    """
    second, best = np.partition(np.cumsum(spikes, axis=0), -2, axis=1)[:, -2:].T
    # The largest lead so far never falls, so a binary search finds where it first reaches another.
    return np.searchsorted(np.maximum.accumulate(best - second), leads) + 1


def exits_of(response: Response, leads: np.ndarray) -> Exits:
    """Stop a response at each lead; arguments as of `exit_steps`.

    A prediction follows the rules of `running_prediction`, and so does its tie.
    """
    total = len(response.spikes)
    reached = exit_steps(response.spikes, leads)
    n_steps = np.minimum(reached, total)
    # After no step at all nothing is predicted and nothing was spent.
    predicted = np.concatenate([[-1], response.predictions])
    synops = np.concatenate([[0], np.cumsum(response.step_synops)])
    return Exits(predicted[n_steps], n_steps, synops[n_steps], reached <= total)
