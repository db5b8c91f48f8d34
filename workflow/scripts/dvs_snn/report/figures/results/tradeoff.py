"""Accuracy against synaptic operations."""

import itertools

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dvs_snn.files.tables import read_table
from dvs_snn.report import style
from dvs_snn.report.cells import ordered, spiking
from dvs_snn.report.figures.results import accuracy
from dvs_snn.report.methods import swept
from dvs_snn.results.comparison import published_points
from dvs_snn.results.summaries import EVALUATION_TABLE

TITLE = "trade-off"
CATEGORY = "1 Results"
INPUTS = ("evaluation", "published")
CAPTION = (
    "Accuracy of rescaling against operations per 3,000 events, a panel for each set: left is "
    "cheaper, up is better. Each line is one seed, each point one scale of the first layer, "
    "each bar a Wilson 95 % interval over symbols. The star marks the quoted scale, the "
    "diamond the CNN at its MACs. Published points (Sorbaro et al. 2020) are grey: other data "
    "and another network, for orientation."
)

PUBLISHED_MARKERS = ("s", "X", "P", "v", "<", ">")
PUBLISHED_LABEL = "Sorbaro et al. 2020, MNIST-DVS scale 16"


def draw(paths: style.Named, settings: style.Named) -> Figure:
    points = published_points(pd.read_csv(paths["published"], sep="\t"))
    return plot(read_table(paths["evaluation"], EVALUATION_TABLE), points)


@style.styled()
def plot(evaluation: pd.DataFrame, comparison_points: pd.DataFrame | None) -> Figure:
    """Accuracy against SynOps per 3,000 events, a panel for each set with a spiking network.

    `evaluation` has the columns of `tables/evaluation.csv`; `comparison_points` the columns
    `series, accuracy, synops` (a fraction, SynOps per 3,000 events) or is None. The CNN stands at
    its MACs per 3,000 events.
    """
    rows = swept(spiking(evaluation))
    if rows.empty:
        return style.sentence_figure(
            "No spiking set was evaluated: only the CNN's accuracy on frames is known.",
            "Accuracy against synaptic operations",
        )
    sets = ordered(rows["set"])
    runs, handles = style.runs_and_handles(rows)
    families = _published_families(comparison_points)
    columns = min(2, len(sets))
    figure, axes = style.grid_of_panels(len(sets), columns, 3.6, 1.3, share=True)
    for index, (axis, name) in enumerate(zip(axes, sets, strict=True)):
        for _, marker, part in families:
            axis.plot(
                part["synops"], part["accuracy"], color=style.GREY, linestyle="-", linewidth=0.8,
                marker=marker, markersize=5.5, alpha=0.75, zorder=1,
            )  # fmt: skip
        panel = rows[rows["set"] == name]
        for run, part in panel.groupby(["variant", "seed"], sort=False):
            part = part.sort_values("scale")
            accuracy.accuracy_line(axis, part, "synops_per_3000_events", runs[run])
            _ann_marker(axis, part, runs[run]["color"])
        axis.set_xscale("log")
        accuracy.accuracy_axis(axis)
        style.faint_grid(axis, "both")
        axis.set_title(f"{name}: {accuracy.size_text(panel)}")
        if index % columns == 0:
            axis.set_ylabel("accuracy over recordings")
        if index + columns >= len(sets):
            axis.set_xlabel("million operations per 3,000 events")
            axis.tick_params(labelbottom=True)
    for axis in axes:
        style.log_ticks(axis.xaxis, axis.get_xlim(), unit=1e6)
    ann = "CNN on frames, at its MACs"
    handles += [
        style.marker_handle(style.GREY, "*", accuracy.star_label(evaluation), size=13),
        style.marker_handle(style.GREY, "D", ann, size=7, filled=False),
        accuracy.interval_handle(),
    ]
    for series, marker, _ in families:
        label = f"{PUBLISHED_LABEL}: {series}"
        handles.append(style.marker_handle(style.GREY, marker, label, size=6))
    style.outside_legend(figure, handles, columns=2)
    return figure


def _ann_marker(axis: Axes, part: pd.DataFrame, colour: str) -> None:
    known = part[part["ann_accuracy"].notna() & (part["ann_macs_per_3000_events"] > 0)]
    if known.empty:
        return
    macs, *ann = (
        known[f"ann_{name}"].iloc[:1]
        for name in ("macs_per_3000_events", "accuracy", "accuracy_low", "accuracy_high")
    )
    axis.errorbar(
        macs, ann[0], yerr=style.reach(*ann), color=colour, marker="D", markersize=7,
        markerfacecolor="white", linestyle="none", elinewidth=0.9, capsize=2.5, zorder=4,
    )  # fmt: skip


def _published_families(points: pd.DataFrame | None) -> list[tuple[str, str, pd.DataFrame]]:
    """(name, marker, points) of series that differ in a last number alone: `rescaled 0.60`."""
    if points is None or points.empty:
        return []
    families = points["series"].astype(str).str.replace(r"\s+[\d.]+$", "", regex=True)
    markers = itertools.cycle(PUBLISHED_MARKERS)
    return [
        (name, marker, points[families == name].sort_values("synops"))
        for name, marker in zip(ordered(families), markers, strict=False)
    ]
