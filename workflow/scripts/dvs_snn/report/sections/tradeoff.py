"""The trade-off: the front, what early exit saves, and what a budget buys."""

import json
from typing import Any

import pandas as pd

from dvs_snn.evaluation.choosing.trials import EARLY_EXIT
from dvs_snn.report import chart, live, text
from dvs_snn.report.cells import answer_sets, flagged, is_known, ordered, point_text
from dvs_snn.report.study import FinishedStudy
from dvs_snn.report.table import column
from dvs_snn.settings.training import RESCALED
from dvs_snn.tables.factors import EQUAL
from dvs_snn.tables.front import CNN, PUBLISHED


def context(study: FinishedStudy) -> dict[str, Any]:
    front = study.table("front")
    front = front[~front["method"].isin([CNN, PUBLISHED])]
    methods, sets = front["method"].unique(), answer_sets(study.spiking["set"])
    return {
        "sets": sets,
        "finding": _finding(study.table("factors"), sets, study),
        "cursor": _cursor(front[front["seed"].isna() & front["set"].isin(sets[:1])], study),
        "several": len(methods) > 1,
        # Early exit stops networks, it trains none.
        "trained": bool(set(methods) - {RESCALED, EARLY_EXIT}),
        "early_exit": _early_exit(study, sets),
        "budgets": _budgets(study, sets),
    }


def _cursor(means: pd.DataFrame, study: FinishedStudy) -> dict[str, Any] | None:
    """The cursor's stops: points unbeaten on validation, as the first answer set measured them."""
    several = means.groupby("method")["variant"].nunique() > 1
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


def _finding(factors: pd.DataFrame, sets: list[str], study: FinishedStudy) -> str:
    """How the SynOps of rescaling compare with the compared method's at equal accuracy."""
    rows = factors[factors["method"].isin(study.quoted.compared) & factors["set"].isin(sets)]
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


def _early_exit(study: FinishedStudy, sets: list[str]) -> dict[str, Any] | None:
    """The early exit that validation chose, and what it reads and costs on each test set.

    What a decision costs stands beside what running on does: means over the seeds.
    """
    exits = study.table("exits")
    chosen = exits[flagged(exits["chosen"]) & exits["set"].isin(sets)]
    if chosen.empty:
        return None
    first = chosen.iloc[0]
    network = exits[(exits["variant"] == first["variant"]) & (exits["scale"] == first["scale"])]
    cost = ["accuracy", "synops_per_decision", "energy_per_decision_uj", "time_to_exit_ms"]
    stopped, whole = (
        rows.groupby("set")[cost].mean() for rows in (chosen, network[network["exit"].isna()])
    )
    return {
        "point": point_text(first, exits["variant"].nunique() > 1),
        "sets": [(name, stopped.loc[name], whole.loc[name]) for name in ordered(chosen["set"])],
    }


def _budgets(study: FinishedStudy, sets: list[str]) -> list[dict[str, Any]]:
    """A table of budgets of power for each set, which follow the energy of a SynOp as powers do."""
    budgets, power = study.table("budgets"), study.power
    budgets = budgets[(budgets["axis"] == "power_mw") & budgets["set"].isin(sets)]
    budgets = budgets[budgets["static_mw"] == budgets["static_mw"].min()]
    several = budgets["variant"].replace("", None).nunique() > 1

    def mw(row: dict[str, Any], name: str) -> str:
        return live.power(row[name], power, static_mw=live.kept(row["static_mw"], power))

    def point(row: dict[str, Any]) -> str:
        return point_text(row, several) if is_known(row["scale"]) else row["note"]

    budgets = budgets.assign(
        budget=column(budgets, lambda row: mw(row, "budget")),
        point=column(budgets, point),
        power_mw=column(budgets, lambda row: mw(row, "power_mw")),
        points_per_mw=column(budgets, lambda row: live.points_per_mw(row["points_per_mw"], power)),
    )
    return [
        {"set": name, "static": live.static(rows["static_mw"].iloc[0], power), "rows": rows}
        for name, rows in budgets.groupby("set", sort=False)
    ]
