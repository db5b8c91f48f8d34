"""Spiking network or CNN: the price of a MAC against the price of a SynOp."""

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from dvs_snn.files.tables import read_table
from dvs_snn.report import style
from dvs_snn.report.cells import ordered
from dvs_snn.results.power.break_even import BREAK_EVEN_TABLE
from dvs_snn.results.power.chips import ADDITION, CHIP_TABLE, MAC, MEASURED

TITLE = "spiking network or CNN"
CATEGORY = "1 Results"
INPUTS = ("break_even", "chips")
SETTINGS = ("power",)
CAPTION = (
    "What a MAC and a SynOp cost, and which network is then cheaper on the same events. Each line "
    "is a method on a set: right of and below it the spiking network is cheaper, left of and "
    "above it the CNN; its shade spans the seeds. Dots are arithmetic at 45 nm alone (Horowitz "
    "2014), and the upright band lies between their MACs. The level band is the study's range of "
    "energies per SynOp, with the energy in force as a line. Ticks on the right are SynOps of a "
    "measured chip, Speck, at its largest and smallest fan-out."
)

MAC_PJ = (0.1, 100.0)
SYNOP_PJ = (0.02, 200.0)


def draw(paths: style.Named, settings: style.Named) -> Figure:
    break_even = read_table(paths["break_even"], BREAK_EVEN_TABLE)
    return plot(break_even, read_table(paths["chips"], CHIP_TABLE), settings["power"])


@style.styled()
def plot(break_even: pd.DataFrame, chips: pd.DataFrame, power: Mapping[str, Any]) -> Figure:
    """The plane of both prices with a line for each set and method, at which they cost the same.

    Args:
        break_even: the columns of `tables/break_even.csv`.
        chips: the columns of `tables/chips.csv`.
        power: the config's section.
    """
    if break_even.empty:
        return style.sentence_figure(
            "No set was read by both networks, so their costs can't be compared.", "Break-even"
        )
    figure = style.new_figure(style.WIDTH_IN, 5.6)
    axis = figure.add_subplot()
    points = break_even.drop_duplicates(["set", "method", "variant", "scale"])
    colours = style.colours_of(ordered(points["method"]))
    dashes = dict(zip(ordered(points["set"]), itertools.cycle(style.SEED_STYLES), strict=False))
    macs = np.geomspace(*MAC_PJ, 50)
    handles = []
    for row in points.to_dict("records"):
        how = {"color": colours[row["method"]], "linestyle": dashes[row["set"]]}
        ends = (macs / row[f"synops_per_mac_{end}"] for end in ("high", "low"))
        axis.fill_between(macs, *ends, color=how["color"], alpha=0.15, linewidth=0)
        axis.plot(macs, macs / row["synops_per_mac"], **how)
        label = f"{row['method']}, {row['set']}: {row['synops_per_mac']:.2g} SynOps per MAC"
        handles.append(style.line_handle(how["color"], label, linestyle=how["linestyle"]))
    _prices(axis, chips, power)
    axis.set(xscale="log", yscale="log", xlim=MAC_PJ, ylim=SYNOP_PJ)
    for name, place in (("CNN cheaper", (0.03, 0.94)), ("spiking network cheaper", (0.72, 0.05))):
        axis.text(*place, name, transform=axis.transAxes, color=style.GREY, fontweight="bold")
    axis.set_xlabel("energy of a MAC (pJ)")
    axis.set_ylabel("energy of a SynOp (pJ)")
    style.log_ticks(axis.xaxis, MAC_PJ)
    style.log_ticks(axis.yaxis, SYNOP_PJ)
    style.faint_grid(axis, "both")
    low, high = power["energy_band_pj"]
    handles.append(Patch(color=style.GREY, alpha=0.2, label=f"{low:g} to {high:g} pJ per SynOp"))
    handles.append(style.marker_handle(style.BLACK, "o", "arithmetic at 45 nm", size=6))
    handles.append(style.marker_handle(style.BLACK, "_", "SynOps of Speck (Yao et al.)", size=9))
    style.outside_legend(figure, handles, columns=2)
    return figure


def _prices(axis: Axes, chips: pd.DataFrame, power: Mapping[str, Any]) -> None:
    """Known prices: the band in force, arithmetic at 45 nm, the measured chip."""
    axis.axhspan(*power["energy_band_pj"], color=style.GREY, alpha=0.12, linewidth=0)
    axis.axhline(power["energy_per_synop_pj"], color=style.GREY, linewidth=0.9)
    macs, additions = (
        chips[chips["kind"] == kind].set_index("chip")["pj_low"] for kind in (MAC, ADDITION)
    )
    axis.axvspan(macs.min(), macs.max(), color=style.GREY, alpha=0.12, linewidth=0)
    for name, addition in additions.items():
        axis.plot(macs[name], addition, marker="o", markersize=6, color=style.BLACK, zorder=4)
        axis.annotate(
            name, (macs[name], addition), xytext=(8, -4), textcoords="offset points", fontsize=9
        )
    for row in chips[chips["kind"] == MEASURED].itertuples():
        for energy in (row.pj_low, row.pj_high):
            axis.plot(
                MAC_PJ[1], energy, marker="_", markersize=16, color=style.BLACK, clip_on=False
            )
