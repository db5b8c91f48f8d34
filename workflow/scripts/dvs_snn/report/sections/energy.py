"""From operations to energy: measured chips, spiking network or CNN, the energy of a decision."""

from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.report import live, text
from dvs_snn.report.methods import answer_sets
from dvs_snn.report.study import FinishedStudy
from dvs_snn.report.table import column
from dvs_snn.settings.sweep import Power
from dvs_snn.tables.budgets import STATIC_MW
from dvs_snn.tables.costs import (
    HIGH_PRICE,
    LOW_PRICE,
    MEASURED,
    OURS,
    POINT,
    PUBLISHED,
    SPIKING,
    STUDY_PRICE,
    SYNOP_KINDS,
    WITHIN,
)

FLOOR_MW = max(STATIC_MW)
STUDY_PRICES = (STUDY_PRICE, LOW_PRICE, HIGH_PRICE)


def context(study: FinishedStudy) -> dict[str, Any]:
    chips, costs = study.table("chips"), study.table("costs")
    ours, published = (costs[costs["kind"] == kind] for kind in (OURS, PUBLISHED))
    accuracy = published["accuracy"]
    break_even, power = study.table("break_even"), study.power
    sets = answer_sets(break_even["set"])
    # Sentences tell of the answer's sets, and most of them of the compared methods alone; tables
    # have all.
    answered = break_even[break_even["set"].isin(sets)]
    compared = study.quoted.of_compared(answered)
    decided = study.quoted.of_compared(ours[ours["set"].isin(sets)])
    prices = [
        Markup("{}\u00a0pJ ({}, {})").format(
            live.priced(row.breakeven_mac_pj, power), row.method, row.set
        )
        for row in compared[compared["price"] == STUDY_PRICE].itertuples()
    ]
    return {
        "sets": sets,
        "all_sets": ours["set"],
        "floor": text.with_unit(FLOOR_MW, "mW", text.setting),
        "chips": _chips(chips),
        "chip_rows": _chip_rows(chips),
        "verdicts": [
            _verdict(str(method), rows, power)
            for method, rows in answered.groupby("method", sort=False)
        ],
        "crossings": text.listed(prices),
        "break_even_rows": _break_even_rows(break_even),
        "decisions": [
            _decision(rows, power) for _, rows in decided.groupby(list(POINT), sort=False)
        ],
        # What published chips take and misread, from the best to the worst.
        "published": {
            "energy": _range(published["energy_per_decision_uj"], "µJ"),
            "misread": text.from_to(*map(text.percent, (1 - accuracy.max(), 1 - accuracy.min()))),
        },
        "cost_rows": _cost_rows(ours, power),
        "published_rows": published.drop(columns=["accuracy_low", "accuracy_high"]),
    }


def _range(values: pd.Series, unit: str) -> str:
    low, high = (text.with_unit(end, unit) for end in (values.min(), values.max()))
    return text.from_to(low, high)


def _chips(chips: pd.DataFrame) -> dict[str, Any] | None:
    """How the energy of a SynOp follows from the measured chip, and how many chips lie where."""
    synops, measured = (chips[chips["kind"].isin(kinds)] for kinds in (SYNOP_KINDS, (MEASURED,)))
    if measured.empty:
        return None
    first = measured.iloc[0]
    return {
        "n": len(synops),
        "n_within": (synops["band"] == WITHIN).sum(),
        "outside": text.counted(synops.loc[synops["band"] != WITHIN, "band"]),
        "n_measured": len(measured),
        "per_spike": _range(measured["nj_per_spike"], "nJ"),
        "largest_fanout": first["fanout_high"],
        "at_largest": _range(measured["pj_low"], "pJ"),
        "smallest_fanout": first["fanout_low"],
        "at_smallest": _range(measured["pj_high"], "pJ"),
        "seconds": text.with_unit(1e3 * first["seconds"], "ms", text.setting),
        "static": text.with_unit(first["static_mw"], "mW", text.setting),
        "source": first["source"],
    }


