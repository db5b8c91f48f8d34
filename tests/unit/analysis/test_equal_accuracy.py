"""Both sides at equal accuracy, against fronts that were worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dvs_snn.analysis.equal_accuracy import (
    CHOSEN,
    equal_accuracy_table,
    fronts_of,
    rivals_table,
    sides_of,
)
from dvs_snn.analysis.factors import EQUAL
from dvs_snn.analysis.trials import Point, Trials, cost_at
from dvs_snn.files.tables import schema

N_SYMBOLS = 1000
SPIKING = [Point("lean", 0.5, 2.0), Point("lean", 1.0, 4.0), Point("lean", 2.0)]
METHODS = {"lean": "synop-loss", "plain": "rescaled"}
SPARSE = [Point("lean", 1.0, lead, "1000 events", "nonzero") for lead in (1.0, 2.0, None)]


def trials(points, accuracies, costs, n_seeds=2) -> Trials:
    """Trials in which the first symbols are read rightly; every reading of a point costs alike."""
    sums = np.ones((6, N_SYMBOLS, len(points), n_seeds))
    for place, (accuracy, cost) in enumerate(zip(accuracies, costs, strict=True)):
        right = np.arange(N_SYMBOLS) < round(N_SYMBOLS * accuracy)
        sums[0, :, place] = right[:, None]
        sums[2, :, place] = cost
        sums[5, :, place] = 10 * (place + 1)
    symbols = tuple(f"0/{number:04d}" for number in range(N_SYMBOLS))
    return Trials(tuple(points), tuple(range(1, n_seeds + 1)), symbols, sums)


def both_sides(on_test=(0.8, 0.9, 1.0)):
    """Sides of two sets on which the sparse CNN reads as many for a third of the operations."""
    read = {"validation": (0.88, 0.92, 0.95), "test": on_test}
    spiking = {
        (name, "synop-loss"): trials(SPIKING, of_set, (300, 600, 2400))
        for name, of_set in read.items()
    }
    cnn = {
        (name, "sparse-cnn"): trials(SPARSE, of_set, (100, 200, 800))
        for name, of_set in read.items()
    }
    return sides_of(spiking, cnn, METHODS)


def test_a_cost_lies_between_two_points_of_the_front_that_validation_picked():
    """From 0.9 to 1.0 the cost grows fourfold: half way, at 0.95, it is twice that at 0.9."""
    table = equal_accuracy_table(fronts_of(both_sides(), 1))
    assert set(table["set"]) == {"test"}
    spiking = table[table["network"] == "spiking"].set_index("accuracy")
    assert spiking.loc[0.95, "operations_per_reading"] == pytest.approx(1200)
    assert spiking.loc[0.90, "operations_per_reading"] == pytest.approx(600)
    # The next more accurate point is the last.
    at = spiking.loc[0.95]
    assert (at["variant"], at["scale"], at["time_to_exit_ms"]) == ("lean", 2.0, 30)
    sparse = table[table["network"] == "sparse CNN"].set_index("accuracy")
    assert sparse.loc[0.95, "operations_per_reading"] == pytest.approx(400)
    assert sparse.loc[0.95, ["cnn_frames", "cnn_scale", "macs"]].tolist() == [
        "1000 events", 1.0, "nonzero",
    ]  # fmt: skip
    for side in (spiking, sparse):
        low = side["operations_per_reading_low"]
        high = side["operations_per_reading_high"]
        assert (low < side["operations_per_reading"]).all()
        assert (side["operations_per_reading"] < high).all()
        assert (side["bound"] == "").all()


def test_where_the_cheapest_point_is_accurate_enough_the_cost_is_a_bound():
    table = equal_accuracy_table(fronts_of(both_sides((0.92, 0.94, 0.96)), 1))
    row = table[(table["network"] == "spiking") & (table["accuracy"] == 0.90)].iloc[0]
    assert (row["operations_per_reading"], row["bound"]) == (pytest.approx(300), "<=")
    # No point reads 97 %.
    assert table["accuracy"].max() == 0.96


def test_where_a_more_accurate_point_costs_less_both_cost_their_geometric_mean():
    spiking = {
        ("validation", "synop-loss"): trials(SPIKING, (0.88, 0.92, 0.95), (300, 600, 2400)),
        ("test", "synop-loss"): trials(SPIKING, (0.8, 0.92, 0.98), (300, 900, 400)),
    }
    table = equal_accuracy_table(fronts_of(sides_of(spiking, {}, METHODS), 1))
    cost = table.set_index("accuracy")["operations_per_reading"]
    assert cost[[0.95, 0.96, 0.97]].tolist() == pytest.approx([600, 600, 600])
    assert cost[0.90] == pytest.approx(300 * 2 ** (0.10 / 0.12))


def test_a_point_that_validation_did_not_pick_counts_on_no_other_set():
    """A fourth point reads least of validation and all of the test set, for next to nothing."""
    read = {"validation": (0.88, 0.92, 0.95, 0.5), "test": (0.8, 0.9, 1.0, 1.0)}
    points = [*SPIKING, Point("lean", 4.0)]
    spiking = {
        (name, "synop-loss"): trials(points, of_set, (300, 600, 2400, 1000))
        for name, of_set in read.items()
    }
    table = equal_accuracy_table(fronts_of(sides_of(spiking, {}, METHODS), 1))
    at = table.set_index("accuracy").loc[0.95]
    assert at["operations_per_reading"] == pytest.approx(1200)


def test_each_method_with_its_early_exit_has_a_cost_of_its_own():
    """All methods together take the cheaper one; each alone takes its own points with exits."""
    leads = [Point("plain", 1.0, 3.0), Point("plain", 1.0)]
    read = {"validation": (0.88, 0.92, 0.95), "test": (0.8, 0.9, 1.0)}
    spiking = {}
    for name, of_set in read.items():
        spiking[name, "early-exit"] = trials(
            [*SPIKING[:2], leads[0]], [*of_set[:2], 0.91], (300, 600, 900)
        )
        spiking[name, "synop-loss"] = trials(SPIKING[2:], of_set[2:], (2400,))
        spiking[name, "rescaled"] = trials(leads[1:], (0.96,), (3600,))
    table = equal_accuracy_table(fronts_of(sides_of(spiking, {}, METHODS), 1))
    at = table[table["accuracy"] == 0.90].set_index("network")["operations_per_reading"]
    assert at.to_dict() == pytest.approx({"rescaled": 900, "spiking": 600, "synop-loss": 600})


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.floats(0, 1))
def test_a_higher_accuracy_never_costs_less_along_rising_costs(accuracies, wanted):
    rising = np.maximum.accumulate([accuracies])
    cost = np.cumsum(np.ones((1, len(accuracies))), axis=1) * 100
    lower = cost_at(rising, cost, wanted)[0]
    assert lower <= cost_at(rising, cost, min(1.0, wanted + 0.1))[0]
    reached = rising[0] >= wanted - 1e-9
    if reached.any():
        assert lower <= cost[0, reached.argmax()] * (1 + 1e-9)
    else:
        assert lower == np.inf


def chosen_points() -> pd.DataFrame:
    """Return the rows of ``front.csv`` with the middle point of either side on the test set."""
    rows = [
        {"variant": "lean", "scale": 1.0, "exit": 4.0, "macs": ""},
        {"variant": "lean", "cnn_scale": 1.0, "exit": 2.0, "cnn_frames": "1000 events"}
        | {"macs": "nonzero"},
    ]
    front = pd.DataFrame(rows).assign(set="test", chosen=1)
    return front.reindex(columns=list(schema("front")))


def test_rivals_are_compared_by_the_same_draws():
    """The CNN reads the very symbols that the spiking network reads, for a third."""
    table = rivals_table(fronts_of(both_sides(), 1), both_sides(), chosen_points(), 1)
    equal = table[table["at"] == EQUAL]
    assert set(equal["rival"]) == {"sparse CNN"}
    assert equal["accuracy"].tolist() == [0.90, 0.95, 0.96, 0.97]
    for name in ("synops_per_mac", "synops_per_mac_low", "synops_per_mac_high"):
        assert table[name].tolist() == pytest.approx([3.0] * len(table))
    chosen = table[table["at"] == CHOSEN].iloc[0]
    assert (chosen["accuracy"], chosen["rival_accuracy"]) == (0.9, 0.9)
    ends = ["difference_points", "difference_points_low", "difference_points_high"]
    assert chosen[ends].tolist() == [0, 0, 0]
    assert (chosen["synops_per_reading"], chosen["macs_per_reading"]) == (600, 200)


def test_a_difference_is_that_of_the_spiking_network_to_its_rival():
    """The CNN also reads 40 of the 1,000 symbols that the spiking network misreads."""
    sides = both_sides()
    better = {("test", "sparse-cnn"): trials(SPARSE, (0.8, 0.94, 1.0), (100, 200, 800))}
    sides |= sides_of({}, better, METHODS)
    table = rivals_table(fronts_of(sides, 1), sides, chosen_points(), 1)
    chosen = table[table["at"] == CHOSEN].iloc[0]
    assert (chosen["accuracy"], chosen["rival_accuracy"]) == pytest.approx((0.90, 0.94))
    assert chosen["difference_points"] == pytest.approx(-4)
    # 1.96 standard deviations of a share of 4 % of 1,000 are 1.2 points.
    assert chosen["difference_points_low"] == pytest.approx(-5.2, abs=0.2)
    assert chosen["difference_points_high"] == pytest.approx(-2.8, abs=0.2)


def test_without_a_cnn_or_validation_nothing_is_compared():
    spiking = {("test", "synop-loss"): trials(SPIKING, (0.8, 0.9, 1.0), (300, 600, 2400))}
    sides = sides_of(spiking, {}, METHODS)
    empty = pd.DataFrame(columns=list(schema("front")))
    assert equal_accuracy_table(fronts_of(sides, 1)).empty
    assert rivals_table(fronts_of(sides, 1), sides, empty, 1).empty
