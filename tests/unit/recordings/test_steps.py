"""Time steps against a loop over events."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_recordings import from_columns, on_network, timed_columns

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.archives.tutorial_archives import bin_steps_as_tutorial, place_as_tutorial
from dvs_snn.recordings.placement import (
    Placement,
    place,
)
from dvs_snn.recordings.steps import MAX_STEPS, bin_steps


@settings(max_examples=60, deadline=None)
@given(timed_columns(), st.integers(0, 50))
def test_steps_hold_what_a_loop_over_events_puts_there(drawn, before):
    t, x, y = drawn
    placed = on_network(t, y % 64, x % 64, first=max(0, int(t[0]) - before), last=int(t[-1]) + 7)
    steps = bin_steps(placed, 10_000)
    assert steps.n_steps == (placed.t_last - placed.t_first) // 10_000 + 1
    expected = np.zeros((steps.n_steps, 1, 64, 64))
    for i in range(len(t)):
        expected[(t[i] - placed.t_first) // 10_000, 0, y[i] % 64, x[i] % 64] += 1
    dense = steps.dense(0, steps.n_steps)
    assert dense.dtype == np.float32
    np.testing.assert_array_equal(dense, expected)
    middle = steps.n_steps // 2
    np.testing.assert_array_equal(steps.dense(middle, steps.n_steps), expected[middle:])
    np.testing.assert_array_equal(steps.dense(0, middle), expected[:middle])
    np.testing.assert_array_equal(steps.dense(0, steps.n_steps).sum(axis=0), expected.sum(axis=0))


def test_two_damaged_time_stamps_ask_for_no_memory():
    recording = from_columns([0, 2**62], [1, 2], [1, 2], sensor_size=(128, 128))
    for bin_, laid in (
        (bin_steps, place(recording, Placement(1, 0, "none"))),
        (bin_steps_as_tutorial, place_as_tutorial(recording)),
    ):
        with pytest.raises(StudyError, match="time steps of 10 ms, expected at most 1048576"):
            bin_(laid, 10_000)
        assert bin_(laid, 2**43).n_steps <= MAX_STEPS
