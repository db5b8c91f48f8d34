"""The front: the errors of all methods against their cost."""

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from dvs_snn.evaluation.choosing.choice import CHOSEN_BY
from dvs_snn.evaluation.choosing.points import MEANS, POINT
from dvs_snn.evaluation.choosing.trials import EARLY_EXIT
from dvs_snn.files.tables import read_table
from dvs_snn.report import style
from dvs_snn.report.cells import flagged, ordered
from dvs_snn.report.methods import answer_sets, in_order
from dvs_snn.results.methods.front import CNN, FRONT_TABLE, PUBLISHED, undominated

TITLE = "front of all methods"
CATEGORY = "1 Results"
INPUTS = ("front",)
SETTINGS = ("power",)
CAPTION = (
    "Share misread against SynOps per 3,000 events, a panel for each test set: left is "
    "cheaper, down is better. Each method has a colour and a marker. A thick line joins those "
    "of its points (means over the seeds) that no other of them beats on validation, thin "
    "lines the same points of single seeds. Of early exit only these are shown. A large marker "
    "with a bar is the point that validation chose, with its Wilson 95 % interval over symbols. "
    "The diamond is the CNN, "
    "whose cost is MACs. Hollow grey squares are published (Sorbaro et al. 2020): other data, "
    "another network, steps of 1 ms. Above are the dynamic power, and the energy per "
    "decision: until the exit of early exit, else of a whole recording."
)

MARKERS = ("o", "s", "^", "v", "P", "X", "p", "*")


def draw(paths: style.Named, settings: style.Named) -> Figure:
    return plot(read_table(paths["front"], FRONT_TABLE), settings["power"])


@style.styled()
def plot(front: pd.DataFrame, power: Mapping[str, Any]) -> Figure:
    """Share misread against SynOps per 3,000 events, a panel for each test set.

    `front` has the columns of `tables/front.csv`; `power` is the config's section.
    """
    own = front[~front["method"].isin([CNN, PUBLISHED])]
    if own.empty:
        return style.sentence_figure("No spiking set was evaluated.", "Front of all methods")
    own = own.assign(joined=joined(own))
    sets, methods = answer_sets(own["set"]), in_order(own["method"])
    looks = {
        method: {"color": colour, "marker": marker}
        for method, colour, marker in zip(
            methods, itertools.cycle(style.VARIANT_COLOURS), itertools.cycle(MARKERS), strict=False
        )
    }
    columns = min(2, len(sets))
    figure, axes = style.grid_of_panels(len(sets), columns, 4.6, 0.9, share=False)
    for axis, name in zip(axes, sets, strict=True):
        panel = own[own["set"] == name]
        for method in methods:
            _draw_method(axis, panel[panel["method"] == method], looks[method])
        _draw_beside(axis, front, name)
        _decorate(axis, panel, name, power)
    figure.get_layout_engine().set(w_pad=0.12, h_pad=0.1)
    style.outside_legend(figure, _handles(looks, front), columns=3)
    return figure


def _error(rows: pd.DataFrame, column: str = "accuracy") -> pd.Series:
    """The share misread; half a symbol where none was, as a logarithmic axis has no zero."""
    return (1 - rows[column].astype(float)).clip(lower=0.5 / rows["n_symbols"].astype(float))


def _draw_method(axis: Axes, rows: pd.DataFrame, look: Mapping[str, str]) -> None:
    """Points and fronts of one method on one set: seeds thin, their mean thick."""
    colour, marker = look["color"], look["marker"]
    means = rows[rows["seed"].isna()]
    line = rows[rows["joined"]].sort_values("synops_per_3000_events", kind="stable")
    for seed, part in line.groupby("seed", dropna=False):
        how = (
            {"linewidth": 2.2, "zorder": 3} if pd.isna(seed) else {"linewidth": 0.7, "alpha": 0.55}
        )
        axis.plot(part["synops_per_3000_events"], _error(part), color=colour, **how)
    # Early exit has ten points for each network of all methods: they would hide the others.
    shown = means[means["joined"] | (means["method"] != EARLY_EXIT)]
    axis.plot(
        shown["synops_per_3000_events"], _error(shown), color=colour, marker=marker, markersize=3.5,
        linestyle="none", alpha=0.6, zorder=3,
    )  # fmt: skip
    chosen = means[flagged(means["chosen"])]
    error = _error(chosen)
    bars = style.reach(error, _error(chosen, "accuracy_high"), _error(chosen, "accuracy_low"))
    axis.errorbar(
        chosen["synops_per_3000_events"], error, yerr=bars, color=colour, marker=marker,
        markersize=10, markeredgecolor=style.BLACK, linestyle="none", elinewidth=1.2, capsize=3,
        zorder=5,
    )  # fmt: skip


