"""Spiking network or CNN: the price of a MAC against the price of a SynOp."""

import pandas as pd

from dvs_snn.report import chart
from dvs_snn.report.cells import answer_sets, ordered
from dvs_snn.report.chart import Chart, alt
from dvs_snn.report.style import GREY, INK
from dvs_snn.settings.sweep import Power
from dvs_snn.tables.costs import ADDITION, MAC, MEASURED

TITLE = "spiking network or CNN"
CATEGORY = "1 Results"
SUFFIX = ".svg"
CAPTION = (
    "What a MAC and a SynOp cost, and which network is then cheaper on the same events. Each line "
    "is a method on a set. Dots are arithmetic at 45 nm alone (Horowitz 2014). The level band is "
    "the study's range of energies per SynOp, the level line the energy in force. Bars at the "
    "right edge are SynOps of a measured chip, Speck, at its largest and smallest fan-out."
)

MAC_PJ = [0.1, 100.0]
SYNOP_PJ = [0.02, 200.0]
CORNERS = (("left", 0.13, 120, "CNN cheaper"), ("right", 78, 0.035, "spiking network cheaper"))


def draw(break_even: pd.DataFrame, chips: pd.DataFrame, power: Power) -> Chart:
    """The plane of both prices with a line for each set and method, at which they cost the same."""
    if break_even.empty:
        return chart.sentence("No set was read by both networks, so their costs can't be compared.")
    shown = break_even[break_even["set"].isin(answer_sets(break_even["set"]))]
    points = shown.drop_duplicates(["set", "method", "variant", "scale"])
    lines = points[["method", "set", "synops_per_mac"]].merge(
        pd.DataFrame({"mac": MAC_PJ}), "cross"
    )
    lines["synop"] = lines["mac"] / lines["synops_per_mac"]
    lines = chart.worded(lines, "{method} on {set}: {synops_per_mac:.3g} SynOps a MAC")
    dash = alt.StrokeDash("set:N", sort=ordered(points["set"])).legend(
        symbolType="stroke", symbolStrokeColor=INK
    )
    colour, _ = chart.by_method(lines["method"], symbolType="stroke", symbolStrokeWidth=3)
    how = {"steps": (1,), "format": "~g"}
    mac = chart.logarithmic(alt.X, "mac", "energy of a MAC (pJ)", MAC_PJ, **how)
    synop = chart.logarithmic(alt.Y, "synop", "energy of a SynOp (pJ)", SYNOP_PJ, **how)
    low, high = power.energy_band_pj
    in_force = chart.blank().transform_calculate(synop="pj").mark_rule(color=GREY, strokeWidth=1.5)
    known = alt.Chart(_arithmetic(chips)).encode(mac, synop)
    return alt.layer(
        alt.Chart(pd.DataFrame({"synop": [low], "high": [high]}))
        .mark_rect(color=GREY, opacity=0.14)
        .encode(y=synop, y2="high"),
        in_force.encode(y=synop),
        alt.Chart(lines)
        .mark_line(strokeWidth=2.2, clip=True)
        .encode(mac, synop, colour, dash, tooltip="words:N"),
        known.mark_point(filled=True, size=60, color=INK, opacity=1).encode(tooltip="name:N"),
        known.mark_text(align="left", dx=8, dy=4).encode(text="name:N"),
        alt.Chart(_measured(chips))
        .mark_tick(orient="horizontal", color=INK, thickness=2, size=14)
        .encode(mac, synop, tooltip="name:N"),
        *(
            alt.Chart(pd.DataFrame({"mac": [x], "synop": [y]}))
            .mark_text(fontWeight="bold", align=align, text=words)
            .encode(mac, synop)
            for align, x, y, words in CORNERS
        ),
    ).properties(width=680, height=360, params=chart.power_params(power))


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
