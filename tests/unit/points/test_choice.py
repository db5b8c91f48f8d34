"""The operating point against a slow reading of the same predictions: ties, seeds, edges."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jobs import quiet
from method_readings import first, make_exits, make_readings, trials_of

from dvs_snn.energy.price import flat_price
from dvs_snn.evaluation.cheapest import pick
from dvs_snn.evaluation.readings import growing_readings
from dvs_snn.files.randomness import generator
from dvs_snn.files.tables import read_table, schema, write_table
from dvs_snn.points.choice import (
    BEST,
    CHEAPEST_WITHIN,
    Quoted,
    choose_points,
    edge_of,
)
from dvs_snn.points.point import EARLY_EXIT, Point
from dvs_snn.points.quoted_networks import ChooseJob, choose_on_validation
from dvs_snn.points.trials import N_DRAWS, Weights, bootstrap_weights
from dvs_snn.settings.set_names import VALIDATION
from dvs_snn.settings.sides import SPIKING
from dvs_snn.settings.sweep import Choice
from dvs_snn.settings.training_settings import RESCALED
from dvs_snn.summaries.gathering import choice_table


def predictions(right, synops, name=VALIDATION, variant="plain", n_events=1000):
    return make_readings(name, variant, right, synops, n_events=n_events)


def choose_scales(outcomes, rule=CHEAPEST_WITHIN, within=1.0, methods=None):
    """Choose from outcomes without an exit; without `methods` each variant is one of its own."""
    methods = methods or {name: f"by {name}" for name in outcomes["variant"].unique()}
    return choose_points(trials_of(outcomes, **methods), Choice(rule, within), seed=1)


def chosen(outcomes, rule=CHEAPEST_WITHIN, within=1.0):
    """Return the scale that is quoted."""
    table = choose_scales(outcomes, rule, within)
    ((_, scale),) = Quoted.of(table).networks({"plain": outcomes["scale"].unique()})
    return scale


# --- the rule -------------------------------------------------------------------------------------


def test_a_silent_network_is_wrong_and_cheap_and_another_set_chooses_nothing():
    outcomes = predictions(first(0, 90, 96), [1, 20, 30])
    outcomes.loc[outcomes["scale"] == 0.5, "correct"] = 0
    other = predictions(first(99, 0), [1, 2], name="test")
    table = choose_scales(pd.concat([outcomes, other]), BEST)
    assert table["scale"].tolist() == [2.0] * 4
    assert table[["set", "rule", "within_points", "chosen", "n_seeds"]].to_numpy().tolist() == [
        *([VALIDATION, CHEAPEST_WITHIN, margin, 0, 1] for margin in (0.5, 1.0, 2.0)),
        [VALIDATION, BEST, 0.0, 1, 1],
    ]
    # Where all are silent none is better than another, and the cheapest is as good.
    assert chosen(outcomes.assign(correct=0)) == 0.5


def test_without_validation_the_scale_nearest_to_one_is_quoted():
    table = choose_scales(predictions(first(90, 96), [10, 20], name="mine"))
    assert table.empty
    assert tuple(table.columns) == tuple(schema("stored_choice"))
    scales = {"plain": [0.1, 0.9, 1.2, 10.0], "slow": [2.0, 0.5], "lone": [3.0]}
    quoted = Quoted.of(table).networks(scales)
    assert quoted == {("plain", 0.9), ("slow", 0.5), ("lone", 3.0)}


def test_a_method_has_one_point_among_all_its_variants():
    outcomes = pd.concat(
        [
            predictions(first(96, 96), [10, 20], variant="a"),
            # Other scales than those of `a`.
            predictions(first(50, 96, 97), [1, 8, 20], variant="b"),
            predictions(first(90, 91), [3, 4], variant="c"),
        ]
    )
    methods = {"a": "one", "b": "one", "c": "two"}
    table = choose_scales(outcomes, methods=methods)
    quoted = Quoted.of(table).networks({"a": [0.5], "b": [0.5], "c": [0.5]})
    assert quoted == {("b", 1.0), ("c", 0.5)}
    rows = table[table["chosen"] == 1].set_index("method")
    assert rows["edge"].to_dict() == {"one": "", "two": "the lowest scale"}
    # A range of scales has no meaning over several variants.
    assert rows["scale_low"].fillna(-1).to_dict() == {"one": -1, "two": 0.5}
    rows = pd.DataFrame({"variant": [*"abbcb"], "scale": [1.0, 1.0, 0.5, 0.5, 1.0]})
    rows = rows.assign(side=[*["spiking"] * 4, "cnn"])
    marked = Quoted.of(table).marked(rows)["chosen"]
    assert marked[:4].tolist() == [0, 1, 0, 1]
    assert pd.isna(marked[4])


def test_early_exit_is_a_method_over_all_networks():
    readings = []
    for variant, scale_synops, hits in (("a", 100, (80, 95)), ("b", 60, (95, 96))):
        outcomes = predictions(first(97), [scale_synops], variant=variant)
        right = [[int(k < n) for k in range(100)] for n in hits]
        exits = make_exits(outcomes, right, [scale_synops / 4, scale_synops / 2])
        readings += [outcomes, exits]
    trials = trials_of(*readings, a=RESCALED, b="other")
    table = choose_points(trials, Choice(CHEAPEST_WITHIN, 1.0), 1)
    rows = table[table["chosen"] == 1].set_index("method")
    assert rows.index.tolist() == [EARLY_EXIT, "other", RESCALED]
    early = rows.loc[EARLY_EXIT]
    assert (early["variant"], early["exit"], early["accuracy"]) == ("b", 1.0, 0.95)
    # 15 SynOps until the exit, over all 1,000 events of a recording.
    assert early["synops_per_3000_events"] == pytest.approx(45)
    assert early["synops_per_reading"] == early["synops_per_reading_low"] == pytest.approx(15)
    # Only where the one symbol that the lead 2 reads more is drawn twice is lead 1 too far off.
    assert (early["exit_low"], early["exit_high"]) == (1.0, 2.0)
    assert early["synops_per_reading_high"] == pytest.approx(30)
    assert early["stability"] == pytest.approx(0.99**100 + 0.99**99, abs=0.03)
    assert early["event_rate_hz"] == pytest.approx(10_000)
    assert rows.loc[[RESCALED, "other"], "exit"].isna().all()
    # What is marked in the tables of whole recordings are networks that read them to the end.
    assert Quoted.of(table).networks({}) == {("a", 0.5), ("b", 0.5)}
    # Early exit is cheapest, but the answer is a network's.
    assert Quoted.of(table).best == "other"


@pytest.mark.parametrize(
    ("rows", "best"),
    [
        ([("x", 0.96, 30, 1), ("y", 0.95, 10, 1), ("z", 0.94, 1, 1), ("q", 1.0, 0.1, 0)], "y"),
        ([("x", 0.96, 30, 1), ("y", 0.949, 10, 1)], "x"),
        ([("x", 0.96, 10, 1), ("y", 0.97, 10, 1)], "x"),
        ([(EARLY_EXIT, 0.99, 1, 1), ("y", 0.9, 10, 1)], "y"),
        ([("q", 1.0, 0.1, 0)], None),
    ],
)
def test_the_best_method_is_the_cheapest_within_the_margin(rows, best):
    names = ["method", "accuracy", "synops_per_3000_events", "chosen"]
    assert Quoted.of(pd.DataFrame(rows, columns=names).assign(within_points=1.0)).best == best


def test_an_edge_of_the_grid_is_told():
    points = [
        Point(SPIKING, "a", 0.5),
        Point(SPIKING, "a", 1.0),
        Point(SPIKING, "a", 2.0),
        Point(SPIKING, "b", 0.5),
    ]
    expected = ["the lowest scale", "", "the highest scale", ""]
    assert [edge_of(point, points) for point in points] == expected
    assert edge_of(points[0], points[:1]) == "the only scale"


def brute_force(outcomes, name, margin):
    """Choose as the rule is told in words, with fractions and loops."""
    points = {}
    for scale, of_scale in outcomes[outcomes["set"] == name].groupby("scale"):
        of_seeds = []
        for _, seed in of_scale.groupby("seed"):
            right = int(seed["correct"].sum())
            synops, events = int(seed["operations"].sum()), int(seed["n_events"].sum())
            of_seeds.append((Fraction(right, len(seed)), Fraction(3000 * synops, events)))
        points[scale] = tuple(sum(each) / len(of_seeds) for each in zip(*of_seeds, strict=True))
    best = max(accuracy for accuracy, _ in points.values())
    within = {s: cost for s, (accuracy, cost) in points.items() if accuracy >= best - margin}
    return min(within, key=lambda scale: (within[scale], scale))


@st.composite
def studies(draw):
    """Draw predictions of up to 4 scales, 3 seeds and 8 symbols, costs that may be alike."""
    n_scales, n_seeds, n_symbols = (draw(st.integers(1, most)) for most in (4, 3, 8))
    bits = st.lists(st.integers(0, 1), min_size=n_symbols, max_size=n_symbols)
    seeds = st.lists(bits, min_size=n_seeds, max_size=n_seeds)
    right = draw(st.lists(seeds, min_size=n_scales, max_size=n_scales))
    costs = st.lists(st.integers(1, 3), min_size=n_scales, max_size=n_scales)
    return predictions(right, draw(costs))


@given(studies(), st.sampled_from([0, 1, 12.5, 25]))
def test_the_choice_is_that_of_a_brute_force(outcomes, within):
    expected = brute_force(outcomes, VALIDATION, Fraction(within) / 100)
    assert chosen(outcomes, within=within) == expected
    best = brute_force(outcomes, VALIDATION, Fraction(0))
    assert chosen(outcomes, rule=BEST) == best


# --- its uncertainty ------------------------------------------------------------------------------


def test_the_bootstrap_is_that_of_resampled_tables():
    """Each draw, made again as a table with the symbols it holds, chooses the same."""
    rng = np.random.default_rng(3)
    right = rng.random((3, 2, 12)) < np.array([0.6, 0.7, 0.75])[:, None, None]
    outcomes = predictions(right.astype(int).tolist(), [10, 20, 30])
    ((_, trials),) = trials_of(outcomes, plain=RESCALED).items()
    draws = Weights(*(drawn[:40] for drawn in bootstrap_weights(12, 2, 5, "test")))
    assert {tuple(seeds) for seeds in draws.seeds} == {(1, 1), (2, 0), (0, 2)}
    accuracy, cost, _ = trials.measured(draws)
    places = pick(accuracy, cost, 0.05)
    by_both = dict(iter(outcomes.groupby(["seed", "symbol"])))
    for symbols, seeds, place in zip(*draws, places, strict=True):
        # A training that is drawn twice is two trainings.
        trainings = [seed for seed, n in enumerate(seeds, 1) for _ in range(int(n))]
        drawn = pd.concat(
            [
                by_both[seed, f"0/{k:04d}"].assign(seed=number)
                for number, seed in enumerate(trainings)
                for k, n in enumerate(symbols)
                for _ in range(int(n))
            ]
        )
        expected = brute_force(drawn, VALIDATION, Fraction(5, 100))
        assert trials.points[place] == Point(SPIKING, "plain", expected)


def test_recordings_of_a_symbol_are_drawn_together():
    """Two symbols, each recorded twice: one draw holds the first alone, the other the second."""
    readings = predictions([[[1, 0, 1, 1]]], [10])
    readings = readings.assign(symbol=["3/b", "3/a", "3/b", "3/a"], operations=[1, 2, 4, 8])
    ((_, trials),) = trials_of(readings, plain=RESCALED).items()
    assert trials.symbols == ("3/a", "3/b")
    measured = trials.measured(Weights(np.array([[2.0, 0], [0, 2]]), np.ones((2, 1))))
    assert measured.accuracy[:, 0].tolist() == [0.5, 1]
    assert measured.per_reading[:, 0].tolist() == [5, 2.5]


@given(st.integers(1, 30), st.integers(0, 5), st.integers(1, 3))
def test_of_one_training_the_bootstrap_is_that_over_symbols(n_symbols, seed, n_same):
    """So it is of trainings that read alike."""
    alone = bootstrap_weights(n_symbols, 1, seed, "test")
    rng = generator(seed, "test")
    expected = rng.multinomial(n_symbols, np.full(n_symbols, 1 / n_symbols), size=N_DRAWS)
    np.testing.assert_array_equal(alone.symbols[1:], expected)
    assert (alone.seeds == 1).all()
    assert (alone.symbols[0] == 1).all()
    right = [[[k % 3 > 0 for k in range(n_symbols)]] * n_same]
    ((_, trials),) = trials_of(predictions(right, [7]), plain="x").items()
    measured = trials.measured(bootstrap_weights(n_symbols, n_same, seed, "test"))
    shares = alone.symbols @ (np.arange(n_symbols) % 3 > 0) / n_symbols
    np.testing.assert_allclose(measured.accuracy[:, 0], shares)


def test_the_choice_and_the_best_method_are_told_for_each_margin():
    outcomes = pd.concat(
        [
            predictions(first(960, 975, 990, n=1000), [10, 20, 40], variant="a"),
            predictions(first(972, n=1000), [5], variant="b"),
        ]
    )
    table = choose_scales(outcomes, methods={"a": RESCALED, "b": "other"}, within=1.5)
    rows = table[table["method"] == RESCALED].set_index(["rule", "within_points"])
    within = rows.loc[CHEAPEST_WITHIN]
    assert within["scale"].to_dict() == {0.5: 2.0, 1.0: 2.0, 1.5: 1.0, 2.0: 1.0}
    assert within["chosen"].to_dict() == {0.5: 0, 1.0: 0, 1.5: 1, 2.0: 0}
    # 97.2 % are within half a point of the 97.5 % that `a` chooses at 1.5.
    assert within["best_method"].to_dict() == {0.5: 1, 1.0: 1, 1.5: 0, 2.0: 0}
    best = table[table["best_method"] == 1].groupby(["rule", "within_points"])["method"]
    assert best.nunique().tolist() == best.size().tolist() == [1] * 5


def test_a_clear_choice_has_no_width_and_a_toss_up_has():
    clear = choose_scales(predictions(first(10, 95, 95), [10, 20, 30])).iloc[0]
    assert (clear["scale_low"], clear["scale"], clear["scale_high"]) == (1.0, 1.0, 1.0)
    # 20 SynOps for 1,000 events; 1,000 events a recording of 0.1 s.
    assert clear["synops_per_3000_events"] == clear["synops_low"] == pytest.approx(60)
    assert clear["stability"] == 1.0
    assert clear["event_rate_hz"] == pytest.approx(10_000)
    power = choice_table(clear.to_frame().T.assign(timing="events"), flat_price(10.0, 0.5)).iloc[0]
    assert power["power_mw"] == power["power_low"] == pytest.approx(20 / 0.1 * 10e-12 * 1e3 + 0.5)
    split = [[[0] * 5 + [1] * 95], [[1] * 94 + [0] * 6], [[1] * 95 + [0] * 5]]
    toss_up = choose_scales(predictions(split, [10, 20, 30]), BEST, 0.0).iloc[-1]
    assert toss_up["scale_low"] < toss_up["scale_high"]
    assert toss_up["synops_low"] < toss_up["synops_high"]
    assert 0.2 < toss_up["stability"] < 0.8


def test_events_that_never_came_have_no_cost_and_are_the_dearest():
    outcomes = predictions(first(96, 96), [10, 20], n_events=0)
    row = choose_scales(outcomes, BEST, 0.0).iloc[-1]
    assert row["scale"] == 0.5
    assert np.isnan(row["synops_per_3000_events"])
    assert pick(np.array([0.9, 0.9]), np.array([np.nan, 5.0]), 0.0) == 1


def test_the_quoted_scale_is_the_one_in_force(tmp_path):
    # Early exit stops a network of another method.
    rows = [
        ("plain", "rescaled", 1.0, 1, None), ("plain", "rescaled", 0.5, 0, None),
        ("wide", "other", 2.0, 1, None), ("slow", "early-exit", 2.0, 1, 3.0),
    ]  # fmt: skip
    choice = pd.DataFrame(rows, columns=["variant", "method", "scale", "chosen", "exit"])
    path = tmp_path / "choice.csv"
    write_table(choice.reindex(columns=schema("stored_choice")), path, "stored_choice")
    quoted = Quoted.read(path)
    assert quoted.of_variant("plain") == {"rescaled": Point(SPIKING, "plain", 1.0)}
    assert quoted.of_variant("slow") == {"early-exit": Point(SPIKING, "slow", 2.0, 3.0)}
    assert quoted.points == {
        "rescaled": Point(SPIKING, "plain", 1.0),
        "other": Point(SPIKING, "wide", 2.0),
        "early-exit": Point(SPIKING, "slow", 2.0, 3.0),
    }


def test_of_a_file_with_several_sets_validation_alone_chooses(tmp_path):
    hits = {"test": (20, 90), VALIDATION: (90, 20), "saccades-test": (20, 90)}
    with growing_readings(tmp_path / "r.parquet") as add:
        for name, read in hits.items():
            add(predictions(first(*read), [10, 20], name))
    methods = {"plain": RESCALED}
    choice = tmp_path / "choice.csv"
    quoted = tmp_path / "quoted.csv"
    readings = [tmp_path / "r.parquet"]
    job = ChooseJob(readings, [], methods, Choice(), 1, choice, quoted)
    choose_on_validation(job, quiet())
    networks = read_table(quoted, "quoted_networks")
    assert networks[["variant", "scale"]].to_numpy().tolist() == [["plain", 0.5]]
    assert Quoted.read(choice).points == {RESCALED: Point(SPIKING, "plain", 0.5)}
    assert Quoted.read(choice).rows["accuracy"].tolist() == [0.9]
