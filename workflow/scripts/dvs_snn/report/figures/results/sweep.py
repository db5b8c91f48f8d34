"""Accuracy and power against the scale of the first layer."""

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from dvs_snn.files.tables import read_table
from dvs_snn.report.cells import flagged, ordered, shown_set, spiking
from dvs_snn.report.figures.results.accuracy import (
    accuracy_axis,
    accuracy_line,
    interval_handle,
    size_text,
    star,
    star_label,
)
from dvs_snn.report.style import (
    GREY,
    WIDTH_IN,
    in_style,
    log_ticks,
    marker_handle,
    new_figure,
    outside_legend,
    plain_number,
    run_handles,
    seed_style,
    sentence_figure,
    variant_colour,
)
from dvs_snn.results.summaries import EVALUATION_TABLE

TITLE = "sweep of the scale"
CATEGORY = "1 Results"
INPUTS = ("evaluation",)
SETTINGS = ("power",)
CAPTION = (
    "Accuracy and power against the scale of the first layer's weights. Each line is one "
    "seed; bars are Wilson 95 % intervals over symbols, stars mark the quoted scale, dashed "
    "lines the CNN on frames. The shaded band is the power over the range of energies per "
    "SynOp. Only starred points are results."
)


def draw(paths: Mapping[str, Path], settings: Mapping[str, Any]) -> Figure:
    """Draw the sweep of the test set or, without one, of the first set that spiked."""
    evaluation = read_table(paths["evaluation"], EVALUATION_TABLE)
    return plot(evaluation, shown_set(evaluation), settings["power"])


@in_style
def plot(evaluation: pd.DataFrame, set_name: str, power: Mapping[str, Any] | None = None) -> Figure:
    """Accuracy and power of one set against the scale of the first layer, a line for each seed.

    `evaluation` has the columns of `tables/evaluation.csv`. Bars are Wilson 95 % intervals over
    symbols, stars the chosen scales, dashed lines the CNN before conversion. With
    `power` (the config's section of that name) the band of energies per SynOp is shaded.
    """
    rows = spiking(evaluation)
    rows = rows[rows["set"] == set_name] if len(rows) else rows
    if rows.empty:
        return sentence_figure(f"No spiking network was run on the set {set_name!r}.", "Sweep")
    variants, seeds = ordered(rows["variant"]), sorted(rows["seed"].unique())
    figure = new_figure(WIDTH_IN, 6.4)
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(1.15, 1))
    band = _power_band(power)
    for (variant, seed), part in rows.groupby(["variant", "seed"], sort=False):
        part = part.sort_values("scale")
        colour, style = variant_colour(variants, variant), seed_style(seeds, seed)
        accuracy_line(top, part, "scale", colour, style)
        watts = pd.to_numeric(part["power_mw"], errors="coerce")
        watts = watts.where(watts > 0)
        bottom.plot(part["scale"], watts, color=colour, linestyle=style, marker="o", markersize=4)
        starred = flagged(part["chosen"])
        bottom.plot(part["scale"][starred], watts[starred], **star(colour))
        if band is not None:
            low, high, static = band
            bottom.fill_between(
                part["scale"],
                static + (watts - static) * low,
                static + (watts - static) * high,
                color=colour,
                alpha=0.10,
                linewidth=0,
            )
        ann = pd.to_numeric(part["ann_accuracy"], errors="coerce").dropna()
        if len(ann):
            top.axhline(ann.iloc[0], color=colour, linestyle=(0, (6, 3)), linewidth=1.1, alpha=0.8)
    _scale_axis(bottom, rows["scale"])
    bottom.set_xlabel("scale of the first layer's weights")
    bottom.set_yscale("log")
    log_ticks(bottom.yaxis, bottom.get_ylim(), plain_number)
    bottom.set_ylabel("power (mW)")
    top.set_ylabel("accuracy over recordings")
    accuracy_axis(top)
    for axis in (top, bottom):
        axis.grid(axis="both")
        axis.set_axisbelow(True)
    top.set_title(f"Set {set_name}: {size_text(rows)}")
    handles = run_handles(variants, seeds)
    handles.append(marker_handle(GREY, "*", star_label(evaluation), size=13))
    handles.append(
        Line2D([], [], color=GREY, linestyle=(0, (6, 3)), linewidth=1.1, label="CNN on frames")
    )
    handles.append(interval_handle())
    if band is not None:
        low, high = (float(value) for value in power["energy_band_pj"])
        handles.append(Patch(color=GREY, alpha=0.25, label=f"{low:g} to {high:g} pJ per SynOp"))
    outside_legend(figure, handles)
    return figure


def _scale_axis(axis: Axes, scales: Iterable[float]) -> None:
    """A logarithmic axis with a tick at each scale, or at fewer where they would overlap."""
    known = sorted({float(scale) for scale in scales})
    axis.set_xscale("log")
    axis.set_xlim(known[0] / 1.25, known[-1] * 1.25)
    span = math.log(known[-1] / known[0]) + 2 * math.log(1.25)
    kept: list[float] = []
    for scale in known:
        if not kept or math.log(scale / kept[-1]) > 0.05 * span:
            kept.append(scale)
    axis.xaxis.set_major_locator(FixedLocator(kept))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.2f}"))


def _power_band(power: Mapping[str, Any] | None) -> tuple[float, float, float] | None:
    """(lowest, highest) energy per SynOp as shares of the assumed one; static power in mW."""
    if power is None:
        return None
    assumed = float(power["energy_per_synop_pj"])
    low, high = (float(value) for value in power["energy_band_pj"])
    return low / assumed, high / assumed, float(power.get("static_power_mw", 0) or 0)
