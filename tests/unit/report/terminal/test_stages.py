"""Stages count their jobs and expect of the others what the finished ones took."""

from pathlib import Path

import pytest

from dvs_snn.report.terminal.stages import (
    FILES_OF_STAGES,
    Stage,
    clock,
    plan,
    stages_of,
    underway,
)

RULES = Path(__file__).parents[4] / "workflow/rules"


def test_every_file_of_rules_belongs_to_one_stage():
    with_rules = {
        path.stem
        for path in RULES.glob("*.smk")
        if "\nrule " in path.read_text(encoding="utf-8").replace("    rule ", "rule ")
    }
    named = [name for names in FILES_OF_STAGES.values() for name in names]
    assert len(named) == len(set(named))
    assert set(named) == with_rules | {"Snakefile"}


def test_a_file_that_no_stage_names_is_a_stage():
    assert stages_of({"train": "train", "sort": "mine"}) == {"train": "training", "sort": "mine"}


def test_a_plan_counts_the_jobs_of_each_stage():
    stages = plan(
        {"train": 4, "choose": 1, "gather": 1}, {"train": "a", "choose": "b", "gather": "b"}
    )
    assert {name: stage.total for name, stage in stages.items()} == {"a": 4, "b": 2}


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (65.4, "1:05"), (3599.6, "1:00:00"), (7325, "2:02:05")]
)
def test_times_read_as_on_a_clock(seconds, text):
    assert clock(seconds) == text


def test_nothing_is_known_before_a_job_has_ended():
    stage = plan({"train": 4}, {"train": "training"})["training"]
    stage.start(1, "train", 0.0)
    assert stage.left(5.0) is None
    assert underway([stage], 5.0) == "training 0 of 4, – left"


def test_the_others_take_as_long_as_the_finished_ones():
    stage = plan({"train": 4}, {"train": "training"})["training"]
    stage.start(1, "train", 0.0)
    stage.start(2, "train", 0.0)
    stage.finish(1, 60.0)
    stage.start(3, "train", 60.0)
    # By hand: the second is as old as the mean, the third has 30 s to go, the last all of 60 s;
    # two run at once.
    assert stage.left(90.0) == (0 + 30 + 60) / 2
    assert stage.done == 1
    stage.finish(2, 100.0)
    assert stage.took == {"train": [60.0, 100.0]}


def test_a_rule_without_a_finished_job_counts_as_the_stages_average_after_a_third():
    stage = plan({"draw": 2, "gather": 4}, dict.fromkeys(("draw", "gather"), "page"))["page"]
    stage.start(1, "draw", 0.0)
    stage.finish(1, 4.0)
    assert stage.left(4.0) is None
    stage.start(2, "draw", 4.0)
    stage.finish(2, 6.0)
    assert stage.left(6.0) == 4 * 3.0


def test_a_job_that_failed_and_started_again_counts_once():
    stage = Stage("training")
    stage.planned["train"] = 1
    stage.start(1, "train", 0.0)
    stage.stop(1)
    assert underway([stage], 1.0) == ""
    stage.start(1, "train", 10.0)
    stage.finish(1, 15.0)
    assert (stage.done, stage.total, stage.took) == (1, 1, {"train": [5.0]})
    assert stage.summary(15.0).split() == ["training", "1", "job", "0:15"]
