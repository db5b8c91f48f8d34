"""The two-sample test: against scikit-learn's AUC, on alike and on different samples."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from dvs_snn.probes.two_samples import one_by_one, separation, together

SMALL = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=20)


@settings(max_examples=50, deadline=None)
@given(SMALL)
def test_area_is_scikit_learns(pairs):
    real, simulated = np.array(pairs, dtype=float).T
    truth = np.repeat([0, 1], len(real))
    found = separation(real, simulated, seed=1)
    assert found.auc == pytest.approx(roc_auc_score(truth, np.concatenate([real, simulated])))
    assert 0 <= found.low <= found.high <= 1


def test_a_statistic_separates_in_either_direction():
    low, high = np.arange(10.0), np.arange(10.0) + 100
    assert one_by_one(low, high, seed=1) == one_by_one(high, low, seed=1) == (1, 1, 1)


def test_alike_samples_are_not_told_apart_and_shifted_ones_are():
    random = np.random.default_rng(1)
    # A symbol's own shape is the same for both: it must not help.
    shape = random.normal(size=(200, 4))
    real, alike, other = (shape + 0.3 * random.normal(size=shape.shape) for _ in range(3))
    found = together(real, alike, seed=1)
    assert found.low < 0.55
    assert found.high - found.low < 0.2
    other[:, 2] += 2.0
    assert together(real, other, seed=1).low > 0.8


def test_a_difference_that_needs_two_statistics_is_found_by_both_together():
    random = np.random.default_rng(2)
    real = random.normal(size=(300, 2))
    simulated = random.normal(size=(300, 2))
    # In real recordings both have the same sign, in simulated ones opposite signs.
    real[:, 1] = np.abs(real[:, 1]) * np.sign(real[:, 0])
    simulated[:, 1] = -np.abs(simulated[:, 1]) * np.sign(simulated[:, 0])
    assert one_by_one(real[:, 0], simulated[:, 0], seed=1).auc < 0.6
    assert together(real, simulated, seed=1).auc > 0.95
