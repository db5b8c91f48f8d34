"""Recordings beyond what training saw."""

import numpy as np
import pandas as pd
import pytest

from dvs_snn.files.tables import write_table
from dvs_snn.recordings.plausibility.ranges import (
    N_NEAREST,
    NETWORK,
    event_rate,
    in_steps,
    largest_nearby,
    levels_of,
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
        "short_interval_share": [0.5, 0.6, 0.7],
    }  # fmt: skip
    return pd.DataFrame(table | columns)


def outcomes(**columns) -> pd.DataFrame:
    """One recording's outcome, in the middle of training's range, with columns changed."""
    row = {
        "n_events": 4000, "n_events_outside": 0, "duration_s": 0.3, "box_px": 40, "n_pixels": 400,
        "short_interval_share": 0.6, "synops": 4_000_000, **dict.fromkeys(NETWORK, 1),
    }  # fmt: skip
    return pd.DataFrame([row | columns])


def test_quantities_by_hand():
    (row,) = quantities(facts(n_outside=[600, 0, 0])).iloc[:1].to_dict("records")
    assert row == {
        "duration_s": 0.3, "n_events": 3000, "events_per_s": pytest.approx(8000),
        "events_per_pixel": 7.5, "outside_share": 0.2, "box_px": 30, "n_pixels": 400,
        "short_interval_share": 0.5,
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
    assert marks(outcomes(**change), seen_in(facts()), {}).tolist() == [mark]


def bursting(share: float, **columns) -> pd.DataFrame:
    """A recording of small digits, of which so many intervals are short."""
    small = {"duration_s": 2.0, "n_events": 14_000, "box_px": 14, "n_pixels": 1200}
    return outcomes(short_interval_share=share, **(small | columns))


def test_slow_bursts_are_marked_though_quick_recordings_of_training_have_more():
    """Training: 30 quick recordings with shares up to 0.88, 30 small slow ones with 0 to 0.029."""
    places = np.arange(30)
    quick = {
        "n_events": 4000, "duration_s": 0.3, "n_pixels": 400 + places, "n_outside": 0,
        "box_px": 38, "short_interval_share": 0.85 + places / 1000,
    }  # fmt: skip
    slow = quick | {
        "n_events": 14_000, "duration_s": 2.0, "n_pixels": 1100 + places, "box_px": 14,
        "short_interval_share": places / 1000,
    }  # fmt: skip
    seen = seen_in(pd.concat([pd.DataFrame(quick), pd.DataFrame(slow)]))
    assert marks(bursting(0.67), seen, {}).tolist() == ["short_interval_share"]
    # The nearest 20 are the last ones: beyond 0.029 by over 0.1.
    assert marks(bursting(0.13), seen, {}).tolist() == ["short_interval_share"]
    # Without enough intervals the share is unknown.
    for share in (0.0, 0.128, np.nan):
        assert marks(bursting(share), seen, {}).tolist() == [""]
    as_quick = bursting(0.9, n_pixels=420, box_px=38, duration_s=0.3, n_events=4000)
    assert marks(as_quick, seen, {}).tolist() == [""]


def test_synops_per_event_are_held_against_validation_under_the_same_network():
    """Of validation small recordings take up to 420 SynOps an event, quick ones 900."""
    small = pd.DataFrame({"n_pixels": 1200, "box_px": 14, "synops_per_event": [400.0, 420] * 15})
    quick = pd.DataFrame({"n_pixels": 400, "box_px": 38, "synops_per_event": [900.0] * 30})
    network = ("plain", 1, 0.5, "events")
    key = dict(zip(NETWORK, network, strict=True))
    validation = {network: pd.concat([small, quick])}
    seen = seen_in(facts(duration_s=2.0, n_events=14_000, box_px=14, n_pixels=1200))
    for per_event, mark in ((500, ""), (510, "synops_per_event")):
        row = bursting(0.6, synops=per_event * 14_000, **key)
        assert marks(row, seen, validation).tolist() == [mark]
        assert marks(row.assign(n_pixels=400, box_px=38), seen, validation).str.contains(
            "synops"
        ).tolist() == [False]
        # Of another network, or where training isn't known, nothing is known.
        assert marks(row.assign(scale=1.0), seen, validation).tolist() == [""]
        assert marks(row, seen_in(None), validation).tolist() == [""]
    silent = bursting(np.nan, synops=0, n_events=0, **key)
    assert "synops_per_event" not in marks(silent, seen, validation).iloc[0]


def test_the_largest_nearby_is_that_of_a_search_through_all():
    rng = np.random.default_rng(4)
    known, asked = (
        pd.DataFrame({"n_pixels": rng.integers(1, 5000, n), "box_px": rng.integers(1, 64, n)})
        for n in (300, 40)
    )
    known["value"] = np.where(rng.random(300) < 0.2, np.nan, rng.random(300))
    told = known.dropna()
    found = largest_nearby(asked, known, "value")
    for row, largest in zip(asked.itertuples(), found, strict=True):
        apart = (
            np.log(told["n_pixels"] / row.n_pixels) ** 2 + np.log(told["box_px"] / row.box_px) ** 2
        )
        assert largest == told["value"][apart.nsmallest(N_NEAREST).index].max()
    assert (
        largest_nearby(asked, told.head(3), "value").tolist() == [told["value"].head(3).max()] * 40
    )
    assert np.isnan(largest_nearby(asked, told.head(0), "value")).all()


def test_accuracy_without_the_marked_and_where_no_training_is_known():
    table = pd.DataFrame({"correct": [1, 1, 0, 0], "beyond_training": ["", "", "", "box_px"]})
    accuracy = pytest.approx(2 / 3)
    assert within(table, seen_in(facts())) == {"n_beyond": 1, "accuracy_within": accuracy}
    assert within(table, seen_in(None)) == {"n_beyond": None, "accuracy_within": accuracy}
    assert marks(outcomes(duration_s=99.0), seen_in(None), {}).tolist() == [""]


@pytest.mark.parametrize(("factor", "words"), [(1.3, None), (20, "19 times"), (0.05, "0.048 of")])
def test_a_rate_far_beyond_trainings_is_told_with_its_factor(factor, words):
    """31 steps are begun in 0.3 s, so the factor is a little below."""
    rows = facts(n_events=[int(4000 * factor)] * 3)
    finding = event_rate(rows, seen_in(facts()), 10.0)
    assert finding is None if words is None else words in str(finding)
    assert event_rate(rows, seen_in(None), 10.0) is None


def test_what_trained_is_read_from_facts_or_from_the_rows_that_train(tmp_path):
    path = tmp_path / "facts.csv"
    write_table(facts(short_interval_share=[None, 0.6, 0.7]), path, "facts")
    levels = levels_of(read_seen([path]))
    assert levels.loc["box_px", ["smallest", "median", "largest"]].tolist() == [30, 40, 50]
    assert levels.loc["short_interval_share", "smallest"] == 0.6
    facts().assign(split=["train", "test", "train"]).to_csv(path, index=False)
    levels = levels_of(in_steps(read_seen([path]), 10.0))
    assert levels.loc["n_events", "median"] == 4000
    assert levels.loc["events_per_pixel", "largest"] == 10.0
    assert levels.loc["n_steps", "median"] == 30
    assert read_seen([]).empty
