"""What all figures share: colours, and the sizes, axes and legends of those that matplotlib draws.

Figures are drawn on `Figure` objects, never through pyplot: nothing global changes and no display
is needed. Colours come from Okabe and Ito; colour-blind readers tell them apart too.
"""

import importlib
import itertools
import math
import textwrap
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from dvs_snn.evaluation.choosing.trials import EARLY_EXIT
from dvs_snn.files.atomic import replacing
from dvs_snn.files.registry import names
from dvs_snn.settings.guests import NIR
from dvs_snn.settings.set_names import REAL_TWINS, SACCADES_TEST, TEST
from dvs_snn.settings.training import RESCALED
from dvs_snn.tables.front import CNN

BLUE, VERMILLION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, INK, BROWN = "#E69F00", "#56B4E9", "#1b1f24", "#a0663a"
BLACK, GREY, FAINT = "#000000", "#767676", "#D9D9D9"
COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BROWN)
SHAPES = ("circle", "square", "triangle-up", "triangle-down", "cross", "wedge")
"""Shapes of marks, as Vega names them; as colours are more, pairs repeat late."""

METHODS = {"synop-loss": "SynOp loss", "qcfs": "QCFS", "bptt": "BPTT", CNN: "CNN", NIR: "NIR file"}
"""What the page calls methods; the others by their own names."""

TEST_NAMES = {"simulated": "slow movements", "nmnist": "real N-MNIST", "mnist-dvs": "real MNIST-DVS"}
SET_NAMES = {
    SACCADES_TEST: "quick movements",
    REAL_TWINS: "real N-MNIST",
    "scale04": "smallest digits",
    "scale04-2.5s": "smallest digits, 2.5 s",
    "lasting-2.5s": "slow movements, 2.5 s",
}
"""What the page calls sets, by what they show; the test set by the study's source of data."""

WIDTH_IN = 9.0
PNG_DPI = 120


class Library:
    """A library that is imported once something of it is used: the workflow only names figures."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(importlib.import_module(self._name), attribute)


matplotlib = Library("matplotlib")
Axes = AxesImage = Figure = Any
"""Classes of matplotlib's, as annotations name them: they import nothing."""

STYLE: dict[str, Any] = {
    "font.family": "sans-serif",
    "font.size": 10.0,
    "axes.titlesize": 10.5,
    "axes.labelsize": 10.0,
    "xtick.labelsize": 9.0,
    "ytick.labelsize": 9.0,
    "legend.fontsize": 9.0,
    "legend.frameon": False,
    "figure.titlesize": 12.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.6,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    # Text as text: outlines would make a third of the page.
    "svg.fonttype": "none",
    # Without a fixed salt, matplotlib draws new element ids each time and no two files agree.
    "svg.hashsalt": "dvs-snn",
}


@contextmanager
def styled() -> Iterator[None]:
    """Draw in `STYLE` over matplotlib's own defaults, whatever the user's matplotlibrc says.

    Also a decorator: `@styled()`. The caller's rcParams stay as they were.
    """
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        yield


def save(figure: Figure, path: Path, mark: str = "") -> None:
    """Write a figure as SVG or PNG by the suffix, whole or not at all.

    The same figure gives the same bytes: no date, fixed ids, fixed resolution. `mark` stands above.
    """
    with styled(), replacing(path) as temporary:
        if mark:
            figure.suptitle(f"{mark}\n{figure.get_suptitle()}".strip())
        if path.suffix == ".svg":
            metadata = {"Date": None, "Creator": None}
            figure.savefig(temporary, format="svg", metadata=metadata)
            return
        drawn = BytesIO()
        figure.savefig(drawn, format="png", dpi=PNG_DPI)
        # A third of the bytes that all colours take.
        image = Image.open(drawn).convert("RGB").quantize(32, dither=Image.Dither.NONE)
        image.save(temporary, format="png", optimize=True)


# --- parts of figures ----


def new_figure(width: float, height: float, layout: str | None = "constrained") -> Figure:
    """An empty figure; width and height in inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout=layout)
    FigureCanvasAgg(figure)
    return figure


def grid_of_panels(n: int, columns: int, height: float, more: float) -> tuple[Figure, list[Axes]]:
    """A figure of `n` panels in rows of `columns`; `height` of a row and `more` are inches."""
    rows = math.ceil(n / columns)
    figure = new_figure(WIDTH_IN, rows * height + more)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis in axes[n:]:
        axis.remove()
    return figure, list(axes[:n])


def sentence_figure(sentence: str, title: str) -> Figure:
    """A figure that says in one sentence why there is nothing to show."""
    figure = new_figure(WIDTH_IN, 1.5)
    axis = figure.add_subplot()
    axis.set_axis_off()
    axis.set_title(title)
    axis.text(0.5, 0.5, textwrap.fill(sentence, 90), ha="center", va="center")
    return figure


def centred(axis: Axes, sentence: str) -> None:
    """A sentence in the middle of an axis that has nothing else to show, in front of its grid."""
    box = {"facecolor": "white", "edgecolor": "none", "pad": 4}
    axis.text(0.5, 0.5, sentence, transform=axis.transAxes, ha="center", va="center", bbox=box)


def faint_grid(axis: Axes, which: str) -> None:
    """Lines of a grid (`x`, `y` or `both`) behind all else."""
    axis.grid(axis=which)
    axis.set_axisbelow(True)


def full_scale(counts: np.ndarray) -> float:
    """The count that is drawn darkest, so that few pixels don't pale all others."""
    positive = counts[counts > 0]
    return max(float(np.percentile(positive, 99)), 1.0) if positive.size else 1.0


def picture(axis: Axes, counts: np.ndarray, full: float) -> AxesImage:
    """Counts (height, width) in grey, from 0 to `full`, in a faint frame without ticks."""
    axis.set(xticks=[], yticks=[])
    axis.spines[:].set(visible=True, color=FAINT)
    return axis.imshow(counts, cmap="gray_r", vmin=0, vmax=full, interpolation="nearest")


def method_name(method: str) -> str:
    """What the page calls a method."""
    return METHODS.get(method, method.replace("-", " "))


def set_name(name: str, source: str) -> str:
    """What the page calls a set of a study of this source of data."""
    return TEST_NAMES.get(source, name) if name == TEST else SET_NAMES.get(name, name)


def looks(methods: Iterable[str]) -> dict[str, tuple[str, str]]:
    """The colour and the shape of each method by its name on the page, the same in every figure."""
    known = [name.replace("_", "-") for name in names("dvs_snn.training.methods")]
    shown = set(methods)
    every = dict.fromkeys([RESCALED, "synop-loss", EARLY_EXIT, *known, *sorted(shown)])
    every = [name for name in every if name not in (CNN, NIR)]
    pairs = zip(itertools.cycle(COLOURS), itertools.cycle(SHAPES), strict=False)
    of_methods = dict(zip(every, pairs, strict=False))
    of_methods |= {CNN: (INK, "diamond"), NIR: (GREY, "diamond")}
    return {method_name(name): look for name, look in of_methods.items() if name in shown}