def _chip_rows(chips: pd.DataFrame) -> pd.DataFrame:
    def pj(row: dict[str, Any]) -> str:
        low, high = text.significant(row["pj_low"]), text.significant(row["pj_high"])
        return low if row["pj_low"] == row["pj_high"] else text.from_to(low, high)

    source = column(chips, lambda row: f"{row['source']} ({row['certainty']})")
    return chips.assign(pj=column(chips, pj), source=source)


def _verdict(method: str, break_even: pd.DataFrame, power: Power) -> dict[str, Any]:
    """At which price of a MAC a method is cheaper on each set, and where by arithmetic alone."""
    of_study = break_even["price"].isin(STUDY_PRICES)
    prices, arithmetic = [], []
    for name, rows in break_even[of_study].groupby("set", sort=False):
        pj = rows.groupby("price")["breakeven_mac_pj"].last()
        band = _range(pj[[LOW_PRICE, HIGH_PRICE]], "pJ")
        words = Markup("{}\u00a0pJ on {} ({} over the band)")
        prices.append(words.format(live.priced(pj[STUDY_PRICE], power), name, band))
    for price, rows in break_even[~of_study].groupby("price", sort=False):
        cheaper = rows.loc[rows["cheaper"] == SPIKING, "set"]
        where = f"on {text.listed(cheaper)}" if len(cheaper) else "on no set"
        synop_pj, mac_pj = rows[["synop_pj", "mac_pj"]].iloc[0]
        arithmetic.append(f"{where} at {price} ({synop_pj:g} against {mac_pj:g}\u00a0pJ)")
    return {
        "method": method,
        "prices": text.listed(prices),
        "arithmetic": text.listed(arithmetic),
    }


def _break_even_rows(break_even: pd.DataFrame) -> list[dict[str, str]]:
    """A row for each quoted point and set: its ratio, and who is cheaper at which prices."""
    shown = []
    for (name, method, variant, scale), rows in break_even.groupby(list(POINT), sort=False):
        cells = {
            "set": name,
            "method": f"{method} ({variant}, scale {scale:.2f})",
            "SynOps per MAC (seeds)": text.interval_of(
                rows.iloc[0], "synops_per_mac", text.significant
            ),
        }
        for row in rows[~rows["price"].isin((LOW_PRICE, HIGH_PRICE))].to_dict("records"):
            heading = f"MAC price at {row['synop_pj']:g} pJ per SynOp, {row['price']} (pJ)"
            cheaper = "spiking" if row["cheaper"] == SPIKING else "CNN"
            mac_pj = text.significant(row["breakeven_mac_pj"])
            cells[heading] = f"{mac_pj} ({cheaper} at {row['mac_pj']:g})"
        shown.append(cells)
    return shown


def _decision(rows: pd.DataFrame, power: Power) -> dict[str, Any]:
    """What a decision of a point takes on a set, without static power and with the floor's."""
    first, by_static = rows.iloc[0], rows.set_index("static_mw")
    columns = ["energy_per_decision_uj", "time_to_decision_ms"]
    bare, floored = (
        live.energy(*by_static.loc[static, columns], power, static_mw=static)
        for static in (0.0, FLOOR_MW)
    )
    return {
        "set": first["set"],
        "method": first["method"],
        "misread": 1 - first["accuracy"],
        "decides": rows["time_to_decision_ms"].notna().any(),
        "bare": bare,
        "floored": floored,
    }


def _cost_rows(ours: pd.DataFrame, power: Power) -> pd.DataFrame:
    """A row for each quoted point, set and static power."""
    ours = ours.assign(ms=1.0)

    def banded(amount: str, time: str) -> pd.Series:
        def cell(row: dict[str, Any]) -> Markup:
            return live.banded(row[amount], row[time], power, live.kept(row["static_mw"], power))

        return column(ours, cell)

    def whole(row: dict[str, Any]) -> Markup:
        kept = live.kept(row["static_mw"], power)
        return live.energy(row["energy_per_recording_uj"], row["recording_ms"], power, None, kept)

    return ours.assign(
        static_mw=column(ours, lambda row: live.static(row["static_mw"], power)),
        power_mw=banded("power_mw", "ms"),
        energy_per_decision_uj=banded("energy_per_decision_uj", "time_to_decision_ms"),
        energy_per_recording_uj=column(ours, whole),
    )
