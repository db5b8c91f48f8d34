"""What a budget buys, against a brute-force reading of the points."""

import math

import numpy as np
import pandas as pd
import pytest
from result_tables import every

from dvs_snn.evaluation.choosing.points import POINT_COLUMNS
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.files.tables import schema
from dvs_snn.settings.set_names import TEST_SETS, VALIDATION
from dvs_snn.tables.budgets import BUDGETS, NOT_MET, STATIC_MW, budgets_table

ENERGY_PJ = 10.0
SCALES = [0.25, 0.5, 1.0, 2.0, 4.0]
# On validation accuracy rises, then ties, then falls.
ACCURACY = np.array([0.5, 0.9, 0.9, 0.95, 0.94])
COST = np.array([350_000, 600_000, 900_000, 3_000_000, 9_000_000])


@pytest.fixture
def points():
    rng = np.random.default_rng(1)
    rows = every(set=[VALIDATION, *TEST_SETS], scale=SCALES, seed=(1, 2))
    place, cost = rows["scale"].map(SCALES.index), rng.uniform(1, 1.2, len(rows))
    return rows.assign(
        method="rescaled", variant="plain", exit=np.nan, n_symbols=20,
        accuracy=ACCURACY[place] - 0.01 * rows["seed"] - 0.05 * (rows["set"] == "test"),
        synops_per_3000_events=COST[place] * cost, synops_per_decision=COST[place] * cost / 2,
        event_rate_hz=rng.uniform(4000, 6000, len(rows)), energy_per_decision_uj=0.0,
        time_to_decision_ms=rng.uniform(50, 200, len(rows)),
    )[POINT_COLUMNS]  # fmt: skip


def measured(points, name, scale, static):
    """Return means of accuracy, SynOps, rate, time and SynOps a decision, then the power."""
    rows = [r for r in points.to_dict("records") if (r["set"], r["scale"]) == (name, scale)]
    names = ["accuracy", "synops_per_3000_events", "event_rate_hz", "time_to_decision_ms"]
    mean = {n: sum(r[n] for r in rows) / len(rows) for n in [*names, "synops_per_decision"]}
    synops, rate = mean["synops_per_3000_events"], mean["event_rate_hz"]
    return mean | {"power_mw": synops / 3000 * rate * ENERGY_PJ * 1e-9 + static}


def brute_force(points, axis, budget, static):
    """Return the scale that the budget buys on validation, None if it buys none."""
    best = None
    for scale in SCALES:
        tried = measured(points, VALIDATION, scale, static)
        if tried[axis] <= budget and (best is None or tried["accuracy"] > best[0] + 1e-12):
            best = tried["accuracy"], scale
    return best and best[1]


def test_budgets_are_those_of_a_brute_force(points):
    table = budgets_table(points, ENERGY_PJ)
    assert tuple(table.columns) == tuple(schema("budgets"))
    assert len(table) == (7 + 8 + 8) * len(STATIC_MW) * len(TEST_SETS)
    before = {}
    for row in table.to_dict("records"):
        where = axis, static, name = row["axis"], row["static_mw"], row["set"]
        scale = brute_force(points, axis, row["budget"], static)
        if scale is None:
            assert row["note"] == NOT_MET
            assert math.isnan(row["scale"])
            assert math.isnan(row["accuracy"])
            continue
        assert (row["scale"], row["note"], row["method"]) == (scale, "", "rescaled")
        expected = measured(points, name, scale, static)
        low, high = wilson_interval(expected["accuracy"], 20)
        energy = expected["power_mw"] * expected["time_to_decision_ms"]
        expected |= {"accuracy_low": low, "accuracy_high": high, "energy_per_decision_uj": energy}
        assert {name: row[name] for name in expected} == pytest.approx(expected)
        last = before.get(where)
        if last is None or last["scale"] == scale:
            assert math.isnan(row["points_per_mw"])
        else:
            gained, more = (row[name] - last[name] for name in ("accuracy", "power_mw"))
            assert row["points_per_mw"] == pytest.approx(100 * gained / more)
        before[where] = row


def test_early_exit_competes_for_budgets_of_a_decision_alone(points):
    """A point with an exit that is cheaper than all others, and reads as much as the best."""
    early = points[points["scale"] == 2.0].assign(
        method="early-exit", variant="other", exit=3.0, synops_per_3000_events=250_000.0,
        synops_per_decision=125_000.0, time_to_decision_ms=80.0,
    )  # fmt: skip
    table = budgets_table(pd.concat([points, early]), ENERGY_PJ, [0.42])
    of_test = table[(table["set"] == "test") & (table["note"] == "")]
    per_decision = of_test["axis"] == "synops_per_decision"
    assert set(of_test.loc[~per_decision, "method"]) == {"rescaled"}
    # The cheapest budget is below its 125,000 SynOps; no other point is as cheap.
    assert set(of_test.loc[per_decision, "budget"]) == set(BUDGETS["synops_per_decision"][1:])
    first = of_test[per_decision].iloc[0]
    assert (first["method"], first["synops_per_decision"]) == ("early-exit", 125_000)
    assert (first["variant"], first["scale"], first["exit"]) == ("other", 2.0, 3.0)
    # 125,000 SynOps at 10 pJ, and 0.42 mW for 80 ms.
    assert first["energy_per_decision_uj"] == pytest.approx(1.25 + 0.42 * 80)


def test_silence_has_no_time_and_without_validation_or_a_test_set_there_is_nothing(points):
    silent = budgets_table(points.assign(time_to_decision_ms=np.nan), ENERGY_PJ)
    met = silent[silent["note"] == ""]
    assert met[["time_to_decision_ms", "energy_per_decision_uj"]].isna().all(axis=None)
    for kept in (["test", "saccades-test"], [VALIDATION]):
        table = budgets_table(points[points["set"].isin(kept)], ENERGY_PJ)
        assert table.empty
        assert tuple(table.columns) == tuple(schema("budgets"))
    lone = budgets_table(points[points["set"].isin([VALIDATION, "test"])], ENERGY_PJ)
    assert set(lone["set"]) == {"test"}
