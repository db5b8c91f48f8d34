"""The trade-off: the points that each rule would choose, early exit, and what a budget buys."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from dvs_snn.evaluation.choosing.choice import BEST
from dvs_snn.evaluation.choosing.points import same_point
from dvs_snn.report import live, text
from dvs_snn.report.cells import flagged, is_known, ordered, sorted_by
from dvs_snn.report.methods import answer_sets, in_order, point_text
from dvs_snn.report.study import FinishedStudy
from dvs_snn.report.table import column

HEADINGS = {
    "power_mw": "budget (mW)",
    "synops_per_3000_events": "budget (M SynOps per 3,000 events)",
    "synops_per_decision": "budget (M SynOps per decision)",
}


def context(study: FinishedStudy) -> dict[str, Any]:
    sets = answer_sets(study.spiking["set"])
    tables = _budget_tables(study)
    first = [each for each in tables if each["axis"] == "power_mw" and each["set"] in sets[:1]][:1]
    return {
        "sets": sets,
        "rules": _rules(study, sets),
        "early_exit": _early_exit(study, sets),
        "budgets": first,
        "more_budgets": [each for each in tables if each not in first],
    }


def choice_words(row: Mapping[str, Any], several: bool) -> dict[str, str]:
    """A choice in words: its rule and point, and the range that other symbols would choose.

    Args:
        several: whether its method has several variants. Then the scales are empty: they make no
            grid.
    """
    margin = f"{row['within_points']:g} percentage point{'' if row['within_points'] == 1 else 's'}"
    scales = ""
    if is_known(row["scale_low"]):
        scales = text.from_to(f"{row['scale_low']:.2f}", f"{row['scale_high']:.2f}")
    synops = text.from_to(text.millions(row["synops_low"]), text.millions(row["synops_high"]))
    is_best = row["rule"] == BEST
    return {
        "rule": "most accurate" if is_best else f"cheapest within {margin} of the best",
        "point": point_text(row, several),
        "scales": scales,
        "synops": synops,
    }


def _rules(study: FinishedStudy, sets: list[str]) -> pd.DataFrame:
    """What each rule chooses for each method on validation, and what test sets give."""
    choice, front = study.table("choice"), study.table("front")
    means = front[front["seed"].isna()]

    def words(row: dict[str, Any]) -> dict[str, str]:
        of_method = means[means["method"] == row["method"]]
        there = of_method[same_point(of_method, row)].set_index("set").reindex(sets)
        words = choice_words(row, of_method["variant"].nunique() > 1)
        scales = f" ({words['scales']})" if words["scales"] else ""
        edge = f", {row['edge']} tried" if row["edge"] else ""
        return {
            "method": row["method"],
            "rule": f"{words['rule']}, {row['set']}",
            "point": f"{words['point']}{scales}{edge}",
            "synops": f"{text.millions(row['synops_per_3000_events'])} ({words['synops']})",
            "stability": row["stability"],
            "read": "; ".join(map(text.percent, [row["accuracy"], *there["accuracy"]])),
            "quoted": "yes" if row["chosen"] else "no",
        }

    methods = in_order(choice["method"])
    choice = sorted_by(choice, method=methods)
    rows = pd.DataFrame([words(row) for row in choice.to_dict("records")])
    return rows if len(methods) > 1 else rows.drop(columns="method", errors="ignore")


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


def _budget_tables(study: FinishedStudy) -> list[dict[str, Any]]:
    """A table for each axis, static power and set.

    Budgets in mW follow the energy of a SynOp, as powers do.
    """
    budgets, power = study.table("budgets"), study.power
    several, several_methods = (
        budgets[name].replace("", None).nunique() > 1 for name in ("variant", "method")
    )

    def budget(row: dict[str, Any]) -> str:
        if row["axis"] != "power_mw":
            return text.millions(row["budget"])
        if row["budget"] <= row["static_mw"]:
            return text.significant(row["budget"])
        return live.power(row["budget"], power, static_mw=live.kept(row["static_mw"], power))

    def power_mw(row: dict[str, Any]) -> str:
        return live.power(row["power_mw"], power, static_mw=live.kept(row["static_mw"], power))

    def point(row: dict[str, Any]) -> str:
        return point_text(row, several) if is_known(row["scale"]) else row["note"]

    budgets = budgets.assign(
        budget=column(budgets, budget),
        point=column(budgets, point),
        power_mw=column(budgets, power_mw),
        points_per_mw=column(budgets, lambda row: live.points_per_mw(row["points_per_mw"], power)),
    )
    if not several_methods:
        budgets = budgets.drop(columns="method")
    return [
        {
            "axis": axis,
            "set": name,
            "heading": HEADINGS[axis],
            "static": live.static(static, power),
            "rows": rows,
        }
        for (axis, static, name), rows in budgets.groupby(["axis", "static_mw", "set"], sort=False)
    ]
