"""What all figures share: colours, sizes, axes, legends, and how a figure is saved.

Figures are drawn on `Figure` objects, never through pyplot: nothing global changes and no display
is needed. Colours come from Okabe and Ito; colour-blind readers tell them apart too.
"""

import functools
import math
import os
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from dvs_snn.files.atomic import replacing

BLUE, VERMILLION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, BLACK = "#E69F00", "#56B4E9", "#000000"
GREY, FAINT = "#767676", "#D9D9D9"
VARIANT_COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BLACK)
SEED_STYLES = ("-", "--", ":", "-.")
N_DIGITS = 10
WIDTH_IN = 9.0
SAVE_DPI = 150

STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
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
    # Outlines instead of font names: the page looks the same where DejaVu is not installed.
    "svg.fonttype": "path",
    # Without a fixed salt, matplotlib draws new element ids each time and no two files agree.
    "svg.hashsalt": "dvs-snn",
}


@contextmanager
def styled() -> Iterator[None]:
    """Draw in `STYLE` over matplotlib's own defaults, whatever the user's matplotlibrc says."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        yield


def in_style(draw: Callable[..., Figure]) -> Callable[..., Figure]:
    """Run a drawing function under `STYLE`, and leave the caller's rcParams as they were."""

    @functools.wraps(draw)
    def wrapper(*args: Any, **kwargs: Any) -> Figure:
        with styled():
            return draw(*args, **kwargs)

    return wrapper


def save(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write `figure` to `path`, whole or not at all, as SVG or PNG by the suffix.

    The same figure gives the same bytes: no date, fixed ids, fixed resolution. Raises ValueError
    for another suffix.
    """
    suffix = os.path.splitext(os.fspath(path))[1].lower()
    if suffix not in (".svg", ".png"):
        raise ValueError(f"{path}: figures are saved as .svg or .png, not as {suffix!r}")
    metadata = {"Date": None, "Creator": None} if suffix == ".svg" else {"Software": None}
    with styled(), replacing(path) as temporary:
        figure.savefig(temporary, format=suffix[1:], dpi=SAVE_DPI, metadata=metadata)


# --- parts of figures ----


def new_figure(width: float, height: float, layout: str | None = "constrained") -> Figure:
    """An empty figure of a size in inches."""
    figure = Figure(figsize=(width, height), layout=layout)
    FigureCanvasAgg(figure)
    return figure


def grid_axes(
    figure: Figure, rows: int, columns: int, used: int, sharex: bool = False, sharey: bool = False
) -> list[Axes]:
    """`used` axes of a grid, row by row; the places beyond are taken out."""
    axes = figure.subplots(rows, columns, squeeze=False, sharex=sharex, sharey=sharey).ravel()
    for axis in axes[used:]:
        axis.remove()
    return list(axes[:used])


def sentence_figure(sentence: str, title: str) -> Figure:
    """A figure that says in one sentence why there is nothing to show."""
    figure = new_figure(WIDTH_IN, 1.5)
    axis = figure.add_subplot()
    axis.set_axis_off()
    axis.set_title(title)
    axis.text(0.5, 0.5, wrapped(sentence, 90), ha="center", va="center")
    return figure


def centred(axis: Axes, sentence: str) -> None:
    """A sentence in the middle of an axis that has nothing else to show, in front of its grid."""
    box = {"facecolor": "white", "edgecolor": "none", "pad": 4}
    axis.text(0.5, 0.5, sentence, transform=axis.transAxes, ha="center", va="center", bbox=box)


def outside_legend(figure: Figure, handles: Sequence[Any], columns: int | None = None) -> None:
    """A legend below all panels, in as many columns as fit."""
    if columns is None:
        longest = max(len(handle.get_label()) for handle in handles)
        columns = max(1, min(len(handles), 130 // (longest + 10)))
    figure.legend(handles=list(handles), loc="outside lower center", ncols=columns)


def run_handles(variants: Sequence[Any], seeds: Sequence[Any]) -> list[Any]:
    """Legend entries: a colour for each variant, a line style for each seed."""
    handles: list[Any] = [
        Line2D([], [], color=variant_colour(variants, name), label=f"variant {name}")
        for name in variants
    ]
    handles += [
        Line2D([], [], color=GREY, linestyle=seed_style(seeds, seed), label=f"seed {seed}")
        for seed in seeds
    ]
    return handles


def marker_handle(colour: str, marker: str, label: str, size: float, filled: bool = True) -> Line2D:
    """A legend entry that is a marker alone."""
    return Line2D(
        [],
        [],
        linestyle="none",
        marker=marker,
        markersize=size,
        color=colour,
        markerfacecolor=colour if filled else "white",
        label=label,
    )


def log_ticks(
    axis: Axis, limits: tuple[float, float], written: Callable[[float, Any], str]
) -> None:
    """Labelled ticks on a logarithmic axis, closer where it spans few decades."""
    decades = math.log10(limits[1] / limits[0])
    finer = ((1, (1, 1.5, 2, 3, 5, 7)), (2, (1, 2, 5)), (3, (1, 3)))
    subs = next((steps for most, steps in finer if decades < most), (1,))
    axis.set_major_locator(LogLocator(subs=subs, numticks=20))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(written))


def frame_only(axis: Axes) -> None:
    """An axis of a picture: a faint frame, no ticks."""
    axis.set_xticks([])
    axis.set_yticks([])
    for spine in axis.spines.values():
        spine.set_visible(True)
        spine.set_color(FAINT)


def variant_colour(variants: Sequence[Any], variant: Any) -> str:
    """The colour of a variant in all panels of a figure."""
    return VARIANT_COLOURS[variants.index(variant) % len(VARIANT_COLOURS)]


def seed_style(seeds: Sequence[Any], seed: Any) -> str:
    """The line style of a seed in all panels of a figure."""
    return SEED_STYLES[list(seeds).index(seed) % len(SEED_STYLES)]


def recording_title(row: Mapping[str, Any], note: str) -> str:
    """The title of a recording's figure; `note` says what its data are."""
    return f"Recording {row['recording']}" + (f" ({note})" if note else "")


def wrapped(text: str, width: int) -> str:
    """Text in lines of at most `width` characters."""
    return "\n".join(textwrap.wrap(text, width))


def plain_number(value: float, _: Any = None) -> str:
    """A number on an axis, without needless zeros."""
    return f"{value:g}"


PERCENT = FuncFormatter(lambda value, _: f"{100 * value:.0f} %")
