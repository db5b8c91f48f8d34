"""The table of long recordings, by hand."""

import pandas as pd
import pytest

from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.realism.drift.outcomes import DRIFT_OUTCOMES
from dvs_snn.results.running.drift import DRIFT_TABLE, drift_table
from dvs_snn.results.sensitivity import paired_interval

POINT = {"variant": "plain", "method": "rescaled", "seed": 1, "scale": 2.0}


def _outcomes(part, value, time_s, right_all, right_recent, synops=100, **point) -> pd.DataFrame:
    """Return outcomes of ten symbols, the first four of size 4; `right_...` lists those read so."""
    symbols = range(10)
    return pd.DataFrame(
        {
            **POINT, **point, "part": part, "value": value, "time_s": time_s,
            "recording": [f"r{i}" for i in symbols], "symbol": [f"0/{i}" for i in symbols],
            "size": [4 if i < 4 else 16 for i in symbols],
            "all": [int(i in right_all) for i in symbols],
            "recent": [int(i in right_recent) for i in symbols],
            "synops": synops,
        }
    )[list(DRIFT_OUTCOMES)]  # fmt: skip


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return drift_table(
        pd.concat(
            [
                _outcomes("base", "", 0.5, range(8), range(8)),
                _outcomes("base", "", 2.0, range(1, 10), range(6), synops=600),
                _outcomes("reset", "each 1 s", 0.5, range(8), range(8)),
                _outcomes("reset", "each 1 s", 2.0, range(9), range(9), synops=500),
                _outcomes("base", "", 0.5, [], [], variant="lean"),
            ]
        )
    )


def _row(table, size, part, time_s, reading, variant="plain") -> pd.Series:
    named = {"size": size, "part": part, "time_s": time_s, "reading": reading, "variant": variant}
    rows = table
    for name, value in named.items():
        rows = rows[rows[name] == value]
    (row,) = [row for _, row in rows.iterrows()]
    return row


def test_a_row_for_each_size_condition_time_and_reading(table):
    assert list(table) == list(DRIFT_TABLE)
    # Three sizes, four cells and two readings; of the other network one cell.
    assert len(table) == 3 * 4 * 2 + 3 * 2
    assert table["size"].unique().tolist() == ["4", "16", "all"]
    assert _row(table, "4", "base", 2.0, "all")["n_symbols"] == 4
    assert _row(table, "16", "base", 2.0, "all")["n_symbols"] == 6


def test_accuracy_is_that_of_the_reading_with_its_interval(table):
    recent = _row(table, "all", "base", 2.0, "recent")
    assert recent["accuracy"] == 0.6
    assert (recent["accuracy_low"], recent["accuracy_high"]) == wilson_interval(0.6, 10)
    assert _row(table, "all", "base", 2.0, "all")["accuracy"] == 0.9
    assert _row(table, "4", "base", 2.0, "all")["accuracy"] == 0.75
    assert _row(table, "all", "base", 0.5, "all", "lean")["accuracy"] == 0


def test_differences_are_those_of_the_same_symbols_at_the_same_time(table):
    reset = _row(table, "all", "reset", 2.0, "recent")
    # Six are right under both, three under the reset alone.
    assert reset["difference"] == pytest.approx(0.3)
    assert (reset["difference_low"], reset["difference_high"]) == paired_interval(6, 3, 0, 1)
    by_all = _row(table, "all", "reset", 2.0, "all")
    # One symbol for another: no difference, but an interval with a width.
    assert by_all["difference"] == 0
    assert (by_all["difference_low"], by_all["difference_high"]) == paired_interval(8, 1, 1, 0)
    base = _row(table, "all", "base", 2.0, "recent")
    assert base["difference"] == 0
    assert base[["difference_low", "difference_high"]].isna().all()


def test_changes_are_those_since_the_first_time(table):
    base = _row(table, "all", "base", 2.0, "all")
    # Seven are right at both times, two at the later and one at the first.
    assert base["change"] == pytest.approx(0.1)
    assert (base["change_low"], base["change_high"]) == paired_interval(7, 2, 1, 0)
    first = _row(table, "all", "reset", 0.5, "all")
    assert first["change"] == 0
    assert first[["change_low", "change_high"]].isna().all()


def test_synops_are_those_since_the_start_a_second(table):
    assert _row(table, "all", "base", 2.0, "all")["synops_per_s"] == 300
    assert _row(table, "4", "reset", 2.0, "recent")["synops_per_s"] == 250
    assert _row(table, "all", "base", 0.5, "all")["synops_per_s"] == 200


def test_without_a_quoted_network_the_table_has_no_row():
    table = drift_table(pd.DataFrame(columns=list(DRIFT_OUTCOMES)))
    assert len(table) == 0
    assert list(table) == list(DRIFT_TABLE)
