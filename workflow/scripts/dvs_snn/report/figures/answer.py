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
CATEGORY = "1 Results"
CAPTION = (
    "Accuracy against the energy per recording; higher and further left is better. Large marks are "
    "the networks of the table, with 95 % intervals. Lines show the best accuracy for each "
    "energy or less. Until you move its slider, a MAC costs as much as a SynOp."
)


def draw(
    front: pd.DataFrame,
    evaluation: pd.DataFrame,
    origin: Origin,
    power: Power,
    chip_check: pd.DataFrame | None = None,
) -> Chart:
    """One panel of the front; `chip_check` has what others published."""
    lead = origin.lead(evaluation)
    points = shown_points(front, [lead]) if lead else front.iloc[:0]
    if lead is None or points.empty:
        return chart.sentence("No spiking network read a set, so there is no energy to show.")

    colour, shape = chart.by_method(points["method"].unique())
    read = alt.Y("accuracy:Q")
    at = alt.Chart().transform_calculate(uj=chart.UJ).encode(alt.X("uj:Q"), read)
    guests = _guests(evaluation[evaluation["set"] == lead])
    parts = [
        *layers(points, colour, shape),
        at.mark_point(shape="diamond", size=160, color=GREY, filled=False, strokeWidth=2)
        .encode(tooltip="told:N")
        .properties(data=guests),
        at.mark_text(dy=20, color=INK, lineBreak="\n")
        .encode(text="told:N")
        .properties(data=guests),
    ]

    if chip_check is not None and len(guests):
        chip = _of_chip(chip_check)
        rule = alt.Chart(chip).mark_rule(color=GREY, strokeDash=[5, 4]).encode(read)
        words = alt.Chart(chip).mark_text(align="right", dy=-8, color=INK)
        parts += [rule, words.encode(read, alt.XValue("width"), text="told:N")]

    return chart.layered(parts).properties(
        title=origin.titled(lead, points["n"].max()),
        width=chart.WIDTH,
        height=250,
        params=chart.power_params(power),
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
            "synops": read["synops_per_recording"],
            "ms": read["energy_uj"] / read["power_mw"],
            "told": read["variant"] + known,
        }
    )


def _of_chip(published: pd.DataFrame) -> pd.DataFrame:
    """What Speck read with a published network: its SynOps aren't published."""
    rows = published[published["platform"] == "Speck"].dropna(subset="accuracy")
    told = [f"Speck, published: {100 * share:.1f} %" for share in rows["accuracy"]]
    return rows[["accuracy"]].assign(told=told)
