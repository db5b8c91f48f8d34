"""Accuracy against SynOps per decision, for networks that stop early."""

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dvs_snn.files.tables import read_table
from dvs_snn.report import style
from dvs_snn.report.cells import flagged, ordered, spiking
from dvs_snn.report.figures.results import accuracy
from dvs_snn.results.exits import EXIT_TABLE
from dvs_snn.results.summaries import EVALUATION_TABLE
from dvs_snn.settings.set_names import VALIDATION_SETS

TITLE = "early exit"
CATEGORY = "1 Results"
INPUTS = ("exits", "evaluation")
CAPTION = (
    "Accuracy against SynOps per decision, a panel for each test set: left is cheaper, up is "
    "better. A network stops once its best output leads the second by some spikes. Each line is "
    "one network at its quoted scale, each point one lead, the open square the whole recording. "
    "Thin lines are the network and scale that early exit chose, and the star is its lead. "
    "Validation chose all of these."
)
SQUARE = {"marker": "s", "markersize": 7, "markerfacecolor": "white", "linestyle": "none"}


def draw(paths: style.Named, settings: style.Named) -> Figure:
    return plot(
        read_table(paths["exits"], EXIT_TABLE), read_table(paths["evaluation"], EVALUATION_TABLE)
    )


@style.styled()
def plot(exits: pd.DataFrame, evaluation: pd.DataFrame) -> Figure:
    """Accuracy against SynOps per decision, a line for each network at its quoted scale.

    `exits` and `evaluation` have the columns of their tables. The lines of the point that early
    exit chose are thin, if its scale isn't the quoted one.
    """
    sets = [name for name in ordered(exits["set"]) if name not in VALIDATION_SETS]
    sets = sets or ordered(exits["set"])
    if not sets:
        return style.sentence_figure(
            "No spiking set was evaluated, so no network could stop early.", "Early exit"
        )
    rows = spiking(evaluation)
    quoted, stopped = (
        set(table.loc[flagged(table["chosen"]), ["variant", "scale"]].itertuples(False, None))
        for table in (rows, exits)
    )
    runs, handles = style.runs_and_handles(exits)
    columns = min(2, len(sets))
    figure, axes = style.grid_of_panels(len(sets), columns, 3.4, 1.2, share=True)
    for index, (axis, name) in enumerate(zip(axes, sets, strict=True)):
        panel = exits[exits["set"] == name]
        for (variant, seed, scale), part in panel.groupby(["variant", "seed", "scale"], sort=False):
            if (variant, scale) in quoted | stopped:
                thin = (variant, scale) not in quoted
                _line(axis, part, runs[variant, seed], 0.8 if thin else 1.6)
        axis.set_xscale("log")
        accuracy.accuracy_axis(axis)
        style.faint_grid(axis, "both")
        axis.set_title(f"{name}: {accuracy.size_text(panel)}")
        if index % columns == 0:
            axis.set_ylabel("accuracy over recordings")
        if index + columns >= len(sets):
            axis.set_xlabel("million SynOps per decision")
            axis.tick_params(labelbottom=True)
    for axis in axes:
        style.log_ticks(axis.xaxis, axis.get_xlim(), unit=1e6)
    handles.append(style.marker_handle(style.GREY, "s", "whole recording", size=7, filled=False))
    if stopped:
        star = "early exit chosen on validation"
        handles.append(style.marker_handle(style.GREY, "*", star, size=13))
    style.outside_legend(figure, handles)
    return figure


def _line(axis: Axes, part: pd.DataFrame, run: dict[str, str], width: float) -> None:
    """One network's leads in their order, the whole recording last, and a star at a chosen lead."""
    part = part.fillna({"exit": math.inf}).sort_values("exit")
    cost, share = part["synops_per_decision"], part["accuracy"]
    axis.plot(cost, share, marker="o", markersize=3, linewidth=width, **run)
    whole = part["exit"] == math.inf
    axis.plot(cost[whole], share[whole], color=run["color"], **SQUARE)
    starred = flagged(part["chosen"])
    axis.plot(cost[starred], share[starred], **accuracy.star(run["color"]))
