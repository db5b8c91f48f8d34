"""The table of the comparison: halves, medians, and the order in which sensors come."""

import numpy as np
import pandas as pd

from dvs_snn.files.tables import schema
from dvs_snn.probes.sensor_changes import NOMINAL_CONDITION
from dvs_snn.probes.telling_apart.comparison import ALL, compare
from dvs_snn.probes.telling_apart.statistics import STATISTICS

SYMBOLS = [f"{digit}/{number:04d}" for digit in range(4) for number in range(1, 21)]


def made(seed):
    values = np.random.default_rng(seed).normal(10, 1, (len(SYMBOLS), len(STATISTICS)))
    return pd.DataFrame(values, index=SYMBOLS, columns=list(STATISTICS))


def test_nominal_sensor_has_a_row_for_each_statistic_and_half():
    real, simulated = made(1), made(2)
    simulated["lone_share"] += 5
    table = pd.DataFrame(compare(real, simulated, NOMINAL_CONDITION, seed=1))
    assert set(table.columns) == set(schema("realism"))
    for _, rows in table.groupby("half"):
        assert rows["statistic"].tolist() == [ALL, *STATISTICS]
    assert (table["n"] == 40).all()
    rows = table.set_index(["half", "statistic"])
    even = [symbol for symbol in SYMBOLS if int(symbol[2:]) % 2 == 0]
    lone = rows.loc[("even", "lone_share")]
    assert lone["real"] == real.loc[even, "lone_share"].median()
    assert lone["simulated"] == simulated.loc[even, "lone_share"].median()
    assert lone["auc"] > 0.99
    assert rows.loc[("odd", ALL), "auc"] > 0.95
    assert rows.loc[("odd", "n_events"), "auc"] < 0.75


def test_wrong_sensors_have_the_classifiers_row_alone():
    rows = list(compare(made(1), made(2), ("noise", "doubled"), seed=1))
    assert [(row["part"], row["change"], row["statistic"]) for row in rows] == [
        ("noise", "doubled", ALL)
    ] * 2


def test_symbols_without_a_real_twin_are_left_out():
    real, simulated = made(1), made(2).rename(index={"0/0001": "0/9999"})
    (odd, *_) = compare(real, simulated, ("noise", "off"), seed=1)
    assert odd["n"] == 39
