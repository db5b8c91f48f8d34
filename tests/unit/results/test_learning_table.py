"""The table of lessons, by hand."""

import pandas as pd
import pytest

from dvs_snn.results.running.learning import LEARNING_TABLE, learning_table
from dvs_snn.results.sensitivity import compare_with_nominal

READ = {(1, 0): [1, 1, 0, 0], (1, 500): [1, 1, 1, 0], (0, 500): [0, 1, 0, 0]}


def outcomes(seed: int) -> pd.DataFrame:
    rows = [
        {"variant": "lean", "seed": seed, "scale": 0.6, "simulated": simulated, "real": real,
         "set": "real-twins", "recording": f"{place}", "symbol": f"{place}/0002", "label": place,
         "predicted": place, "correct": right, "n_events": 1000 * (place + 1),
         "synops": 100_000 * (1 + real)}
        for (simulated, real), read in READ.items()
        for place, right in enumerate(read)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_each_lesson_stands_beside_the_one_without_real_recordings():
    table = learning_table(pd.concat([outcomes(1), outcomes(2)]))
    assert list(table) == list(LEARNING_TABLE)
    assert len(table) == 6
    assert table["seed"].tolist() == [1, 1, 1, 2, 2, 2]
    first = table[table["seed"] == 1].set_index(["simulated", "real"])
    assert first["accuracy"].tolist() == [0.5, 0.75, 0.25]
    assert first["n_symbols"].tolist() == [4, 4, 4]
    assert first["difference"].tolist() == [0.0, 0.25, -0.25]
    expected = compare_with_nominal(READ[1, 500], READ[1, 0])
    for name, value in expected.items():
        assert first.loc[(1, 500), name] == pytest.approx(value)
    assert first.loc[(1, 0), ["difference_low", "difference_high", "p_value"]].isna().all()
    # 4 recordings of 100,000 SynOps for 10,000 events.
    assert first.loc[(1, 0), "synops_per_3000_events"] == pytest.approx(120_000)


def test_a_study_whose_networks_are_not_quoted_has_no_rows():
    empty = pd.DataFrame(columns=list(outcomes(1)))
    assert learning_table(empty).empty
