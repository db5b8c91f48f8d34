"""The front: its one definition against a brute force, and what it needs for an accuracy."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_trials import LEAN, METHODS, SPARSE, made_trials, on_sets

from dvs_snn.points.front import (
    ALL_CNNS,
    ALL_SPIKING,
    EVEN_TWINS,
    NEAR,
    Group,
    front_points,
    fronts_of,
    fronts_of_validation,
    grouped,
    interpolated,
    is_beaten,
    of_cnn,
    with_even_twins,
)
from dvs_snn.points.point import ALL_MACS, NONZERO_MACS, PLAIN_CNN, SYNOPS, Point
from dvs_snn.settings.guests import NIR
from dvs_snn.settings.set_names import REAL_TWINS, TEST, VALIDATION
from dvs_snn.settings.sides import CNN, SPIKING

PAIRS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=12)


@given(PAIRS)
def test_beaten_points_are_those_of_a_brute_force(drawn):
    accuracy = np.array([reads for reads, _ in drawn])
    cost = np.array([spends for _, spends in drawn])
    expected = [
        any(
            other >= reads and less <= spends and (other, less) != (reads, spends)
            for other, less in drawn
        )
        for reads, spends in drawn
    ]
    assert is_beaten(accuracy, cost).tolist() == expected


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), min_size=1, max_size=8),
    st.integers(1, 3),
)
def test_the_front_of_trials_is_that_of_their_means_near_the_best(drawn, n_seeds):
    points = [Point(SPIKING, "lean", float(place + 1)) for place in range(len(drawn))]
    accuracies = [right / 50 for right, _ in drawn]
    costs = [float(cost) for _, cost in drawn]
    front = front_points(made_trials(points, accuracies, costs, n_seeds, n_symbols=50))

    def beats(other: int, place: int) -> bool:
        is_as_good = accuracies[other] >= accuracies[place] and costs[other] <= costs[place]
        is_better = accuracies[other] > accuracies[place] or costs[other] < costs[place]
        return is_as_good and is_better

    places = range(len(points))
    unbeaten = [place for place in places if not any(beats(other, place) for other in places)]
    expected = {place for place in unbeaten if accuracies[place] >= max(accuracies) - NEAR - 1e-12}
    assert {points.index(point) for point in front} == expected
    spent = [costs[points.index(point)] for point in front]
    assert spent == sorted(spent)


def slow_cost(accuracy, cost, wanted):
    """Walk along a front that never falls, as it is described in words."""
    if accuracy[-1] < wanted - 1e-9:
        return math.inf
    if accuracy[0] >= wanted - 1e-9:
        return cost[0]
    for (low, below), (high, above) in itertools.pairwise(zip(cost, accuracy, strict=True)):
        if below < wanted - 1e-9 <= above:
            share = min((wanted - below) / (above - below), 1)
            return math.exp((1 - share) * math.log(low) + share * math.log(high))
    raise AssertionError("the front has a gap")


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(1, 10**7)), min_size=1, max_size=7),
    st.integers(0, 21),
)
def test_the_cost_of_an_accuracy_is_that_of_a_walk_along_the_front(points, wanted):
    accuracy = np.array([sorted(share / 20 for share, _ in points)])
    cost = np.array([sorted(float(spent) for _, spent in points)])
    expected = slow_cost(accuracy[0], cost[0], wanted / 20)
    assert interpolated(accuracy, cost, wanted / 20)[0] == pytest.approx(expected)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.floats(0, 1))
def test_a_higher_accuracy_never_costs_less_along_rising_costs(accuracies, wanted):
    rising = np.maximum.accumulate([accuracies])
    cost = np.cumsum(np.ones((1, len(accuracies))), axis=1) * 100
    lower = interpolated(rising, cost, wanted)[0]
    assert lower <= interpolated(rising, cost, min(1.0, wanted + 0.1))[0]
    reached = rising[0] >= wanted - 1e-9
    if reached.any():
        assert lower <= cost[0, reached.argmax()] * (1 + 1e-9)
    else:
        assert lower == np.inf


def front_on_test(tried, group=ALL_SPIKING):
    return fronts_of(grouped(tried, METHODS), 1)[TEST, group]


def test_a_cost_lies_between_two_points_of_the_front_that_validation_picked():
    """From 0.9 to 1.0 the cost grows fourfold: half way, at 0.95, it is twice that at 0.9."""
    read = {VALIDATION: (0.88, 0.92, 0.95), TEST: (0.8, 0.9, 1.0)}
    front = front_on_test(on_sets("synop-loss", LEAN, read, (300, 600, 2400)))
    assert front.cost_at(0.95)[0] == pytest.approx(1200)
    assert front.cost_at(0.90)[0] == pytest.approx(600)
    # The next more accurate point is the last.
    assert (front.place_at(0.95), front.place_at(0.90), front.place_at(1.1)) == (2, 1, None)


def test_where_a_more_accurate_point_costs_less_both_cost_their_geometric_mean():
    tried = {
        (VALIDATION, "synop-loss"): made_trials(LEAN, (0.88, 0.92, 0.95), (300, 600, 2400)),
        (TEST, "synop-loss"): made_trials(LEAN, (0.8, 0.92, 0.98), (300, 900, 400)),
    }
    front = front_on_test(tried)
    assert [front.cost_at(wanted)[0] for wanted in (0.95, 0.97)] == pytest.approx([600, 600])
    assert front.cost_at(0.90)[0] == pytest.approx(300 * 2 ** (0.10 / 0.12))


def test_a_point_that_validation_did_not_pick_counts_on_no_other_set():
    """A fourth point reads least of validation and all of the test set, for next to nothing."""
    points = [*LEAN, Point(SPIKING, "lean", 4.0)]
    read = {VALIDATION: (0.88, 0.92, 0.95, 0.5), TEST: (0.8, 0.9, 1.0, 1.0)}
    tried = on_sets("synop-loss", points, read, (300, 600, 2400, 1))
    assert points[3] not in front_on_test(tried).trials.points
    assert front_on_test(tried).cost_at(0.95)[0] == pytest.approx(1200)


def test_a_set_that_lacks_a_point_of_a_front_has_none():
    tried = on_sets("synop-loss", LEAN, {VALIDATION: (0.88, 0.92, 0.95)}, (300, 600, 2400))
    tried |= {(TEST, "synop-loss"): made_trials(LEAN[:2], (0.8, 0.9), (300, 600))}
    assert fronts_of(grouped(tried, METHODS), 1) == {}
    # Without validation nothing was picked.
    only_test = {key: trials for key, trials in tried.items() if key[0] == TEST}
    assert fronts_of(grouped(only_test, METHODS), 1) == {}


def test_a_point_belongs_to_its_side_its_method_and_to_early_exit():
    stopped = Point(SPIKING, "plain", 1.0, 3.0)
    whole = Point(SPIKING, "plain", 1.0)
    tried = on_sets("synop-loss", LEAN[2:], {VALIDATION: (0.9,)}, (100,))
    tried |= on_sets("early-exit", [*LEAN[:2], stopped], {VALIDATION: (0.8, 0.9, 0.9)}, (1, 2, 3))
    tried |= on_sets("rescaled", [whole], {VALIDATION: (0.9,)}, (300,))
    tried |= on_sets("sparse-cnn", SPARSE, {VALIDATION: (0.8, 0.9, 0.9)}, (1, 2, 3))
    tried |= on_sets(NIR, [Point(SPIKING, "guest", 1.0)], {VALIDATION: (1.0,)}, (1,))
    groups = grouped(tried, METHODS | {"guest": NIR})
    members = {group: set(each.points) for (_, group), each in groups.items()}
    assert members == {
        ALL_SPIKING: {*LEAN, stopped, whole},
        Group(SPIKING, "synop-loss", True, SYNOPS): set(LEAN),
        Group(SPIKING, "rescaled", True, SYNOPS): {stopped, whole},
        Group(SPIKING, "synop-loss", False, SYNOPS): {LEAN[2]},
        Group(SPIKING, "rescaled", False, SYNOPS): {whole},
        Group(SPIKING, "early-exit", True, SYNOPS): {*LEAN[:2], stopped},
        ALL_CNNS: set(SPARSE),
        of_cnn("sparse-cnn", NONZERO_MACS): set(SPARSE),
    }


def test_of_the_plain_cnn_only_frames_that_other_sets_were_read_in_compete():
    frames = [
        Point(CNN, "plain", 1.0, None, name, NONZERO_MACS) for name in ("50 ms", "3000 events")
    ]
    tried = on_sets(PLAIN_CNN, frames, {VALIDATION: (0.96, 0.95)}, (10, 20))
    group = of_cnn(PLAIN_CNN, NONZERO_MACS)
    assert fronts_of_validation(grouped(tried, METHODS))[group] == frames[:1]
    tried |= on_sets(PLAIN_CNN, frames[1:], {TEST: (0.9,)}, (20,))
    assert fronts_of_validation(grouped(tried, METHODS))[group] == frames[1:]


def test_a_cnn_that_does_every_mac_is_no_point_of_its_sides_front():
    dense = Point(CNN, "plain", 1.0, None, "50 ms", ALL_MACS)
    groups = grouped(on_sets(PLAIN_CNN, [dense], {VALIDATION: (1.0,)}, (1,)), METHODS)
    assert (VALIDATION, ALL_CNNS) not in groups


def test_real_twins_are_also_a_set_of_the_half_that_nothing_was_fitted_to():
    tried = {(REAL_TWINS, "synop-loss"): made_trials(LEAN, (0.8, 0.9, 1.0), (1, 2, 3))}
    even = with_even_twins(tried)[EVEN_TWINS, "synop-loss"]
    assert len(even.symbols) == 500
    assert all(int(symbol[2:]) % 2 == 0 for symbol in even.symbols)
