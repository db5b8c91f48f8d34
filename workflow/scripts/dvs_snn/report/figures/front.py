"""The front: what all methods read right against the energy of a reading."""

from collections.abc import Sequence

import pandas as pd

from dvs_snn.energy.price import readings_uj, study_price
from dvs_snn.points.quoted_rows import tried_near
from dvs_snn.report import chart
from dvs_snn.report.cells import network_names, ordered, point_text, shown_sets
from dvs_snn.report.chart import Chart, Encoding, alt
from dvs_snn.report.origin import Origin
from dvs_snn.report.style import GREY, INK, method_name
from dvs_snn.settings.sides import SPIKING
from dvs_snn.settings.sweep import Power

TITLE = "accuracy against energy, all methods"
CAPTION = (
    "Accuracy against the energy per recording. Small marks are settings that were tried, as means "
    "over the trainings; thin lines join the scales of one network. The solid grey line is the "
    "front of the spiking networks, the dashed one that of the CNNs: the best accuracy for each "
    "energy or less, of the settings that no other of their side beats on validation. A large mark "
    "is the setting that validation chose; its bar is the 95 % interval. A MAC costs as much as a "
    "SynOp. CNNs skip zeros, but for the large diamond, which counts all MACs. Accuracies more "
    "than 12 points below the best aren't shown."
)

SPAN = 0.12
"""How far below the best accuracy the axis reaches: cheaper points aren't worth their savings."""


FRONT_NAMES = {True: "front of spiking networks", False: "front of CNNs"}
"""What the chart calls the fronts, by whether they are of spiking networks."""


def draw(points: pd.DataFrame, evaluation: pd.DataFrame, origin: Origin, power: Power) -> Chart:
    """Accuracy against the energy per recording, a panel for each test set."""
    measured = points[(points["side"] == SPIKING) & (points["set"] != "")]
    answer_set = origin.answer_set(evaluation)
    if answer_set is None or measured.empty:
        return chart.sentence("No spiking network read a set, so there is nothing to show.")

    sets = ordered([answer_set, *shown_sets(measured["set"])])
    shown = shown_points(points, sets, power)
    sets = [name for name in sets if name in set(shown["set"])]
    colour, shape = chart.by_method(shown["method"].unique())
    width = min(chart.WIDTH, 1000 // len(sets) - 60)
    panels = []
    for name in sets:
        of_set = shown[shown["set"] == name]
        title = origin.titled(name, of_set["n_symbols"].max())
        panel = chart.layered(layers(of_set, colour, shape))
        panels.append(panel.properties(title=title, width=width, height=230))

    shared = alt.hconcat(*panels).resolve_scale(
        color="shared", shape="shared", strokeDash="shared", x="shared", y="shared"
    )
    return shared.properties(params=[chart.stacks()])


def shown_points(points: pd.DataFrame, sets: Sequence[str], power: Power) -> pd.DataFrame:
    """Points of some sets near the best, means over the trainings, as the charts read them.

    Columns beside those of `points`: the energy `uj` of a reading, `is_on_front`, `is_chosen`, and
    `words` of the tooltip. `tried_near` says which points they are.
    """
    rows = tried_near(points, sets)
    rows = rows[rows["accuracy"] >= rows["accuracy"].max() - SPAN]
    names = network_names(points)
    rows = rows.assign(
        uj=readings_uj(study_price(power), rows),
        point=[point_text(row, names) for row in rows.to_dict("records")],
        name=rows["method"].map(method_name),
        millions=rows["operations_per_reading"] / 1e6,
    )
    return chart.worded(
        rows,
        "{name}, {point}: {accuracy:.1%} right ({accuracy_low:.1%} to {accuracy_high:.1%}, "
        "n = {n_symbols:.0f}) with {millions:.3g} M operations in {time_to_exit_ms:.0f} ms",
    )


def layers(points: pd.DataFrame, colour: Encoding, shape: Encoding) -> list[Chart]:
    """The fronts and marks of one set's `shown_points`."""
    read = alt.Y("accuracy:Q", title="accuracy")
    # Room for labels, but no tick above all recordings.
    read = read.axis(format="~%", labelExpr="datum.value > 1 ? '' : datum.label")
    read = read.scale(zero=False, padding=22)
    uj = alt.X("uj:Q", title="energy per recording (µJ)").scale(type="log", nice=False, padding=16)
    uj = uj.axis(format="~r", tickCount=5, labelSeparation=8, labelFlush=14)

    names = ["name", "uj", "is_on_front", "is_chosen", "variant", "scale"]
    names += ["accuracy", "accuracy_low", "accuracy_high", "words"]
    data = points[names].rename(columns={"name": "method"})
    data = data.assign(
        front=(points["side"] == SPIKING).map(FRONT_NAMES),
        is_sweep=(points["side"] == SPIKING) & points["exit"].isna(),
    )
    steps = data[data["is_on_front"]].sort_values("uj", kind="stable")
    data = data.assign(best=steps.groupby("front")["accuracy"].cummax())
    every = alt.Chart(data).encode(uj, read)
    chosen = every.transform_filter("datum.is_chosen")
    low = alt.Y("accuracy_low:Q", title="")
    dash = alt.StrokeDash("front:N", sort=[*FRONT_NAMES.values()]).legend(
        columns=2, symbolType="stroke", symbolStrokeColor=GREY
    )
    return [
        every.transform_filter("datum.is_on_front")
        .mark_line(strokeWidth=3, color=GREY, interpolate="step-after")
        .encode(alt.Y("best:Q", title=""), dash),
        every.transform_filter("datum.is_sweep")
        .mark_line(strokeWidth=1.2, opacity=0.8)
        .encode(colour, alt.Detail("variant:N"), alt.Order("scale:Q")),
        every.mark_point(filled=True, size=40, opacity=0.8).encode(
            colour, shape, tooltip="words:N"
        ),
        chosen.mark_rule(strokeWidth=1.5).encode(low, alt.Y2("accuracy_high:Q"), colour),
        chosen.mark_point(filled=True, size=200, opacity=1, stroke=INK).encode(
            colour, shape, tooltip="words:N"
        ),
    ]
