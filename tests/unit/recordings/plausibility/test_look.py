"""Hot pixels against a search through the sensor; the event rate; which orientation fits."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_recordings import from_columns
from real_files import REAL, needs_real_files

from dvs_snn.recordings.placement import Placement, counts, place
from dvs_snn.recordings.plausibility.look import (
    ORIENTATIONS,
    ShownFrames,
    mean_images,
    orientation,
    oriented,
    together,
)
from dvs_snn.recordings.plausibility.sensor_checks import STRIDE, hot, hot_pixels, pixel_counts
from dvs_snn.recordings.recording import read_recording
from dvs_snn.settings.data import TEN_DIGITS


def hot_in(image: np.ndarray) -> list[tuple[int, int, int]]:
    """Return x, y, events of the hot pixels of an image (row, column) of events."""
    y, x = np.indices(image.shape).reshape(2, -1).repeat(image.ravel(), axis=1)
    recording = from_columns(np.arange(len(x)), x, y, sensor_size=image.shape[::-1])
    hottest = hot_pixels(pixel_counts(recording))
    return [(place % STRIDE, place // STRIDE, n) for place, n in hottest.items()]


def searched(image: np.ndarray) -> list[tuple[int, int, int]]:
    """Apply the rule to each pixel, its neighbours one by one."""
    median, sent = np.quantile(image[image > 0], [0.5, 0.9])
    padded = np.pad(image, 1)
    hottest = []
    for y, x in np.ndindex(image.shape):
        around = np.sort(np.delete(padded[y : y + 3, x : x + 3].ravel(), 4))
        n = int(image[y, x])
        is_alone = n >= 100 and n > 3 * median and n > 12 * around[-2]
        if is_alone or (n >= 20 and n > 3 * sent and n > 3 * around[-2]):
            hottest.append((x, y, n))
    return sorted(hottest, key=lambda pixel: -pixel[2])


@given(st.integers(0, 2**32 - 1))
def test_hot_pixels_as_a_search_through_the_sensor(seed):
    rng = np.random.default_rng(seed)
    image = rng.poisson(rng.uniform(0.2, 4), rng.integers(1, 24, 2))
    image[0, 0] += 1
    for _ in range(rng.integers(0, 8)):
        image[tuple(rng.integers(0, image.shape))] = rng.integers(15, 190)
    assert hot_in(image) == searched(image)


def test_the_edges_of_what_moves_are_not_hot_and_a_large_sensor_takes_no_memory():
    """The outline of what flickers: each pixel has two neighbours as active."""
    image = np.ones((40, 40), int)
    image[10:31, 10:31] = 60
    image[11:30, 11:30] = 1
    image[5, 5] = 60
    assert hot_in(image) == [(5, 5, 60)]
    # Where the digit fills the sensor most pixels are as bright as its edges.
    image[:] = 90
    image[:3, :3] = 24
    image[1, 1] = 303
    assert hot_in(image) == [(1, 1, 303)]
    x = [65_535] * 30 + list(range(30))
    recording = from_columns(np.arange(60), x, 65_535, sensor_size=(65_536, 65_536))
    assert "x 65535 y 65535 (30)" in str(hot(pixel_counts(recording)))


@pytest.mark.parametrize(("n_events", "verdict"), [(40, "told"), (44, "warning")])
def test_hot_pixels_are_warned_of_where_they_send_much(n_events, verdict):
    pixels = pd.Series(2, index=[y * STRIDE + x for y in range(32) for x in range(32)])
    pixels.iloc[100] = n_events
    assert hot(pixels).verdict == verdict


@needs_real_files
def test_two_real_recordings_of_one_sensor_share_a_hot_pixel():
    for size in ("08", "16"):
        path = REAL / f"mnist-dvs/0/mnist_0_scale{size}_0001_qt1.aedat"
        assert 78 * STRIDE + 71 in hot_pixels(pixel_counts(read_recording(path)))


@given(st.lists(st.integers(0, 9), max_size=60))
def test_three_frames_are_shown_in_order_of_digit(labels):
    places = ShownFrames(np.empty(0), np.array(labels, dtype=np.int64)).some()
    shown = [labels[place] for place in places]
    assert len(set(places)) == len(places) == min(3, len(labels))
    assert shown == sorted(shown)


@pytest.mark.parametrize("way", ORIENTATIONS)
def test_an_image_is_oriented_as_recordings_are_placed(way):
    rng = np.random.default_rng(1)
    recording = from_columns(np.arange(500), *rng.integers(0, 40, (2, 500)), sensor_size=(64, 64))
    upright, placed = (place(recording, Placement(1.0, r, f)) for f, r in (("none", 0), way))
    expected = counts(placed.row, placed.column)
    np.testing.assert_array_equal(oriented(counts(upright.row, upright.column), way), expected)


def test_there_are_eight_and_each_pair_makes_one_of_them():
    image = np.arange(9).reshape(3, 3)
    assert len({oriented(image, way).tobytes() for way in ORIENTATIONS}) == 8
    for first, then in itertools.product(ORIENTATIONS, [*ORIENTATIONS, ("x", 270), ("none", 180)]):
        both = oriented(oriented(image, first), then)
        np.testing.assert_array_equal(oriented(image, together(first, then)), both)


def letters(seed: int) -> list[tuple[int, np.ndarray]]:
    """Twelve images of six shapes without any symmetry, each drawn anew with noise."""
    rng = np.random.default_rng(seed)
    shapes = np.random.default_rng(0).random((6, 6, 5)) < 0.4
    drawn = []
    for number in range(12):
        pixels = np.zeros((64, 64))
        shape = np.kron(shapes[number % 6], np.ones((5, 5)))
        row, column = rng.integers(5, 25, 2)
        pixels[row : row + 30, column : column + 25] = shape * rng.poisson(8, shape.shape)
        drawn.append((number % 6, pixels))
    return drawn


@pytest.mark.parametrize("way", ORIENTATIONS)
def test_the_orientation_of_shapes_is_found_wherever_they_lie(way):
    trained = mean_images(letters(1))
    turned = mean_images((digit, oriented(pixels, way)) for digit, pixels in letters(2))
    finding = orientation(12, turned, trained, Placement(), TEN_DIGITS)
    if way == ("none", 0):
        assert finding is None
        return
    settings = {"flip": "none", "rotate": 0} | finding.remedy
    assert together(way, (settings["flip"], settings["rotate"])) == ("none", 0)


def test_a_hot_pixel_turns_no_digit():
    trained = mean_images(letters(1))
    shown = letters(2)
    for _, pixels in shown:
        pixels[60, 3] = pixels.sum() / 2
    assert orientation(12, mean_images(shown), trained, Placement(), TEN_DIGITS) is None


def test_the_remedy_adds_to_the_settings_in_force():
    turned = mean_images((digit, oriented(pixels, ("x", 0))) for digit, pixels in letters(2))
    placement = Placement(1.0, 180, "x")
    finding = orientation(12, turned, mean_images(letters(1)), placement, TEN_DIGITS)
    # Their recordings were flipped and turned upside down already; one more flip mends them.
    settings = {"flip": "x", "rotate": 180} | finding.remedy
    assert together((settings["flip"], settings["rotate"]), ("none", 0)) == ("xy", 0)


def test_too_few_recordings_or_digits_are_not_checked():
    trained = mean_images(letters(1))
    for n, images, known in ((9, trained, trained), (40, {0: trained[0]}, trained), (9, {}, {})):
        finding = orientation(n, images, known, Placement(), TEN_DIGITS)
        assert finding.verdict == "not checked"
