"""The front: what all methods read right against the energy of a reading."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dvs_snn.analysis.points import CNN_POINT, POINT
from dvs_snn.analysis.trials import EARLY_EXIT
from dvs_snn.report import chart
from dvs_snn.report.cells import flagged, network_names, ordered, point_text, shown_sets
from dvs_snn.report.chart import Chart, Encoding, alt
from dvs_snn.report.front_rows import cnn_tried, dense_cnn
from dvs_snn.report.origin import Origin
from dvs_snn.report.spent import with_energy
from dvs_snn.report.style import INK, method_name
from dvs_snn.settings.set_names import VALIDATION
from dvs_snn.settings.sweep import Power

TITLE = "accuracy against energy, all methods"
CAPTION = (
    "Accuracy against the energy per recording. Small marks are settings that were tried, as means "
    "over the trainings. Lines show the best accuracy for each energy or less, of the settings "
    "that no other setting of their method beats on validation. A large mark is the setting that "
    "validation chose; its bar is the 95 % interval. A MAC costs as much as a SynOp. The diamond "
    "counts all MACs of the CNN; the other CNN skips zeros and stops early. Accuracies "
    "more than 12 points below the best aren't shown."
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
    points = shown_points(front, sets, power)
    sets = [name for name in sets if name in set(points["set"])]
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
    return shared.properties(params=[chart.stacks()])


def shown_points(front: pd.DataFrame, sets: Sequence[str], power: Power) -> pd.DataFrame:
    """Points of some sets near the best, means over the trainings, as the charts read them.

    Columns beside the front's: the energy `uj` of a reading, `is_on_front`, `is_chosen`, `n`
    symbols, and `words` of the tooltip. Points of rescaling and of trainings stand there even if
    they are off the front. Of early exits and CNNs only those do that validation chose, or that are
    on the front.
    """
    means = with_energy(front[front["seed"].isna()], power)
    networks = with_front(means[means["scale"].notna()])
    cnns = with_front(cnn_tried(means))
    every_mac = [cnn for name in sets if (cnn := dense_cnn(means, name)) is not None]
    dense = pd.DataFrame(every_mac, columns=means.columns).astype(means.dtypes)
    dense = dense.assign(is_on_front=False, chosen=1)

    points = pd.concat([part for part in (networks, cnns, dense) if len(part)])
    points = points[points["set"].isin(sets)]
    points = points.assign(is_chosen=flagged(points["chosen"]))
    stays = points["scale"].notna() & (points["method"] != EARLY_EXIT)
    points = points[stays | points["is_on_front"] | points["is_chosen"]]
    points = points[points["accuracy"] >= points["accuracy"].max() - SPAN]
    names = network_names(front)
    points["point"] = [point_text(row, names) for row in points.to_dict("records")]

    points = points.assign(
        name=points["method"].map(method_name),
        millions=points["synops_per_reading"] / 1e6,
        n=points["n_symbols"].astype(int),
    )
    return chart.worded(
        points,
        "{name}, {point}: {accuracy:.1%} right ({accuracy_low:.1%} to {accuracy_high:.1%}, "
        "n = {n}) with {millions:.3g} M operations in {time_to_exit_ms:.0f} ms",
    )


def with_front(points: pd.DataFrame) -> pd.DataFrame:
    """Mark the points of each set and method that no other one beats on validation: `is_on_front`.

    A study without validation has its front on each set itself.

    Args:
        points: rows of `front`, means over the trainings, with the energy `uj`.
    """
    key = [*POINT, *CNN_POINT]
    is_validation = points["set"] == VALIDATION
    if is_validation.any():
        judged = points.loc[is_validation, [*key, "accuracy", "uj"]]
        judged = points[["set", *key]].merge(judged, how="left", on=key)
    else:
        judged = points[["set", *key, "accuracy", "uj"]].reset_index(drop=True)

    cheapest_first = judged.sort_values(["uj", "accuracy"], ascending=[True, False], kind="stable")
    of_method = cheapest_first.groupby(["set", "method"])["accuracy"]
    best_for_less = of_method.transform(lambda read: read.cummax().shift(fill_value=-np.inf))
    # A point that validation didn't read is on no front.
    is_on_front = cheapest_first["accuracy"] > best_for_less
    return points.assign(is_on_front=is_on_front.sort_index().to_numpy())


def layers(points: pd.DataFrame, colour: Encoding, shape: Encoding) -> list[Chart]:
    """The steps and marks of one set's `shown_points`."""
    read = alt.Y("accuracy:Q", title="accuracy")
    # Room for labels, but no tick above all recordings.
    read = read.axis(format="~%", labelExpr="datum.value > 1 ? '' : datum.label")
    read = read.scale(zero=False, padding=22)
    uj = alt.X("uj:Q", title="energy per recording (µJ)").scale(type="log", nice=False, padding=16)
    uj = uj.axis(format="~r", tickCount=5, labelSeparation=8, labelFlush=14)

    names = ["name", "uj", "is_on_front", "is_chosen"]
    names += ["accuracy", "accuracy_low", "accuracy_high", "words"]
    data = points[names].rename(columns={"name": "method"})
    steps = data[data["is_on_front"]].sort_values("uj", kind="stable")
    data = data.assign(best=steps.groupby("method")["accuracy"].cummax())
    every = alt.Chart(data).encode(uj, read, colour)
    chosen = every.transform_filter("datum.is_chosen")
    low = alt.Y("accuracy_low:Q", title="")
    return [
        every.transform_filter("datum.is_on_front")
        .mark_line(strokeWidth=2.2, interpolate="step-after")
        .encode(alt.Y("best:Q", title="")),
        every.mark_point(filled=True, size=40, opacity=0.8).encode(shape, tooltip="words:N"),
        chosen.mark_rule(strokeWidth=1.5).encode(low, alt.Y2("accuracy_high:Q")),
        chosen.mark_point(filled=True, size=200, opacity=1, stroke=INK).encode(
            shape, tooltip="words:N"
        ),
    ]
