"""The answer: accuracy against the energy of a reading, on the set that answers."""

import pandas as pd

from dvs_snn.report import chart
from dvs_snn.report.chart import Chart, alt
from dvs_snn.report.figures.front import layers, shown_points
from dvs_snn.report.origin import Origin
from dvs_snn.report.style import GREY, INK
from dvs_snn.settings.guests import NIR
from dvs_snn.settings.sweep import Power

TITLE = "what a reading costs"
CAPTION = (
    "Accuracy against the energy per recording; higher and further left is better. Large marks are "
    "the networks of the table, with 95 % intervals. Grey lines are the fronts of both sides: the "
    "best accuracy for each energy or less. A MAC costs as much as a SynOp."
)


def draw(points: pd.DataFrame, evaluation: pd.DataFrame, origin: Origin, power: Power) -> Chart:
    """One panel of the front, and networks from NIR files."""
    answer_set = origin.answer_set(evaluation)
    shown = shown_points(points, [answer_set], power) if answer_set else points.iloc[:0]
    if answer_set is None or shown.empty:
        return chart.sentence("No spiking network read a set, so there is no energy to show.")

    colour, shape = chart.by_method(shown["method"].unique())
    guests = alt.Chart(_guests(evaluation[evaluation["set"] == answer_set]))
    guests = guests.encode(alt.X("uj:Q"), alt.Y("accuracy:Q"))
    ring = guests.mark_point(shape="diamond", size=160, color=GREY, filled=False, strokeWidth=2)
    name = guests.mark_text(dy=20, color=INK, lineBreak="\n")
    parts = [
        *layers(shown, colour, shape),
        ring.encode(tooltip="words:N"),
        name.encode(text="words:N"),
    ]
    return chart.layered(parts).properties(
        title=origin.titled(answer_set, shown["n_symbols"].max()),
        width=chart.WIDTH,
        height=250,
    )


def _guests(evaluation: pd.DataFrame) -> pd.DataFrame:
    """Networks from NIR files on the set: what they read and cost, and whether they know it."""
    # The seeds of a network from a file are copies.
    read = evaluation[evaluation["method"] == NIR].drop_duplicates("variant")
    knows = read["symbols_trained_on"] > 0
    known = knows.map({True: ",\ntrained on these recordings", False: ""})
    return pd.DataFrame(
        {
            "accuracy": read["accuracy"],
            "uj": read["energy_uj"],
            "words": read["variant"] + known,
        }
    )
