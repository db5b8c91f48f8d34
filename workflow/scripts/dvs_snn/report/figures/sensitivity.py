"""Accuracy and SynOps with changed sensors."""

import itertools

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from dvs_snn.files.tables import read_table
from dvs_snn.report import style
from dvs_snn.report.cells import condition, label_text, ordered, relative_synops

TITLE = "sensitivity to the sensor"
CATEGORY = "5 Simulation"
INPUTS = ("sensitivity",)
CAPTION = (
    "One part of the simulated sensor is changed at a time, and the networks are not trained "
    "again. Left: accuracy less that with the nominal sensor, with 95 % intervals. Right: "
    "SynOps per recording over those with the nominal sensor. A marker for each seed."
)

SEED_MARKERS = ("o", "^", "s", "v", "P")


def draw(paths: style.Named, settings: style.Named) -> Figure:
    return plot(read_table(paths["sensitivity"], "sensitivity"))


@style.styled()
def plot(sensitivity: pd.DataFrame) -> Figure:
    """Accuracy, and SynOps relative to the nominal sensor's of that network, a row a condition."""
    if sensitivity.empty:
        return style.sentence_figure("No other sensor was tried.", "Sensitivity to the sensor")
    rows = sensitivity.assign(condition=[condition(r) for r in sensitivity.to_dict("records")])
    rows["relative"] = relative_synops(rows)
    names = ordered(rows["condition"])
    colours, seeds = style.colours_of(rows["variant"]), sorted(rows["seed"].unique())
    markers = dict(zip(seeds, itertools.cycle(SEED_MARKERS), strict=False))
    runs = list(itertools.product(colours, seeds))
    figure = style.new_figure(style.WIDTH_IN, 0.34 * len(names) + 1.7)
    left, right = figure.subplots(1, 2, sharey=True)
    spacing = 0.5 / len(runs)
    for index, (variant, seed) in enumerate(runs):
        part = rows[(rows["variant"] == variant) & (rows["seed"] == seed)]
        offset = (index - (len(runs) - 1) / 2) * spacing
        place = np.array([names.index(name) + offset for name in part["condition"]])
        how = {"color": colours[variant], "marker": markers[seed]}
        how |= {"markersize": 5.5, "linestyle": "none"}
        known = part["difference"].notna().to_numpy()
        difference, low, high = (
            part[f"difference{end}"][known].astype(float) for end in ("", "_low", "_high")
        )
        left.errorbar(
            100 * difference, place[known], xerr=100 * style.reach(difference, low, high),
            elinewidth=1.1, capsize=2.5, gid="difference", **how,
        )  # fmt: skip
        right.plot(part["relative"], place, gid="synops", **how)
    left.axvline(0, color=style.GREY, linewidth=1.0, zorder=1, gid="zero")
    right.axvline(1, color=style.GREY, linewidth=1.0, zorder=1, gid="nominal")
    left.set_yticks(range(len(names)), names, parse_math=False)
    left.set(ylim=(len(names) - 0.5, -0.5), xlabel="accuracy less nominal (percentage points)")
    left.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}".replace("-", "−")))
    n_symbols = sorted(rows["n_symbols"].dropna().astype(int).unique())
    n_text = " or ".join(f"{n:,}" for n in n_symbols)
    left.set_title(f"accuracy ({n_text} symbols)" if n_text else "accuracy")
    right.set(xlabel="SynOps per recording, over nominal", title="operations")
    _room_for_ratios(right, rows["relative"])
    for axis in (left, right):
        style.faint_grid(axis, "both")
    one, handles = next(iter(colours.values())), []
    if len(colours) > 1:
        one = style.GREY
        handles = [Patch(color=colour, label=f"variant {v}") for v, colour in colours.items()]
    handles += [
        style.marker_handle(one, marker, f"seed {label_text(seed)}", size=6)
        for seed, marker in markers.items()
    ]
    handles.append(style.line_handle(one, "95 % interval", linewidth=1.1))
    style.outside_legend(figure, handles)
    figure.suptitle("The trained networks before other simulated sensors, not trained again")
    return figure


def _room_for_ratios(axis: Axes, ratios: pd.Series) -> None:
    """An axis of ratios about 1: logarithmic where it spans more than a factor of 4."""
    known = ratios[np.isfinite(ratios) & (ratios > 0)]
    if known.empty:
        axis.text(
            0.5, 0.5, "no nominal sensor to compare with", ha="center", va="center",
            transform=axis.transAxes,
        )  # fmt: skip
        return
    low, high = min(known.min(), 1.0), max(known.max(), 1.0)
    if high / low > 4:
        axis.set(xscale="log", xlim=(low / 1.2, high * 1.2))
        style.log_ticks(axis.xaxis, axis.get_xlim())
        return
    room = 0.08 * (high - low) or 0.1
    axis.set_xlim(low - room, high + room)
    axis.xaxis.set_major_locator(MaxNLocator(6))
