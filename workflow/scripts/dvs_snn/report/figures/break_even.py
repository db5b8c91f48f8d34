"""Spiking network or CNN: the price of a MAC against the price of a SynOp."""

from typing import Any

import pandas as pd

from dvs_snn.report import chart
from dvs_snn.report.cells import ordered
from dvs_snn.report.chart import Chart, alt
from dvs_snn.report.methods import answer_sets
from dvs_snn.report.style import GREY, INK
from dvs_snn.settings.sweep import Power
from dvs_snn.tables.chips import ADDITION, MAC, MEASURED

TITLE = "spiking network or CNN"
CATEGORY = "1 Results"
SUFFIX = ".svg"
CAPTION = (
    "What a MAC and a SynOp cost, and which network is then cheaper on the same events. Each line "
    "is a method on a set: right of and below it the spiking network is cheaper, left of and "
    "above it the CNN. Dots are arithmetic at 45 nm alone (Horowitz 2014). The level band is the "
    "study's range of energies per SynOp, the level line the energy in force. Bars at the right "
    "edge are SynOps of a measured chip, Speck, at its largest and smallest fan-out."
)

MAC_PJ = [0.1, 100.0]
SYNOP_PJ = [0.02, 200.0]


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
    lines["words"] = [
        f"{row.method} on {row.set}: {row.synops_per_mac:.3g} SynOps a MAC"
        for row in lines.itertuples()
    ]
    dash = chart.dashed("set", ordered(points["set"]))
    stroke = {"symbolType": "stroke", "symbolStrokeWidth": 3}
    mac, synop = _price(alt.X, "mac", MAC_PJ), _price(alt.Y, "synop", SYNOP_PJ)
    low, high = power.energy_band_pj
    in_force = chart.blank().transform_calculate(synop="pj").mark_rule(color=GREY, strokeWidth=1.5)
    known = alt.Chart(_arithmetic(chips)).encode(mac, synop)
    corners = pd.DataFrame(
        {"mac": [0.13, 78], "synop": [120, 0.035],
         "words": ["CNN cheaper", "spiking network cheaper"]}
    )  # fmt: skip
    return alt.layer(
        alt.Chart(pd.DataFrame({"synop": [low], "high": [high]}))
        .mark_rect(color=GREY, opacity=0.14)
        .encode(y=synop, y2="high"),
        in_force.encode(y=synop),
        alt.Chart(lines)
        .mark_line(strokeWidth=2.2, clip=True)
        .encode(
            mac, synop, chart.by_method(lines["method"], **stroke)["color"], dash, tooltip="words:N"
        ),
        known.mark_point(filled=True, size=60, color=INK, opacity=1).encode(tooltip="name:N"),
        known.mark_text(align="left", dx=8, dy=4).encode(text="name:N"),
        alt.Chart(_measured(chips))
        .mark_tick(orient="horizontal", color=INK, thickness=2, size=14)
        .encode(mac, synop, tooltip="name:N"),
        *(
            alt.Chart(corners[place : place + 1])
            .mark_text(fontWeight="bold", align=align)
            .encode(mac, synop, text="words:N")
            for place, align in enumerate(("left", "right"))
        ),
    ).properties(width=680, height=360, params=chart.power_params(power))


def _price(channel: Any, field: str, domain: list[float]) -> Any:
    """The encoding of what an operation costs."""
    operation = {"mac": "MAC", "synop": "SynOp"}[field]
    axis = alt.Axis(values=chart.log_values(*domain, (1,)), format="~g")
    scale = alt.Scale(type="log", domain=domain)
    return channel(f"{field}:Q", title=f"energy of a {operation} (pJ)", axis=axis, scale=scale)


def _arithmetic(chips: pd.DataFrame) -> pd.DataFrame:
    """Both prices of arithmetic at 45 nm."""
    macs, additions = (
        chips[chips["kind"] == kind].set_index("chip")["pj_low"] for kind in (MAC, ADDITION)
    )
    return (
        pd.DataFrame({"mac": macs[additions.index], "synop": additions})
        .rename_axis("name")
        .reset_index()
    )


def _measured(chips: pd.DataFrame) -> pd.DataFrame:
    """Both ends of each measured chip's price of a SynOp, at the right edge."""
    measured = chips[chips["kind"] == MEASURED].rename(columns={"network": "name"})
    ends = measured.melt("name", ["pj_low", "pj_high"], value_name="synop")
    return ends[["name", "synop"]].assign(mac=MAC_PJ[1])
