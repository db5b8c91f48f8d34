"""Hot pixels against a search through the sensor; the event rate; which frames are shown."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from jobs import quiet
from made_recordings import from_columns
from real_files import REAL, needs_real_files

from dvs_snn.recordings.folders.split_table import split_row
from dvs_snn.recordings.frames import Frame
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.plausibility.look import ShownFrames, gathered, look_at
from dvs_snn.recordings.plausibility.sensor import STRIDE, hot, hot_pixels, pixel_counts
from dvs_snn.recordings.recording import read_recording, write_recording
from dvs_snn.settings.frames import FrameRule


def found(image: np.ndarray) -> list[tuple[int, int, int]]:
    """Return x, y, events of the hot pixels of an image (row, column) of events."""
    y, x = np.indices(image.shape).reshape(2, -1).repeat(image.ravel(), axis=1)
    recording = from_columns(np.arange(len(x)), x, y, sensor_size=image.shape[::-1])
    hot_ones = hot_pixels(pixel_counts(recording))
    return [(place % STRIDE, place // STRIDE, n) for place, n in hot_ones.items()]


def searched(image: np.ndarray) -> list[tuple[int, int, int]]:
    """Apply the rule to each pixel, its neighbours one by one."""
    sent, padded = np.quantile(image[image > 0], 0.9), np.pad(image, 1)
    hot_ones = []
    for y, x in np.ndindex(image.shape):
        around = np.sort(np.delete(padded[y : y + 3, x : x + 3].ravel(), 4))
        n = int(image[y, x])
        if n >= 20 and n > 3 * sent and n > 3 * around[-2]:
            hot_ones.append((x, y, n))
    return sorted(hot_ones, key=lambda one: -one[2])


@given(st.integers(0, 2**32 - 1))
def test_hot_pixels_as_a_search_through_the_sensor(seed):
    rng = np.random.default_rng(seed)
    image = rng.poisson(rng.uniform(0.2, 4), rng.integers(1, 24, 2))
    image[0, 0] += 1
    for _ in range(rng.integers(0, 8)):
        image[tuple(rng.integers(0, image.shape))] = rng.integers(15, 90)
    assert found(image) == searched(image)


def test_the_edges_of_what_moves_are_not_hot_and_a_large_sensor_takes_no_memory():
    """The outline of what flickers: each pixel has two neighbours as active."""
    image = np.ones((40, 40), int)
    image[10:31, 10:31] = 60
    image[11:30, 11:30] = 1
    image[5, 5] = 60
    assert found(image) == [(5, 5, 60)]
    x = [65_535] * 30 + list(range(30))
    recording = from_columns(np.arange(60), x, 65_535, sensor_size=(65_536, 65_536))
    assert "x 65535 y 65535 (30)" in str(hot(pixel_counts(recording)))


@needs_real_files
def test_two_real_recordings_of_one_sensor_share_a_hot_pixel():
    for size in ("08", "16"):
        path = REAL / f"mnist-dvs/0/mnist_0_scale{size}_0001_qt1.aedat"
        assert 78 * STRIDE + 71 in hot_pixels(pixel_counts(read_recording(path)))


def test_the_rate_is_of_the_recordings_that_last_so_long(tmp_path):
    """1,000 events a second in each; one lasts twice as long."""
    rows = []
    for number, seconds in enumerate((1, 1, 2)):
        recording = from_columns(np.arange(0, seconds * 1_000_000, 1000), 0)
        write_recording(path := tmp_path / f"{number}.npz", recording)
        rows.append(split_row(path.name, path, "4/a", 4, "set", recording, Placement()))
    look = look_at(pd.DataFrame(rows), Placement(), FrameRule(), quiet())
    assert look.edges_s[-1] == 1.999
    np.testing.assert_allclose(look.rate, 1000, rtol=0.04)


def frames_of(labels, seed=0) -> ShownFrames:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (len(labels), 64, 64)).astype(np.uint8)
    return ShownFrames(pixels, np.array(labels, dtype=np.int64))


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
