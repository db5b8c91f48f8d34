"""The front of all methods by hand: points, means, marks, what stands beside them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jobs import write_choice
from method_readings import first, make_exits, make_readings, trials_of
from result_tables import make_evaluation, make_points

from dvs_snn.analysis.choice import Quoted
from dvs_snn.analysis.front_points import (
    PUBLISHED,
    CompareJob,
    cnn_points,
    compare_methods,
    drawn_intervals,
    front_table,
)
from dvs_snn.analysis.points import set_points
from dvs_snn.analysis.power import EnergyModel
from dvs_snn.analysis.trials import CNN, EARLY_EXIT
from dvs_snn.evaluation.cheapest import undominated
from dvs_snn.evaluation.readings import growing_readings
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.files.tables import read_table, schema, write_table
from dvs_snn.plan.study_plan import COMPARED
from dvs_snn.settings.training_settings import RESCALED

PUBLISHED_FILE = Path(__file__).parents[3] / "workflow" / "data" / "published.tsv"
PUBLISHED_FIGURES = pd.read_csv(PUBLISHED_FILE, sep="\t")
ENERGY = EnergyModel(10.0, 0.5)
NO_CHOICE = pd.DataFrame(columns=["method", "variant", "scale", "exit", "chosen"])


def early_points():
    """Points of early exit at scale 1: 10 symbols, two leads, of all sets alike."""
    readings = []
    for name in ("validation", "test"):
        for seed, hits in ((1, (6, 9)), (2, (8, 9))):
            outcomes = make_readings(name, "plain", first(9, n=10), [1000], [1.0])
            outcomes = outcomes.assign(seed=seed)
            exits = make_exits(outcomes, [r[0] for r in first(*hits, n=10)], [100, 400])
            readings += [outcomes, exits]
    points = set_points(trials_of(*readings, plain=RESCALED), ENERGY)
    return points[points["method"] == EARLY_EXIT]


def made_up():
    """The evaluation of `plain` (rescaled) and of `lean`, which is ten times cheaper."""
    methods = {"plain": RESCALED, "lean": "other"}
    rows = make_evaluation(tuple(methods), sets=("validation", "test"), methods=methods)
    rows.loc[rows["variant"] == "lean", "synops_per_3000_events"] /= 10
    return rows


def front(evaluation, choice=NO_CHOICE, *exits):
    points = pd.concat([make_points(evaluation), *exits], ignore_index=True)
    return front_table(points, evaluation, Quoted.of(choice), PUBLISHED_FIGURES)


def test_every_point_stands_there_by_seed_and_as_a_mean():
    table = front(made_up())
    methods = table[~table["method"].isin([CNN, PUBLISHED])]
    # Two sets, two variants, three scales, two seeds and their mean.
    assert len(methods) == 2 * 2 * 3 * 3
    at = methods.query("set == 'test' and variant == 'plain' and scale == 2.0")
    assert at["seed"].isna().tolist() == [False, False, True]
    mean = at.iloc[-1]
    assert mean["accuracy"] == pytest.approx(at["accuracy"].iloc[:2].mean()) == 0.875
    # Ten symbols, of one seed and of the mean alike.
    assert set(at["n_symbols"]) == {10}
    low, high = wilson_interval(0.875, 10)
    assert (mean["accuracy_low"], mean["accuracy_high"]) == pytest.approx((low, high))
    assert mean["synops_per_3000_events"] == pytest.approx(3.015e6)
    assert mean["synops_per_reading"] == 5e6
    assert mean["energy_per_reading_uj"] == 50.0


def test_an_exit_costs_what_was_spent_until_it():
    table = front(made_up(), NO_CHOICE, early_points())
    rows = table[(table["method"] == EARLY_EXIT) & (table["set"] == "test")]
    assert len(rows) == 2 * 3
    mean = rows[rows["seed"].isna() & (rows["exit"] == 1.0)].iloc[0]
    assert mean["accuracy"] == pytest.approx(0.7)
    # 100 of a recording's 1,000 events' SynOps; it lasts 10 steps of 10 ms, 4 until the exit.
    assert mean["synops_per_3000_events"] == pytest.approx(300)
    assert mean["synops_per_reading"] == 100
    assert mean["time_to_exit_ms"] == pytest.approx(40)
    assert mean["recording_ms"] == pytest.approx(100)
    assert mean["power_mw"] == pytest.approx(100 / 0.1 * 10e-9 + 0.5)
    # 100 x 10 pJ, and 0.5 mW for 40 ms.
    assert mean["energy_per_reading_uj"] == pytest.approx(0.001 + 20)
    assert mean["power_while_reading_mw"] == pytest.approx((0.001 + 20) / 40)
    # A stream of ten recordings a second, one after the other.
    assert mean["power_mw"] == pytest.approx(10 * 100 * 10e-9 + 0.5)


def test_the_front_is_that_of_validation_and_an_exit_takes_no_network_off_it():
    evaluation = made_up()
    # On the test set `lean` reads nothing: that doesn't change the front.
    lean_test = (evaluation["variant"] == "lean") & (evaluation["set"] == "test")
    evaluation.loc[lean_test, "accuracy"] = 0.0
    table = front(evaluation, NO_CHOICE, early_points())
    for name in ("validation", "test"):
        rows = table[(table["set"] == name) & table["seed"].isna()]
        on = rows[rows["on_front"] == 1]
        # As accurate as `plain` and cheaper; of early exit the lead 2 reads more than all.
        assert set(zip(on["method"], on["scale"], strict=True)) == {
            ("other", 0.5), ("other", 1.0), ("other", 2.0), (EARLY_EXIT, 1.0)
        }  # fmt: skip
    seeds = table[table["seed"].notna() & (table["method"] == "other")]
    assert (seeds["on_front"] == 1).all()


def test_chosen_points_are_marked_of_every_method():
    marks = [(RESCALED, "plain", 2.0, 0), ("other", "lean", 0.5, 0), (EARLY_EXIT, "plain", 1.0, 2)]
    choice = pd.DataFrame([*marks, (RESCALED, "plain", 1.0, 0)], columns=NO_CHOICE.columns[:4])
    choice = choice.assign(chosen=[1, 1, 1, 0], exit=choice["exit"].replace(0, np.nan))
    table = front(made_up(), choice, early_points())
    mean = table[(table["set"] == "test") & table["seed"].isna()]
    marked = mean[mean["chosen"] == 1].fillna({"exit": 0})
    points = marked[["method", "variant", "scale", "exit"]].itertuples(index=False, name=None)
    assert sorted(points) == sorted(marks)
    # Without a choice those that the evaluation marks: scale 2 of each variant.
    unchosen = front(made_up(), NO_CHOICE, early_points())
    unchosen = unchosen[(unchosen["chosen"] == 1) & unchosen["seed"].isna()]
    assert set(unchosen["scale"]) == {2.0}
    assert unchosen["exit"].isna().all()


def test_the_paper_stands_there_with_what_differs():
    table = front(made_up())
    paper = table[table["method"] == PUBLISHED].set_index("variant")
    assert len(paper) == 6
    best = paper.loc["selected"]
    assert (best["accuracy"], best["synops_per_3000_events"]) == (0.950, 625_554)
    for part in ("1 ms steps", "input layer", "SynOp loss + quantised ReLU", "printed"):
        assert part in best["note"]
    assert best[["accuracy_low", "seed", "chosen"]].isna().all()


def cnn_readings(name, frames, at_lead, at_end):
    """Two recordings that a CNN stops at the lead 2 or reads to the end, in 20 and in 40 ms.

    Of each is read at the lead and at the end what the two shares say. Half of its 600 events and
    one of its three frames come before the lead.
    """
    rows = [
        {"symbol": symbol, "exit": lead, "correct": hit, "operations": macs, "time_ms": ms}
        for lead, hits, macs, ms in ((2.0, at_lead, 100, 20.0), (np.nan, at_end, 300, 40.0))
        for symbol, hit in zip(("0/a", "0/b"), hits, strict=True)
    ]
    table = pd.DataFrame(rows).assign(
        set=name, variant="plain", seed=1, scale=1.0, timing="", frames=frames,
        side=CNN, n_events=600, recording_ms=40.0,
    )  # fmt: skip
    return table.assign(operations_nonzero=table["operations"] // 2)


def test_points_of_the_cnn_cost_its_macs_and_validation_chooses_two_of_each_kind():
    readings = [
        table
        for name in ("validation", "test")
        for table in (
            # The second recording is read at the end alone, or never.
            cnn_readings(name, "50 ms", (1, 0), (1, 0)),
            cnn_readings(name, "3000 events", (1, 0), (1, 1)),
        )
    ]
    points = cnn_points(trials_of(*readings, plain=RESCALED), 0.01)
    # Two sets, the means beside one training, two kinds of MACs of two frames.
    assert len(points) == 2 * 2 * 4 * 2
    rows = points[(points["set"] == "test") & points["seed"].isna()].fillna({"exit": 0})
    rows = rows.set_index(["cnn_frames", "macs", "exit"])
    assert rows.loc["3000 events", "dense", 0]["accuracy"] == 1
    assert rows.loc["50 ms", "dense", 0]["accuracy"] == 0.5
    assert rows.loc["50 ms", "dense", 2]["synops_per_3000_events"] == pytest.approx(500)
    assert rows.loc["50 ms", "nonzero", 2]["synops_per_3000_events"] == pytest.approx(250)
    assert rows.loc["50 ms", "nonzero", 2]["time_to_exit_ms"] == pytest.approx(20)
    chosen = [("3000 events", macs, lead) for macs in ("dense", "nonzero") for lead in (0, 2)]
    assert set(rows.index[rows["chosen"] == 1]) == set(chosen)
    table = front_table(
        make_points(made_up()), made_up(), Quoted.of(NO_CHOICE), PUBLISHED_FIGURES, points
    )
    assert (table["method"] == CNN).sum() == len(points)
    assert cnn_points({}, 0.01).empty


def test_a_study_without_a_spiking_set_has_the_papers_points_alone():
    empty = pd.DataFrame(columns=schema("evaluation"))
    table = front(empty)
    assert set(table["method"]) == {PUBLISHED}
    assert set_points({}, ENERGY).empty


points = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.booleans()), min_size=1)


@given(points)
def test_undominated_points_are_those_of_a_brute_force(drawn):
    accuracy, cost, against = (np.array(each) for each in zip(*drawn, strict=True))
    expected = [
        not any(
            may and a >= reads and c <= spends and (a, c) != (reads, spends)
            for a, c, may in drawn
        )
        for reads, spends, _ in drawn
    ]  # fmt: skip
    assert undominated(accuracy, cost, against).tolist() == expected


def test_the_interval_of_a_mean_holds_trainings_and_symbols():
    """Trainings that read 50 and 100 % are each drawn alone in a quarter of the draws."""
    for right, low, high in (
        ([[1] * 50 + [0] * 50, [1] * 100], 0.436, 1.0),
        ([[1] * 50 + [0] * 50], *wilson_interval(0.5, 100)),
    ):
        trials = trials_of(make_readings("test", "plain", [right], [10]), plain=RESCALED)
        evaluation = make_evaluation(sets=("test",))
        table = front_table(
            set_points(trials, ENERGY),
            evaluation,
            Quoted.of(NO_CHOICE),
            PUBLISHED_FIGURES,
            drawn=drawn_intervals(trials, 1),
        )
        *seeds, mean = table[table["method"] == RESCALED].to_dict("records")
        # A tenth of a quarter lies below 1.28 standard deviations of 5 %.
        assert mean["accuracy_low"] == pytest.approx(low, abs=0.015 * (len(right) > 1))
        assert mean["accuracy_high"] == pytest.approx(high)
        # A single training keeps its own interval.
        assert len(seeds) == len(right)
        for row in seeds:
            ends = (row["accuracy_low"], row["accuracy_high"])
            assert ends == pytest.approx(wilson_interval(row["accuracy"], 100))


def test_from_files_intervals_count_symbols_and_macs_stay_apart_from_synops(tmp_path):
    """Ten symbols, each recorded three times; the CNN reads more, for fewer operations."""
    spiking, cnn = tmp_path / "spiking.parquet", tmp_path / "cnn.parquet"
    with growing_readings(spiking) as add_spiking, growing_readings(cnn) as add_cnn:
        for name in ("validation", "test"):
            rows = make_readings(name, "plain", first(24, n=30), [200_000], [1.0])
            rows = rows.assign(symbol=[f"0/{k // 3}" for k in range(30)])
            add_spiking(rows)
            rows = rows.assign(correct=1, operations=90_000, operations_nonzero=60_000)
            rows = rows.assign(scale=1.0, timing="", frames="50 ms", side=CNN)
            add_cnn(pd.concat([make_exits(rows, [[1] * 30], [30_000], [2.0]), rows]))
    evaluation = make_evaluation(seeds=(1,), scales=(1.0,), sets=("validation", "test"))
    write_table(evaluation, tmp_path / "evaluation.csv", "evaluation")
    write_choice(tmp_path / "choice.csv", ("plain", RESCALED, 1.0, None))
    outputs = {name: tmp_path / f"{name}.csv" for name in COMPARED}
    compare_methods(
        CompareJob(
            readings=[spiking],
            cnn_readings=[cnn],
            evaluation=tmp_path / "evaluation.csv",
            choice=tmp_path / "choice.csv",
            published=PUBLISHED_FILE,
            energy=ENERGY,
            methods={"plain": RESCALED},
            seed=1,
            outputs=outputs,
        )
    )
    tables = {name: read_table(path, name) for name, path in outputs.items()}
    assert set(tables["budgets"]["method"]) == {"", RESCALED}
    rows = tables["front"]
    for row in rows[rows["method"] == RESCALED].to_dict("records"):
        assert (row["n_symbols"], row["accuracy"]) == (10, 0.8)
        ends = (row["accuracy_low"], row["accuracy_high"])
        assert ends == pytest.approx(wilson_interval(0.8, 10))
        # 200,000 SynOps of 10 pJ, and 0.5 mW for 100 ms.
        assert row["energy_per_reading_uj"] == pytest.approx(2 + 50)
    of_cnn = rows[rows["method"] == CNN]
    # Of two sets, by training and as means: two kinds of MACs, to the end and with an exit.
    assert len(of_cnn) == 2 * 2 * 2 * 2
    assert of_cnn[["scale", "energy_per_reading_uj"]].isna().all(axis=None)
