"""What all figures share: the names, colours and shapes of methods, and the names of sets.

Colours come from Okabe and Ito; colour-blind readers tell them apart too.
"""

import importlib
import itertools
from collections.abc import Iterable
from typing import Any

import numpy as np

from dvs_snn.files.registry import names
from dvs_snn.points.point import EARLY_EXIT, PLAIN_CNN, SPARSE_CNN
from dvs_snn.settings.guests import NIR
from dvs_snn.settings.set_names import REAL_TWINS, SACCADES_TEST, TEST
from dvs_snn.settings.training_settings import RESCALED

BLUE = "#0072B2"
VERMILLION = "#D55E00"
GREEN = "#009E73"
PURPLE = "#CC79A7"
ORANGE = "#E69F00"
SKY = "#56B4E9"
BROWN = "#a0663a"
INK = "#1b1f24"
GREY = "#767676"
FAINT = "#D9D9D9"
COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BROWN)
SHAPES = ("circle", "square", "triangle-up", "triangle-down", "cross", "triangle-left")
"""Shapes of marks, as Vega names them; as colours are more, pairs repeat late."""

METHODS = {
    "synop-loss": "synop-loss",
    "qcfs": "QCFS",
    "bptt": "BPTT",
    "trained-on": "longer-training",
    PLAIN_CNN: "CNN",
    SPARSE_CNN: "sparse CNN",
    NIR: "NIR file",
}
"""What the page calls methods; the others by their own names."""

TEST_NAMES = {
    "simulated": "slow movements",
    "nmnist": "real N-MNIST",
    "mnist-dvs": "real MNIST-DVS",
}
SET_NAMES = {
    SACCADES_TEST: "quick movements",
    REAL_TWINS: "real N-MNIST",
    "small": "smallest digits",
    "small-0.3s": "smallest digits, 0.3 s",
    "lasting-2.5s": "slow movements, 2.5 s",
}
"""What the page calls sets, by what they show; the test set by the study's source of data."""


class Library:
    """A library that is imported once something of it is used: the workflow only names figures."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(importlib.import_module(self._name), attribute)


def full_scale(counts: np.ndarray) -> float:
    """The count that is drawn darkest, so that few pixels don't pale all others."""
    positive = counts[counts > 0]
    return max(float(np.percentile(positive, 99)), 1.0) if positive.size else 1.0


def method_name(method: str) -> str:
    """What the page calls a method."""
    return METHODS.get(method, method.replace("-", " "))


def set_name(name: str, source: str) -> str:
    """What the page calls a set of a study of this source of data."""
    return TEST_NAMES.get(source, name) if name == TEST else SET_NAMES.get(name, name)


def looks(methods: Iterable[str]) -> dict[str, tuple[str, str]]:
    """The colour and the shape of each method by its name on the page, the same in every figure."""
    shown = set(methods)
    known = [name.replace("_", "-") for name in names("dvs_snn.training.methods")]
    in_order = dict.fromkeys([RESCALED, "synop-loss", EARLY_EXIT, *known, *sorted(shown)])
    coloured = [name for name in in_order if name not in (PLAIN_CNN, SPARSE_CNN, NIR)]
    pairs = zip(itertools.cycle(COLOURS), itertools.cycle(SHAPES), strict=False)
    of_methods = dict(zip(coloured, pairs, strict=False))
    of_methods |= {PLAIN_CNN: (INK, "diamond"), SPARSE_CNN: (INK, "square"), NIR: (GREY, "diamond")}
    return {method_name(name): look for name, look in of_methods.items() if name in shown}
