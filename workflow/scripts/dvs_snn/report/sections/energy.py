"""Spiking or CNN: at which price of a MAC both cost the same, and what a SynOp costs on chips."""

from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.evaluation.choosing.trials import EARLY_EXIT
from dvs_snn.report import live, text
from dvs_snn.report.cells import answer_sets
from dvs_snn.report.study import FinishedStudy
from dvs_snn.settings.sweep import Power
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


def context(study: FinishedStudy) -> dict[str, Any]:
    costs, break_even, power = study.table("costs"), study.table("break_even"), study.power
    ours, published = (costs[costs["kind"] == kind] for kind in (OURS, PUBLISHED))
    sets, accuracy = answer_sets(break_even["set"]), published["accuracy"]
    compared = study.quoted.of_compared(break_even[break_even["set"].isin(sets)])
    quoted = {EARLY_EXIT, *study.quoted.compared} if study.quoted.best else set(ours["method"])
    ours = ours[ours["set"].isin(sets) & ours["method"].isin(quoted)]
    prices = [
        Markup("{}\u00a0pJ ({}, {})").format(
            live.priced(row.breakeven_mac_pj, power), row.method, row.set
        )
        for row in compared[compared["price"] == STUDY_PRICE].itertuples()
    ]
    return {
        "sets": sets,
        "floor": text.with_unit(live.FLOOR_MW, "mW", text.setting),
        "crossings": text.listed(prices),
        "arithmetic": _arithmetic(compared),
        "chips": _chips(study.table("chips")),
        "readings": [
            _reading(rows.set_index("static_mw"), power)
            for _, rows in ours.groupby([*POINT, "exit"], sort=False, dropna=False)
        ],
        # What published chips take and misread, from the best to the worst.
        "published": {
            "energy": _range(published["energy_per_reading_uj"], "µJ"),
            "misread": text.from_to(*map(text.percent, (1 - accuracy.max(), 1 - accuracy.min()))),
        },
    }


def _range(values: pd.Series, unit: str) -> str:
    return text.from_to(*(text.with_unit(end, unit) for end in (values.min(), values.max())))


def _arithmetic(compared: pd.DataFrame) -> str:
    """Which method is cheaper than the CNN by arithmetic alone, at the prices of each format."""
    parts = []
    formats = compared[~compared["price"].isin((STUDY_PRICE, LOW_PRICE, HIGH_PRICE))]
    for price, rows in formats.groupby("price", sort=False):
        cheaper = rows[rows["cheaper"] == SPIKING]
        names = [f"{row.method} on {row.set}" for row in cheaper.itertuples()]
        synop_pj, mac_pj = rows[["synop_pj", "mac_pj"]].iloc[0]
        prices = f"at {price} ({synop_pj:g} against {mac_pj:g}\u00a0pJ)"
        parts.append(f"{text.listed(names) or 'none on any set'} {prices}")
    return "; ".join(parts)


def _chips(chips: pd.DataFrame) -> dict[str, Any] | None:
    """What a SynOp costs on the measured chip, and how many chips lie within the band."""
    synops, measured = (chips[chips["kind"].isin(kinds)] for kinds in (SYNOP_KINDS, (MEASURED,)))
    if measured.empty:
        return None
    return {
        "n": len(synops),
        "n_within": (synops["band"] == WITHIN).sum(),
        "measured": _range(measured[["pj_low", "pj_high"]].stack(), "pJ"),
        "source": measured["source"].iloc[0],
    }


def _reading(rows: pd.DataFrame, power: Power) -> dict[str, Any]:
    """What a reading of a point takes on a set, without static power and with the floor's.

    `rows` of ``costs.csv``, by static power.
    """
    bare, ms = rows.loc[0.0], rows.loc[0.0, "time_to_exit_ms"]
    spent = (rows.loc[mw, "energy_per_reading_uj"] for mw in (0.0, live.FLOOR_MW))
    zero, floored = (
        live.energy(uj, ms, power, static_mw=mw)
        for uj, mw in zip(spent, (0.0, live.FLOOR_MW), strict=True)
    )
    return {
        **bare,
        "misread": 1 - bare["accuracy"],
        "bare": zero,
        "floored": floored,
        "stream": live.power(bare["power_mw"], power, static_mw=0.0),
    }
