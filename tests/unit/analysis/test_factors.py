"""How much cheaper a method is: hand-worked fronts, a slow reading of them, and paired draws."""

import itertools
import math
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from method_readings import first, make_readings, trials_of

from dvs_snn.analysis.factors import (
    CHOSEN,
    EQUAL,
    EVEN_TWINS,
    FEWEST_SYMBOLS,
    costs_at,
    factors_table,
)
from dvs_snn.settings.set_names import REAL_TWINS, TEST, VALIDATION
from dvs_snn.settings.training_settings import RESCALED


def slow_cost(accuracy, cost, wanted):
    """Walk along the front as it is told in words."""
    front = []
    for spent, reads in sorted(zip(cost, accuracy, strict=True), key=lambda p: (p[0], -p[1])):
        if not front or reads > front[-1][1]:
            front.append((spent, reads))
    if front[-1][1] < wanted - 1e-9:
        return math.inf
    if front[0][1] >= wanted - 1e-9:
        return front[0][0]
    for (low, below), (high, above) in itertools.pairwise(front):
        if below < wanted - 1e-9 <= above:
            share = min((wanted - below) / (above - below), 1)
            return math.exp((1 - share) * math.log(low) + share * math.log(high))
    raise AssertionError("the front has a gap")


@given(
    st.lists(
        st.tuples(st.integers(0, 20), st.integers(1, 10**7)),
        min_size=1, max_size=7, unique_by=lambda point: point[1],
    ),
    st.integers(0, 21),
)  # fmt: skip
def test_the_cost_of_an_accuracy_is_that_of_a_walk_along_the_front(points, wanted):
    accuracy = np.array([[share / 20 for share, _ in points]])
    cost = np.array([[float(spent) for _, spent in points]])
    expected = slow_cost(accuracy[0], cost[0], wanted / 20)
    costs = costs_at(accuracy, cost, wanted / 20)
    assert costs.high[0] == pytest.approx(expected)
    # The cheapest point reads more: another one may be cheaper and enough.
    _, cheapest = min(zip(cost[0], accuracy[0], strict=True))
    is_open = cheapest > wanted / 20 + 1e-9
    assert costs.low[0] == (0 if is_open else costs.high[0])


def chosen(method, variant, scale, lead=None):
    return {"chosen": 1, "method": method, "variant": variant, "scale": scale, "exit": lead}


BETTER = chosen("other", "better", 1.0)


def compared(plain, spent, better, less, name=TEST):
    """The trials of rescaling and of another method, by what they read and spend."""
    return trials_of(
        make_readings(name, "plain", plain, spent), make_readings(name, "better", better, less),
        plain=RESCALED, better="other",
    )  # fmt: skip


def factors(trials, *rows):
    choice = pd.DataFrame([chosen(RESCALED, "plain", 1.0), *rows])
    return factors_table(trials, choice.assign(within_points=1.0), seed=1)


def cell(table, at, accuracy, name=TEST):
    rows = table[(table["set"] == name) & (table["at"] == at) & (table["accuracy"] == accuracy)]
    assert len(rows) == 1
    return rows.iloc[0]


RANDOM = np.random.default_rng(4).random((4, 2, 100))
# About 70, 94 and 96 %, of each seed other symbols, and all.
NOISY = (RANDOM < np.array([0.7, 0.94, 0.96, 1.0])[:, None, None]).astype(int).tolist()


def test_a_method_that_reads_alike_for_a_third_of_the_cost_is_surely_three_times_cheaper():
    """Both see the same draws: how hard the drawn symbols are doesn't widen the interval."""
    trials = compared(NOISY, [300, 900, 3000, 6000], NOISY, [100, 300, 1000, 2000])
    table = factors(trials)
    pd.testing.assert_frame_equal(table, factors(trials))
    row = cell(table, EQUAL, 0.95)
    assert row["method"] == "other"
    assert row["factor"] == pytest.approx(3)
    assert (row["n_symbols"], row["n_draws"]) == (100, 2000)
    assert (row["factor_low"], row["factor_high"]) == pytest.approx((3, 3))
    assert (row["bound"], row["note"], row["n_seeds"]) == ("", "", 2)


def test_factors_by_hand():
    # The point that costs 999 reads too little to matter, so that no draw lies beyond the grid.
    plain = first(50, 94, 96), [999, 1000, 4000]
    table = factors(compared(*plain, first(90, 96), [100, 400]), BETTER)
    row = cell(table, EQUAL, 0.95)
    # SynOps for 1,000 events, thrice for 3,000.
    assert row["rescaled_synops_per_3000_events"] == pytest.approx(3 * 2000)
    assert row["synops_per_3000_events"] == pytest.approx(3 * 100 * 4 ** (5 / 6))
    assert row["factor"] == pytest.approx(20 / 4 ** (5 / 6))
    assert pd.isna(row["variant"])
    point = cell(table, CHOSEN, 0.95)
    assert (point["variant"], point["scale"]) == ("better", 1.0)
    assert point["method_accuracy"] == 0.96
    assert point["synops_per_3000_events"] == pytest.approx(1200)
    assert point["factor"] == pytest.approx(5)
    # In a fifth of the draws (more than 5 of 100 missed where 4 are expected: 21 %) rescaling never
    # reaches 0.95, so the factor has no upper end.
    assert point["factor_low"] == pytest.approx(2.5, abs=0.01)
    assert math.isnan(point["factor_high"])
    assert re.fullmatch(r"out of reach of rescaled in 2\d % of the draws", point["note"])


