"""The eight orientations: names, compositions, and which fits."""

import itertools

import numpy as np
import pytest
from made_recordings import from_columns

from dvs_snn.recordings.placement import Placement, counts, place
from dvs_snn.recordings.plausibility.look import (
    ORIENTATIONS,
    correlations,
    mean_images,
    orientation,
    oriented,
    together,
)
from dvs_snn.settings.data import TEN_DIGITS


@pytest.mark.parametrize("way", ORIENTATIONS)
def test_an_image_is_oriented_as_recordings_are_placed(way):
    rng = np.random.default_rng(1)
    recording = from_columns(np.arange(500), *rng.integers(0, 40, (2, 500)), sensor_size=(64, 64))
    upright, placed = (place(recording, Placement(1.0, r, f)) for f, r in (("none", 0), way))
    expected = counts(placed.row, placed.column)
    np.testing.assert_array_equal(oriented(counts(upright.row, upright.column), *way), expected)


def test_there_are_eight_and_each_pair_makes_one_of_them():
    image = np.arange(9).reshape(3, 3)
    assert len({oriented(image, *way).tobytes() for way in ORIENTATIONS}) == 8
    for first, then in itertools.product(ORIENTATIONS, [*ORIENTATIONS, ("x", 270), ("none", 180)]):
        both = oriented(oriented(image, *first), *then)
        np.testing.assert_array_equal(oriented(image, *together(first, then)), both)


def letters(seed: int) -> list[tuple[int, np.ndarray]]:
    """Twelve images of six shapes without any symmetry, each drawn anew with noise."""
    rng = np.random.default_rng(seed)
    shapes = np.random.default_rng(0).random((6, 6, 5)) < 0.4
    found = []
    for number in range(12):
        pixels = np.zeros((64, 64))
        shape = np.kron(shapes[number % 6], np.ones((5, 5)))
        row, column = rng.integers(5, 25, 2)
        pixels[row : row + 30, column : column + 25] = shape * rng.poisson(8, shape.shape)
        found.append((number % 6, pixels))
    return found


@pytest.mark.parametrize("way", ORIENTATIONS)
def test_the_orientation_of_shapes_is_found_wherever_they_lie(way):
    trained = mean_images(letters(1))
    turned = mean_images((digit, oriented(pixels, *way)) for digit, pixels in letters(2))
    found = orientation(12, turned, trained, Placement(), TEN_DIGITS)
    if way == ("none", 0):
        assert found is None
        return
    settings = {"flip": "none", "rotate": 0} | found.remedy
    back = together(way, (settings["flip"], settings["rotate"]))
    assert back == ("none", 0)
    scores = correlations(turned, trained)
    assert scores[settings["flip"], settings["rotate"]] == max(scores.values()) > 0.8


def test_the_remedy_adds_to_the_settings_in_force():
    trained = mean_images(letters(1))
    turned = mean_images((digit, oriented(pixels, "x", 0)) for digit, pixels in letters(2))
    found = orientation(12, turned, trained, Placement(1.0, 180, "x"), TEN_DIGITS)
    # Their recordings were flipped and turned upside down already; one more flip mends them.
    settings = {"flip": "x", "rotate": 180} | found.remedy
    assert together((settings["flip"], settings["rotate"]), ("none", 0)) == ("xy", 0)


def test_too_few_recordings_or_digits_are_not_checked():
    trained = mean_images(letters(1))
    for n, images, known in (
        (9, trained, trained), (40, {0: trained[0]}, trained), (40, trained, {}),
    ):  # fmt: skip
        found = orientation(n, images, known, Placement(), TEN_DIGITS)
        assert found.verdict == "not checked"
        assert found.sentence.startswith("orientation not checked: ")
