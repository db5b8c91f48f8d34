"""Hot pixels, against a search through the whole sensor, and where they must not be found."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_recordings import from_columns
from real_files import REAL, needs_real_files

from dvs_snn.events.recording import EventRecording, read_recording
from dvs_snn.report.preview.hot_pixels import PixelCounts, hot_pixels, pixel_counts


def found(counts: PixelCounts) -> list[tuple[int, int, int]]:
    return [(int(counts.x[i]), int(counts.y[i]), int(counts.n[i])) for i in hot_pixels(counts)]


def of_image(image: np.ndarray) -> EventRecording:
    """Make a recording of an image (row, column) of events."""
    y, x = np.indices(image.shape).reshape(2, -1).repeat(image.ravel(), axis=1)
    return from_columns(np.arange(len(x)), x, y, sensor_size=image.shape[::-1])


def searched(image: np.ndarray) -> list[tuple[int, int, int]]:
    """Apply the rule to each pixel, its neighbours one by one."""
    height, width = image.shape
    sent = np.quantile(image[image > 0], 0.9)
    hot = []
    for y in range(height):
        for x in range(width):
            around = sorted(
                image[v, u] if 0 <= v < height and 0 <= u < width else 0
                for v in (y - 1, y, y + 1)
                for u in (x - 1, x, x + 1)
                if (u, v) != (x, y)
            )
            n = int(image[y, x])
            if n >= 20 and n > 3 * sent and n > 3 * around[-2]:
                hot.append((x, y, n))
    return sorted(hot, key=lambda one: -one[2])


@st.composite
def images(draw: st.DrawFn) -> np.ndarray:
    """Draw noise with some pixels far above it, at the edges and side by side too."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    image = rng.poisson(rng.uniform(0.2, 4), rng.integers(1, 24, 2))
    image[0, 0] += 1
    for _ in range(rng.integers(0, 8)):
        place = tuple(rng.integers(0, image.shape))
        image[place] = rng.integers(15, 90)
    return image


@given(images())
def test_as_a_search_through_the_sensor(image):
    assert found(pixel_counts(of_image(image))) == searched(image)


@given(images(), st.integers(0, 2**32 - 1))
def test_recordings_add_up(image, seed):
    first = np.random.default_rng(seed).binomial(image, 0.5)
    first[0, 0], image[0, 0] = 1, image[0, 0] + 2
    both = pixel_counts(of_image(first)) + pixel_counts(of_image(image - first))
    whole = pixel_counts(of_image(image))
    for name in ("pixel", "n", "x", "y"):
        np.testing.assert_array_equal(getattr(both, name), getattr(whole, name))


def test_the_edges_of_what_moves_are_not_hot():
    """The outline of what flickers: each pixel has two neighbours as active."""
    image = np.ones((40, 40), int)
    image[10:31, 10:31] = 60
    image[11:30, 11:30] = 1
    image[5, 5] = 60
    assert found(pixel_counts(of_image(image))) == [(5, 5, 60)]


def test_the_largest_sensor_takes_no_memory():
    recording = from_columns(
        np.arange(60), [65_535] * 30 + list(range(30)), 65_535, sensor_size=(65_536, 65_536)
    )
    assert found(pixel_counts(recording)) == [(65_535, 65_535, 30)]


@needs_real_files
@pytest.mark.parametrize("size", ["08", "16"])
def test_two_real_recordings_of_one_sensor_share_a_hot_pixel(size):
    path = REAL / f"mnist-dvs/0/mnist_0_scale{size}_0001_qt1.aedat"
    assert (71, 78) in [(x, y) for x, y, _ in found(pixel_counts(read_recording(path)))]


@needs_real_files
def test_real_digits_of_nmnist_have_none():
    for path in sorted(REAL.glob("nmnist/test/*/*.bin")):
        assert found(pixel_counts(read_recording(path))) == []
