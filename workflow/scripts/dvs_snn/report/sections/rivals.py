"""Spiking or CNN: at which price of a MAC both cost the same, and what a SynOp costs on chips."""

import pandas as pd

from dvs_snn.energy.chips import DIGITS, MEASURED, SYNOP_KINDS, WITHIN
from dvs_snn.energy.price import SPECK_IDLE_MW
from dvs_snn.report import text
from dvs_snn.report.finished_study import FinishedStudy
from dvs_snn.report.priced_models import compared_prices
from dvs_snn.report.template import Context


def context(study: FinishedStudy) -> Context:
    return {
        "figure": study.figure("break_even", [study.answer_set]),
        "models": _models(study),
        "chips": _chips(study.table("chips")),
        "published": _published(study.table("chips")),
    }


def _models(study: FinishedStudy) -> Context | None:
    """A reading by each model of energy: the spiking network, its rival, the dense CNN."""
    prices = compared_prices(study)
    if prices is None:
        return None
    models = prices.models
    cited = [text.cited(str(row.source), row.model) for row in models.itertuples()]
    models = models.assign(model=pd.Series(cited, dtype=object))
    return {
        "rows": models,
        "rival": prices.rival,
        "accuracy": prices.accuracy,
        "n": len(prices.with_memory),
        "n_spiking": prices.with_memory["is_spiking"].sum(),
        "ms": prices.ms if len(study.equal) else None,
        "rival_ms": prices.rival_ms if len(study.equal) else None,
        "idle_mw": SPECK_IDLE_MW,
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


def _published(chips: pd.DataFrame) -> Context | None:
    """The energy per reading of published chips, and their accuracy."""
    rows = chips[chips["kind"] == DIGITS]
    if rows.empty:
        return None
    return {
        "energy": _range(rows["energy_uj"], "µJ"),
        "low": rows["accuracy"].min(),
        "high": rows["accuracy"].max(),
        "sources": rows["source"].dropna().unique().tolist(),
    }