def test_an_accuracy_out_of_reach_is_told_and_has_no_number():
    table = factors(compared(first(94, 96), [1000, 4000], first(90, 94), [100, 400]), BETTER)
    row = cell(table, EQUAL, 0.95)
    assert row["note"] == "out of reach of the method"
    numbers = ["synops_per_3000_events", "factor", "factor_low", "factor_high", "method_accuracy"]
    assert row[numbers].isna().all()
    assert not pd.isna(cell(table, EQUAL, 0.94)["factor"])
    # The chosen point stands beside what rescaling needs for 0.95, and says that it reads less.
    point = cell(table, CHOSEN, 0.95)
    assert point["factor"] == pytest.approx(5)
    assert point["note"].startswith("the chosen point reads less than 0.95")
    # Nothing is said of rescaling beside itself.
    assert set(table["method"]) == {"other"}
    # Without a cost of rescaling there is no factor.
    table = factors(compared(first(80, 90), [1000, 4000], first(90, 97), [100, 400]), BETTER)
    for row in (cell(table, EQUAL, 0.95), cell(table, CHOSEN, 0.95)):
        assert row["note"] == f"out of reach of {RESCALED}"
        assert math.isnan(row["factor"])


def test_a_factor_at_an_end_of_a_grid_is_a_bound():
    whole, cheap = first(80, 100), first(96, 98)
    lowest = chosen("other", "better", 0.5)
    table = factors(compared(whole, [1000, 4000], cheap, [100, 400]), lowest)
    needed = 1000 * 4**0.75
    for at in (EQUAL, CHOSEN):
        row = cell(table, at, 0.95)
        assert (row["bound"], row["factor"]) == (">=", pytest.approx(needed / 100))
        assert 0 < row["factor_low"] < row["factor"]
        assert math.isnan(row["factor_high"])
    assert row["within_points"] == 1.0
    # A choice inside the grid is known.
    inside = compared(whole, [1000, 4000], first(90, 96, 98), [50, 100, 400])
    row = cell(factors(inside, BETTER), CHOSEN, 0.95)
    assert (row["bound"], row["factor"]) == ("", pytest.approx(needed / 100))
    row = cell(factors(compared(cheap, [1000, 4000], whole, [100, 400])), EQUAL, 0.95)
    assert (row["bound"], row["factor"]) == ("<=", pytest.approx(1000 / (needed / 10)))
    assert math.isnan(row["factor_low"])
    row = cell(factors(compared(cheap, [1000, 4000], cheap, [100, 400])), EQUAL, 0.95)
    assert row["bound"] == ""
    assert row["note"].startswith("both costs lie at ends of grids")
    assert math.isnan(row["factor"])


def test_a_cost_that_is_not_known_has_no_row_at_096():
    """97 of 100 symbols at the dearest point: many draws read less than 0.96 there."""
    unknown = compared(first(80, 97), [10, 100_000], first(80, 97), [10, 1000])
    row = cell(factors(unknown), EQUAL, 0.96)
    assert row["note"] == "a cost isn't known within a factor 3"
    assert math.isnan(row["factor"])
    # Surely known: every symbol is read by the dearest point, for little more than by the other.
    known = compared(first(95, 100), [1000, 1100], first(95, 100), [100, 110])
    assert cell(factors(known), EQUAL, 0.96)["factor"] == pytest.approx(10)


def test_real_twins_are_also_compared_on_the_half_that_nothing_was_fitted_to():
    # Odd symbols are misread by the dear point, even ones by nobody.
    even = [[[0] * 100], [[int(k % 2 == 0) for k in range(100)]], [[1] * 100]]
    table = factors(compared(even, [98, 100, 900], even, [49, 50, 90], REAL_TWINS))
    whole, half = (cell(table, EQUAL, 0.95, name) for name in (REAL_TWINS, EVEN_TWINS))
    assert (whole["n_symbols"], half["n_symbols"]) == (100, 50)
    assert half["factor"] == pytest.approx(2)
    assert 2 < whole["factor"] < 10


def test_neither_validation_nor_few_symbols_nor_a_set_without_rescaling_has_factors():
    better = make_readings(TEST, "better", first(90, 94), [100, 400])
    assert factors(trials_of(better, better="other")).empty
    assert factors(compared(first(97), [100], first(97), [100], VALIDATION)).empty
    # Few symbols are all read or not: draws of them would give an interval without width.
    for n, is_empty in ((FEWEST_SYMBOLS, False), (FEWEST_SYMBOLS - 1, True)):
        assert factors(compared([[[1] * n]], [100], [[[1] * n]], [100])).empty == is_empty


def test_a_set_that_only_quoted_networks_read_has_no_factors():
    hits = [90, 94, 97]
    spent = [100, 200, 400]

    def tables(name, n_points):
        right = first(*hits[:n_points])
        return [make_readings(name, each, right, spent[:n_points]) for each in ("plain", "better")]

    methods = {"plain": RESCALED, "better": "other"}
    for n_points, is_empty in ((3, False), (2, True)):
        trials = trials_of(*tables(VALIDATION, 3), *tables(TEST, n_points), **methods)
        assert factors(trials).empty == is_empty
