"""Events laid on the network: flips, turns and zoom by hand, and what holds for all of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_recordings import any_recording, from_columns

from dvs_snn.recordings.placement import Placement, place


def _at(x: int, y: int, size: tuple[int, int], **placement) -> tuple[int, int] | None:
    """Return (column, row) of one event at (x, y), or None where it falls outside."""
    placed = place(from_columns([0], [x], [y], sensor_size=size), Placement(**placement))
    assert placed.n_events + placed.n_outside == 1
    return (int(placed.column[0]), int(placed.row[0])) if placed.n_events else None


@pytest.mark.parametrize(
    ("placement", "expected"),
    [
        ({}, (3, 10)),
        ({"flip": "x"}, (60, 10)),
        ({"flip": "y"}, (3, 53)),
        ({"flip": "xy"}, (60, 53)),
        # y points down: what is left of the centre turns counter-clockwise to below it.
        ({"rotate": 90}, (10, 60)),
        ({"rotate": 180}, (60, 53)),
        ({"rotate": 270}, (53, 3)),
        # Flip first, then rotate: (60, 10) turns to (10, 3).
        ({"flip": "x", "rotate": 90}, (10, 3)),
    ],
)
def test_flips_and_turns_by_hand(placement, expected):
    assert _at(3, 10, (64, 64), **placement) == expected


@pytest.mark.parametrize(
    ("x", "size", "zoom", "expected"),
    [
        # 128 pixels at 0.5 fill the network, two by two.
        (0, (128, 128), 0.5, 0),
        (127, (128, 128), 0.5, 63),
        # 34 pixels at 1.88: 63.92 network pixels; (0.5 - 17) x 1.88 + 32 = 0.98.
        (0, (34, 34), 1.88, 0),
        (1, (34, 34), 1.88, 2),
        (33, (34, 34), 1.88, 63),
        # A pixel lies off the centre by half a pixel on even, by none on odd sizes.
        (0, (34, 34), 1.0, 15),
        (17, (35, 35), 1.0, 32),
    ],
)
def test_zoom_is_about_the_two_centres(x, size, zoom, expected):
    assert _at(x, x, size, zoom=zoom) == (expected, expected)


def test_events_beside_the_network_are_dropped_and_counted():
    recording = from_columns([5, 6, 7, 9], [31, 32, 95, 96], [50] * 4, sensor_size=(128, 128))
    placed = place(recording, Placement())
    # Columns -1, 0, 63 and 64; row 50 - 32.
    np.testing.assert_array_equal(placed.column, [0, 63])
    np.testing.assert_array_equal(placed.row, [18, 18])
    assert (placed.n_events, placed.n_outside) == (2, 2)
    # Its time goes on even where its first and last event are outside.
    assert (placed.t_first, placed.t_last) == (5, 9)
    assert placed.duration_s == pytest.approx(4e-6)


@settings(max_examples=60, deadline=None)
@given(
    any_recording(90, 30),
    st.sampled_from(["none", "x", "y", "xy"]),
    st.sampled_from([0, 90, 180, 270]),
    st.sampled_from([0.5, 0.7, 1.0, 1.88, 3.0]),
)
def test_every_event_is_placed_or_counted_outside(recording, flip, rotate, zoom):
    placed = place(recording, Placement(zoom, rotate, flip))
    assert placed.n_events + placed.n_outside == recording.n_events
    assert ((placed.row < 64) & (placed.column < 64)).all()
