"""Spiking or CNN: at which price of a MAC both cost the same, and what a SynOp costs on chips."""

import pandas as pd

from dvs_snn.analysis.budgets import FLOOR_MW
from dvs_snn.analysis.energy_costs import (
    MEASURED,
    PUBLISHED,
    STUDY_PRICE,
    SYNOP_KINDS,
    WITHIN,
    stopping_cnn,
)
from dvs_snn.analysis.equal_accuracy import SPIKING
from dvs_snn.analysis.points import same_point
from dvs_snn.report import live, text
from dvs_snn.report.finished_study import FinishedStudy
from dvs_snn.report.priced_models import compared_prices
from dvs_snn.report.style import method_name
from dvs_snn.report.template import Context


def context(study: FinishedStudy) -> Context:
    return {
        "figure": study.figure("break_even", [study.lead]),
        "even": _even_price(study),
        "models": _models(study),
        "chips": _chips(study.table("chips")),
        "published": _published(study.table("costs")),
    }


def _even_price(study: FinishedStudy) -> Context | None:
    """At which price of a MAC the quoted network costs as much as the CNN."""
    rows = study.table("break_even")
    rows = rows[(rows["set"] == study.lead) & (rows["price"] == STUDY_PRICE)]
    point = study.chosen_point
    if point is not None:
        rows = rows[(rows["method"] == point["method"]) & same_point(rows, point)]
    cnn = stopping_cnn(study.front, study.lead)
    if point is None or cnn is None or rows.empty:
        return None
    row = rows.iloc[0]
    per_mw = live.even_price_per_mw(point, cnn)
    return {
        "synop_pj": live.synop_pj(study.power),
        "static_mw": live.static_mw(study.power),
        "cnn": method_name(row["ann_method"]),
        "mac_pj": live.priced(row["breakeven_mac_pj"], study.power, per_mw),
    }


def _models(study: FinishedStudy) -> Context | None:
    """A reading by each model of energy: the spiking network, its rival, the dense CNN."""
    prices = compared_prices(study)
    if prices is None:
        return None
    sources = study.table("models").drop_duplicates("model").set_index("model")["source"]
    rows = [
        {
            "model": text.cited(str(sources.get(price.model)), price.model),
            "spiking": price.spiking,
            "rival": price.rival,
            "dense": price.dense,
            "cheaper": price.verdict,
        }
        for price in prices.models
    ]
    times = study.equal.drop_duplicates("network").set_index("network")["time_to_exit_ms"]
    return {
        "rows": rows,
        "rival": prices.rival,
        "accuracy": prices.accuracy,
        "n": len(prices.with_memory),
        "n_spiking": [price.cheaper for price in prices.with_memory].count(SPIKING),
        "ms": times.get(SPIKING),
        "rival_ms": times.get(prices.rival),
        "idle_mw": FLOOR_MW,
    }


def _range(values: pd.Series, unit: str) -> str:
    return text.from_to(text.with_unit(values.min(), unit), text.with_unit(values.max(), unit))


def _chips(chips: pd.DataFrame) -> Context | None:
    """What a SynOp costs on the measured chip, and how many chips lie within the band."""
    synops = chips[chips["kind"].isin(SYNOP_KINDS)]
    measured = chips[chips["kind"] == MEASURED]
    if measured.empty:
        return None
    return {
        "n": len(synops),
        "n_within": (synops["band"] == WITHIN).sum(),
        "measured": _range(measured[["pj_low", "pj_high"]].stack(), "pJ"),
        "source": measured["source"].iloc[0],
    }


def _published(costs: pd.DataFrame) -> Context | None:
    """What published chips take, and how accurate they are."""
    rows = costs[costs["kind"] == PUBLISHED]
    if rows.empty:
        return None
    return {
        "energy": _range(rows["energy_per_reading_uj"], "µJ"),
        "low": rows["accuracy"].min(),
        "high": rows["accuracy"].max(),
        "sources": rows["source"].dropna().unique().tolist(),
    }
