"""Networks at equal accuracy beside a reference, against fronts that were worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from made_trials import LEAN, METHODS, SPARSE, made_trials, on_sets
from method_readings import first, make_readings, trials_of

from dvs_snn.analysis.equal_accuracy import (
    BOTH_ENDS,
    FEWEST_SYMBOLS,
    TOO_FEW,
    equal_accuracy_table,
)
from dvs_snn.files.tables import schema
from dvs_snn.points.front import EVEN_TWINS, grouped, with_even_twins
from dvs_snn.points.point import CHOSEN, EQUAL, SPARSE_CNN, Point
from dvs_snn.settings.set_names import REAL_TWINS, TEST, VALIDATION
from dvs_snn.settings.sides import CNN, SPIKING
from dvs_snn.settings.training_settings import RESCALED

NO_CHOICE = pd.DataFrame(columns=list(schema("stored_choice")))
READ = {VALIDATION: (0.88, 0.92, 0.95), TEST: (0.8, 0.9, 1.0)}
RATIO = ["ratio", "ratio_low", "ratio_high"]


def table_of(tried, choice=NO_CHOICE, chosen=frozenset(), methods=METHODS):
    return equal_accuracy_table(grouped(tried, methods), choice, set(chosen), seed=1)


def both_sides(read_by_cnn=READ):
    """Two sets on which the sparse CNN reads as many for a third of the operations."""
    spiking = on_sets("synop-loss", LEAN, READ, (300, 600, 2400))
    return {**spiking, **on_sets(SPARSE_CNN, SPARSE, read_by_cnn, (100, 200, 800))}


def at_accuracy(table, side, method, accuracy=0.95, exits=1):
    rows = table[(table["at"] == EQUAL) & (table["side"] == side) & (table["method"] == method)]
    rows = rows[(rows["accuracy"] == accuracy) & (rows["exits"] == exits)]
    assert len(rows) == 1
    return rows.iloc[0]


def test_both_sides_stand_on_the_front_that_validation_picked():
    table = table_of(both_sides())
    assert set(table["set"]) == {TEST}
    spiking = at_accuracy(table, SPIKING, "any")
    assert spiking["operations_per_reading"] == pytest.approx(1200)
    # The next more accurate point is the last.
    assert spiking[["variant", "scale", "time_to_exit_ms"]].tolist() == ["lean", 2.0, 30]
    sparse = at_accuracy(table, CNN, SPARSE_CNN)
    assert sparse["operations_per_reading"] == pytest.approx(400)
    assert sparse[["frames", "scale", "counted"]].tolist() == [
        "1000 events",
        1.0,
        "MACs at non-zero",
    ]
    for row in (spiking, sparse):
        assert row["operations_per_reading_low"] < row["operations_per_reading"]
        assert row["operations_per_reading"] < row["operations_per_reading_high"]
        assert row["bound"] == ""


def test_where_the_cheapest_point_is_accurate_enough_the_cost_is_a_bound():
    read = {VALIDATION: READ[VALIDATION], TEST: (0.92, 0.94, 0.96)}
    table = table_of(on_sets("synop-loss", LEAN, read, (300, 600, 2400)))
    row = at_accuracy(table, SPIKING, "any", accuracy=0.90)
    assert (row["operations_per_reading"], row["bound"]) == (pytest.approx(300), "<=")
    # No point reads 97 %.
    assert table["accuracy"].max() == 0.96


def test_a_cnn_stands_beside_all_spiking_networks_by_the_same_draws():
    """It reads the very symbols that the spiking network reads, for a third of the operations."""
    row = at_accuracy(table_of(both_sides()), CNN, SPARSE_CNN)
    assert row["reference"] == SPIKING
    assert row["reference_operations"] == pytest.approx(1200)
    assert row[RATIO].tolist() == pytest.approx([3.0] * 3)


def test_a_chosen_cnn_stands_beside_the_spiking_network_that_stops_where_validation_chose():
    chosen = {("early-exit", LEAN[1]), (SPARSE_CNN, SPARSE[1])}
    table = table_of(both_sides(), chosen=chosen)
    rows = table[(table["at"] == CHOSEN) & (table["side"] == CNN)]
    row = rows.iloc[0]
    assert (len(rows), row["accuracy"], row["reference_accuracy"]) == (1, 0.9, 0.9)
    assert (row["reference_operations"], row["operations_per_reading"]) == (600, 200)
    assert row[RATIO].tolist() == pytest.approx([3.0] * 3)
    ends = ["difference_points", "difference_points_low", "difference_points_high"]
    assert row[ends].tolist() == [0, 0, 0]

    # The CNN also reads 40 of the 1,000 symbols that the spiking network misreads.
    better = {VALIDATION: READ[VALIDATION], TEST: (0.8, 0.94, 1.0)}
    table = table_of(both_sides(better), chosen=chosen)
    row = table[(table["at"] == CHOSEN) & (table["side"] == CNN)].iloc[0]
    assert row["difference_points"] == pytest.approx(-4)
    # 1.96 standard deviations of a share of 4 % of 1,000 are 1.2 points.
    assert row["difference_points_low"] == pytest.approx(-5.2, abs=0.2)
    assert row["difference_points_high"] == pytest.approx(-2.8, abs=0.2)


def test_each_method_stands_alone_and_with_its_early_exit():
    """All methods together take the cheaper one; each takes its own points."""
    leads = [Point(SPIKING, "plain", 1.0, 3.0), Point(SPIKING, "plain", 1.0)]
    tried = {}
    for name, of_set in READ.items():
        stopped = [*of_set[:2], 0.91]
        tried[name, "early-exit"] = made_trials([*LEAN[:2], leads[0]], stopped, (300, 600, 900))
        tried[name, "synop-loss"] = made_trials(LEAN[2:], of_set[2:], (2400,))
        tried[name, RESCALED] = made_trials(leads[1:], (0.96,), (3600,))
    table = table_of(tried)
    rows = table[(table["at"] == EQUAL) & (table["accuracy"] == 0.90)]
    costs = rows.set_index(["method", "exits"])["operations_per_reading"]
    assert costs.to_dict() == pytest.approx(
        {
            ("any", 1): 600,
            ("early-exit", 1): 600,
            (RESCALED, 0): 3600,
            (RESCALED, 1): 900,
            ("synop-loss", 0): 2400,
            ("synop-loss", 1): 600,
        }
    )
    # Rescaling to the end stands beside nothing; all others beside it.
    references = rows.set_index(["method", "exits"])["reference"].to_dict()
    assert references.pop((RESCALED, 0)) == ""
    assert set(references.values()) == {RESCALED}


def compared(plain, spent, better, less, name=TEST):
    """Trials of rescaling and of another method on validation and another set, read alike."""
    tables = []
    for each in (VALIDATION, name):
        tables.append(make_readings(each, "plain", plain, spent))
        tables.append(make_readings(each, "better", better, less))
    return trials_of(*tables, plain=RESCALED, better="other")


def of_other(tried, choice=NO_CHOICE, accuracy=0.95, name=TEST):
    table = table_of(tried, choice, methods={"plain": RESCALED, "better": "other"})
    table = table[table["set"] == name]
    return at_accuracy(table, SPIKING, "other", accuracy, exits=0), table


RANDOM = np.random.default_rng(4).random((4, 2, 100))
# About 90, 94 and 96 %, of each seed other symbols, and all.
NOISY = (RANDOM < np.array([0.9, 0.94, 0.96, 1.0])[:, None, None]).astype(int).tolist()


def test_a_method_that_reads_alike_for_a_third_of_the_cost_is_surely_three_times_cheaper():
    """Both see the same draws: how hard the drawn symbols are doesn't widen the interval."""
    tried = compared(NOISY, [300, 900, 3000, 6000], NOISY, [100, 300, 1000, 2000])
    row, table = of_other(tried)
    pd.testing.assert_frame_equal(table, of_other(tried)[1])
    assert row[RATIO].tolist() == pytest.approx([3.0] * 3)
    assert row[["n_symbols", "n_draws", "n_seeds"]].tolist() == [100, 2000, 2]
    assert pd.isna(row["note"]) or row["note"] == ""


