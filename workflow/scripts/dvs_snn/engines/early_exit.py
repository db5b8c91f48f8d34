"""Early exit: a network stops as soon as its best output leads by enough spikes.

The lead is the spikes so far of the most active output neuron minus those of the second. The
network looks at it after each time step. Source: the cutoff by the gap of the two largest outputs,
Wu et al. 2025, Front. Neurosci. 19:1522788.
"""

from dataclasses import dataclass

import numpy as np

from dvs_snn.engines.response import Response


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
