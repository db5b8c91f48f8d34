"""Readers without a convolution: what they see, and that they learn."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import cheap_readers


def test_a_reader_sees_each_squares_share_of_the_events():
    pixels = np.zeros((1, 64, 64), np.uint16)
    # Four pixels make a side of a square, so these two lie in one.
    pixels[0, 0, 0] = 1
    pixels[0, 3, 3] = 2
    pixels[0, 63, 63] = 1

    seen = cheap_readers.labelled(pixels, np.array([7]))

    shares = seen.images[0] / (cheap_readers.SIDE**2)
    assert shares[0] == 0.75
    assert shares[-1] == 0.25
    assert shares.sum() == 1
    assert seen.events == 4


@pytest.mark.parametrize("hidden", cheap_readers.HIDDEN)
def test_readers_learn_classes_that_differ_in_place(hidden, monkeypatch):
    monkeypatch.setattr(cheap_readers, "EPOCHS", 40)
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 10, 640)
    pixels = rng.poisson(1.0, (640, 64, 64)).astype(np.uint16)
    for image, label in zip(pixels, labels, strict=True):
        image[6 * label : 6 * label + 6] += 3

    material = cheap_readers.labelled(pixels, labels)
    reader = cheap_readers.trained(hidden, 0.0, material, seed=1)

    assert cheap_readers.accuracy_of(reader, material) > 0.8
