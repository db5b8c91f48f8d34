"""The choice of an early exit against a slow reading of the same exits."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from made_exits import make_exits

from dvs_snn.evaluation.choice import (
    BEST,
    CHEAPEST_WITHIN,
    CHOICE_COLUMNS,
    bootstrap_weights,
    quoted_scales,
)
from dvs_snn.evaluation.early_exit import choose_exits, exit_trials, with_early_exit
from dvs_snn.settings.set_names import NOMINAL_VALIDATION, VALIDATION
from dvs_snn.settings.sweep import Choice

LEADS = [2, np.inf]
SYMBOLS = ["0/a", "0/b", "0/b", "0/c"]


def read_of(networks, name=NOMINAL_VALIDATION, symbols=SYMBOLS, leads=LEADS):
    """Exits of a set: (variant, scale, seed) -> right and SynOps, both (recording, exit)."""
    return [
        ({"set": name, "variant": variant, "scale": scale, "seed": seed},
         make_exits(leads, symbols, right, synops))
        for (variant, scale, seed), (right, synops) in networks.items()
    ]  # fmt: skip


def brute_force(networks, margin, leads=LEADS):
    """Return the cheapest point within the margin, with exact means over seeds and recordings."""
    points = {}
    for variant, scale in sorted({key[:2] for key in networks}):
        seeds = [values for key, values in networks.items() if key[:2] == (variant, scale)]
        for place, lead in enumerate(leads):
            rights, costs = zip(*[(right[:, place], cost[:, place]) for right, cost in seeds])  # noqa: B905
            n = sum(map(len, rights))
            points[variant, scale, lead] = (
                Fraction(int(np.sum(rights)), n), Fraction(int(np.sum(costs)), n)
            )  # fmt: skip
    best = max(accuracy for accuracy, _ in points.values())
    near = {point: cost for point, (accuracy, cost) in points.items() if accuracy >= best - margin}
    return min(near, key=near.get)


def point_of(row):
    return row["variant"], row["scale"], row["exit"]


@st.composite
def studies(draw):
    shape = (len(SYMBOLS), len(LEADS))
    return {
        (variant, scale, seed): (
            draw(arrays(np.int64, shape, elements=st.integers(0, 1))),
            draw(arrays(np.int64, shape, elements=st.integers(0, 4))),
        )
        for variant, scales in (("b", (0.5, 1.0)), ("a", (2.0,)))
        for scale in scales
        for seed in (1, 2)
    }


@given(studies(), st.sampled_from([0, 12.5, 25, 50]))
def test_the_choice_is_that_of_a_brute_force(networks, within):
    rows = choose_exits(read_of(networks), Choice(CHEAPEST_WITHIN, within), 10.0, 1)
    assert [row["rule"] for row in rows] == [CHEAPEST_WITHIN, BEST]
    assert point_of(rows[0]) == brute_force(networks, Fraction(within) / 100)
    assert point_of(rows[1]) == brute_force(networks, 0)


def test_all_costs_are_those_of_the_recordings_up_to_the_exit():
    right = np.array([[1, 1], [1, 1], [1, 1], [0, 1]])
    exits = make_exits(
        LEADS, SYMBOLS, right, np.array([[10, 40]] * 3 + [[30, 60]]),
        np.array([[100, 400]] * 3 + [[300, 600]]), np.array([[1, 4]] * 3 + [[3, 6]]),
    )  # fmt: skip
    key = {"set": VALIDATION, "variant": "plain", "scale": 0.5, "seed": 1}
    stopped, best = choose_exits([(key, exits)], Choice(CHEAPEST_WITHIN, 25.0), 10.0, 1)
    assert point_of(stopped) == ("plain", 0.5, 2)
    assert stopped["accuracy"] == 0.75
    assert stopped["synops_per_decision"] == 15
    assert stopped["synops_per_3000_events"] == pytest.approx(3000 * 60 / 600)
    # 600 events in six steps of 10 ms.
    assert stopped["event_rate_hz"] == pytest.approx(10_000)
    assert (stopped["n_symbols"], stopped["n_seeds"], stopped["n_draws"]) == (3, 1, 2000)
    assert stopped["edge"] == "the only scale, the lowest lead"
    assert (best["exit"], best["best_accuracy"], best["synops_per_decision"]) == (np.inf, 1, 45)
    assert best["edge"] == "the only scale, no early exit"


def test_the_bootstrap_is_that_of_resampled_recordings():
    """Each draw, made again as recordings of the symbols it holds, costs the same."""
    rng = np.random.default_rng(4)
    symbols = [f"0/{k // 2}" for k in range(12)]
    networks = {
        ("plain", 1.0, seed): (rng.integers(0, 2, (12, 3)), rng.integers(1, 99, (12, 3)))
        for seed in (1, 2)
    }
    leads = [1, 2, np.inf]
    trials = exit_trials(read_of(networks, symbols=symbols, leads=leads))
    draws = bootstrap_weights(6, seed=3)[:20]
    accuracy, cost = trials.weighted(draws)
    for draw, weights in enumerate(draws):
        held = [
            2 * k + half for k, n in enumerate(weights) for _ in range(int(n)) for half in (0, 1)
        ]
        for found, part in ((accuracy, 0), (cost, 1)):
            means = [network[part][held].mean(axis=0) for network in networks.values()]
            np.testing.assert_allclose(found[draw], np.mean(means, axis=0))


def test_each_column_of_marks_is_filled_by_its_own_set():
    networks = {("plain", 1.0, 1): (np.ones((4, 2), int), np.array([[1, 2]] * 4))}
    both = [*read_of(networks), *read_of(networks, VALIDATION)]
    rule = Choice(CHEAPEST_WITHIN, 1.0)
    rows = pd.DataFrame(choose_exits(both, rule, 10.0, 1))
    marked = rows[(rows["chosen"] == 1) | (rows["chosen_any"] == 1)]
    assert marked[["set", "rule", "chosen", "chosen_any"]].to_numpy().tolist() == [
        [NOMINAL_VALIDATION, CHEAPEST_WITHIN, 1, 0], [VALIDATION, CHEAPEST_WITHIN, 0, 1]
    ]  # fmt: skip
    assert choose_exits(read_of(networks, "test"), rule, 10.0, 1) == []


def test_early_exit_stands_behind_the_scales_and_changes_none():
    scales = pd.DataFrame(
        [{"variant": "plain", "method": "rescaled", "scale": 0.5, "chosen": 1, "chosen_any": 1}],
        columns=list(CHOICE_COLUMNS),
    )
    networks = {("plain", 1.0, 1): (np.ones((4, 2), int), np.array([[2, 1]] * 4))}
    table = with_early_exit(
        scales, read_of(networks, VALIDATION), Choice(CHEAPEST_WITHIN, 1.0), 10.0, 1
    )
    assert table["method"].tolist() == ["rescaled", "early-exit", "early-exit"]
    # The whole recording was the cheapest: it has no lead.
    assert table["exit"].isna().all()
    assert table["exit_high"].isna().all()
    assert quoted_scales(table, ["plain"], [0.5, 1.0])["chosen"] == {"plain": 0.5}