def joined(own: pd.DataFrame) -> pd.Series:
    """Where a point is on its method's front on validation: bool.

    Args:
        own: the methods' rows of ``front.csv``. Without a validation set each set has fronts of its
            own.
    """
    sets = ordered(own["set"])
    chooser = next((name for name in CHOSEN_BY["chosen"] if name in sets), None)
    means = own[own["seed"].isna()]
    kept = []
    for name in sets:
        rows = means[means["set"] == (chooser or name)]
        for _, points in rows.groupby("method"):
            measured = (points[column].to_numpy(np.float64) for column in MEANS[:2])
            on_front = undominated(*measured, np.ones(len(points), dtype=bool))
            kept.append(points.loc[on_front, POINT].assign(set=name))
    key = ["set", *POINT]
    found = own[key].merge(pd.concat(kept), on=key, how="left", indicator=True)["_merge"]
    return pd.Series((found == "both").to_numpy(), own.index)


def _draw_beside(axis: Axes, front: pd.DataFrame, name: str) -> None:
    """The CNN at its MACs and the published points."""
    cnn = front[(front["method"] == CNN) & (front["set"] == name) & front["seed"].isna()]
    cnn = cnn[cnn["synops_per_3000_events"] > 0].iloc[:1]
    for macs in cnn["synops_per_3000_events"]:
        axis.axvline(macs, color=style.GREY, linestyle=":", linewidth=1, zorder=1)
    axis.plot(
        cnn["synops_per_3000_events"], _error(cnn), color=style.BLACK, marker="D", markersize=7,
        markerfacecolor="white", linestyle="none", zorder=4,
    )  # fmt: skip
    paper = front[front["method"] == PUBLISHED]
    axis.plot(
        paper["synops_per_3000_events"], 1 - paper["accuracy"], color=style.GREY, marker="s",
        markersize=6, markerfacecolor="none", linestyle="none", zorder=1,
    )  # fmt: skip


def _decorate(axis: Axes, panel: pd.DataFrame, name: str, power: Mapping[str, Any]) -> None:
    """Logarithmic axes: millions of SynOps below; above what they mean in mW and µJ."""
    axis.set(xscale="log", yscale="log")
    axis.set_xlabel("million SynOps per 3,000 events")
    axis.set_ylabel("recordings misread")
    style.log_ticks(axis.xaxis, axis.get_xlim(), unit=1e6)
    axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 5, 7), numticks=20))
    axis.yaxis.set_minor_locator(NullLocator())
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g} %"))
    style.faint_grid(axis, "both")
    pj = float(power["energy_per_synop_pj"])
    known = panel[panel["synops_per_3000_events"] > 0]
    static = float(power.get("static_power_mw") or 0)
    per_synop = {
        f"mW at {pj:g} pJ": known["power_mw"] - static,
        f"µJ per decision at {pj:g} pJ": known["synops_per_decision"] * pj * 1e-6,
    }
    for place, (label, amounts) in zip((1.0, 1.17), per_synop.items(), strict=True):
        factor = float((amounts / known["synops_per_3000_events"]).median())
        if factor > 0:
            _second_axis(axis, place, factor, label)
    axis.set_title(f"{name}: {int(panel['n_symbols'].max()):,} symbols", pad=8)


def _second_axis(axis: Axes, place: float, factor: float, label: str) -> None:
    """The same axis in another unit, above the panel."""
    second = axis.secondary_xaxis(
        place, functions=(lambda synops: synops * factor, lambda amount: amount / factor)
    )
    low, high = axis.get_xlim()
    style.log_ticks(second.xaxis, (low * factor, high * factor))
    second.set_xlabel(label)


def _handles(looks: Mapping[str, Mapping[str, str]], front: pd.DataFrame) -> list[Line2D]:
    """The entries of the legend."""
    handles = [
        style.line_handle(look["color"], method, marker=look["marker"], markersize=7)
        for method, look in looks.items()
    ]
    some = flagged(front["chosen"]).any()
    if some:
        grey = style.marker_handle(style.GREY, "o", "chosen on validation, 95 % interval", size=10)
        grey.set_markeredgecolor(style.BLACK)
        handles.append(grey)
    handles.append(style.line_handle(style.GREY, "one seed", linewidth=0.8))
    if (front["method"] == CNN).any():
        handles.append(style.marker_handle(style.BLACK, "D", "CNN, at its MACs", 7, filled=False))
    if (front["method"] == PUBLISHED).any():
        label = "Sorbaro et al. 2020 (differs, see caption)"
        handles.append(style.marker_handle(style.GREY, "s", label, 6, filled=False))
    return handles
