"""The trade-off: the front, what early exit saves, and what a budget buys."""

from typing import Any

import pandas as pd

from dvs_snn.evaluation.choosing.trials import EARLY_EXIT
from dvs_snn.report import text
from dvs_snn.report.cells import answer_sets, flagged, is_known, ordered, point_text
from dvs_snn.report.study import FinishedStudy
from dvs_snn.report.table import column
from dvs_snn.settings.training import RESCALED
from dvs_snn.tables.budgets import ENERGY
from dvs_snn.tables.factors import EQUAL
from dvs_snn.tables.front import CNN, PUBLISHED


def context(study: FinishedStudy) -> dict[str, Any]:
    front = study.table("front")
    front = front[~front["method"].isin([CNN, PUBLISHED])]
    methods, sets = front["method"].unique(), answer_sets(study.spiking["set"])
    return {
        "sets": sets,
        "finding": _finding(study.table("factors"), sets, study),
        "several": len(methods) > 1,
        # Early exit stops networks, it trains none.
        "trained": bool(set(methods) - {RESCALED, EARLY_EXIT}),
        "early_exit": _early_exit(study, sets),
        "budgets": _budgets(study, sets),
    }


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
    if row["bound"]:
        return f"at {'least' if row['bound'] == '>=' else 'most'} {factor}"
    if low != text.NOTHING == high:
        return f"{factor} ({low} or more)"
    if low == text.NOTHING != high:
        return f"{factor} ({high} or less)"
    return text.interval_of(row, "factor", text.significant)


def _early_exit(study: FinishedStudy, sets: list[str]) -> dict[str, Any] | None:
    """The early exit that validation chose, and what it reads and costs on each test set.

    What a reading costs stands beside what running on does: means over the seeds.
    """
    exits = study.table("exits")
    chosen = exits[flagged(exits["chosen"]) & exits["set"].isin(sets)]
    if chosen.empty:
        return None
    first = chosen.iloc[0]
    network = exits[(exits["variant"] == first["variant"]) & (exits["scale"] == first["scale"])]
    cost = ["accuracy", "synops_per_reading", "energy_per_reading_uj", "time_to_exit_ms"]
    cost.append("power_while_reading_mw")
    stopped, whole = (
        rows.groupby("set")[cost].mean() for rows in (chosen, network[network["exit"].isna()])
    )
    return {
        "point": point_text(first, exits["variant"].nunique() > 1),
        "sets": [(name, stopped.loc[name], whole.loc[name]) for name in ordered(chosen["set"])],
    }


def _budgets(study: FinishedStudy, sets: list[str]) -> list[dict[str, Any]]:
    """A table of budgets of energy for each set, at the settings' pJ, which doesn't follow it."""
    budgets = study.table("budgets")
    budgets = budgets[(budgets["axis"] == ENERGY) & budgets["set"].isin(sets)]
    budgets = budgets[budgets["static_mw"] == budgets["static_mw"].min()]
    several = budgets["variant"].replace("", None).nunique() > 1

    def point(row: dict[str, Any]) -> str:
        return point_text(row, several) if is_known(row["scale"]) else row["note"]

    def spent(row: dict[str, Any]) -> str:
        if not is_known(row[ENERGY]):
            return text.NOTHING
        return f"{text.significant(row[ENERGY])} in {text.with_unit(row['time_to_exit_ms'], 'ms')}"

    budgets = budgets.assign(
        point=column(budgets, point),
        **{ENERGY: column(budgets, spent)},
    )
    return [{"set": name, "rows": rows} for name, rows in budgets.groupby("set", sort=False)]
