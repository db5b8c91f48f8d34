"""Accuracy and operations before changed sensors."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from dvs_snn.files.tables import read_table
from dvs_snn.report.cells import label_text, ordered
from dvs_snn.report.conditions import condition, relative_synops
from dvs_snn.report.style import (
    GREY,
    WIDTH_IN,
    in_style,
    log_ticks,
    marker_handle,
    new_figure,
    outside_legend,
    plain_number,
    sentence_figure,
    variant_colour,
)
from dvs_snn.results.sensitivity import SENSITIVITY_TABLE

TITLE = "sensitivity to the sensor"
CATEGORY = "5 Simulation"
INPUTS = ("sensitivity",)
CAPTION = (
    "One part of the simulated sensor is changed at a time, and the networks are not trained "
    "again. Left: accuracy less that with the nominal sensor, with 95 % intervals. Right: "
    "SynOps per recording over those with the nominal sensor. A marker for each seed."
)

SEED_MARKERS = ("o", "^", "s", "v", "P")


def draw(paths: Mapping[str, Path], settings: Mapping[str, Any]) -> Figure:
    """Draw what each change does."""
    return plot(read_table(paths["sensitivity"], SENSITIVITY_TABLE))


@in_style
def plot(sensitivity: pd.DataFrame) -> Figure:
    """Accuracy and SynOps where one part of the simulated sensor is changed, a row a condition.

    `sensitivity` has the columns of `tables/sensitivity.csv`; the nominal sensor is the part
    `nominal`. A marker for each seed, a colour for each variant. SynOps stand relative to the
    nominal sensor's of the same variant and seed.
    """
    if sensitivity.empty:
        return sentence_figure("No other sensor was tried.", "Sensitivity to the sensor")
    rows = sensitivity.assign(condition=[condition(r) for r in sensitivity.to_dict("records")])
    rows["relative"] = relative_synops(rows)
    names = ordered(rows["condition"])
    variants, seeds = ordered(rows["variant"]), sorted(rows["seed"].unique())
    runs = [(v, s) for v in variants for s in seeds]
    figure = new_figure(WIDTH_IN, 0.34 * len(names) + 1.7)
    left, right = figure.subplots(1, 2, sharey=True)
    spacing = 0.5 / max(len(runs), 1)
    for index, (variant, seed) in enumerate(runs):
        part = rows[(rows["variant"] == variant) & (rows["seed"] == seed)]
        offset = (index - (len(runs) - 1) / 2) * spacing
        place = np.array([names.index(name) + offset for name in part["condition"]])
        style = {
            "color": variant_colour(variants, variant),
            "marker": SEED_MARKERS[seeds.index(seed) % len(SEED_MARKERS)],
            "markersize": 5.5,
            "linestyle": "none",
        }
        difference = 100 * part["difference"].astype(float)
        known = difference.notna().to_numpy()
        reach = 100 * np.array(
            [
                part["difference"] - part["difference_low"],
                part["difference_high"] - part["difference"],
            ],
            dtype=float,
        )
        left.errorbar(
            difference[known], place[known], xerr=np.nan_to_num(reach[:, known]).clip(min=0),
            elinewidth=1.1, capsize=2.5, gid="difference", **style,
        )  # fmt: skip
        right.plot(part["relative"], place, gid="synops", **style)
    left.axvline(0, color=GREY, linewidth=1.0, zorder=1, gid="zero")
    right.axvline(1, color=GREY, linewidth=1.0, zorder=1, gid="nominal")
    left.set_yticks(range(len(names)), names, parse_math=False)
    left.set_ylim(len(names) - 0.5, -0.5)
    left.set_xlabel("accuracy less nominal (percentage points)")
    left.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}".replace("-", "−")))
    n_symbols = sorted(rows["n_symbols"].dropna().astype(int).unique())
    n_text = " or ".join(f"{n:,}" for n in n_symbols)
    left.set_title(f"accuracy ({n_text} symbols)" if n_text else "accuracy")
    right.set_xlabel("SynOps per recording, over nominal")
    right.set_title("operations")
    _room_for_ratios(right, rows["relative"])
    for axis in (left, right):
        axis.grid(axis="both")
        axis.set_axisbelow(True)
    handles = []
    if len(variants) > 1:
        handles = [Patch(color=variant_colour(variants, v), label=f"variant {v}") for v in variants]
    one = variant_colour(variants, variants[0]) if len(variants) == 1 else GREY
    handles += [
        marker_handle(one, SEED_MARKERS[i % len(SEED_MARKERS)], f"seed {label_text(seed)}", size=6)
        for i, seed in enumerate(seeds)
    ]
    handles.append(Line2D([], [], color=one, linewidth=1.1, label="95 % interval"))
    outside_legend(figure, handles)
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
        axis.set_xscale("log")
        axis.set_xlim(low / 1.2, high * 1.2)
        log_ticks(axis.xaxis, axis.get_xlim(), plain_number)
        return
    room = 0.08 * (high - low) or 0.1
    axis.set_xlim(low - room, high + room)
    axis.xaxis.set_major_locator(MaxNLocator(6))
