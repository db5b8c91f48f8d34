"""The smoke run's strokes: a function of seed, symbol and take alone."""

import numpy as np
import pytest

from dvs_snn.errors import StudyError
from dvs_snn.strokes import DURATION_MS, SYMBOLS_PER_DIGIT, stroke_recording, symbol_names


def test_every_digit_has_as_many_symbols():
    names = symbol_names()
    assert len(set(names)) == 10 * SYMBOLS_PER_DIGIT
    assert (3, "3/0007") in names
    assert all(name.startswith(f"{digit}/") for digit, name in names)


def test_a_recording_is_the_same_each_time():
    first, again = stroke_recording(1, "4/0002"), stroke_recording(1, "4/0002")
    np.testing.assert_array_equal(first.events, again.events)


@pytest.mark.parametrize("other", [(2, "4/0002", 0), (1, "4/0003", 0), (1, "4/0002", 1)])
def test_another_seed_symbol_or_take_is_another_recording(other):
    first, second = stroke_recording(1, "4/0002"), stroke_recording(*other)
    assert not np.array_equal(first.events, second.events)


@pytest.mark.parametrize("digit", range(10))
def test_each_digit_gives_frames_worth_of_events_of_both_polarities(digit):
    recording = stroke_recording(1, f"{digit}/0000")
    assert recording.sensor_size == (64, 64)
    assert recording.n_events > 1000
    assert 0.3 < recording.on_share < 0.7
    assert recording.events["t"][-1] < DURATION_MS * 1000
    assert recording.duration_s > 0.9 * DURATION_MS / 1000


@pytest.mark.parametrize("symbol", ["3/9999", "x", "3/test-1", ""])
def test_an_unknown_symbol_is_told(symbol):
    with pytest.raises(StudyError, match="expected <digit>/<number>"):
        stroke_recording(1, symbol)
