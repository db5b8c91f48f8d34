"""What probes share: comparisons in pairs, rows of the table, and the probes of a study."""

import math

import numpy as np
import pandas as pd
import pytest
from jobs import quiet
from scipy.stats import binomtest

from dvs_snn.evaluation.statistics import paired_interval, wilson_interval
from dvs_snn.files.tables import read_table
from dvs_snn.probes.joined import JoinProbesJob, join_probes
from dvs_snn.probes.probe_modules import Value, compared, rows_of, write_rows


def outcomes(n_right: int, synops: int, n_events: int = 3000) -> pd.DataFrame:
    """A hundred recordings of as many symbols, the first `n_right` of them read rightly."""
    right = [int(i < n_right) for i in range(100)]
    symbols = [f"0/{i}" for i in range(100)]
    return pd.DataFrame(
        {"symbol": symbols, "correct": right, "n_events": n_events, "operations": synops}
    )


def by_measure(values) -> dict[str, Value]:
    return {value.measure: value for value in values}


BASE = outcomes(90, 1_000_000)


@pytest.mark.parametrize(
    ("n_right", "synops", "accuracy", "cost", "moved"),
    # Two points and 10 % just keep the limits.
    [(88, 1_100_000, -0.02, 0.1, 0), (87, 1_000_000, -0.03, 0, 1), (90, 1_100_001, 0, 0.100001, 1)],
)
def test_changes_are_those_of_the_same_recordings(n_right, synops, accuracy, cost, moved):
    measured = by_measure(compared(outcomes(n_right, synops), BASE, by_recording=False))
    assert measured["accuracy"][1:4] == (n_right / 100, *wilson_interval(n_right / 100, 100))
    change = measured["accuracy_change"]
    assert change.amount == pytest.approx(accuracy)
    assert (change.low, change.high) == paired_interval(n_right, 0, 90 - n_right, 10)
    assert measured["synops_change"].amount == pytest.approx(cost)
    assert measured["moved"].amount == moved
    assert measured["recordings"].amount == 100
    assert (
        measured["synops_per_recording"].amount
        == measured["synops_per_3000_events"].amount
        == synops
    )


def test_the_base_differs_from_itself_by_nothing_and_has_no_interval():
    measured = by_measure(compared(BASE, None, by_recording=True))
    assert measured["accuracy_change"][1:4] == (0.0, None, None)
    assert (measured["synops_change"].amount, measured["moved"].amount) == (0.0, 0)
    assert math.isnan(measured["p_value"].amount)
    measured = by_measure(compared(outcomes(0, 0, n_events=0), BASE, by_recording=True))
    assert math.isnan(measured["synops_per_event"].amount)
    assert measured["synops_change"].amount == -1


def test_intervals_count_symbols_not_their_recordings():
    twice = BASE.assign(symbol=[f"0/{k // 2}" for k in range(100)])
    changed = twice.assign(correct=outcomes(80, 0)["correct"])
    measured = by_measure(compared(changed, twice, by_recording=True))
    assert measured["accuracy"][1:5] == (0.8, *wilson_interval(0.8, 50), 50)
    change = measured["accuracy_change"]
    assert (change.amount, change.n) == (pytest.approx(-0.1), 50)
    # As if each symbol had been recorded once.
    assert (change.low, change.high) == paired_interval(40, 0, 5, 5)


def test_a_cost_by_recording_stays_however_long_the_recording_goes_on():
    longer = outcomes(90, 1_000_000, n_events=6000)
    for by_recording, change in ((True, 0.0), (False, -0.5)):
        measured = by_measure(compared(longer, BASE, by_recording))
        assert measured["synops_change"].amount == change


def test_p_value_is_that_of_the_binomial_test_of_the_pairs_that_differ():
    random = np.random.default_rng(0)
    changed, base = (BASE.assign(correct=random.integers(0, 2, 100)) for _ in range(2))
    first = int(((changed["correct"] == 1) & (base["correct"] == 0)).sum())
    second = int(((changed["correct"] == 0) & (base["correct"] == 1)).sum())
    measured = by_measure(compared(changed, base, by_recording=True))
    assert measured["p_value"].amount == pytest.approx(binomtest(first, first + second).pvalue)
    assert measured["accuracy_change"].amount == (first - second) / 100


@pytest.mark.parametrize(
    ("table", "low", "high"),
    [
        # Cavo et al. 2012, as R's contingencytables prints Newcombe's interval for it.
        ((59, 6, 16, 80), -0.1186, -0.0046),
        # Bentur et al. 2009; no correlation is left of 5 after the correction by n / 2 = 10.5, so
        # by hand: Wilson of 2/21 and of 8/21, squared and added.
        ((1, 1, 7, 12), -0.5069, -0.0256),
    ],
)
def test_interval_of_a_paired_difference_as_published(table, low, high):
    assert paired_interval(*table) == pytest.approx((low, high), abs=6e-5)
    # Conditions exchanged: the interval turned over.
    both, first, second, neither = table
    assert paired_interval(both, second, first, neither) == pytest.approx((-high, -low), abs=6e-5)
    # Where no symbol changed sides an interval has a width: Wilson's lower bound either way.
    reach = 1 - wilson_interval(1.0, 100)[0]
    assert paired_interval(100, 0, 0, 0) == pytest.approx((-reach, reach))


def test_numbers_keep_their_text(tmp_path):
    values = [Value("recordings", 12), Value("accuracy", 1 / 3, 0.1, None, 7)]
    rows = rows_of(values, ("lower bound", "-1"), "test", "rescaled", 0.6)
    tables = [tmp_path / f"{name}.csv" for name in ("one", "none", "more")]
    write_rows(rows, tables[0], probe="ablation", variant="plain", seed=2)
    write_rows([], tables[1], probe="ablation", variant="other", seed=2)
    write_rows(rows, tables[2], probe="ablation", variant="plain", seed=3)
    joined = tmp_path / "probes.csv"
    join_probes(JoinProbesJob(tables, joined), quiet())
    lines = joined.read_text(encoding="utf-8").splitlines()
    start = "ablation,lower bound,-1,plain,rescaled,2,0.6,test"
    assert lines[1] == f"{start},recordings,12,,,recordings,"
    assert lines[2] == f"{start},accuracy,{1 / 3!r},0.1,,share,7"
    assert read_table(joined, "probes")["seed"].tolist() == [2] * 2 + [3] * 2
