"""Predictions over time by hand-worked examples, and by a slow reading of the rules."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dvs_snn.engines.response import (
    LayerActivity,
    Response,
    decide,
    running_prediction,
    sliding_prediction,
)


def _spikes(*steps: dict[int, int]) -> np.ndarray:
    """Write output spikes (time, 10) as one {digit: spikes} a step."""
    spikes = np.zeros((len(steps), 10), dtype=np.int64)
    for step, fired in enumerate(steps):
        for digit, n in fired.items():
            spikes[step, digit] = n
    return spikes


def test_a_tie_goes_to_the_neuron_that_reached_the_count_first():
    # 7 has its 2 after step 1; 2 reaches 2 only in step 2, though it is the lower digit.
    spikes = _spikes({2: 1}, {7: 2}, {2: 1})
    np.testing.assert_array_equal(running_prediction(spikes), [2, 7, 7])
    decision = decide(spikes, 10.0)
    assert (decision.predicted, decision.tied) == (7, True)


def test_a_tie_reached_in_the_same_step_goes_to_the_lower_digit():
    decision = decide(_spikes({8: 1}, {8: 1, 4: 2}), 10.0)
    assert (decision.predicted, decision.tied, decision.time_to_decision_ms) == (4, True, 20.0)


@pytest.mark.parametrize("n_steps", [0, 4])
def test_a_silent_network_has_no_prediction_and_class_zero_that_fires_is_not_silence(n_steps):
    decision = decide(np.zeros((n_steps, 10), dtype=np.int64), 10.0)
    assert decision.silent
    assert (decision.predicted, decision.tied) == (None, False)
    assert decision.time_to_decision_ms is None
    decision = decide(_spikes({}, {0: 1}), 10.0)
    assert (decision.predicted, decision.silent, decision.tied) == (0, False, False)
    assert decision.time_to_decision_ms == 20.0


def test_a_tie_in_between_does_not_change_the_time_to_decision():
    assert decide(_spikes({1: 1}, {2: 1}, {1: 1}), 10.0).time_to_decision_ms == 10.0
    assert decide(_spikes({1: 1}, {2: 2}, {1: 2}, {}), 10.0).time_to_decision_ms == 30.0


def _running_by_the_rules(spikes: np.ndarray) -> list[int]:
    """Read design rules literally: for each moment, rank by count, then moment, then digit."""
    answers = []
    for now in range(len(spikes)):
        counts = [sum(int(spikes[t, d]) for t in range(now + 1)) for d in range(10)]
        best = max(counts)
        if best == 0:
            answers.append(-1)
            continue
        reached = {}
        for digit in (d for d in range(10) if counts[d] == best):
            total = 0
            for t in range(now + 1):
                total += int(spikes[t, digit])
                if total == best:
                    reached[digit] = t
                    break
        answers.append(min(reached, key=lambda digit: (reached[digit], digit)))
    return answers


_SPIKES = st.integers(1, 12).flatmap(
    lambda n: arrays(np.int64, (n, 10), elements=st.sampled_from([0, 0, 0, 0, 1, 2]))
)


@settings(max_examples=150, deadline=None)
@given(_SPIKES)
def test_running_prediction_and_decision_follow_the_rules(spikes):
    expected = _running_by_the_rules(spikes)
    np.testing.assert_array_equal(running_prediction(spikes), expected)
    decision = decide(spikes, 2.5)
    if expected[-1] < 0:
        assert decision.silent
        return
    total = spikes.sum(axis=0)
    assert decision.predicted == expected[-1]
    assert decision.tied == (list(total).count(total.max()) > 1)
    first = next(t for t in range(len(expected)) if all(e == expected[-1] for e in expected[t:]))
    assert decision.time_to_decision_ms == (first + 1) * 2.5


@settings(max_examples=150, deadline=None)
@given(_SPIKES, st.integers(1, 15))
def test_sliding_prediction_is_the_argmax_of_each_window(spikes, n_steps):
    found = sliding_prediction(spikes, n_steps)
    assert len(found) == len(spikes)
    for now in range(len(spikes)):
        window = spikes[max(0, now - n_steps + 1) : now + 1].sum(axis=0)
        best = max(window)
        assert found[now] == (-1 if best == 0 else list(window).index(best))


def test_synops_add_up_over_layers():
    layers = (
        LayerActivity("conv1", 5, 3, 72, 300, 0),
        LayerActivity("fc1", 3, 1, 10, 30, 31),
    )
    response = Response(np.zeros((1, 10), dtype=np.int64), layers, np.array([330]))
    assert (response.synops, response.synops_input, response.synops_nominal) == (330, 300, 31)
