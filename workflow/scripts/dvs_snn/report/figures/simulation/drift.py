"""Accuracy against the time since a recording's start."""

import itertools
from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from dvs_snn.evaluation.choosing.choice import best_method
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.files.tables import read_table
from dvs_snn.realism.drift.conditions import BASE
from dvs_snn.report import style
from dvs_snn.report.cells import ordered
from dvs_snn.report.methods import in_order
from dvs_snn.results.choice import CHOICE_TABLE
from dvs_snn.results.running.drift import DRIFT_TABLE

TITLE = "accuracy while a recording goes on"
CATEGORY = "5 Simulation"
INPUTS = ("drift", "choice")
CAPTION = (
    "Long recordings, read until a time since their start, a column for each size of the digit. "
    "Top: each method's network, read by all output spikes. Middle: the same, read by those of the "
    "last 0.3 s alone. Bottom: the best method's network, read by the last 0.3 s, with one thing "
    "changed. Means over the seeds; bars are Wilson 95 % intervals over symbols."
)

NAME = "Accuracy while a simulated recording goes on"
MARKERS = ("o", "^", "s", "D", "v", "P", "X", "*")
DASHES = ("-", "--", ":", "-.")
AS_RUN = "as the study runs it"
ASIDE = 0.025
"""How far marks of one time stand apart, as a share of the time."""


def draw(paths: style.Named, settings: style.Named) -> Figure:
    return plot(read_table(paths["drift"], DRIFT_TABLE), read_table(paths["choice"], CHOICE_TABLE))


@style.styled()
def plot(drift: pd.DataFrame, choice: pd.DataFrame) -> Figure:
    """Accuracy against time: a column for each size, a row for methods or changes.

    `drift` and `choice` have the columns of their tables.
    """
    if drift.empty:
        return style.sentence_figure("No network was quoted.", NAME)
    sizes = [size for size in ordered(drift["size"]) if size != "all"]
    base, best = drift["part"] == BASE[0], best_method(choice)
    changed = drift[drift["method"] == best] if best else drift[drift["variant"] == ""]
    changed = changed.assign(line=(changed["part"] + " " + changed["value"]))
    changed["line"] = changed["line"].mask(changed["part"] == BASE[0], AS_RUN)
    methods = drift[base].assign(line=drift["method"])
    recent = methods["reading"] == "recent"
    rows = [
        ("by all spikes", methods[~recent], in_order(methods["line"])),
        ("by the last 0.3 s", methods[recent], in_order(methods["line"])),
        (f"{best},\nby the last 0.3 s", changed[changed["reading"] == "recent"],
         ordered(changed["line"])),
    ]  # fmt: skip
    figure = style.new_figure(style.WIDTH_IN, 8.4)
    axes = figure.subplots(len(rows), len(sizes), sharex=True, sharey="row", squeeze=False)
    for of_row, (words, table, names) in zip(axes, rows, strict=True):
        looks = _looks(names)
        for axis, size in zip(of_row, sizes, strict=True):
            of_size = table[table["size"] == size]
            _lines(axis, of_size, looks)
            if axis in axes[0]:
                axis.set_title(f"size {size} (n = {of_size['n_symbols'].max():g})")
        of_row[0].set_ylabel(f"read right, {words}")
        if words != rows[0][0]:
            handles = [Line2D([], [], label=name, markersize=4, **looks[name]) for name in names]
            of_row[-1].legend(handles=handles, loc="center left", bbox_to_anchor=(1.02, 0.5))
    for axis in axes[-1]:
        axis.set_xlabel("time since the start (s)")
    figure.suptitle(NAME)
    return figure


def _looks(names: Sequence[str]) -> dict[str, dict[str, str]]:
    """A colour, a marker and a dash for each line."""
    looks = map(itertools.cycle, (style.VARIANT_COLOURS, MARKERS, DASHES))
    return {
        name: {"color": colour, "marker": marker, "linestyle": dash}
        for name, colour, marker, dash in zip(names, *looks, strict=False)
    }


def _lines(axis: Axes, rows: pd.DataFrame, looks: Mapping[str, Mapping[str, str]]) -> None:
    """A line of means over the seeds for each name, its bars beside those of the others."""
    means = rows.groupby(["line", "time_s"]).agg(
        accuracy=("accuracy", "mean"), n=("n_symbols", "max")
    )
    for place, (name, look) in enumerate(looks.items()):
        if name not in means.index.get_level_values("line"):
            continue
        own = means.loc[name]
        ends = [wilson_interval(one.accuracy, int(one.n)) for one in own.itertuples()]
        low, high = map(pd.Series, zip(*ends, strict=True))
        time = own.index.to_numpy() * (1 + ASIDE * (place - (len(looks) - 1) / 2))
        shares = own["accuracy"].to_numpy()
        axis.errorbar(
            time, 100 * shares, yerr=100 * style.reach(shares, low, high), markersize=4,
            elinewidth=0.9, linewidth=1.2, gid=name, **look,
        )  # fmt: skip
    axis.set_xscale("log")
    axis.xaxis.set_major_locator(FixedLocator(sorted(rows["time_s"].unique())))
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g} %"))
    style.faint_grid(axis, "both")
