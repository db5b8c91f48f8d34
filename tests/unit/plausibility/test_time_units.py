"""Limits of what sensors send, and units far from training's."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dvs_snn.plausibility.quantities import quantities, seen_in
from dvs_snn.plausibility.time_units import UNITS_US, single_files, unit_by_sensor, unit_by_training


def rows_of(*recordings: tuple[int, float, int]) -> pd.DataFrame:
    """Rows of a split table, of (events, seconds, pixels)."""
    table = pd.DataFrame(recordings, columns=["n_events", "duration_s", "n_pixels"])
    names = [f"3/{number}.npz" for number in range(len(table))]
    return table.assign(recording=names, n_outside=0, box_px=40)


# What one moving digit makes, from the sparsest to the densest measured.
RATES = st.floats(4.0, 90.0)
SECONDS = st.floats(0.19, 10.0)


@settings(deadline=None)
@given(RATES, SECONDS, st.integers(250, 6000))
def test_a_digit_in_microseconds_is_plausible_and_in_no_other_unit(rate, seconds, pixels):
    n = round(rate * seconds * pixels)
    for unit, size in UNITS_US.items():
        found = unit_by_sensor(rows_of((n, seconds / size, pixels)), {})
        if unit == "us":
            assert found is None
        else:
            assert found.verdict == "refused"
            assert found.remedy in ({"time_unit": unit}, {})


@settings(deadline=None)
@given(RATES, st.sampled_from(["ms", "ns"]), st.sampled_from(["ms", "us", "ns"]))
def test_the_remedy_is_the_unit_of_the_file_whatever_was_set(rate, true, told):
    seconds = 0.3 * UNITS_US[told] / UNITS_US[true]
    found = unit_by_sensor(rows_of((round(rate * 0.3 * 500), seconds, 500)), {"time_unit": told})
    if true == told:
        assert found is None
    elif found is not None:
        assert found.remedy in ({"time_unit": true}, {})


def test_all_events_at_one_time_are_refused():
    found = unit_by_sensor(rows_of((4000, 0.0, 450)), {})
    assert found.remedy == {"time_unit": "s"}


def test_few_events_tell_no_rate():
    assert unit_by_sensor(rows_of((99, 0.0, 1), (99, 1e4, 99)), {}) is None


def test_a_minority_of_files_is_named_one_by_one_and_a_majority_as_a_set():
    right, wrong = (4000, 0.3, 450), (4000, 0.0003, 450)
    assert list(single_files(rows_of(right, wrong, right, wrong, right), {})) == [
        "3/1.npz",
        "3/3.npz",
    ]
    assert single_files(rows_of(right, wrong, wrong), {}) == {}
    assert unit_by_sensor(rows_of(right, wrong, wrong), {}).remedy == {"time_unit": "ms"}
    assert unit_by_sensor(rows_of(right, right, wrong), {}).remedy == {}


@pytest.mark.parametrize(
    ("factor", "unit"), [(1, None), (20, None), (1000, "ns"), (1e-3, "ms"), (1e-6, "s")]
)
def test_a_duration_far_from_trainings_asks_for_the_unit(factor, unit):
    seen = seen_in(rows_of((4000, 0.3, 450), (3000, 0.31, 450)))
    found = quantities(rows_of((4000, 0.3 * factor, 450)))
    told = unit_by_training(found, seen, {})
    assert (told and told.remedy) == (unit and {"time_unit": unit})
    assert unit_by_training(found, seen_in(None), {}) is None


def test_a_longer_recording_of_the_same_rate_is_in_the_same_unit():
    seen = seen_in(rows_of((4000, 0.3, 450)))
    assert unit_by_training(quantities(rows_of((4_000_000, 300.0, 450))), seen, {}) is None
