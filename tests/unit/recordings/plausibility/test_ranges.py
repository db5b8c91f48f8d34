"""Recordings beyond what training saw."""

import pandas as pd
import pytest

from dvs_snn.files.tables import write_table
from dvs_snn.recordings.plausibility.ranges import (
    event_rate,
    in_steps,
    marks,
    per_step,
    quantities,
    read_seen,
    seen_in,
    within,
)


def facts(**columns) -> pd.DataFrame:
    """Facts of three recordings, 3,000 to 5,000 events in 0.3 s, with columns changed."""
    table = {
        "n_events": [3000, 4000, 5000], "duration_s": [0.3, 0.3, 0.3], "n_pixels": [400, 400, 500],
        "used_width": 34, "used_height": 34, "n_outside": [0, 0, 0], "box_px": [30, 40, 50],
    }  # fmt: skip
    return pd.DataFrame(table | columns)


def outcomes(**columns) -> pd.DataFrame:
    """One recording's outcome, in the middle of training's range, with columns changed."""
    row = {"n_events": 4000, "n_events_outside": 0, "duration_s": 0.3, "box_px": 40}
    return pd.DataFrame([row | columns])


def test_quantities_by_hand():
    (row,) = quantities(facts(n_outside=[600, 0, 0])).iloc[:1].to_dict("records")
    assert row == {
        "duration_s": 0.3, "n_events": 3000, "events_per_s": pytest.approx(8000),
        "events_per_pixel": 7.5, "outside_share": 0.2, "box_px": 30,
    }  # fmt: skip
    steps = per_step(facts(duration_s=[0.3, 0.2999, 0.0], n_outside=[690, 0, 0]), 10.0)
    assert steps["n_steps"].tolist() == [31, 30, 1]
    assert steps["events_per_step"].iloc[0] == pytest.approx(2310 / 31)


@pytest.mark.parametrize(
    ("change", "mark"),
    [
        ({}, ""),
        ({"duration_s": 2.0, "n_events": 26_000}, "duration_s"),
        ({"n_events": 6000}, "events_per_s"),
        ({"box_px": 20}, "box_px"),
        ({"box_px": 60, "n_events_outside": 400}, "outside_share box_px"),
        (
            {"n_events": 0, "n_events_outside": 500, "box_px": 0},
            "events_per_s outside_share box_px",
        ),
    ],
)
def test_a_recording_is_marked_by_what_exceeds_training_by_a_tenth(change, mark):
    assert marks(outcomes(**change), seen_in(facts())).tolist() == [mark]


def test_accuracy_without_the_marked_and_where_no_training_is_known():
    table = pd.DataFrame({"correct": [1, 1, 0, 0], "beyond_training": ["", "", "", "box_px"]})
    accuracy = pytest.approx(2 / 3)
    assert within(table, seen_in(facts())) == {"n_beyond": 1, "accuracy_within": accuracy}
    assert within(table, seen_in(None)) == {"n_beyond": None, "accuracy_within": accuracy}
    assert marks(outcomes(duration_s=99.0), seen_in(None)).tolist() == [""]


@pytest.mark.parametrize(("factor", "words"), [(1.3, None), (20, "19 times"), (0.05, "0.048 of")])
def test_a_rate_far_beyond_trainings_is_told_with_its_factor(factor, words):
    """31 steps are begun in 0.3 s, so the factor is a little below."""
    rows = facts(n_events=[int(4000 * factor)] * 3)
    finding = event_rate(rows, seen_in(facts()), 10.0)
    assert finding is None if words is None else words in str(finding)
    assert event_rate(rows, seen_in(None), 10.0) is None


def test_what_trained_is_read_from_facts_or_from_the_rows_that_train(tmp_path):
    path = tmp_path / "facts.csv"
    write_table(facts(), path, "facts")
    seen = read_seen([path])
    assert seen.loc["box_px", ["smallest", "median", "largest"]].tolist() == [30, 40, 50]
    facts().assign(split=["train", "test", "train"]).to_csv(path, index=False)
    assert read_seen([path]).loc["n_events", "median"] == 4000
    assert read_seen([path]).loc["events_per_pixel", "largest"] == 10.0
    assert read_seen([]).empty
    assert in_steps(read_seen([path]), 10.0).loc["n_steps", "median"] == 30
