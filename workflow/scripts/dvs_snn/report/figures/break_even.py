"""Spiking network or CNN: the price of a MAC against the price of a SynOp."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from dvs_snn.files.tables import read_table
from dvs_snn.report import chart
from dvs_snn.report.cells import ordered
from dvs_snn.report.methods import answer_sets, in_order
from dvs_snn.report.style import Named
from dvs_snn.tables.power.chips import ADDITION, MAC, MEASURED

TITLE = "spiking network or CNN"
CATEGORY = "1 Results"
INPUTS = ("break_even", "chips")
SETTINGS = ("power",)
CAPTION = (
    "What a MAC and a SynOp cost, and which network is then cheaper on the same events. Each line "
    "is a method on a set: right of and below it the spiking network is cheaper, left of and "
    "above it the CNN. Dots are arithmetic at 45 nm alone (Horowitz 2014). The level band is the "
    "study's range of energies per SynOp, the level line the energy in force. Bars at the right "
    "edge are SynOps of a measured chip, Speck, at its largest and smallest fan-out."
)

MAC_PJ = [0.1, 100.0]
SYNOP_PJ = [0.02, 200.0]
DASHES = ([], [6, 4], [2, 3], [8, 3, 2, 3])


def draw(paths: Named, settings: Named) -> chart.Chart:
    break_even = read_table(paths["break_even"], "break_even")
    return plot(break_even, read_table(paths["chips"], "chips"), settings["power"])


def plot(break_even: pd.DataFrame, chips: pd.DataFrame, power: Mapping[str, Any]) -> chart.Chart:
    """The plane of both prices with a line for each set and method, at which they cost the same."""
    if break_even.empty:
        return chart.sentence("No set was read by both networks, so their costs can't be compared.")
    shown = break_even[break_even["set"].isin(answer_sets(break_even["set"]))]
    points = shown.drop_duplicates(["set", "method", "variant", "scale"])
    looks = chart.looks_of(in_order(points["method"]))
    sets = ordered(points["set"])
    lines = [
        {
            "method": row["method"], "set": row["set"], "mac": mac,
            "synop": mac / row["synops_per_mac"],
            "words": f"{row['method']} on {row['set']}: {row['synops_per_mac']:.3g} SynOps a MAC",
        }
        for row in points.to_dict("records")
        for mac in MAC_PJ
    ]  # fmt: skip
    mac, synop = _price("MAC", MAC_PJ), _price("SynOp", SYNOP_PJ)
    low, high = power["energy_band_pj"]
    whole = {"x": {**mac, "datum": MAC_PJ[0]}, "x2": {"datum": MAC_PJ[1]}}
    dash = {
        "field": "set", "type": "nominal",
        "scale": {"domain": sets, "range": [DASHES[i % len(DASHES)] for i in range(len(sets))]},
        "legend": {"title": None, "symbolType": "stroke", "symbolStrokeColor": chart.INK},
    }  # fmt: skip
    method = {
        "field": "method", "type": "nominal", "scale": chart.colour_scale(looks),
        "legend": {"title": None, "columns": 4, "symbolType": "stroke", "symbolStrokeWidth": 3},
    }  # fmt: skip
    layers = [
        {
            "data": {"values": [{}]},
            "mark": {"type": "rect", "color": chart.GREY, "opacity": 0.14},
            "encoding": {**whole, "y": {**synop, "datum": low}, "y2": {"datum": high}},
        },
        {
            "data": {"values": [{}]},
            "transform": [{"calculate": "pj", "as": "pj"}],
            "mark": {"type": "rule", "color": chart.GREY, "strokeWidth": 1.5},
            "encoding": {**whole, "y": {**synop, "field": "pj"}},
        },
        {
            "data": {"values": lines},
            "mark": {"type": "line", "strokeWidth": 2.2, "clip": True},
            "encoding": {
                "x": {**mac, "field": "mac"}, "y": {**synop, "field": "synop"}, "color": method,
                "strokeDash": dash, "tooltip": {"field": "words", "type": "nominal"},
            },
        },
        *_prices(chips, mac, synop),
        {
            "data": {"values": [
                {"mac": 0.13, "synop": 120, "words": "CNN cheaper", "align": "left"},
                {"mac": 78, "synop": 0.035, "words": "spiking network cheaper", "align": "right"},
            ]},
            "layer": [
                {
                    "transform": [{"filter": f"datum.align == '{align}'"}],
                    "mark": {"type": "text", "fontWeight": "bold", "align": align},
                    "encoding": {"x": {**mac, "field": "mac"}, "y": {**synop, "field": "synop"},
                                 "text": {"field": "words"}},
                }
                for align in ("left", "right")
            ],
        },
    ]  # fmt: skip
    return chart.Chart(
        {"params": chart.power_params(power), "width": 680, "height": 360, "layer": layers}
    )


def _price(operation: str, domain: list[float]) -> dict[str, Any]:
    """The encoding of what an operation costs."""
    ticks = chart.log_values(*domain, (1,))
    return {
        "type": "quantitative",
        "scale": {"type": "log", "domain": domain},
        "axis": {"title": f"energy of a {operation} (pJ)", "values": ticks, "format": "~g"},
    }


def _prices(chips: pd.DataFrame, mac: Mapping, synop: Mapping) -> list[dict[str, Any]]:
    """Known prices: arithmetic at 45 nm, and the measured chip."""
    macs, additions = (
        chips[chips["kind"] == kind].set_index("chip")["pj_low"] for kind in (MAC, ADDITION)
    )
    dots = [
        {"mac": float(macs[name]), "synop": float(price), "name": name}
        for name, price in additions.items()
    ]
    measured = chips[chips["kind"] == MEASURED]
    bars = [
        {"mac": MAC_PJ[1], "synop": float(price), "name": row.network}
        for row in measured.itertuples()
        for price in (row.pj_low, row.pj_high)
    ]
    place = {"x": {**mac, "field": "mac"}, "y": {**synop, "field": "synop"}}
    name = {"field": "name", "type": "nominal"}
    return [
        {
            "data": {"values": dots},
            "layer": [
                {"mark": {"type": "point", "filled": True, "size": 60, "color": chart.INK,
                          "opacity": 1},
                 "encoding": {**place, "tooltip": name}},
                {"mark": {"type": "text", "align": "left", "dx": 8, "dy": 4},
                 "encoding": {**place, "text": name}},
            ],
        },
        {
            "data": {"values": bars},
            "mark": {"type": "tick", "orient": "horizontal", "color": chart.INK, "thickness": 2,
                     "size": 14},
            "encoding": {**place, "tooltip": name},
        },
    ]  # fmt: skip
