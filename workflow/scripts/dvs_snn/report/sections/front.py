"""All methods beside each other: the front, each method's chosen point, factors to rescaling."""

import json
from typing import Any

import pandas as pd

from dvs_snn.evaluation.choosing.trials import EARLY_EXIT
from dvs_snn.report import chart, text
from dvs_snn.report.cells import flagged, sorted_by
from dvs_snn.report.methods import answer_sets, in_order, point_text
from dvs_snn.report.study import FinishedStudy
from dvs_snn.report.table import column
from dvs_snn.settings.training import RESCALED
from dvs_snn.tables.factors import EQUAL
from dvs_snn.tables.front import CNN, PUBLISHED


def context(study: FinishedStudy) -> dict[str, Any]:
    front, factors = study.table("front"), study.table("factors")
    front = front[~front["method"].isin([CNN, PUBLISHED])]
    methods, sets = in_order(front["method"]), answer_sets(front["set"])
    means = front[front["seed"].isna()]
    several = front.groupby("method")["variant"].nunique() > 1
    return {
        "sets": sets,
        "finding": _finding(factors, study),
        "cursor": _cursor(means[means["set"].isin(sets[:1])], several, study),
        "several": len(methods) > 1,
        # Early exit stops networks, it trains none.
        "trained": bool(set(methods) - {RESCALED, EARLY_EXIT}),
        "points": _points(means, several, study) if len(methods) > 1 else [],
        "factor_sets": factors["set"],
        "factors": factors.assign(
            compared=column(factors, _compared_at), factor=column(factors, _factor_words)
        ),
    }


def _cursor(means: pd.DataFrame, several: pd.Series, study: FinishedStudy) -> dict[str, Any] | None:
    """The cursor's stops: points unbeaten on validation, as the first answer set measured them."""
    means = means[means["exit"].isna() & flagged(means["on_front"])]
    means = means.sort_values("synops_per_3000_events")
    if means.empty:
        return None
    points = [
        {
            "words": f"{row['method']}, {point_text(row, several[row['method']])}, reads "
            f"{text.percent(row['accuracy'])} of {row['set']}",
            "power": text.significant(row["power_mw"]),
            "per_pj": chart.per_pj(row["power_mw"], study.power),
            "cost": row["synops_per_3000_events"],
            "misread": max(1 - row["accuracy"], 0.5 / row["n_symbols"]),
        }
        for row in means.to_dict("records")
    ]
    # Without a chosen point the first.
    chosen = flagged(means["chosen"]) & (means["method"] == study.quoted.best)
    start = int(chosen.to_numpy().argmax())
    written = text.embed_json(json.dumps(points))
    return {"set": means["set"].iloc[0], "points": points, "start": start, "json": written}


def _finding(factors: pd.DataFrame, study: FinishedStudy) -> str:
    """How the SynOps of rescaling compare with the compared method's at equal accuracy."""
    rows = factors[
        factors["method"].isin(study.quoted.compared)
        & factors["set"].isin(answer_sets(study.spiking["set"]))
    ]
    rows = rows[(rows["at"] == EQUAL) & rows["factor"].notna()]
    if rows.empty:
        return ""
    # The highest accuracy at which most sets tell a factor.
    known = rows.groupby("accuracy")["set"].nunique()
    highest = known.index[known == known.max()].max()
    parts = [
        f"{_factor_words(row)} times those of {row['method']} on {row['set']}"
        for row in rows[rows["accuracy"] == highest].to_dict("records")
    ]
    return (
        f"At {text.percent(highest)} read right, the SynOps of rescaling are "
        f"{text.listed(parts)} (95 % intervals in brackets)."
    )


def _points(means: pd.DataFrame, several: pd.Series, study: FinishedStudy) -> pd.DataFrame:
    """Each method's chosen point on the test sets."""
    stability = study.quoted.rows.set_index("method")["stability"]
    chosen = means[flagged(means["chosen"]) & means["set"].isin(answer_sets(means["set"]))]
    chosen = sorted_by(chosen, set=answer_sets(means["set"]), method=in_order(chosen["method"]))
    return chosen.assign(
        point=column(chosen, lambda row: point_text(row, several[row["method"]])),
        stability=chosen["method"].map(stability).map(text.percent),
    )


def _compared_at(row: dict[str, Any]) -> str:
    if row["at"] == EQUAL:
        return f"{text.percent(row['accuracy'])} both"
    return f"its chosen point ({text.percent(row['method_accuracy'])})"


def _factor_words(row: dict[str, Any]) -> str:
    """A factor and its interval, whose ends may be out of reach."""
    factor, low, high = (
        text.significant(row[name]) for name in ("factor", "factor_low", "factor_high")
    )
    if low != text.NOTHING == high:
        return f"{factor} ({low} or more)"
    if low == text.NOTHING != high:
        return f"{factor} ({high} or less)"
    return text.interval_of(row, "factor", text.significant)
