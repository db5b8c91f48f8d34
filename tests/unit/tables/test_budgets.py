"""What a budget buys, against a brute-force reading of the predictions."""

import math

import numpy as np
import pandas as pd
import pytest
from method_outcomes import STEP_MS, make_outcomes

from dvs_snn.evaluation.choosing.points import POINT_COLUMNS, network_points
from dvs_snn.evaluation.power import EnergyModel
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.files.tables import schema
from dvs_snn.settings.set_names import TEST_SETS, VALIDATION
from dvs_snn.tables.budgets import BUDGETS, NOT_MET, STATIC_MW, budgets_table
from dvs_snn.tables.summaries import evaluation_row

ENERGY_PJ = 10.0
# Validation: cost per 3,000 events of each scale. Accuracy rises, then ties, then falls.
COST = {0.25: 350_000, 0.5: 600_000, 1.0: 900_000, 2.0: 3_000_000, 4.0: 9_000_000}
ACCURACY = {0.25: 0.5, 0.5: 0.9, 1.0: 0.9, 2.0: 0.95, 4.0: 0.94}


def outcomes_of(name, accuracy, cost, n_events=1500, n_steps=30):
    """Rows as the evaluation writes them: two recordings a symbol; seed 2 reads one less."""
    right = [
        [[int(k < round(40 * share) - (seed == 2)) for k in range(40)] for seed in (1, 2)]
        for share in accuracy.values()
    ]
    synops = [round(each * n_events / 3000) for each in cost.values()]
    made = make_outcomes(name, "plain", right, synops, list(accuracy), n_events)
    times = np.random.default_rng(len(name)).integers(2, 20, len(made)) * STEP_MS
    return made.assign(
        symbol=made["recording"].str[1:].astype(int) // 2, n_steps=n_steps, silent=0, tied=0,
        synops=made["synops"] + 1000 * made["seed"], correct=made["predicted"] == made["label"],
        time_to_decision_ms=times, ann_predicted=0, ann_frames=1, ann_macs=100,
    )  # fmt: skip


def study():
    accuracy = {"test": {s: a - 0.05 for s, a in ACCURACY.items()}}
    dearer = {scale: 1.2 * cost for scale, cost in COST.items()}
    of_tests = [
        outcomes_of(name, accuracy.get(name, ACCURACY), dearer, n_steps=31) for name in TEST_SETS
    ]
    return pd.concat([outcomes_of(VALIDATION, ACCURACY, COST), *of_tests], ignore_index=True)


def points_of(predictions):
    keys, energy = ["set", "variant", "seed", "scale"], EnergyModel(ENERGY_PJ)
    evaluation = pd.DataFrame(
        [
            {**rows[keys].iloc[0], **evaluation_row(rows, energy, STEP_MS)}
            for _, rows in predictions.groupby(keys, sort=False)
        ]
    )
    return network_points(evaluation.assign(method="rescaled"))


def measured(predictions, name, scale):
    """Return accuracy, SynOps, rate, time and SynOps a recording, read row by row."""
    sums = {}
    for row in predictions.to_dict("records"):
        if (row["set"], row["scale"]) != (name, scale):
            continue
        mine = sums.setdefault(
            row["seed"], dict.fromkeys(("n", "right", "ops", "ev", "s", "ms"), 0)
        )
        mine["n"] += 1
        mine["right"] += row["predicted"] == row["label"]
        mine["ops"] += row["synops"]
        mine["ev"] += row["n_events"]
        mine["s"] += row["n_steps"] * STEP_MS / 1000
        mine["ms"] += row["time_to_decision_ms"]
    by_seed = [
        (s["right"] / s["n"], 3000 * s["ops"] / s["ev"], s["ev"] / s["s"], s["ms"] / s["n"],
         s["ops"] / s["n"])
        for s in sums.values()
    ]  # fmt: skip
    return [sum(each) / len(sums) for each in zip(*by_seed, strict=True)]


