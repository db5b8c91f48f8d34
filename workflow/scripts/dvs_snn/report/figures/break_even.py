"""Spiking network or CNN: the price of a MAC against the price of a SynOp."""

import numpy as np
import pandas as pd

from dvs_snn.analysis.verdict import even_line
from dvs_snn.energy.chips import ADDITION, MAC, MEASURED
from dvs_snn.points.choice import Quoted
from dvs_snn.points.quoted_rows import quoted_cnns, quoted_spiking
from dvs_snn.report import chart
from dvs_snn.report.chart import Chart, alt
from dvs_snn.report.origin import Origin
from dvs_snn.report.style import GREY, INK, method_name
from dvs_snn.settings.sweep import Power

TITLE = "spiking network or CNN"
CAPTION = (
    "Which network is cheaper depends on what a MAC and a SynOp cost. On a line both networks need "
    "the same energy for the same recordings. Below it the spiking network is cheaper, above it "
    "the CNN. Idle power moves a line, since the networks stop at different times. The cross marks "
    "the assumed prices. The horizontal line is the price of a SynOp, and the band its range. Dots "
    "are arithmetic alone at 45 nm (Horowitz 2014). Ticks at the right are SynOps of a measured "
    "chip, Speck."
)

MAC_PJ = [0.1, 100.0]
SYNOP_PJ = [0.02, 200.0]

EVERY_MAC = "every MAC"
STOPS_EARLY = "stops early, skips zeros"
"""How the CNN reads."""

CORNERS = (("left", 0.13, 120, "CNN cheaper"), ("right", 70, 0.035, "spiking cheaper"))


def draw(
    points: pd.DataFrame,
    evaluation: pd.DataFrame,
    choice: pd.DataFrame,
    chips: pd.DataFrame,
    origin: Origin,
    power: Power,
) -> Chart:
    """The plane of both prices with a line for each quoted point, on the set that answers."""
    answer_set = origin.answer_set(evaluation)
    quoted = quoted_spiking(points, Quoted.of(choice), answer_set)
    lines = _lines(points, quoted, answer_set, power.static_power_mw)
    if answer_set is None or lines.empty:
        return chart.sentence("No set was read by both networks, so their costs can't be compared.")

    dash = alt.StrokeDash("cnn:N", title="CNN", sort=[EVERY_MAC, STOPS_EARLY]).legend(
        columns=2, symbolType="stroke", symbolStrokeColor=INK
    )
    stroke = {"symbolType": "stroke", "symbolStrokeWidth": 3}
    colour, _ = chart.by_method(lines["code"], **stroke)
    mac = chart.logarithmic(alt.X("mac:Q"), "energy of a MAC (pJ)", MAC_PJ, [1])
    synop = chart.logarithmic(alt.Y("synop:Q"), "energy of a SynOp (pJ)", SYNOP_PJ, [1])

    low, high = power.energy_band_pj
    synop_pj = power.energy_per_synop_pj
    in_force = alt.Chart(pd.DataFrame({"mac": [synop_pj], "synop": [synop_pj]}))
    known = alt.Chart(_arithmetic(chips)).encode(mac, synop)
    labels = known.encode(text="name:N")
    beside = {"align": "left", "dx": 8, "dy": 4}

    return alt.layer(
        alt.Chart(pd.DataFrame({"synop": [low], "high": [high]}))
        .mark_rect(color=GREY, opacity=0.14)
        .encode(y=synop, y2="high"),
        in_force.mark_rule(color=GREY, strokeWidth=1.5).encode(y=synop),
        alt.Chart(_curves(lines))
        .mark_line(strokeWidth=2.2, clip=True)
        .encode(mac, synop, colour, dash, tooltip="words:N"),
        in_force.mark_point(
            shape="cross", filled=True, size=150, color=INK, opacity=1, clip=True
        ).encode(mac, synop),
        known.mark_point(filled=True, size=60, color=INK, opacity=1).encode(tooltip="name:N"),
        # Lines cross the names: a white edge keeps them readable.
        labels.mark_text(stroke="white", strokeWidth=4, **beside),
        labels.mark_text(**beside),
        alt.Chart(_measured(chips))
        .mark_tick(orient="horizontal", color=INK, thickness=2, size=14)
        .encode(mac, synop, tooltip="name:N"),
        *(
            alt.Chart(pd.DataFrame({"mac": [x], "synop": [y]}))
            .mark_text(fontWeight="bold", align=align, text=words)
            .encode(mac, synop)
            for align, x, y, words in CORNERS
        ),
    ).properties(
        title=origin.titled(answer_set, quoted["n_symbols"].max()),
        width=chart.WIDTH,
        height=chart.WIDTH,
    )


def _lines(
    points: pd.DataFrame, quoted: pd.DataFrame, name: str | None, idle_mw: float
) -> pd.DataFrame:
    """A row for each spiking network quoted on the set `name`, beside each way of the CNN.

    It has what `even_line` gives.
    """
    lines = []
    for _, point in quoted.iterrows():
        for cnn in quoted_cnns(points, name):
            reads = EVERY_MAC if pd.isna(cnn["exit"]) else STOPS_EARLY
            even = even_line(point, cnn, idle_mw)
            lines.append({"code": point["method"], "cnn": reads, **even._asdict()})
    rows = pd.DataFrame(lines, columns=["code", "cnn", "ratio", "more_pj"]).dropna()
    rows = rows.assign(method=rows["code"].map(method_name))
    return chart.worded(rows, "{method}, CNN: {cnn}; a MAC costs as much as {ratio:.3g} SynOps")


def _curves(lines: pd.DataFrame) -> pd.DataFrame:
    """Points `mac` and `synop` along each of `_lines`."""
    points = lines.merge(pd.DataFrame({"mac": np.geomspace(MAC_PJ[0], MAC_PJ[1], 51)}), how="cross")
    points = points.assign(synop=(points["mac"] - points["more_pj"]) / points["ratio"])
    return points[points["synop"] > SYNOP_PJ[0]]


def _arithmetic(chips: pd.DataFrame) -> pd.DataFrame:
    """Both prices of arithmetic at 45 nm."""
    prices = chips[chips["kind"].isin([MAC, ADDITION])].pivot(index="chip", columns="kind")
    return (
        prices["pj_low"]
        .rename_axis("name")
        .reset_index()
        .rename(columns={MAC: "mac", ADDITION: "synop"})
    )


def _measured(chips: pd.DataFrame) -> pd.DataFrame:
    """Both ends of each measured chip's price of a SynOp, at the right edge."""
    measured = chips[chips["kind"] == MEASURED].rename(columns={"network": "name"})
    ends = measured.melt("name", ["pj_low", "pj_high"], value_name="synop")
    return ends[["name", "synop"]].assign(mac=MAC_PJ[1])
