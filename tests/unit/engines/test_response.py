"""Predictions by a slow reading of the rules."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dvs_snn.engines.response import Response, running_prediction


def _read(spikes: np.ndarray) -> tuple[int | None, bool, int | None]:
    response = Response(spikes, (), np.zeros(len(spikes), np.int64))
    return response.predicted, response.tied, response.steps_to_decision


def _running_by_the_rules(spikes: np.ndarray) -> list[int]:
    """Read design rules literally: for each moment, rank by count, then moment, then digit."""
    answers = []
    for now in range(len(spikes)):
        counts = [[int(spikes[: t + 1, d].sum()) for t in range(now + 1)] for d in range(10)]
        best = max(of_digit[-1] for of_digit in counts)
        reached = [(counts[d].index(best), d) for d in range(10) if counts[d][-1] == best]
        answers.append(min(reached)[1] if best else -1)
    return answers


_SPIKES = st.integers(0, 12).flatmap(
    lambda n: arrays(np.int64, (n, 10), elements=st.sampled_from([0, 0, 0, 0, 1, 2, 5]))
)


@settings(max_examples=150, deadline=None)
@given(_SPIKES)
def test_running_prediction_and_decision_follow_the_rules(spikes):
    expected = _running_by_the_rules(spikes)
    np.testing.assert_array_equal(running_prediction(spikes), expected)
    if not expected or expected[-1] < 0:
        assert _read(spikes) == (None, False, None)
        return
    total = spikes.sum(axis=0)
    is_tied = list(total).count(total.max()) > 1
    first = next(t for t in range(len(expected)) if all(e == expected[-1] for e in expected[t:]))
    assert _read(spikes) == (expected[-1], is_tied, first + 1)