def brute_force(predictions, axis, budget, static, name):
    """Return (scale, accuracy, SynOps, mW, rate, ms) as the table is told in words."""

    def milliwatts(synops, rate):
        return synops / 3000 * rate * ENERGY_PJ * 1e-9 + static

    best = None
    for scale in sorted(COST):
        accuracy, synops, rate, _, whole = measured(predictions, VALIDATION, scale)
        cost = {
            "synops_per_3000_events": synops,
            "power_mw": milliwatts(synops, rate),
            "synops_per_decision": whole,
        }[axis]
        if cost <= budget and (best is None or accuracy > best[0] + 1e-12):
            best = accuracy, scale
    if best is None:
        return None
    accuracy, synops, rate, time, _ = measured(predictions, name, best[1])
    return best[1], accuracy, synops, milliwatts(synops, rate), rate, time


def test_budgets_are_those_of_a_brute_force():
    predictions = study()
    table = budgets_table(points_of(predictions), ENERGY_PJ)
    assert tuple(table.columns) == tuple(schema("budgets"))
    assert len(table) == (7 + 8 + 8) * len(STATIC_MW) * len(TEST_SETS)
    before = {}
    for row in table.to_dict("records"):
        where = row["axis"], row["static_mw"], row["set"]
        found = brute_force(predictions, row["axis"], row["budget"], *where[1:])
        if found is None:
            assert row["note"] == NOT_MET
            assert math.isnan(row["scale"])
            assert math.isnan(row["accuracy"])
            continue
        scale, accuracy, synops, power, rate, time = found
        assert (row["scale"], row["note"], row["method"]) == (scale, "", "rescaled")
        low, high = wilson_interval(accuracy, 20)
        expected = {
            "accuracy": accuracy, "accuracy_low": low, "accuracy_high": high,
            "synops_per_3000_events": synops, "power_mw": power, "event_rate_hz": rate,
            "time_to_decision_ms": time, "energy_per_decision_uj": power * time,
        }  # fmt: skip
        assert {name: row[name] for name in expected} == pytest.approx(expected)
        last = before.get(where)
        if last is None or last[0] == scale:
            assert math.isnan(row["points_per_mw"])
        else:
            price = 100 * (accuracy - last[1]) / (power - last[2])
            assert row["points_per_mw"] == pytest.approx(price)
        before[where] = scale, accuracy, power


def test_early_exit_competes_for_budgets_of_a_decision_alone():
    """A point with an exit that is cheaper than all others, and reads as much as the best."""
    points = points_of(study())
    early = points[points["scale"] == 2.0].assign(
        method="early-exit", variant="other", exit=3.0, synops_per_3000_events=250_000.0,
        synops_per_decision=125_000.0, time_to_decision_ms=80.0,
    )[POINT_COLUMNS]  # fmt: skip
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


def test_one_seed_and_a_silent_network():
    tables = pd.concat(
        [outcomes_of(name, {0.25: 0.5}, {0.25: 100_000}) for name in (VALIDATION, "test")]
    )
    silent = tables[tables["seed"] == 1].assign(
        silent=1, predicted=pd.NA, time_to_decision_ms=np.nan, correct=0
    )
    table = budgets_table(points_of(silent), ENERGY_PJ, [0.0])
    met = table[table["note"] == ""]
    assert len(met)
    assert (met["accuracy"] == 0).all()
    assert met[["time_to_decision_ms", "energy_per_decision_uj"]].isna().all(axis=None)
    assert (met["power_mw"] > 0).all()


@pytest.mark.parametrize("kept", [["test", "saccades-test"], [VALIDATION]])
def test_without_validation_or_test_there_is_nothing_to_say(kept):
    points = points_of(study())
    table = budgets_table(points[points["set"].isin(kept)], ENERGY_PJ)
    assert table.empty
    assert tuple(table.columns) == tuple(schema("budgets"))
    alone = budgets_table(points[points["set"].isin([VALIDATION, "test"])], ENERGY_PJ)
    assert set(alone["set"]) == {"test"}
