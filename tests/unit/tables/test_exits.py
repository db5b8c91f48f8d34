"""``exits.csv`` by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from made_exits import make_exits

from dvs_snn.evaluation.choosing.choice import Quoted
from dvs_snn.evaluation.power import EnergyModel
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.tables.summaries import exits_table

KEY = {"set": "test", "variant": "plain", "seed": 1, "scale": 0.5}
NO_CHOICE = pd.DataFrame(columns=["method", "variant", "scale", "exit", "chosen"]).astype(
    {"exit": float, "scale": float}
)


def _exits():
    """Three recordings of two symbols; the last never reaches a lead of 2."""
    return make_exits(
        [2, np.inf], ["0/a", "0/a", "0/b"], [[1, 1], [0, 1], [1, 1]],
        [[100, 400], [200, 500], [600, 600]], [[30, 90], [60, 90], [90, 90]],
        [[1, 5], [2, 5], [6, 6]], [[1, 0], [1, 0], [0, 0]],
    )  # fmt: skip


def test_a_row_sums_up_what_was_spent_until_the_exit():
    table = exits_table([(KEY, _exits())], Quoted.of(NO_CHOICE), EnergyModel(10.0, 0.5), 10.0)
    stopped, whole = table.to_dict("records")
    assert {name: stopped[name] for name in KEY} == KEY
    assert (stopped["exit"], stopped["n_recordings"], stopped["n_symbols"]) == (2, 3, 2)
    assert stopped["accuracy"] == pytest.approx(2 / 3)
    assert (stopped["accuracy_low"], stopped["accuracy_high"]) == wilson_interval(2 / 3, 2)
    assert stopped["synops_per_decision"] == 300
    assert stopped["events_per_decision"] == 60
    assert (stopped["time_to_exit_ms"], stopped["time_to_exit_median_ms"]) == (30, 20)
    assert stopped["exited_fraction"] == pytest.approx(2 / 3)
    # 300 SynOps of 10 pJ, and 0.5 mW for 30 ms.
    assert stopped["energy_per_decision_uj"] == pytest.approx(300 * 10e-6 + 0.5 * 30)
    # All 270 events count, also those after the exit.
    assert stopped["synops_per_3000_events"] == 10_000
    assert math.isnan(whole["exit"])
    assert (whole["synops_per_decision"], whole["exited_fraction"]) == (500, 0)


def test_only_the_chosen_point_is_marked_and_never_a_chosen_scale():
    choice = pd.DataFrame(
        [("early-exit", "plain", 0.5, 2.0, 1), ("early-exit", "plain", 1.0, 2.0, 0),
         ("rescaled", "plain", 1.0, np.nan, 1)],
        columns=NO_CHOICE.columns,
    )  # fmt: skip
    read = [({**KEY, "scale": scale}, _exits()) for scale in (0.5, 1.0)]
    table = exits_table(read, Quoted.of(choice), EnergyModel(10.0), 10.0)
    assert table["chosen"].tolist() == [1, 0, 0, 0]


def test_without_events_no_ratio_is_told():
    exits = make_exits([np.inf], ["0/a"], [[0]], 0, 0, 3)
    table = exits_table([(KEY, exits)], Quoted.of(NO_CHOICE), EnergyModel(10.0), 10.0)
    assert math.isnan(table["synops_per_3000_events"].iloc[0])
