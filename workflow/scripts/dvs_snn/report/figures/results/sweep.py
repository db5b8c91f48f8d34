"""Accuracy and power against the scale of the first layer."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from dvs_snn.files.tables import read_table
from dvs_snn.report import style
from dvs_snn.report.cells import flagged, power_at, shown_set, spiking
from dvs_snn.report.figures.results import accuracy
from dvs_snn.report.methods import swept
from dvs_snn.results.summaries import EVALUATION_TABLE

TITLE = "sweep of the scale"
CATEGORY = "1 Results"
INPUTS = ("evaluation",)
SETTINGS = ("power",)
CAPTION = (
    "Accuracy and power of rescaling against the scale of the first layer's weights. Each "
    "line is one seed; bars are Wilson 95 % intervals over symbols, stars mark the quoted "
    "scale, dashed lines the CNN on frames. The shaded band is the power over the range of "
    "energies per SynOp. Only starred points are results."
)


OF_CNN = {"linestyle": (0, (6, 3)), "linewidth": 1.1}


def draw(paths: style.Named, settings: style.Named) -> Figure:
    """Draw the sweep of the test set or, without one, of the first set that spiked."""
    evaluation = read_table(paths["evaluation"], EVALUATION_TABLE)
    return plot(evaluation, shown_set(evaluation), settings["power"])


@style.styled()
def plot(evaluation: pd.DataFrame, set_name: str, power: Mapping[str, Any] | None = None) -> Figure:
    """Accuracy and power of one set against the scale of the first layer, a line for each seed.

    `evaluation` has the columns of `tables/evaluation.csv`. With `power` (the config's section of
    that name) the band of energies per SynOp is shaded.
    """
    rows = swept(spiking(evaluation))
    rows = rows[rows["set"] == set_name]
    if rows.empty:
        sentence = f"No spiking network was run on the set {set_name!r}."
        return style.sentence_figure(sentence, "Sweep")
    runs, handles = style.runs_and_handles(rows)
    figure = style.new_figure(style.WIDTH_IN, 6.4)
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(1.15, 1))
    for run, part in rows.groupby(["variant", "seed"], sort=False):
        part = part.sort_values("scale")
        colour = runs[run]["color"]
        accuracy.accuracy_line(top, part, "scale", runs[run])
        watts = part["power_mw"].where(part["power_mw"] > 0)
        bottom.plot(part["scale"], watts, marker="o", markersize=4, **runs[run])
        starred = flagged(part["chosen"])
        bottom.plot(part["scale"][starred], watts[starred], **accuracy.star(colour))
        if power is not None:
            band = [power_at(watts, power, energy_pj) for energy_pj in power["energy_band_pj"]]
            bottom.fill_between(part["scale"], *band, color=colour, alpha=0.10, linewidth=0)
        ann = part["ann_accuracy"].dropna()
        if len(ann):
            top.axhline(ann.iloc[0], color=colour, alpha=0.8, **OF_CNN)
    _scale_axis(bottom, rows["scale"])
    bottom.set(xlabel="scale of the first layer's weights", yscale="log")
    style.log_ticks(bottom.yaxis, bottom.get_ylim())
    bottom.set_ylabel("power (mW)")
    top.set_ylabel("accuracy over recordings")
    accuracy.accuracy_axis(top)
    for axis in (top, bottom):
        style.faint_grid(axis, "both")
    top.set_title(f"Set {set_name}: {accuracy.size_text(rows)}")
    handles += [
        style.marker_handle(style.GREY, "*", accuracy.star_label(evaluation), size=13),
        style.line_handle(style.GREY, "CNN on frames", **OF_CNN),
        accuracy.interval_handle(),
    ]
    if power is not None:
        low, high = power["energy_band_pj"]
        label = f"{low:g} to {high:g} pJ per SynOp"
        handles.append(Patch(color=style.GREY, alpha=0.25, label=label))
    style.outside_legend(figure, handles)
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
