"""The front: what all methods read right against the energy of a reading."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dvs_snn.analysis.budgets import ENERGY
from dvs_snn.analysis.points import POINT
from dvs_snn.analysis.trials import EARLY_EXIT
from dvs_snn.evaluation.cheapest import undominated
from dvs_snn.report import chart
from dvs_snn.report.cells import (
    answer_sets,
    flagged,
    network_names,
    ordered,
    point_text,
)
from dvs_snn.report.chart import Chart, Encoding, alt
from dvs_snn.report.front_rows import cnn_front, cnn_on
from dvs_snn.report.origin import Origin
from dvs_snn.report.style import INK, method_name
from dvs_snn.settings.set_names import VALIDATION
from dvs_snn.settings.sweep import Power

TITLE = "accuracy against energy, all methods"
CATEGORY = "1 Results"
CAPTION = (
    "Accuracy against the energy per recording. Small marks are settings that were tried, as means "
    "over the trainings. A step shows the most accurate setting that costs no more, of those that "
    "no other setting of its method beats on validation. A large mark is the setting that "
    "validation chose; its bar is the 95 % interval. CNNs are drawn as if a MAC cost as much as a "
    "SynOp. The diamond counts all MACs of the CNN; the other CNN skips zeros and stops early."
)

SPAN = 0.12
"""How far below the best accuracy the axis reaches: cheaper points aren't worth their savings."""


def draw(front: pd.DataFrame, evaluation: pd.DataFrame, origin: Origin, power: Power) -> Chart:
    """Accuracy against the energy per recording, a panel for each test set."""
    measured = front[front["scale"].notna()]
    lead = origin.lead(evaluation)
    if lead is None or measured.empty:
        return chart.sentence("No spiking set was evaluated, so there is no front.")

    sets = ordered([lead, *answer_sets(measured["set"])])
    points = shown_points(front, sets)
    colour, shape = chart.by_method(points["method"].unique())
    width = min(chart.WIDTH, 1000 // len(sets) - 60)
    panels = []
    for name in sets:
        of_set = points[points["set"] == name]
        title = origin.titled(name, of_set["n"].max())
        panel = chart.layered(layers(of_set, colour, shape))
        panels.append(panel.properties(title=title, width=width, height=230))

    shared = alt.hconcat(*panels).resolve_scale(
        color="shared", shape="shared", x="shared", y="shared"
    )
    return shared.properties(params=[*chart.power_params(power), chart.stacks()])


def shown_points(front: pd.DataFrame, sets: Sequence[str]) -> pd.DataFrame:
    """Points of some sets near the best, means over the trainings, as the charts read them.

    Columns beside the front's: `ms`, `synops` of a reading, `n` symbols, `joined` by a line, and
    `words` of the tooltip. Of early exit only the joined and the chosen ones stand.
    """
    measured = front[front["scale"].notna()]
    measured = measured.assign(joined=joined(measured))
    means = measured[measured["seed"].isna() & measured["set"].isin(sets)]
    is_quoted = means["joined"] | flagged(means["chosen"])
    means = means[is_quoted | (means["method"] != EARLY_EXIT)]
    means = means.assign(ms=means["time_to_exit_ms"], synops=means["synops_per_reading"])

    tables = [means]
    for name in sets:
        of_set = means[means["set"] == name]
        if len(of_set):
            tables += _cnn_rows(front, name)

    points = pd.concat(tables, ignore_index=True)
    points = points[points["accuracy"] >= points["accuracy"].max() - SPAN]
    names = network_names(front)
    points["point"] = [point_text(row, names) for row in points.to_dict("records")]

    points = points.assign(
        name=points["method"].map(method_name),
        millions=points["synops"] / 1e6,
        n=points["n_symbols"].astype(int),
        is_chosen=flagged(points["chosen"]),
    )
    return chart.worded(
        points,
        "{name}, {point}: {accuracy:.1%} right ({accuracy_low:.1%} to {accuracy_high:.1%}, "
        "n = {n}) with {millions:.3g} M operations in {ms:.0f} ms",
    )


def _cnn_rows(front: pd.DataFrame, name: str) -> list[pd.DataFrame]:
    """The rows of the CNNs on a set: a front that skips zeros, and all MACs to the end."""
    tables = [cnn_front(front, name).assign(joined=True)]
    dense = cnn_on(front, name)
    if dense is not None:
        tables.append(pd.DataFrame([dense]).assign(joined=False, chosen=1))
    return [
        rows.assign(
            synops=rows["synops_per_reading"],
            ms=rows["time_to_exit_ms"].fillna(rows["recording_ms"]),
        )
        for rows in tables
        if len(rows)
    ]


def layers(points: pd.DataFrame, colour: Encoding, shape: Encoding) -> list[Chart]:
    """The steps and marks of one set's `shown_points`."""
    read = alt.Y("accuracy:Q", title="accuracy")
    # Room for labels, but no tick above all recordings.
    read = read.axis(format="~%", labelExpr="datum.value > 1 ? '' : datum.label")
    read = read.scale(zero=False, padding=22)
    uj = alt.X("uj:Q", title="energy per recording (µJ)").scale(type="log", nice=False, padding=16)
    uj = uj.axis(format="~r", tickCount=5, labelSeparation=8)

    def at(rows: pd.DataFrame) -> Chart:
        names = ["name", "ms", "synops", "accuracy", "accuracy_low", "accuracy_high", "words"]
        data = rows[names].rename(columns={"name": "method"})
        return alt.Chart(data).transform_calculate(uj=chart.UJ).encode(uj, read, colour)

    chosen = points[points["is_chosen"]]
    low = alt.Y("accuracy_low:Q", title="")
    so_far = {"sort": [alt.SortField("uj")], "groupby": ["method"], "frame": [None, 0]}
    return [
        at(points[points["joined"]])
        .transform_window(best="max(accuracy)", **so_far)
        .mark_line(strokeWidth=2.2, interpolate="step-after")
        .encode(alt.Y("best:Q", title="")),
        at(points[~points["is_chosen"]])
        .mark_point(filled=True, size=40, opacity=0.8)
        .encode(shape, tooltip="words:N"),
        at(chosen).mark_rule(strokeWidth=1.5).encode(low, alt.Y2("accuracy_high:Q")),
        at(chosen)
        .mark_point(filled=True, size=200, opacity=1, stroke=INK)
        .encode(shape, tooltip="words:N"),
    ]


def joined(measured: pd.DataFrame) -> pd.Series:
    """Where a point is on its method's front on validation, or on its own set without one: bool."""
    means = measured[measured["seed"].isna()]
    key = ["set", *POINT]
    if (measured["set"] == VALIDATION).any():
        means = means[means["set"] == VALIDATION]
        key = POINT
    on_front = []
    for _, rows in means.groupby(["set", "method"]):
        accuracy = rows["accuracy"].to_numpy()
        energy = rows[ENERGY].to_numpy()
        on_front.append(rows[undominated(accuracy, energy, np.full(len(rows), True))])

    merged = measured[key].merge(pd.concat(on_front)[key], how="left", indicator=True)["_merge"]
    return pd.Series((merged == "both").to_numpy(), measured.index)
