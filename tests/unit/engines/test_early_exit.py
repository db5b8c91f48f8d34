"""Early exit against a network that is watched step by step."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dvs_snn.engines.response import Response, exit_steps, exits_of, running_prediction

SPIKES = st.integers(0, 12).flatmap(
    lambda n: arrays(np.int64, (n, 10), elements=st.sampled_from([0, 0, 0, 0, 1, 2, 5]))
)
LEADS = np.array([1, 2, 3, 6, np.inf])


def _response(spikes: np.ndarray) -> Response:
    # Steps cost 1, 10, 100, ...: each sum tells which steps it holds.
    return Response(spikes, (), 10 ** np.arange(len(spikes)))


def _watched(spikes: np.ndarray, lead: float) -> tuple[int, bool]:
    """Count spikes step by step, and stop as soon as the best is far enough ahead."""
    counts = [0] * 10
    for now, fired in enumerate(spikes):
        counts = [count + int(n) for count, n in zip(counts, fired, strict=True)]
        *_, second, best = sorted(counts)
        if best - second >= lead:
            return now + 1, True
    return len(spikes), False


@given(SPIKES)
@example(np.zeros((0, 10), dtype=np.int64))
@example(np.zeros((3, 10), dtype=np.int64))
def test_exits_are_those_of_a_network_that_is_watched(spikes):
    found = exits_of(_response(spikes), LEADS)
    running = running_prediction(spikes)
    for place, lead in enumerate(LEADS):
        n_steps, exited = _watched(spikes, lead)
        assert (found.n_steps[place], found.exited[place]) == (n_steps, exited)
        assert found.synops[place] == sum(10**step for step in range(n_steps))
        assert found.predicted[place] == (running[n_steps - 1] if n_steps else -1)


def test_a_lead_that_shrinks_again_has_stopped_the_network():
    spikes = np.zeros((4, 10), dtype=np.int64)
    spikes[1, 3] = 2
    spikes[2:, 5] = 3
    assert exit_steps(spikes, np.array([1, 2, 3, 5])).tolist() == [2, 2, 4, 4 + 1]
    found = exits_of(_response(spikes), np.array([2.0, np.inf]))
    assert found.predicted.tolist() == [3, 5]
    assert found.synops.tolist() == [11, 1111]
