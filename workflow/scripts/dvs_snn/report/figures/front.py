"""The front: what all methods read right against the energy of a reading."""

from collections.abc import Sequence

import pandas as pd

from dvs_snn.analysis.trials import EARLY_EXIT
from dvs_snn.report import chart
from dvs_snn.report.cells import flagged, network_names, ordered, point_text, shown_sets
from dvs_snn.report.chart import Chart, Encoding, alt
from dvs_snn.report.front_rows import cnn_tried, dense_cnn
from dvs_snn.report.origin import Origin
from dvs_snn.report.priced_front import priced, steps, with_validation
from dvs_snn.report.style import INK, method_name
from dvs_snn.settings.sweep import Power

TITLE = "accuracy against energy, all methods"
CAPTION = (
    "Accuracy against the energy per recording. Small marks are settings that were tried, as means "
    "over the trainings. Lines show the best accuracy for each energy or less, of the settings "
    "that no other setting of their method beats on validation. A large mark is the setting that "
    "validation chose; its bar is the 95 % interval. Until you move its slider, a MAC costs as "
    "much as a SynOp. The diamond counts all MACs of the CNN; the other CNN skips zeros and stops "
    "early."
)

SPAN = 0.12
"""How far below the best accuracy the axis reaches: cheaper points aren't worth their savings."""


def draw(front: pd.DataFrame, evaluation: pd.DataFrame, origin: Origin, power: Power) -> Chart:
    """Accuracy against the energy per recording, a panel for each test set."""
    measured = front[front["scale"].notna()]
    answer_set = origin.answer_set(evaluation)
    if answer_set is None or measured.empty:
        return chart.sentence("No spiking network read a set, so there is nothing to show.")

    sets = ordered([answer_set, *shown_sets(measured["set"])])
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

    Columns beside those of `with_validation`: `n` symbols, and `words` of the tooltip. Points of
    rescaling and of trainings `stay` where they are off the front, too. Of early exits and CNNs
    only those stand that validation chose, or that some prices put on the front.
    """
    means = front[front["seed"].isna()]
    networks = with_validation(means[means["scale"].notna()])
    cnns = with_validation(cnn_tried(means))
    every_mac = [cnn for name in sets if (cnn := dense_cnn(front, name)) is not None]
    dense = pd.DataFrame(every_mac, columns=front.columns).astype(front.dtypes)
    dense = with_validation(dense).assign(may_join=False, chosen=1)

    points = pd.concat([part for part in (networks, cnns, dense) if len(part)])
    points = points[points["set"].isin(sets)]
    stays = points["scale"].notna() & (points["method"] != EARLY_EXIT)
    points = points.assign(stays=stays)
    points = points[points["stays"] | points["may_join"] | flagged(points["chosen"])]
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


def layers(points: pd.DataFrame, colour: Encoding, shape: Encoding) -> list[Chart]:
    """The steps and marks of one set's `shown_points`."""
    read = alt.Y("accuracy:Q", title="accuracy")
    # Room for labels, but no tick above all recordings.
    read = read.axis(format="~%", labelExpr="datum.value > 1 ? '' : datum.label")
    read = read.scale(zero=False, padding=22)
    uj = alt.X("uj:Q", title="energy per recording (µJ)").scale(type="log", nice=False, padding=16)
    uj = uj.axis(format="~r", tickCount=5, labelSeparation=8, labelFlush=14)

    names = ["name", "synops", "ms", "is_cnn", "may_join"]
    names += ["validation_accuracy", "validation_synops", "validation_ms", "stays", "is_chosen"]
    names += ["accuracy", "accuracy_low", "accuracy_high", "words"]
    data = points[names].rename(columns={"name": "method"})
    every = priced(alt.Chart(data)).encode(uj, read, colour)
    chosen = every.transform_filter("datum.is_chosen")
    low = alt.Y("accuracy_low:Q", title="")
    return [
        steps(every),
        every.transform_filter("!datum.is_chosen && (datum.stays || datum.on_front)")
        .mark_point(filled=True, size=40, opacity=0.8)
        .encode(shape, tooltip="words:N"),
        chosen.mark_rule(strokeWidth=1.5).encode(low, alt.Y2("accuracy_high:Q")),
        chosen.mark_point(filled=True, size=200, opacity=1, stroke=INK).encode(
            shape, tooltip="words:N"
        ),
    ]