def test_a_ratio_by_hand():
    tried = compared(first(90, 94, 96), [999, 1000, 4000], first(90, 96), [100, 400])
    row, _ = of_other(tried)
    assert row["reference_operations"] == pytest.approx(2000)
    assert row["operations_per_reading"] == pytest.approx(100 * 4 ** (5 / 6))
    assert row["ratio"] == pytest.approx(20 / 4 ** (5 / 6))


def test_a_ratio_at_an_end_of_a_grid_is_a_bound():
    whole = first(92, 100)
    cheap = first(96, 98)
    needed = 1000 * 4 ** (3 / 8)
    row, _ = of_other(compared(whole, [1000, 4000], cheap, [100, 400]))
    assert (row["ratio_bound"], row["ratio"]) == (">=", pytest.approx(needed / 100))
    assert pd.isna(row["ratio_high"])
    row, _ = of_other(compared(cheap, [1000, 4000], whole, [100, 400]))
    assert (row["ratio_bound"], row["ratio"]) == ("<=", pytest.approx(1000 / (needed / 10)))
    assert pd.isna(row["ratio_low"])
    row, _ = of_other(compared(cheap, [1000, 4000], cheap, [100, 400]))
    assert row["note"] == BOTH_ENDS
    assert pd.isna(row["ratio"])


