"""The trade-off: the points that each rule would choose, early exit, and what a budget buys."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.evaluation.choosing.choice import BEST
from dvs_snn.evaluation.choosing.points import same_point
from dvs_snn.report import live, text
from dvs_snn.report.cells import flagged, is_known, ordered
from dvs_snn.report.material import Material
from dvs_snn.report.methods import answer_sets, in_order, point_text

RULES = {"cheapest-within": "cheapest within {}", BEST: "most accurate"}


def context(material: Material) -> dict[str, Any]:
    sets = answer_sets(material.spiking["set"])
    return {
        "rules_table": _rules_table(material),
        "latency": material.chart("latency", "", material.origin.note_on(sets)),
        "early_exit": _early_exit(material, sets),
        "budget_tables": _budget_tables(material, sets),
    }


def rule_text(row: Mapping[str, Any]) -> str:
    """A rule in words: `cheapest within 1 percentage point of the best`."""
    margin = float(row["within_points"])
    points = f"{margin:g} percentage point{'' if margin == 1 else 's'} of the best"
    return RULES[row["rule"]].format(points)


def chosen_range(row: Mapping[str, Any]) -> tuple[str, str]:
    """The scales, and the millions of SynOps, that a rule would choose with other symbols.

    Of a method with several variants the scales are empty: they make no grid.
    """
    known = is_known(row["scale_low"])
    scales = text.from_to(f"{row['scale_low']:.2f}", f"{row['scale_high']:.2f}") if known else ""
    return scales, text.from_to(text.millions(row["synops_low"]), text.millions(row["synops_high"]))


def _rules_table(material: Material) -> Markup | None:
    """What each rule chooses for each method on validation, and what test sets give."""
    choice, front = material.table("choice"), material.table("front")
    sets = answer_sets(material.spiking["set"])
    means, shown = front[front["seed"].isna()], []
    several_methods = choice["method"].nunique() > 1
    for method in in_order(choice["method"]):
        of_method = means[means["method"] == method]
        several = of_method["variant"].nunique() > 1
        for row in choice[choice["method"] == method].to_dict("records"):
            there = of_method[same_point(of_method, row)].set_index("set").reindex(sets)
            scales, range_of_synops = chosen_range(row)
            synops = f"{text.millions(row['synops_per_3000_events'])} ({range_of_synops})"
            shown.append(
                {
                    **({"method": method} if several_methods else {}),
                    "rule, and the set it chose on": f"{rule_text(row)}, {row['set']}",
                    "point (95 %)": point_text(row, several)
                    + (f" ({scales})" if scales else "")
                    + (f", {row['edge']} tried" if row["edge"] else ""),
                    "M SynOps per 3,000 events (95 %)": synops,
                    "same point in draws": text.percent(row["stability"]),
                    f"accuracy there; on {text.listed(sets)}": "; ".join(
                        map(text.percent, [row["accuracy"], *there["accuracy"]])
                    ),
                    "quoted": "yes" if row["chosen"] else "no",
                }
            )
    caption = (
        f"{material.origin.note_on(sets)}What each rule chooses; intervals are a bootstrap over "
        "the validation symbols"
    )
    return text.table_html(shown, caption, source="choice")


def _early_exit(material: Material, sets: Sequence[str]) -> dict[str, Any] | None:
    """The early exit that validation chose, and what it reads and costs on each test set."""
    exits = material.table("exits")
    chosen = exits[flagged(exits["chosen"]) & exits["set"].isin(sets)]
    if chosen.empty:
        return None
    first = chosen.iloc[0]
    network = exits[(exits["variant"] == first["variant"]) & (exits["scale"] == first["scale"])]
    shown = []
    for name in ordered(chosen["set"]):
        whole = network[(network["set"] == name) & network["exit"].isna()]
        stopped = chosen[chosen["set"] == name]
        shown.append(
            {"set": name}
            | {
                key: _decision(rows, material.power)
                for key, rows in (("stopped", stopped), ("whole", whole))
            }
        )
    return {"point": point_text(first, exits["variant"].nunique() > 1), "sets": shown}


def _decision(rows: pd.DataFrame, power: Mapping[str, Any]) -> dict[str, str]:
    """What a decision reads and costs, mean over the seeds, in words."""
    cost = ["accuracy", "synops_per_decision", "energy_per_decision_uj", "time_to_exit_ms"]
    means = rows[cost].mean()
    time = means["time_to_exit_ms"]
    return {
        "accuracy": text.percent(means["accuracy"]),
        "synops": text.millions(means["synops_per_decision"]),
        "energy": live.energy(means["energy_per_decision_uj"], time, power),
        "time": text.count(time),
    }


HEADINGS = {
    "power_mw": "budget (mW)",
    "synops_per_3000_events": "budget (M SynOps per 3,000 events)",
    "synops_per_decision": "budget (M SynOps per decision)",
}


def _budget_tables(material: Material, sets: Sequence[str]) -> list[dict[str, Any]]:
    """A table a set, axis and static power; in mW, budgets follow a SynOp's energy as powers do."""
    budgets, power = material.table("budgets"), material.power
    energy = live.synop_pj(text.power_words(power)["energy"])
    tables = []
    several = budgets["variant"].replace("", None).nunique() > 1
    several_methods = budgets["method"].replace("", None).nunique() > 1
    keys = ["axis", "static_mw", "set"]
    for (axis, static, name), rows in budgets.groupby(keys, sort=False):
        of_power = axis == "power_mw"
        heading, kept = HEADINGS[axis], live.kept(static, power)
        shown = [
            {
                heading: live.power(row["budget"], power, static_mw=kept)
                if of_power and row["budget"] > static
                else text.significant(row["budget"] / (1 if of_power else 1e6)),
                **({"method": row["method"]} if several_methods else {}),
                "point": point_text(row, several) if is_known(row["scale"]) else row["note"],
                "accuracy (95 %)": text.interval_of(row, "accuracy"),
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
            material.origin.note_on([name]), name, live.static(static, power), name,
            energy,
        )  # fmt: skip
        is_open = of_power and static == budgets["static_mw"].min() and name in sets[:1]
        tables.append({"table": text.table_html(shown, caption, source="budgets"), "open": is_open})
    return tables
