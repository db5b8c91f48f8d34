"""What a budget buys and what a point more costs, against a brute force over recordings."""

import math
from functools import cache

import numpy as np
import pytest
from method_outcomes import STEP_MS, first, make_exits, make_outcomes

from dvs_snn.evaluation.choosing.trials import (
    bootstrap_weights,
    exit_readings,
    readings_of,
    trials_by_method,
)
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.files.tables import schema
from dvs_snn.settings.set_names import TEST_SETS, VALIDATION
from dvs_snn.tables.budgets import BUDGETS, ENERGY, NOT_MET, STATIC_MW, budgets_table

PJ, N, SEED = 10.0, 40, 3
# Of each set: recordings read right by scale and seed, SynOps of a recording, and its steps. On
# validation accuracy rises, ties, falls, and rises again.
SCALES = [0.5, 1.0, 2.0, 4.0]
HITS = {VALIDATION: [(20, 22), (34, 36), (35, 35), (38, 39)]}
HITS |= {"test": [(16, 18), (30, 31), (29, 34), (35, 34)]}
HITS |= {"saccades-test": [(20, 20), (20, 21), (25, 24), (38, 39)]}
SYNOPS = [110_000, 250_000, 240_000, 900_000]
STEPS = {VALIDATION: 10, "test": 10, "saccades-test": 12}
# Early exit at scale 4: hits and SynOps by lead; it stops after 4 steps.
EXITS = {1.0: (30, 200_000), 2.0: (37, 500_000)}


@cache
def made():
    """The outcomes of all recordings, and the exits of the network of scale 4."""
    outcomes, exits = [], []
    for name, hits in HITS.items():
        more = 1.1 if name == "test" else 1.0
        for seed in (1, 2):
            right = first(*(pair[seed - 1] for pair in hits), n=N)
            costs = [round(more * seed * synops) for synops in SYNOPS]
            rows = make_outcomes(name, "plain", right, costs, SCALES)
            rows = rows.assign(seed=seed, n_steps=STEPS[name])
            outcomes.append(rows)
            read = [hit for ((hit,),) in zip(first(*(n for n, _ in EXITS.values()), n=N))]
            of_leads = [round(more * synops) for _, synops in EXITS.values()]
            exits.append(make_exits(rows[rows["scale"] == 4.0], read, of_leads))
    return outcomes, exits


def made_trials(names=tuple(HITS)):
    outcomes, exits = made()
    readings = [reading for table in outcomes for reading in readings_of(table)]
    readings += [reading for pair in exits for reading in exit_readings(*pair)]
    readings = [reading for reading in readings if reading.set in names]
    return trials_by_method(readings, {"plain": "rescaled"})


@cache
def recorded(name, scale, lead):
    """Of each seed and recording: whether it is right, SynOps, events, seconds."""
    outcomes, exits = made()
    seeds = []
    for rows, (key, of) in zip(outcomes, exits, strict=True):
        if key["set"] != name:
            continue
        rows = rows[rows["scale"] == scale]
        seen = [
            rows["predicted"] == rows["label"],
            rows["synops"],
            rows["n_events"],
            rows["n_steps"],
        ]
        if lead:
            at = list(EXITS).index(lead)
            seen = [of.correct[:, at], of.synops[:, at], rows["n_events"], of.n_steps[:, at]]
        seeds.append(np.array(seen, float) * [[1], [1], [1], [STEP_MS / 1e3]])
    return seeds


def measured(name, point, static, times=None):
    """Means over the seeds; `times`, how often each recording counts."""
    times = np.ones(N) if times is None else times
    of_seeds = []
    for of_recordings in recorded(name, *point):
        right, synops, events, seconds = of_recordings @ times
        of_seeds.append(
            {
                "accuracy": right / N,
                "synops_per_3000_events": 3000 * synops / events,
                ENERGY: (synops * PJ * 1e-6 + static * seconds * 1e3) / N,
                "power_while_reading_mw": synops * PJ * 1e-9 / seconds + static,
                "time_to_exit_ms": 1e3 * seconds / N,
            }
        )
    return {key: sum(of[key] for of in of_seeds) / len(of_seeds) for key in of_seeds[0]}


POINTS = [(scale, None) for scale in SCALES] + [(4.0, lead) for lead in EXITS]


def test_budgets_are_those_of_a_brute_force():
    table = budgets_table(made_trials(), PJ, STEP_MS, SEED)
    assert tuple(table.columns) == tuple(schema("budgets"))
    assert len(table) == (7 + 10) * len(STATIC_MW) * len(TEST_SETS[:2])
    on_validation = {
        (static, point): measured(VALIDATION, point, static)
        for static in STATIC_MW
        for point in POINTS
    }
    prices, before = 0, {}
    weights = bootstrap_weights(N, SEED, "bootstrap of the budgets")
    for row in table.to_dict("records"):
        where = axis, static, name = row["axis"], row["static_mw"], row["set"]
        best = None
        for point in POINTS if axis == ENERGY else POINTS[: len(SCALES)]:
            tried = on_validation[static, point]
            rank = (round(tried["accuracy"], 9), -tried[axis])
            if tried[axis] <= row["budget"] and (best is None or rank > best[0]):
                best = rank, point
        if best is None:
            assert row["note"] == NOT_MET
            assert math.isnan(row["accuracy"])
            continue
        point, lead = best[1], best[1][1]
        assert (row["scale"], None if math.isnan(row["exit"]) else row["exit"]) == point
        assert row["method"] == ("rescaled" if lead is None else "early-exit")
        assert row["validation_cost"] == pytest.approx(on_validation[static, point][axis])
        expected = measured(name, point, static)
        low, high = wilson_interval(expected["accuracy"], N)
        expected |= {"accuracy_low": low, "accuracy_high": high}
        assert {key: row[key] for key in expected} == pytest.approx(expected)
        # Longer recordings aren't compared in energy to their ends.
        is_other = axis == ENERGY and lead is None and name == "saccades-test"
        assert ("120 ms, those of validation of 100 ms" in row["note"]) == is_other
        drawn = []
        if before.get(where, point) != point:
            for times in [np.ones(N), *weights]:
                now, then = (measured(name, p, static, times) for p in (point, before[where]))
                gain = 100 * (now["accuracy"] - then["accuracy"])
                drawn.append((now[axis] - then[axis]) / gain if gain > 1e-9 else math.inf)
        before[where] = point
        low, high = np.sort(drawn[1:])[[49, 1949]] if drawn else (0, 0)
        if 0 < low and high < math.inf:
            prices += 1
            wanted = drawn[0], low, high
            assert (row["price"], row["price_low"], row["price_high"]) == pytest.approx(wanted)
        else:
            assert math.isnan(row["price"])
    assert prices >= 2


def test_without_validation_or_a_test_set_there_is_nothing():
    for names in (("test", "saccades-test"), (VALIDATION,)):
        table = budgets_table(made_trials(names), PJ, STEP_MS, SEED)
        assert table.empty
        assert tuple(table.columns) == tuple(schema("budgets"))
    assert set(budgets_table(made_trials((VALIDATION, "test")), PJ, STEP_MS, 1)["set"]) == {"test"}
    assert {axis: len(each) for axis, each in BUDGETS.items()} == {
        "synops_per_3000_events": 7, ENERGY: 10,
    }  # fmt: skip
