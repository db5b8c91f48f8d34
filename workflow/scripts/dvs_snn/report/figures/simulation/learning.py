"""Accuracy against the number of real recordings in the training."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.files.tables import read_table
from dvs_snn.report import style
from dvs_snn.report.cells import ordered
from dvs_snn.results.running.learning import LEARNING_TABLE
from dvs_snn.settings.set_names import REAL_TWINS

TITLE = "accuracy with real recordings in the training"
CATEGORY = "5 Simulation"
INPUTS = ("learning",)
CAPTION = (
    "Real and simulated recordings of the even half read right, by the number of real recordings "
    "of the odd half that trained the network further. Large marks are means over the seeds, "
    "their bars Wilson 95 % intervals over symbols; small marks are single seeds. Hollow: trained "
    "on real recordings alone. Each set has an axis of its own."
)

NAME = "Real recordings in the training"
MARKERS = ("o", "^", "s", "D", "v")
ASIDE = 0.12
"""How far the marks of two variants stand apart, in places of the axis."""


def draw(paths: style.Named, settings: style.Named) -> Figure:
    return plot(read_table(paths["learning"], LEARNING_TABLE))


@style.styled()
def plot(learning: pd.DataFrame) -> Figure:
    """A panel for each set, in it a line for each variant; `learning` has its table's columns."""
    if learning.empty:
        return style.sentence_figure("No network was trained further.", NAME)
    sets, numbers = ordered(learning["set"]), sorted(learning["real"].unique())
    colours = style.colours_of(learning["variant"])
    figure = style.new_figure(style.WIDTH_IN, 3.6)
    axes = figure.subplots(1, len(sets), squeeze=False)[0]
    for axis, name in zip(axes, sets, strict=True):
        of_set = learning[learning["set"] == name]
        for place, (variant, colour) in enumerate(colours.items()):
            aside = ASIDE * (place - (len(colours) - 1) / 2)
            marker = MARKERS[place % len(MARKERS)]
            own = of_set[of_set["variant"] == variant]
            for with_simulated, rows in own.groupby("simulated"):
                _marks(axis, rows, numbers, aside, colour, marker, bool(with_simulated))
        kind = "real" if name == REAL_TWINS else "simulated"
        axis.set_title(f"{name} ({kind}, n = {of_set['n_symbols'].max():,})")
        axis.set_xticks(range(len(numbers)), [f"{number:,}" for number in numbers])
        axis.set_xlabel("real recordings")
        axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g} %"))
        style.faint_grid(axis, "y")
    axes[0].set_ylabel("read right")
    handles = [
        style.marker_handle(colour, MARKERS[place % len(MARKERS)], f"variant {variant}", size=6)
        for place, (variant, colour) in enumerate(colours.items())
    ]
    if not learning["simulated"].all():
        handles.append(style.marker_handle(
            style.GREY, "o", "real recordings alone", size=6, filled=False
        ))  # fmt: skip
    style.outside_legend(figure, handles)
    figure.suptitle(NAME)
    return figure


def _marks(
    axis: Axes,
    rows: pd.DataFrame,
    numbers: list[int],
    aside: float,
    colour: str,
    marker: str,
    filled: bool,
) -> None:
    """The means of a variant over its seeds with their intervals, and each seed."""
    means = rows.groupby("real").agg(accuracy=("accuracy", "mean"), n=("n_symbols", "max"))
    ends = [wilson_interval(one.accuracy, int(one.n)) for one in means.itertuples()]
    low, high = map(pd.Series, zip(*ends, strict=True))
    place = [numbers.index(number) + aside for number in means.index]
    face = colour if filled else "white"
    axis.plot(
        [numbers.index(number) + aside + 0.04 for number in rows["real"]], 100 * rows["accuracy"],
        marker=marker, markersize=3, linestyle="none", color=colour, markerfacecolor=face,
        alpha=0.7, gid="seeds",
    )  # fmt: skip
    shares = means["accuracy"].to_numpy()
    axis.errorbar(
        place, 100 * shares, yerr=100 * style.reach(shares, low, high), marker=marker, color=colour,
        markersize=6, markerfacecolor=face, linewidth=1.2 if filled else 0, elinewidth=1.1,
        capsize=2.5, gid="means",
    )  # fmt: skip
