"""Frames that are shown: which are taken, and their mean."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dvs_snn.recordings.frames import Frame
from dvs_snn.recordings.plausibility.pictures import Frames, gathered


def frames_of(labels, seed=0) -> Frames:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (len(labels), 64, 64)).astype(np.uint8)
    return Frames(pixels, np.array(labels, dtype=np.int64))


@given(st.lists(st.integers(0, 9), max_size=60))
def test_three_frames_of_different_digits_where_there_are_some(labels):
    frames = frames_of(labels)
    places = frames.some()
    shown = [labels[place] for place in places]
    assert len(set(places)) == len(places) == min(3, len(labels), len(places))
    assert len(set(shown)) == min(3, len(set(labels)))
    if len(set(labels)) == 1:
        assert len(places) == min(3, len(labels))


def test_those_like_others_show_the_same_digits():
    frames = frames_of([0, 4, 4, 9])
    assert frames.like(frames_of([4, 9])).labels.tolist() == [4, 4, 9]
    assert frames.like(frames_of([7])).labels.tolist() == [0, 4, 4, 9]


def test_frames_are_gathered_evenly():
    def made(n):
        return [Frame(np.full((1, 64, 64), k, np.uint8), 0, 0, 0, 0) for k in range(n)]

    frames = gathered([(3, made(9)), (7, made(1)), (5, [])], 3)
    assert frames.labels.tolist() == [3, 3, 3, 7]
    assert frames.pixels[:, 0, 0].tolist() == [1, 4, 7, 0]
    assert gathered([], 3).pixels.shape == (0, 64, 64)
