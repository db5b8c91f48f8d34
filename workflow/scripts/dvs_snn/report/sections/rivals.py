"""Spiking or CNN: at which price of a MAC both cost the same, and what a SynOp costs on chips."""

from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.report import live, text
from dvs_snn.report.cells import answer_sets
from dvs_snn.report.study import FinishedStudy
from dvs_snn.report.style import method_name
from dvs_snn.tables.costs import (
    HIGH_PRICE,
    LOW_PRICE,
    MEASURED,
    PUBLISHED,
    SPIKING,
    STUDY_PRICE,
    SYNOP_KINDS,
    WITHIN,
)


def context(study: FinishedStudy) -> dict[str, Any]:
    break_even, power = study.table("break_even"), study.power
    sets = {study.lead, *answer_sets(break_even["set"])}
    compared = study.quoted.of_compared(break_even[break_even["set"].isin(sets)])
    prices = [
        Markup("{}\u00a0pJ ({}, {})").format(
            live.priced(row.breakeven_mac_pj, power),
            method_name(row.method),
            study.origin.called(row.set),
        )
        for row in compared[compared["price"] == STUDY_PRICE].itertuples()
    ]
    sentence: Markup | str = "No set was read by both networks."
    if prices:
        sentence = Markup(
            "At {} per SynOp, and if both read whole recordings, they cost the same where a MAC "
            "costs {}."
        ).format(live.synop_pj(power), text.listed(prices))
    return {
        "title": _title(compared),
        "sentence": sentence,
        "figure": study.figure("break_even", study.note_on([study.lead]), sentence),
        "arithmetic": _arithmetic(compared, study),
        "chips": _chips(study.table("chips")),
        "published": _published(study.table("costs")),
    }


def _title(compared: pd.DataFrame) -> str:
    """Who is cheaper at the study's price and a float32 MAC, run to recordings' ends."""
    rows = compared[compared["price"] == STUDY_PRICE]
    if rows.empty:
        return "Spiking or CNN: nothing to compare"
    n = (rows["cheaper"] == SPIKING).sum()
    if n == len(rows):
        return "The spiking network is cheaper than the CNN, if a MAC costs what float32 does"
    if n:
        return "Spiking or CNN: it depends on the method and on what a MAC costs"
    return "The CNN is cheaper where it does cheap MACs, and recordings are read to their end"


def _range(values: pd.Series, unit: str) -> str:
    return text.from_to(*(text.with_unit(end, unit) for end in (values.min(), values.max())))


def _arithmetic(compared: pd.DataFrame, study: FinishedStudy) -> str:
    """Which method is cheaper than the CNN by arithmetic alone, at the prices of each format."""
    parts = []
    formats = compared[~compared["price"].isin((STUDY_PRICE, LOW_PRICE, HIGH_PRICE))]
    for price, rows in formats.groupby("price", sort=False):
        cheaper = rows[rows["cheaper"] == SPIKING]
        names = [
            f"{method_name(row.method)} on {study.origin.called(row.set)}"
            for row in cheaper.itertuples()
        ]
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


def _published(costs: pd.DataFrame) -> str:
    """What published chips take and misread."""
    rows = costs[costs["kind"] == PUBLISHED]
    if rows.empty:
        return ""
    ends = (text.percent(1 - rows["accuracy"].max()), text.percent(1 - rows["accuracy"].min()))
    took = _range(rows["energy_per_reading_uj"], "µJ")
    return f"Published chips on images of MNIST take {took} and misread {text.from_to(*ends)}."
