"""Energy of a decision against error, beside published chips that read digits."""

import itertools

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from dvs_snn.evaluation.choosing.budgets import STATIC_MW
from dvs_snn.files.tables import read_table
from dvs_snn.report import style
from dvs_snn.report.cells import ordered
from dvs_snn.tables.power.costs import OURS, PUBLISHED

TITLE = "energy of a decision"
CATEGORY = "1 Results"
INPUTS = ("costs",)
CAPTION = (
    "Energy of a decision against the share misread: left is cheaper, low is better. "
    "Full markers are our points until the reading no longer changes, without static power; the "
    "horizontal bar spans the range of energies per SynOp, the vertical one is a Wilson 95 % "
    "interval over symbols. Open markers include the static floor of Speck, crosses are whole "
    "recordings without it. Beside larger sets, those of fewer than 100 symbols are left out. "
    "Grey: chips on images of MNIST (Renner et al. 2024), which are other data; for orientation."
)

MARKERS = ("o", "s", "^", "v", "P", "D", "p", "*")
MIN_SYMBOLS = 100
"""The interval of a smaller set would span the whole axis."""

FLOOR_MW = max(STATIC_MW)
"""The static power of the open markers."""


def draw(paths: style.Named, settings: style.Named) -> Figure:
    return plot(read_table(paths["costs"], "costs"))


@style.styled()
def plot(costs: pd.DataFrame) -> Figure:
    """Error against energy; `costs` has the columns of `tables/costs.csv`."""
    ours, published = (costs[costs["kind"] == kind] for kind in (OURS, PUBLISHED))
    if ours.empty:
        return style.sentence_figure(
            "No spiking set was evaluated, so a decision's energy is not known.",
            "Energy of a decision",
        )
    large = ours[ours["n_symbols"] >= MIN_SYMBOLS]
    ours = ours if large.empty else large
    figure = style.new_figure(style.WIDTH_IN, 5.2)
    axis = figure.add_subplot()
    colours = style.colours_of(ordered(ours["set"]))
    markers = dict(zip(ordered(ours["method"]), itertools.cycle(MARKERS), strict=False))
    for row in ours.itertuples():
        _our_point(axis, row, colours[row.set], markers[row.method])
    for row in published.itertuples():
        place = (row.energy_per_decision_uj, 1 - row.accuracy)
        axis.plot(*place, marker="X", markersize=7, color=style.GREY, linestyle="none")
        axis.annotate(
            row.method, place, xytext=(6, 4), textcoords="offset points", fontsize=9,
            color=style.GREY,
        )  # fmt: skip
    axis.set_xscale("log")
    axis.set_ylim(bottom=0)
    axis.margins(x=0.12)
    axis.yaxis.set_major_formatter(style.PERCENT)
    style.log_ticks(axis.xaxis, axis.get_xlim())
    style.faint_grid(axis, "both")
    axis.set_xlabel("energy (µJ)")
    axis.set_ylabel("misread")
    style.outside_legend(figure, _handles(colours, markers))
    return figure


def _our_point(axis: Axes, row: tuple, colour: str, marker: str) -> None:
    error, decision = 1 - row.accuracy, row.energy_per_decision_uj
    if row.static_mw == 0:
        axis.errorbar(
            decision, error,
            xerr=[[decision - row.decision_low], [row.decision_high - decision]],
            yerr=[[row.accuracy_high - row.accuracy], [row.accuracy - row.accuracy_low]],
            color=colour, marker=marker, markersize=8, elinewidth=0.9, capsize=2.5, zorder=4,
        )  # fmt: skip
        axis.plot(row.energy_per_recording_uj, error, marker="x", markersize=7, color=colour)
    elif row.static_mw == FLOOR_MW:
        axis.plot(
            decision, error, marker=marker, markersize=8, color=colour, markerfacecolor="white",
            zorder=3,
        )  # fmt: skip


def _handles(colours: dict[str, str], markers: dict[str, str]) -> list[Line2D]:
    handles = [style.line_handle(colour, f"set {name}") for name, colour in colours.items()]
    handles += [
        style.marker_handle(style.BLACK, marker, f"{name}: until decided", size=7)
        for name, marker in markers.items()
    ]
    marker = next(iter(markers.values()))
    handles += [
        style.marker_handle(
            style.BLACK, marker, f"with {FLOOR_MW:g} mW static power", size=7, filled=False
        ),
        style.marker_handle(style.BLACK, "x", "whole recording", size=7),
        style.marker_handle(style.GREY, "X", "chip, MNIST", size=7),
    ]
    return handles
