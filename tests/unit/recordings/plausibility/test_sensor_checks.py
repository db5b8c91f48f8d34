"""Limits of what sensors send; events outside; sensor sizes."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dvs_snn.recordings.plausibility import sensor_checks

UNITS_US = {"s": 1e6, "ms": 1e3, "us": 1, "ns": 1e-3}
"""Microseconds of each unit."""

# What one moving digit makes, from the sparsest to the densest measured.
RATES = st.floats(4.0, 90.0)
SECONDS = st.floats(0.19, 10.0)


def rows_of(**changes) -> pd.DataFrame:
    """A split table's row of an N-MNIST recording, changed."""
    row = {
        "n_events": 1000,
        "n_outside": 0,
        "sensor_width": 34,
        "sensor_height": 34,
        "size_told": 1,
    }
    return pd.DataFrame([row | changes])


def timed(*recordings: tuple[int, float, int]) -> pd.DataFrame:
    """Rows of (events, seconds, pixels)."""
    table = pd.DataFrame(recordings, columns=["n_events", "duration_s", "n_pixels"])
    return table.assign(recording=[f"3/{number}.npz" for number in range(len(table))])


@settings(deadline=None)
@given(RATES, SECONDS, st.integers(250, 6000))
def test_a_digit_in_microseconds_is_plausible_and_in_no_other_unit(rate, seconds, pixels):
    n = round(rate * seconds * pixels)
    assert sensor_checks.unit_by_sensor(timed((n, seconds, pixels))) is None
    for unit in ("s", "ms", "ns"):
        finding = sensor_checks.unit_by_sensor(timed((n, seconds / UNITS_US[unit], pixels)))
        assert finding.verdict == "refused"
        assert finding.remedy in ({"time_unit": unit}, {})


@settings(deadline=None)
@given(RATES, st.sampled_from(["ms", "ns"]), st.sampled_from(["ms", "us", "ns"]))
def test_the_remedy_is_the_unit_of_the_file_whatever_was_set(rate, true, told):
    seconds = 0.3 * UNITS_US[told] / UNITS_US[true]
    finding = sensor_checks.unit_by_sensor(timed((round(rate * 0.3 * 500), seconds, 500)), told)
    if true == told:
        assert finding is None
    elif finding is not None:
        assert finding.remedy in ({"time_unit": true}, {})


def test_all_events_at_one_time_are_refused_and_few_events_tell_no_rate():
    assert sensor_checks.unit_by_sensor(timed((4000, 0.0, 450))).remedy == {"time_unit": "s"}
    assert sensor_checks.unit_by_sensor(timed((99, 0.0, 1), (99, 1e4, 99))) is None


def test_a_minority_of_files_is_no_unit_of_the_set():
    right, wrong = (4000, 0.3, 450), (4000, 0.0003, 450)
    assert sensor_checks.unit_by_sensor(timed(right, wrong, wrong)).remedy == {"time_unit": "ms"}
    finding = sensor_checks.unit_by_sensor(timed(right, right, wrong))
    assert finding.remedy == {}
    assert str(finding).startswith("3/2.npz (1 of 3 recordings): 0.3 ms long")
    assert str(finding).endswith("is `t` in ms? write it as in the other files")


@pytest.mark.parametrize(
    ("n_outside", "verdict"),
    [(100, None), (101, "warning"), (500, "warning"), (501, "refused")],
)
def test_events_outside_are_told_from_a_tenth_on_and_refused_from_half(n_outside, verdict):
    rows = rows_of(n_outside=n_outside, sensor_width=346, sensor_height=260)
    finding = sensor_checks.outside(rows)
    assert (finding and finding.verdict) == verdict
    assert (finding and finding.remedy) == (verdict and {"zoom": 0.18})


def test_a_size_that_nobody_told_is_told():
    finding = sensor_checks.unstated_size(pd.concat([rows_of(), rows_of(size_told=0)]))
    assert "1 of 2 recordings" in str(finding)
    assert finding.remedy == {"sensor_size": [34, 34]}
