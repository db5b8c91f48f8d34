"""The trade-off: what each rule would choose, and what a budget buys."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.evaluation.choice import BEST, CHOSEN_BY
from dvs_snn.report.cells import is_known, ordered
from dvs_snn.report.material import Material
from dvs_snn.report.origin import Origin
from dvs_snn.report.text import (
    NOTHING,
    from_to,
    millions,
    percent,
    significant,
    table_html,
    with_interval,
)
from dvs_snn.settings.set_names import TEST_SETS, VALIDATION_SETS

SENSORS = {"chosen": "a known sensor", "chosen_any": "any sensor"}
RULES = {"cheapest-within": "cheapest within {}", BEST: "most accurate"}


def context(material: Material) -> dict[str, Any]:
    """What the trade-off shows: the figure, what each rule would choose, what a budget buys."""
    choice = material.table("choice", "variant", "set")
    rows, sets = material.spiking, answer_sets(material.spiking)
    tables = (
        _rules_table(choice[choice["variant"] == variant], part, sets, material.origin)
        for variant, part in (rows.groupby("variant", sort=False) if sets else [])
    )
    return {
        "figure": material.picture("tradeoff", material.note_on_sets),
        "rules_tables": [table for table in tables if table],
        "budget_tables": _budget_tables(material),
    }


def answer_sets(evaluation: pd.DataFrame) -> list[str]:
    """The simulated test sets; where there are none the first set that chose nothing."""
    names = ordered(evaluation["set"])
    others = [name for name in names if name not in VALIDATION_SETS]
    return [name for name in TEST_SETS if name in names] or (others or names)[:1]


def rule_text(row: Mapping[str, Any]) -> str:
    """A rule in words: `cheapest within 1 percentage point of the best`."""
    margin = float(row["within_points"])
    points = f"{margin:g} percentage point{'' if margin == 1 else 's'} of the best"
    return RULES[row["rule"]].format(points)


def _rules_table(
    choice: pd.DataFrame, rows: pd.DataFrame, sets: Sequence[str], origin: Origin
) -> Markup | None:
    """What each rule chooses on each validation set, and what the test sets give there."""
    if choice.empty:
        return None
    shown = []
    for row in choice.to_dict("records"):
        there = rows[rows["scale"].astype(float) == float(row["scale"])]
        marks = [SENSORS[column] for column in CHOSEN_BY if row[column]]
        scales = from_to(f"{row['scale_low']:.2f}", f"{row['scale_high']:.2f}")
        synops = from_to(millions(row["synops_low"]), millions(row["synops_high"]))
        shown.append(
            {
                "chosen on": row["set"],
                "rule": rule_text(row),
                "scale (95 %)": f"{row['scale']:.2f} ({scales})",
                "M SynOps per 3,000 events (95 %)": f"{millions(row['synops_per_3000_events'])} "
                f"({synops})",
                "at an edge": row["edge"] or "no",
                "accuracy there": percent(row["accuracy"]),
                **{
                    f"{name}: accuracy": percent(there[there["set"] == name]["accuracy"].mean())
                    for name in sets
                },
                f"{sets[0]}: mW": significant(there[there["set"] == sets[0]]["power_mw"].mean()),
                "quoted": ("for " + marks[0] if len(marks) == 1 else "yes") if marks else "no",
            }
        )
    caption = (
        f"{origin.note_on(sets)}What each rule chooses; intervals are a bootstrap over the "
        "validation symbols"
    )
    return table_html(pd.DataFrame(shown), caption)


def _budget_tables(material: Material) -> list[dict[str, Any]]:
    """A table for each set, axis and static power; the first of the set `test` is shown open."""
    budgets = material.table("budgets", "variant", "static_mw", "axis", "set")
    tables = []
    if budgets.empty:
        return tables
    several = budgets["variant"].replace("", None).nunique() > 1
    keys = ["axis", "static_mw", "set"]
    for (axis, static, name), rows in budgets.groupby(keys, sort=False):
        of_power = axis == "power_mw"
        heading = "budget (mW)" if of_power else "budget (M SynOps per 3,000 events)"
        shown = [
            {
                heading: f"{row['budget'] / (1 if of_power else 1e6):g}",
                **({"variant": row["variant"] or NOTHING} if several else {}),
                "scale": f"{row['scale']:.2f}" if is_known(row["scale"]) else row["note"],
                "accuracy (95 %)": with_interval(
                    row["accuracy"], row["accuracy_low"], row["accuracy_high"]
                ),
                "power (mW)": significant(row["power_mw"]),
                "M SynOps per 3,000 events": millions(row["synops_per_3000_events"]),
                "until decided (ms)": significant(row["time_to_decision_ms"]),
                "µJ per decision": significant(row["energy_per_decision_uj"]),
                "points per mW": significant(row["points_per_mw"]),
            }
            for row in rows.to_dict("records")
        ]
        caption = (
            f"{material.origin.note_on([name])}What a budget buys on the set {name}, static power "
            f"{static:g} mW. The point is chosen within the budget on validation; its cost here is "
            f"that of {name}, at {float(material.power['energy_per_synop_pj']):g} pJ per SynOp"
        )
        is_open = of_power and static == budgets["static_mw"].min()
        tables.append({"table": table_html(pd.DataFrame(shown), caption), "open": is_open})
    return tables
