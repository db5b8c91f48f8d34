"""Predictions by hand and by a slow reading of the rules."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dvs_snn.engines.response import (
    Response,
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


def _read(spikes: np.ndarray) -> tuple[int | None, bool, int | None]:
    response = Response(spikes, (), np.zeros(len(spikes), np.int64))
    return response.predicted, response.tied, response.steps_to_decision


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        # 7 has its 2 after step 1; 2 reaches 2 only in step 2, though it is the lower digit.
        ([{2: 1}, {7: 2}, {2: 1}], (7, True, 2)),
        # Reached in the same step, a tie goes to the lower digit.
        ([{8: 1}, {8: 1, 4: 2}], (4, True, 2)),
        # A tie in between doesn't change the time to decision.
        ([{1: 1}, {2: 1}, {1: 1}], (1, False, 1)),
        ([{1: 1}, {2: 2}, {1: 2}, {}], (1, False, 3)),
        # Class zero that fires isn't silence.
        ([{}, {0: 1}], (0, False, 2)),
        ([{}] * 4, (None, False, None)),
        ([], (None, False, None)),
    ],
)
def test_readings_by_hand(steps, expected):
    """What a network reads, whether another class ties, and the steps to its decision."""
    assert _read(_spikes(*steps)) == expected


def _running_by_the_rules(spikes: np.ndarray) -> list[int]:
    """Read design rules literally: for each moment, rank by count, then moment, then digit."""
    answers = []
    for now in range(len(spikes)):
        counts = [[int(spikes[: t + 1, d].sum()) for t in range(now + 1)] for d in range(10)]
        best = max(of_digit[-1] for of_digit in counts)
        reached = [(counts[d].index(best), d) for d in range(10) if counts[d][-1] == best]
        answers.append(min(reached)[1] if best else -1)
    return answers


_SPIKES = st.integers(1, 12).flatmap(
    lambda n: arrays(np.int64, (n, 10), elements=st.sampled_from([0, 0, 0, 0, 1, 2, 5]))
)


@settings(max_examples=150, deadline=None)
@given(_SPIKES)
def test_running_prediction_and_decision_follow_the_rules(spikes):
    expected = _running_by_the_rules(spikes)
    np.testing.assert_array_equal(running_prediction(spikes), expected)
    if expected[-1] < 0:
        assert _read(spikes) == (None, False, None)
        return
    total = spikes.sum(axis=0)
    is_tied = list(total).count(total.max()) > 1
    first = next(t for t in range(len(expected)) if all(e == expected[-1] for e in expected[t:]))
    assert _read(spikes) == (expected[-1], is_tied, first + 1)


@settings(max_examples=150, deadline=None)
@given(_SPIKES, st.integers(1, 15))
def test_sliding_prediction_is_the_argmax_of_each_window(spikes, n_steps):
    found = sliding_prediction(spikes, n_steps)
    assert len(found) == len(spikes)
    for now in range(len(spikes)):
        window = spikes[max(0, now - n_steps + 1) : now + 1].sum(axis=0)
        best = max(window)
        assert found[now] == (-1 if best == 0 else list(window).index(best))
