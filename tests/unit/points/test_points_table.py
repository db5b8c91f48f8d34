"""The table of points by hand: rows by training and as means, marks, what stands beside them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from method_readings import first, make_exits, make_readings, trials_of

from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.files.tables import schema
from dvs_snn.points.choice import Quoted
from dvs_snn.points.front import grouped
from dvs_snn.points.point import ALL_MACS, EARLY_EXIT, NONZERO_MACS, PLAIN_CNN, PUBLISHED
from dvs_snn.points.points_table import points_table
from dvs_snn.settings.guests import NIR
from dvs_snn.settings.set_names import TEST, VALIDATION
from dvs_snn.settings.sides import CNN, SPIKING
from dvs_snn.settings.training_settings import RESCALED

PUBLISHED_FILE = Path(__file__).parents[3] / "workflow" / "data" / "published.tsv"
PUBLISHED_FIGURES = pd.read_csv(PUBLISHED_FILE, sep="\t")
NO_CHOICE = pd.DataFrame(columns=["method", "variant", "scale", "exit", "chosen", "within_points"])
NO_STOPS = pd.DataFrame(columns=list(schema("fixed_stops")))
METHODS = {"plain": RESCALED, "lean": "other", "guest": NIR}


def table_of(*readings, choice=NO_CHOICE, evaluation=None, stops=NO_STOPS):
    tried = trials_of(*readings, **METHODS)
    if evaluation is None:
        evaluation = make_evaluation(sets=(VALIDATION, TEST))
    groups = grouped(tried, METHODS)
    quoted = Quoted.of(choice)
    return points_table(tried, groups, quoted, evaluation, stops, PUBLISHED_FIGURES, seed=1)


def make_evaluation(sets, chosen=0):
    """Rows of ``evaluation.csv`` of one network: the order of the sets, and which is marked."""
    rows = [
        {"set": name, "side": SPIKING, "timing": "events", "chosen": chosen}
        | {"method": RESCALED, "variant": "plain", "scale": 1.0}
        for name in sets
    ]
    return pd.DataFrame(rows)


def both_sets(variant, hits, synops, scales):
    """Readings of both sets, of two trainings: by scale how many of ten symbols each reads."""
    tables = []
    for name in (VALIDATION, TEST):
        right = [[[int(k < number) for k in range(10)] for number in by_seed] for by_seed in hits]
        tables.append(make_readings(name, variant, right, synops, scales))
    return tables


def early_exits(ends, hits=((6, 8), (9, 9))):
    """Early exit at two leads, by training how many of ten symbols are read."""
    tables = []
    for table in ends:
        for seed, of_seed in table.groupby("seed"):
            read = [[int(k < by_seed[seed - 1]) for k in range(10)] for by_seed in hits]
            tables.append(make_exits(of_seed, read, [100, 400]))
    return tables


def plain_readings():
    return both_sets("plain", [(9, 9)], [1000], [1.0])


def test_every_point_stands_there_by_training_and_as_a_mean():
    table = table_of(*both_sets("plain", [(5, 7), (9, 8)], [1000, 5000], [1.0, 2.0]))
    measured = table[table["method"] != PUBLISHED]
    # Two sets, two scales, two trainings and their mean.
    assert len(measured) == 2 * 2 * 3
    at = measured.query("set == 'test' and scale == 2.0")
    assert at["seed"].isna().sum() == 1
    mean = at[at["seed"].isna()].iloc[0]
    assert mean["accuracy"] == pytest.approx(0.85)
    # Ten symbols, of one training and of the mean alike.
    assert set(at["n_symbols"]) == set(at["n_recordings"]) == {10}
    assert at["n_seeds"].tolist() == [1, 1, 2]
    assert mean["operations_per_reading"] == 5000
    assert mean["operations_per_3000_events"] == pytest.approx(15_000)
    assert (mean["side"], mean["counted"], mean["frames"]) == (SPIKING, "SynOps", "")
    assert mean["timing"] == "events"


def test_an_exit_costs_what_was_spent_until_it():
    ends = plain_readings()
    table = table_of(*ends, *early_exits(ends))
    rows = table[(table["method"] == EARLY_EXIT) & (table["set"] == TEST)]
    assert len(rows) == 2 * 3
    mean = rows[rows["seed"].isna() & (rows["exit"] == 1.0)].iloc[0]
    assert mean["accuracy"] == pytest.approx(0.7)
    # 100 of a recording's 1,000 events' SynOps; it lasts 10 steps of 10 ms, 4 until the exit.
    assert mean["operations_per_3000_events"] == pytest.approx(300)
    assert mean["operations_per_reading"] == 100
    assert mean["time_to_exit_ms"] == pytest.approx(40)
    assert mean["recording_ms"] == pytest.approx(100)
    assert mean["events_per_reading"] == 500
    assert mean["exited_fraction"] == 1
    whole = table[(table["method"] == RESCALED) & (table["set"] == TEST)]
    assert set(whole["exited_fraction"]) == {0}
    assert set(whole["events_per_reading"]) == {1000}


def test_the_front_is_that_of_validation_over_all_networks_of_a_side():
    ends = plain_readings()
    # As accurate as `plain` and cheaper; on the test set it reads nothing.
    lean_on_validation, lean_on_test = both_sets("lean", [(9, 9)], [300], [1.0])
    table = table_of(*ends, *early_exits(ends), lean_on_validation, lean_on_test.assign(correct=0))
    for name in (VALIDATION, TEST):
        rows = table[(table["set"] == name) & (table["on_front"] == 1)]
        # Lead 2 of early exit is as accurate, for 400 SynOps.
        assert set(rows["method"]) == {"other"}
        # The mean and both trainings.
        assert len(rows) == 3


def test_chosen_points_are_marked_of_every_method():
    ends = plain_readings()
    lean = both_sets("lean", [(9, 9)], [300], [1.0])
    marks = [(RESCALED, "plain", 1.0, np.nan, 1), (EARLY_EXIT, "plain", 1.0, 2.0, 1)]
    marks.append(("other", "lean", 1.0, np.nan, 0))
    choice = pd.DataFrame(marks, columns=NO_CHOICE.columns[:5]).assign(within_points=1.0)
    readings = [*ends, *early_exits(ends), *lean]
    table = table_of(*readings, choice=choice)
    mean = table[(table["set"] == TEST) & table["seed"].isna() & (table["chosen"] == 1)]
    points = mean[["method", "exit"]].fillna({"exit": 0})
    assert sorted(points.itertuples(index=False, name=None)) == [(EARLY_EXIT, 2.0), (RESCALED, 0.0)]
    # Without a choice those that the evaluation marks.
    evaluation = make_evaluation(sets=(VALIDATION, TEST), chosen=1)
    unchosen = table_of(*readings, evaluation=evaluation)
    marked = unchosen[(unchosen["chosen"] == 1) & unchosen["seed"].isna()]
    assert set(marked["method"]) == {RESCALED}
    assert marked["exit"].isna().all()


def test_a_network_from_a_nir_file_is_a_point_that_no_front_and_no_choice_takes():
    ends = plain_readings()
    guest = both_sets("guest", [(10, 10)], [1], [1.0])
    table = table_of(*ends, *guest)
    rows = table[table["method"] == NIR]
    assert len(rows) == 2 * 3
    assert not rows[["on_front", "chosen"]].to_numpy().any()


def test_the_paper_stands_there_with_what_differs():
    table = table_of(*plain_readings())
    paper = table[table["method"] == PUBLISHED].set_index("variant")
    assert len(paper) == 6
    best = paper.loc["selected"]
    assert (best["accuracy"], best["operations_per_3000_events"]) == (0.950, 625_554)
    assert (best["side"], best["counted"]) == (SPIKING, "SynOps")
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
        set=name, variant="plain", seed=1, scale=1.0, timing="", frames=frames, side=CNN,
        n_events=600, n_events_read=300, reached=True, recording_ms=40.0,
    )  # fmt: skip
    return table.assign(operations_nonzero=table["operations"] // 2)


def test_points_of_the_cnn_cost_its_macs_and_validation_chooses_two_of_each_way_to_count():
    readings = [
        table
        for name in (VALIDATION, TEST)
        for table in (
            # The second recording is read at the end alone, or never.
            cnn_readings(name, "50 ms", (1, 0), (1, 0)),
            cnn_readings(name, "3000 events", (1, 0), (1, 1)),
        )
    ]
    table = table_of(*readings)
    of_cnn = table[table["method"] == PLAIN_CNN]
    # Two sets, the means beside one training, two ways to count, two frames, two stops.
    assert len(of_cnn) == 2 * 2 * 2 * 2 * 2
    rows = of_cnn[(of_cnn["set"] == TEST) & of_cnn["seed"].isna()].fillna({"exit": 0})
    rows = rows.set_index(["frames", "counted", "exit"])
    assert rows.loc[("3000 events", ALL_MACS, 0), "accuracy"] == 1
    assert rows.loc[("50 ms", ALL_MACS, 0), "accuracy"] == 0.5
    assert rows.loc[("50 ms", ALL_MACS, 2), "operations_per_3000_events"] == pytest.approx(500)
    assert rows.loc[("50 ms", NONZERO_MACS, 2), "operations_per_3000_events"] == pytest.approx(250)
    assert rows.loc[("50 ms", NONZERO_MACS, 2), "time_to_exit_ms"] == pytest.approx(20)
    chosen = [
        ("3000 events", counted, lead) for counted in (ALL_MACS, NONZERO_MACS) for lead in (0, 2)
    ]
    assert set(rows.index[rows["chosen"] == 1]) == set(chosen)
    assert set(of_cnn["timing"]) == {""}


def test_a_study_without_a_spiking_set_has_the_papers_points_alone():
    empty = pd.DataFrame(columns=schema("evaluation"))
    table = points_table({}, {}, Quoted.of(NO_CHOICE), empty, NO_STOPS, PUBLISHED_FIGURES, seed=1)
    assert set(table["method"]) == {PUBLISHED}


def test_the_interval_of_a_mean_holds_trainings_and_symbols():
    """Trainings that read 50 and 100 % are each drawn alone in a quarter of the draws."""
    for right, low, high in (
        ([[1] * 50 + [0] * 50, [1] * 100], 0.436, 1.0),
        ([[1] * 50 + [0] * 50], *wilson_interval(0.5, 100)),
    ):
        evaluation = make_evaluation(sets=(TEST,))
        table = table_of(make_readings(TEST, "plain", [right], [10]), evaluation=evaluation)
        *seeds, mean = table[table["method"] == RESCALED].to_dict("records")
        # A tenth of a quarter lies below 1.28 standard deviations of 5 %.
        assert mean["accuracy_low"] == pytest.approx(low, abs=0.015 * (len(right) > 1))
        assert mean["accuracy_high"] == pytest.approx(high)
        # A single training keeps its own interval.
        assert len(seeds) == len(right)
        for row in seeds:
            ends = (row["accuracy_low"], row["accuracy_high"])
            assert ends == pytest.approx(wilson_interval(row["accuracy"], 100))


def test_the_interval_counts_symbols_not_recordings():
    """Ten symbols, each recorded three times."""
    rows = make_readings(TEST, "plain", first(24, n=30), [200_000], [1.0])
    rows = rows.assign(symbol=[f"0/{k // 3}" for k in range(30)])
    table = table_of(rows, evaluation=make_evaluation(sets=(TEST,)))
    for row in table[table["method"] == RESCALED].to_dict("records"):
        assert (row["n_symbols"], row["n_recordings"], row["accuracy"]) == (10, 30, 0.8)
        ends = (row["accuracy_low"], row["accuracy_high"])
        assert ends == pytest.approx(wilson_interval(0.8, 10))


def test_beside_an_exit_stands_the_earliest_fixed_stop_that_is_as_accurate_on_validation():
    ends = plain_readings()
    rows = []
    for name, correct in ((VALIDATION, (5, 6, 9)), (TEST, (1, 2, 3))):
        for place, n_correct in enumerate(correct):
            at = {"set": name, "variant": "plain", "scale": 1.0, "timing": "events"}
            at |= {"stop_ms": 20.0 * (place + 1), "n_recordings": 10, "n_correct": n_correct}
            rows += [at | {"seed": seed, "synops": 1000 * (place + 1)} for seed in (1, 2)]
    stops = pd.DataFrame(rows, columns=list(schema("fixed_stops")))
    table = table_of(*ends, *early_exits(ends), stops=stops)
    first_training = table[(table["seed"] == 1) & (table["set"] == TEST)]
    # Lead 1 reads 6 of 10 of validation, which the second stop does; lead 2 reads 9.
    at = first_training.set_index("exit")
    columns = ["stop_ms", "stop_accuracy", "stop_operations_per_reading"]
    assert at.loc[1.0, columns].tolist() == [40.0, 0.2, 200.0]
    assert at.loc[2.0, columns].tolist() == [60.0, 0.3, 300.0]
    # The other training reads 8 at lead 1: no stop before the last does.
    mean = table[table["seed"].isna() & (table["set"] == TEST) & (table["exit"] == 1.0)].iloc[0]
    assert mean["stop_ms"] == 50.0
