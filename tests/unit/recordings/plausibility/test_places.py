"""Events outside, sensor sizes and the digits' size on the network."""

import pandas as pd
import pytest

from dvs_snn.recordings.plausibility import places
from dvs_snn.recordings.plausibility.ranges import quantities, seen_in


def rows_of(**changes) -> pd.DataFrame:
    """A split table's row of an N-MNIST recording, changed."""
    row = {
        "n_events": 1000, "n_outside": 0, "duration_s": 0.3, "n_pixels": 400, "box_px": 40,
        "sensor_width": 34, "sensor_height": 34, "used_width": 34, "used_height": 34,
        "size_told": 1,
    }  # fmt: skip
    return pd.DataFrame([row | changes])


@pytest.mark.parametrize(
    ("size", "zoom"), [((346, 260), 0.18), ((34, 34), 1.88), ((128, 128), 0.5), ((10_000, 9), 0.01)]
)
def test_the_whole_sensor_fits_at_the_suggested_zoom(size, zoom):
    assert places.fitting_zoom(size) == zoom
    assert zoom == 0.01 or max(size) * zoom <= 64


@pytest.mark.parametrize(
    ("n_outside", "verdict"),
    [(0, None), (100, None), (101, "warning"), (500, "warning"), (501, "refused")],
)
def test_events_outside_are_told_from_a_tenth_on_and_refused_from_half(n_outside, verdict):
    found = places.outside(rows_of(n_outside=n_outside, sensor_width=346, sensor_height=260))
    assert (found and found.verdict) == verdict
    assert (found and found.remedy) == (verdict and {"zoom": 0.18})


def test_a_training_that_lost_as_many_events_makes_it_no_fault():
    seen = seen_in(rows_of(n_outside=300))
    assert places.outside(rows_of(n_outside=290), seen) is None
    assert places.outside(rows_of(n_outside=310), seen).verdict == "warning"


def test_a_sensor_of_which_a_corner_alone_sends_is_too_large():
    large = {"sensor_width": 128, "sensor_height": 128}
    found = places.sensor_size(rows_of(**large))
    assert found.remedy == {"sensor_size": [34, 34], "zoom": 1.88}
    # One recording with an event further out is enough.
    rows = [
        rows_of(sensor_width=128, sensor_height=128),
        rows_of(sensor_width=128, sensor_height=128, used_width=70),
    ]
    assert places.sensor_size(pd.concat(rows)) is None


def test_a_size_that_nobody_told_is_told():
    found = places.sensor_size(pd.concat([rows_of(), rows_of(size_told=0)]))
    assert "1 of 2 recordings" in str(found)
    assert found.remedy == {"sensor_size": [34, 34]}


@pytest.mark.parametrize(("box", "zoom"), [(40, None), (8, 5.0), (64, None), (30, None)])
def test_digits_much_smaller_than_all_of_training_are_told_with_a_zoom(box, zoom):
    seen = seen_in(pd.concat([rows_of(box_px=size) for size in (20, 40, 57)]))
    found = places.size_on_network(quantities(rows_of(box_px=box)), seen, 1.0)
    assert (found and found.remedy) == (zoom and {"zoom": zoom})
