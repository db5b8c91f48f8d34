"""The trade-off: the points that each rule would choose, early exit, and what a budget buys."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from dvs_snn.evaluation.choosing.choice import BEST
from dvs_snn.evaluation.choosing.points import same_point
from dvs_snn.report import live, text
from dvs_snn.report.cells import flagged, is_known, ordered
from dvs_snn.report.methods import answer_sets, in_order, point_text
from dvs_snn.report.study import FinishedStudy

HEADINGS = {
    "power_mw": "budget (mW)",
    "synops_per_3000_events": "budget (M SynOps per 3,000 events)",
    "synops_per_decision": "budget (M SynOps per decision)",
}


def context(study: FinishedStudy) -> dict[str, Any]:
    sets = answer_sets(study.spiking["set"])
    tables = _budget_tables(study)
    first = [key for key in tables if key[0] == "power_mw" and key[2] in sets[:1]][:1]
    return {
        "sets": sets,
        "rules": _rules(study, sets),
        "early_exit": _early_exit(study, sets),
        "budgets": [tables[key] for key in first],
        "more_budgets": [tables[key] for key in tables if key not in first],
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


def _rules(study: FinishedStudy, sets: list[str]) -> list[dict[str, str]]:
    """What each rule chooses for each method on validation, and what test sets give."""
    choice, front = study.table("choice"), study.table("front")
    means, shown = front[front["seed"].isna()], []
    several_methods = choice["method"].nunique() > 1
    for method in in_order(choice["method"]):
        of_method = means[means["method"] == method]
        for row in choice[choice["method"] == method].to_dict("records"):
            there = of_method[same_point(of_method, row)].set_index("set").reindex(sets)
            words = choice_words(row, of_method["variant"].nunique() > 1)
            shown.append(
                ({"method": method} if several_methods else {})
                | {
                    "rule, and the set it chose on": f"{words['rule']}, {row['set']}",
                    "point (95 %)": words["point"]
                    + (f" ({words['scales']})" if words["scales"] else "")
                    + (f", {row['edge']} tried" if row["edge"] else ""),
                    "M SynOps per 3,000 events (95 %)": (
                        f"{text.millions(row['synops_per_3000_events'])} ({words['synops']})"
                    ),
                    "same point in draws": text.percent(row["stability"]),
                    f"accuracy there; on {text.listed(sets)}": "; ".join(
                        map(text.percent, [row["accuracy"], *there["accuracy"]])
                    ),
                    "quoted": "yes" if row["chosen"] else "no",
                }
            )
    return shown


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


def _budget_tables(study: FinishedStudy) -> dict[tuple[str, float, str], Markup]:
    """A table for each axis, static power and set.

    Budgets in mW follow the energy of a SynOp, as powers do.
    """
    budgets, power, tables = study.table("budgets"), study.power, {}
    several, several_methods = (
        budgets[name].replace("", None).nunique() > 1 for name in ("variant", "method")
    )
    keys = ["axis", "static_mw", "set"]
    for (axis, static, name), rows in budgets.groupby(keys, sort=False):
        kept, of_power = live.kept(static, power), axis == "power_mw"
        shown = [
            {
                HEADINGS[axis]: live.power(row["budget"], power, static_mw=kept)
                if of_power and row["budget"] > static
                else text.significant(row["budget"] / (1 if of_power else 1e6))
            }
            | ({"method": row["method"]} if several_methods else {})
            | {
                "point": point_text(row, several) if is_known(row["scale"]) else row["note"],
                "accuracy (95 %)": text.interval_of(row),
                "power (mW)": live.power(row["power_mw"], power, static_mw=kept),
                "M SynOps per 3,000 events": text.millions(row["synops_per_3000_events"]),
                "points per mW": live.points_per_mw(row["points_per_mw"], power),
            }
            for row in rows.to_dict("records")
        ]
        caption = Markup(
            "{}What a budget buys on the set {}, static power {} mW. The point is chosen within "
            "the budget on validation; its cost here is that of {}, at {} per SynOp"
        ).format(
            study.origin.note_on([name]), name, live.static(static, power), name,
            live.synop_pj(power),
        )  # fmt: skip
        tables[axis, static, name] = text.table_html(shown, caption, source="budgets")
    return tables
