"""Limits of what sensors send."""

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from dvs_snn.recordings.plausibility.time_units import UNITS_US, unit_by_sensor


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
        found = unit_by_sensor(rows_of((n, seconds / size, pixels)))
        if unit == "us":
            assert found is None
        else:
            assert found.verdict == "refused"
            assert found.remedy in ({"time_unit": unit}, {})


@settings(deadline=None)
@given(RATES, st.sampled_from(["ms", "ns"]), st.sampled_from(["ms", "us", "ns"]))
def test_the_remedy_is_the_unit_of_the_file_whatever_was_set(rate, true, told):
    seconds = 0.3 * UNITS_US[told] / UNITS_US[true]
    found = unit_by_sensor(rows_of((round(rate * 0.3 * 500), seconds, 500)), told)
    if true == told:
        assert found is None
    elif found is not None:
        assert found.remedy in ({"time_unit": true}, {})


def test_all_events_at_one_time_are_refused():
    found = unit_by_sensor(rows_of((4000, 0.0, 450)))
    assert found.remedy == {"time_unit": "s"}


def test_few_events_tell_no_rate():
    assert unit_by_sensor(rows_of((99, 0.0, 1), (99, 1e4, 99))) is None


def test_a_minority_of_files_is_no_unit_of_the_set():
    right, wrong = (4000, 0.3, 450), (4000, 0.0003, 450)
    assert unit_by_sensor(rows_of(right, wrong, wrong)).remedy == {"time_unit": "ms"}
    found = unit_by_sensor(rows_of(right, right, wrong))
    assert found.remedy == {}
    assert str(found).startswith("3/2.npz (1 of 3 recordings): 0.3 ms long")
    assert str(found).endswith("is `t` in ms? write it as in the other files")
