"""The answer: accuracy against the energy of a reading, on the set that answers."""

import pandas as pd

from dvs_snn.report import chart
from dvs_snn.report.chart import Chart, alt
from dvs_snn.report.figures.front import layers, shown_points
from dvs_snn.report.origin import Origin
from dvs_snn.report.style import GREY
from dvs_snn.settings.guests import NIR
from dvs_snn.settings.sweep import Power

TITLE = "what a reading costs"
CATEGORY = "1 Results"
CAPTION = (
    "Recordings read right against the energy of a reading. Rescaled: the first layer's weights "
    "are multiplied. SynOp loss: the network is trained to spike less. Early exit: a network stops "
    "once its best output leads. Sparse CNN: weights that learnt to spare operations, without "
    "spikes; it stops early and skips zeros. A line joins the points that none beats on "
    "validation, so it may dip here. Large marks are the points that validation chose, bars their "
    "95 % intervals. CNNs stand where they would if a MAC cost as much as a SynOp."
)

MOST_NAMES = 5
"""Of more methods beside their lines some would lie on each other: a legend names them."""


def draw(
    front: pd.DataFrame,
    evaluation: pd.DataFrame,
    origin: Origin,
    power: Power,
    chip_check: pd.DataFrame | None = None,
) -> Chart:
    """One panel with direct labels; `chip_check` has what others published."""
    lead = origin.lead(evaluation)
    points = shown_points(front, [lead]) if lead else front.iloc[:0]
    if lead is None or points.empty:
        return chart.sentence("No spiking set was evaluated, so no reading has a price.")

    colour, shape = chart.by_method(points["method"].unique())
    is_crowded = points["method"].nunique() > MOST_NAMES
    if not is_crowded:
        colour = colour.legend(None)
        shape = shape.legend(None)

    read = alt.Y("accuracy:Q")
    at = alt.Chart().transform_calculate(uj=chart.UJ).encode(alt.X("uj:Q"), read)

    def label(rows: pd.DataFrame, words: str, dx: int, dy: int, **style: object) -> Chart:
        text = at.mark_text(dx=dx, dy=dy, fontWeight="bold", **style).encode(text=words)
        return text.properties(data=rows[["method", "ms", "synops", "accuracy", "told"]])

    # A line rises from its cheapest point: beside that is room for its name.
    first = points.sort_values("accuracy").drop_duplicates("method")
    first = first.assign(told=first["name"], method=first["name"])
    guests = _guests(evaluation[evaluation["set"] == lead])

    parts = [
        *layers(points, colour, shape),
        label(first.iloc[:0] if is_crowded else first, "told:N", 10, 0, align="left").encode(
            colour
        ),
        at.mark_point(shape="diamond", size=160, color=GREY, filled=False, strokeWidth=2)
        .encode(tooltip="told:N")
        .properties(data=guests),
        label(guests.assign(method=""), "told:N", 0, 20, color=GREY, lineBreak="\n"),
    ]

    if chip_check is not None and len(guests):
        chip = _of_chip(chip_check)
        rule = alt.Chart(chip).mark_rule(color=GREY, strokeDash=[5, 4]).encode(read)
        words = alt.Chart(chip).mark_text(align="right", dy=-8, color=GREY)
        parts += [rule, words.encode(read, alt.XValue("width"), text="told:N")]

    title = f"{origin.called(lead)} ({origin.kind(lead)}, {points['n'].max():,} symbols)"
    drawn = chart.layered(parts)
    return drawn.properties(title=title, width=425, height=330, params=chart.power_params(power))


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
