"""Accuracy against synaptic operations."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dvs_snn.files.tables import read_table
from dvs_snn.report.cells import ordered, spiking
from dvs_snn.report.figures.results.accuracy import (
    accuracy_axis,
    accuracy_line,
    interval_handle,
    size_text,
    star_label,
)
from dvs_snn.report.style import (
    GREY,
    WIDTH_IN,
    grid_axes,
    in_style,
    log_ticks,
    marker_handle,
    new_figure,
    outside_legend,
    run_handles,
    seed_style,
    sentence_figure,
    variant_colour,
)
from dvs_snn.results.comparison import published_points
from dvs_snn.results.summaries import EVALUATION_TABLE

TITLE = "trade-off"
CATEGORY = "1 Results"
INPUTS = ("evaluation", "published")
CAPTION = (
    "Accuracy against operations per 3,000 events, a panel for each set: left is cheaper, up "
    "is better. Each line is one seed, each point one scale of the first layer, each bar a "
    "Wilson 95 % interval over symbols. The star marks the quoted scale, the diamond the CNN "
    "at its MACs. Published points (Sorbaro et al. 2020) are grey: other data and another "
    "network, for orientation."
)

PUBLISHED_MARKERS = ("s", "X", "P", "v", "<", ">")
PUBLISHED_LABEL = "Sorbaro et al. 2020, MNIST-DVS scale 16"


def draw(paths: Mapping[str, Path], settings: Mapping[str, Any]) -> Figure:
    """Draw the trade-off of every set."""
    points = published_points(pd.read_csv(paths["published"], sep="\t"))
    return plot(read_table(paths["evaluation"], EVALUATION_TABLE), points)


@in_style
def plot(evaluation: pd.DataFrame, comparison_points: pd.DataFrame | None) -> Figure:
    """Accuracy against SynOps per 3,000 events, a panel for each set with a spiking network.

    `evaluation` has the columns of `tables/evaluation.csv`; `comparison_points` the columns
    `series, accuracy, synops` (a fraction, SynOps per 3,000 events) or is None. The CNN stands at
    its MACs per 3,000 events.
    """
    rows = spiking(evaluation)
    if rows.empty:
        return sentence_figure(
            "No spiking set was evaluated: only the CNN's accuracy on frames is known.",
            "Accuracy against synaptic operations",
        )
    sets = ordered(rows["set"])
    variants, seeds = ordered(rows["variant"]), sorted(rows["seed"].unique())
    columns = min(2, len(sets))
    n_rows = math.ceil(len(sets) / columns)
    figure = new_figure(WIDTH_IN, 3.6 * n_rows + 1.3)
    axes = grid_axes(figure, n_rows, columns, len(sets), sharex=True, sharey=True)
    for index, (axis, name) in enumerate(zip(axes, sets, strict=True)):
        _published_points(axis, comparison_points)
        panel = rows[rows["set"] == name]
        for (variant, seed), part in panel.groupby(["variant", "seed"], sort=False):
            part = part.sort_values("scale")
            colour = variant_colour(variants, variant)
            accuracy_line(axis, part, "synops_per_3000_events", colour, seed_style(seeds, seed))
            _ann_marker(axis, part, colour)
        axis.set_xscale("log")
        accuracy_axis(axis)
        axis.grid(axis="both")
        axis.set_axisbelow(True)
        axis.set_title(f"{name}: {size_text(panel)}")
        if index % columns == 0:
            axis.set_ylabel("accuracy over recordings")
        if index + columns >= len(sets):
            axis.set_xlabel("million operations per 3,000 events")
            axis.tick_params(labelbottom=True)
    for axis in axes:
        log_ticks(axis.xaxis, axis.get_xlim(), _millions)
    handles = run_handles(variants, seeds)
    handles.append(marker_handle(GREY, "*", star_label(evaluation), size=13))
    handles.append(marker_handle(GREY, "D", "CNN on frames, at its MACs", size=7, filled=False))
    handles.append(interval_handle())
    for series, marker, _ in _published_families(comparison_points):
        handles.append(marker_handle(GREY, marker, f"{PUBLISHED_LABEL}: {series}", size=6))
    outside_legend(figure, handles, columns=2)
    return figure


def _ann_marker(axis: Axes, part: pd.DataFrame, colour: str) -> None:
    known = part[part["ann_accuracy"].notna() & (part["ann_macs_per_3000_events"] > 0)]
    if known.empty:
        return
    row = known.iloc[0]
    reach = None
    if {"ann_accuracy_low", "ann_accuracy_high"} <= set(known.columns):
        low, high = row["ann_accuracy_low"], row["ann_accuracy_high"]
        if pd.notna(low) and pd.notna(high):
            ann = row["ann_accuracy"]
            reach = [[max(ann - low, 0)], [max(high - ann, 0)]]
    axis.errorbar(
        [row["ann_macs_per_3000_events"]],
        [row["ann_accuracy"]],
        yerr=reach,
        color=colour,
        marker="D",
        markersize=7,
        markerfacecolor="white",
        linestyle="none",
        elinewidth=0.9,
        capsize=2.5,
        zorder=4,
    )


def _published_families(points: pd.DataFrame | None) -> list[tuple[str, str, pd.DataFrame]]:
    """(name, marker, points) of series that differ in a last number alone: `rescaled 0.60`."""
    if points is None or points.empty:
        return []
    families = points["series"].astype(str).str.replace(r"\s+[\d.]+$", "", regex=True)
    return [
        (
            name,
            PUBLISHED_MARKERS[i % len(PUBLISHED_MARKERS)],
            points[families == name].sort_values("synops"),
        )
        for i, name in enumerate(ordered(families))
    ]


def _published_points(axis: Axes, points: pd.DataFrame | None) -> None:
    for _, marker, part in _published_families(points):
        axis.plot(
            part["synops"],
            part["accuracy"],
            color=GREY,
            linestyle="-",
            linewidth=0.8,
            marker=marker,
            markersize=5.5,
            alpha=0.75,
            zorder=1,
        )


def _millions(value: float, _: Any = None) -> str:
    return f"{value / 1e6:g}"
