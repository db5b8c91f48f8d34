"""The headline quotes what the tables hold, and claims nothing where there is nothing."""

import pytest
from pages import SIMULATED, make_choice, make_recordings, make_study
from result_tables import make_checks, make_evaluation, make_frames_only_evaluation

from dvs_snn.report.headline import headline_of


def lines_of(config=(), **tables):
    """The headline of made-up tables."""
    given = {
        "choice": make_choice(), "evaluation": make_evaluation(), "recordings": make_recordings(),
    } | tables  # fmt: skip
    return headline_of(make_study(config, tables=given)).splitlines()


def test_it_quotes_the_means_of_the_chosen_rows_of_the_test_set():
    evaluation = make_evaluation()
    rows = evaluation[(evaluation["set"] == "test") & (evaluation["chosen"] == 1)]
    (answer,) = lines_of()
    assert f"reads {100 * rows['accuracy'].mean():.1f} % (" in answer
    assert " of test right at " in answer
    power = float(answer.split(" right at ")[1].split(" mW")[0])
    assert power == pytest.approx(rows["power_mw"].mean(), rel=5e-3)
    assert "simulated" not in answer
    assert "simulated recordings" in lines_of(SIMULATED)[0]


def test_without_labelled_sets_it_tells_of_frames_and_power():
    evaluation = make_frames_only_evaluation()
    lines = lines_of(evaluation=evaluation, choice=make_choice().iloc[:0])
    shares = 100 * evaluation["ann_accuracy"]
    assert lines[0].startswith(f"the CNN alone reads {shares.mean():.1f} %")
    assert [line.split(":")[0] for line in lines[1:]] == [f"recording {x}" for x in "ABC"]
    assert all(" mW" in line for line in lines[1:])


def test_a_variant_each_where_nothing_was_chosen():
    lines = lines_of(
        evaluation=make_evaluation(variants=("plain", "other")), choice=make_choice().iloc[:0]
    )
    assert sorted(line.split()[0] for line in lines) == ["other", "plain"]


def test_each_set_with_a_warning_has_one_line_of_it():
    *answer, warning = lines_of(checks=make_checks())
    assert answer == lines_of()
    assert warning == "warning: extra: 0.3 ms long: is `t` in ms? set `time_unit: ms`."
    assert lines_of(checks=make_checks(("validation", "test"))) == answer
