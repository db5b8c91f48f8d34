"""Spiking or CNN: at which price of a MAC both cost the same, and what a SynOp costs on chips."""

import pandas as pd
from markupsafe import Markup

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
    sentence = _even_price(study)
    return {
        "title": _title(study),
        "sentence": sentence,
        "figure": study.figure("break_even", [study.lead], sentence),
        "models": _models(study),
        "chips": _chips(study.table("chips")),
        "published": _published(study.table("costs")),
    }


def _even_price(study: FinishedStudy) -> str | Markup:
    """At which price of a MAC the network that validation chose costs as much as the CNN."""
    rows = study.table("break_even")
    rows = rows[(rows["set"] == study.lead) & (rows["price"] == STUDY_PRICE)]
    point = study.chosen_point
    if point is not None:
        rows = rows[(rows["method"] == point["method"]) & same_point(rows, point)]
    cnn = stopping_cnn(study.front, study.lead)
    if point is None or cnn is None or rows.empty:
        return "No set was read by both networks."
    row = rows.iloc[0]
    later_ms = live.spent_by(point).time_ms - live.spent_by(cnn).time_ms
    return Markup(
        "At {} per SynOp the network chosen on validation costs as much as the {} if a MAC costs "
        "{}\u00a0pJ. Both stop early, and zeros are free."
    ).format(
        live.synop_pj(study.power),
        method_name(row["ann_method"]),
        live.priced(
            row["breakeven_mac_pj"], study.power, later_ms * 1e6 / cnn["synops_per_reading"]
        ),
    )


def _title(study: FinishedStudy) -> str:
    """Who is cheaper at the same accuracy, by models that count more than arithmetic."""
    prices = compared_prices(study)
    if prices is None or not prices.with_memory:
        return "Spiking or CNN: nothing to compare"
    cheaper = [price.cheaper for price in prices.with_memory]
    n_cnn = len(cheaper) - cheaper.count(SPIKING)
    winner = "CNN" if 2 * n_cnn > len(cheaper) else "spiking network"
    n = n_cnn if winner == "CNN" else len(cheaper) - n_cnn
    return (
        f"Once memory counts, the {winner} is cheaper under {n} of {len(cheaper)} models of energy"
    )


def _models(study: FinishedStudy) -> Context | None:
    """A reading by each model of energy: the spiking network, its rival, the dense CNN."""
    prices = compared_prices(study)
    if prices is None:
        return None
    rows = [
        {
            "model": price.model,
            "spiking": price.spiking,
            "rival": price.rival,
            "dense": price.dense,
            "cheaper": price.verdict,
        }
        for price in prices.models
    ]
    times = study.equal.drop_duplicates("network").set_index("network")["time_to_exit_ms"]
    idle = ""
    if {SPIKING, prices.rival} <= set(times.index):
        floor = text.with_unit(FLOOR_MW, "mW", text.setting)
        of_spiking = text.with_unit(FLOOR_MW * times[SPIKING], "µJ")
        of_rival = text.with_unit(FLOOR_MW * times[prices.rival], "µJ")
        idle = (
            f"The spiking network decides after {text.with_unit(times[SPIKING], 'ms')}, the "
            f"{prices.rival} after {text.with_unit(times[prices.rival], 'ms')}. Speck's idle power "
            f"of {floor} would add {of_spiking} and {of_rival}."
        )
    return {"rows": rows, "rival": prices.rival, "accuracy": prices.accuracy, "idle": idle}


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


def _published(costs: pd.DataFrame) -> str:
    """What published chips take and misread."""
    rows = costs[costs["kind"] == PUBLISHED]
    if rows.empty:
        return ""
    fewest = text.percent(1 - rows["accuracy"].max())
    most = text.percent(1 - rows["accuracy"].min())
    took = _range(rows["energy_per_reading_uj"], "µJ")
    return (
        f"Published chips on images of MNIST take {took} and misread {text.from_to(fewest, most)}."
    )
