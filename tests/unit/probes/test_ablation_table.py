"""The table of changes and that of the chip's cores, by hand."""

import pandas as pd
import pytest

from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.files.tables import schema
from dvs_snn.probes.ablation_table import ablation_table
from dvs_snn.probes.sensitivity_table import paired_interval

POINT = {"variant": "plain", "method": "rescaled", "seed": 1, "scale": 2.0}


def _outcomes(part: str, value: str, n_right: int, synops: int, n: int = 100) -> pd.DataFrame:
    return pd.DataFrame(
        {
            **POINT, "set": "test", "part": part, "value": value,
            "recording": [str(i) for i in range(n)], "symbol": [f"0/{i}" for i in range(n)],
            "label": 0, "correct": [int(i < n_right) for i in range(n)], "n_events": 3000,
            "synops": synops,
        }
    )  # fmt: skip


def test_changes_are_those_of_the_same_recordings():
    table = ablation_table(
        pd.concat(
            [
                _outcomes("base", "", 90, 1_000_000),
                _outcomes("step", "1 ms", 88, 1_100_000),
                _outcomes("step", "2 ms", 87, 1_000_000),
                _outcomes("weights", "int8", 90, 1_100_001),
            ]
        )
    )
    assert tuple(table.columns) == tuple(schema("ablation"))
    assert table["accuracy"].tolist() == [0.9, 0.88, 0.87, 0.9]
    assert table["difference"].tolist() == pytest.approx([0, -0.02, -0.03, 0])
    assert table["synops_per_3000_events"].tolist() == [1e6, 1.1e6, 1e6, 1_100_001]
    assert table["synops_change"].tolist() == pytest.approx([0, 0.1, 0, 0.100001])
    # Two points and 10 % just keep the limits.
    assert table["moved"].tolist() == [0, 0, 1, 1]
    assert (table.loc[1, "accuracy_low"], table.loc[1, "accuracy_high"]) == wilson_interval(
        0.88, 100
    )
    assert (table.loc[2, "difference_low"], table.loc[2, "difference_high"]) == paired_interval(
        87, 0, 3, 10
    )
    assert table.loc[0, ["difference_low", "difference_high"]].isna().all()


def test_early_exit_pays_for_a_decision_however_long_the_recording_goes_on():
    longer = _outcomes("length", "2 times", 90, 1_000_000).assign(n_events=6000)
    base = _outcomes("base", "", 90, 1_000_000)
    for method, change, moved in (("early-exit", 0.0, 0), ("rescaled", -0.5, 1)):
        table = ablation_table(pd.concat([base, longer]).assign(method=method))
        assert table["synops_change"].tolist() == [0.0, change]
        assert table["moved"].tolist() == [0, moved]


def test_no_network_gives_an_empty_table():
    empty = _outcomes("base", "", 1, 1).iloc[:0]
    assert tuple(ablation_table(empty).columns) == tuple(schema("ablation"))