def choice_of(scale):
    row = {
        "method": "other",
        "variant": "better",
        "scale": scale,
        "chosen": 1,
        "within_points": 1.0,
    }
    return pd.DataFrame([row]).reindex(columns=list(schema("stored_choice")))


def test_a_chosen_point_stands_beside_what_rescaling_needs_for_95_percent():
    tried = compared(first(92, 94, 96), [900, 1000, 4000], first(90, 96, 97), [50, 400, 500])
    _, table = of_other(tried, choice_of(1.0))
    (row,) = table[(table["at"] == CHOSEN)].to_dict("records")
    assert (row["variant"], row["scale"], row["within_points"]) == ("better", 1.0, 1.0)
    assert (row["accuracy"], row["reference_accuracy"]) == (0.96, 0.95)
    assert (row["operations_per_reading"], row["reference_operations"]) == (
        400,
        pytest.approx(2000),
    )
    assert (row["ratio"], row["ratio_bound"]) == (pytest.approx(5), "")
    # At the lowest scale a wider grid may hold a cheaper point.
    _, table = of_other(tried, choice_of(0.5))
    (row,) = table[(table["at"] == CHOSEN)].to_dict("records")
    assert (row["bound"], row["ratio_bound"]) == ("<=", ">=")


def test_an_accuracy_out_of_reach_has_no_row_or_no_ratio():
    tried = compared(first(94, 96), [1000, 4000], first(90, 94), [100, 400])
    table = table_of(tried, methods={"plain": RESCALED, "better": "other"})
    other = table[(table["method"] == "other") & (table["exits"] == 0)]
    assert other["accuracy"].max() == 0.94
    tried = compared(first(88, 92), [1000, 4000], first(90, 97), [100, 400])
    row, _ = of_other(tried)
    assert np.isnan(row["ratio"])
    assert row["operations_per_reading"] > 0


def test_methods_of_few_symbols_are_not_compared():
    """Few symbols are all read or not: draws of them would give an interval without width."""
    for n, is_compared in ((FEWEST_SYMBOLS, True), (FEWEST_SYMBOLS - 1, False)):
        right = [[[int(k > 2) for k in range(n)]], [[1] * n]]
        row, _ = of_other(compared(right, [100, 300], right, [100, 200]))
        assert pd.notna(row["ratio"]) == is_compared
        assert (row["note"] == TOO_FEW) != is_compared


def test_real_twins_are_also_compared_on_the_half_that_nothing_was_fitted_to():
    # Some odd symbols are misread by the cheap point.
    cheap = [[int(k % 2 == 0 or k > 15) for k in range(100)]]
    right = [cheap, [[1] * 100]]
    tried = with_even_twins(compared(right, [100, 900], right, [50, 90], REAL_TWINS))
    whole, _ = of_other(tried, name=REAL_TWINS)
    half, _ = of_other(tried, name=EVEN_TWINS)
    assert (whole["n_symbols"], half["n_symbols"]) == (100, 50)
    # All even symbols are read by the cheap points.
    assert half["operations_per_reading"] == pytest.approx(50)
    assert whole["operations_per_reading"] > 51


def test_without_validation_nothing_is_compared():
    tried = on_sets("synop-loss", LEAN, {TEST: READ[TEST]}, (300, 600, 2400))
    assert table_of(tried).empty
