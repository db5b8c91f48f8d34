"""Which frames of recordings are shown."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dvs_snn.recordings.plausibility.look import ShownFrames


@given(st.lists(st.integers(0, 9), max_size=60))
def test_three_frames_are_shown_in_order_of_digit(labels):
    places = ShownFrames(np.empty(0), np.array(labels, dtype=np.int64)).some()
    shown = [labels[place] for place in places]
    assert len(set(places)) == len(places) == min(3, len(labels))
    assert shown == sorted(shown)
