"""The report's answer in numbers: what the chosen points read and cost, and what a budget buys.

Tables in, text and HTML tables out; the words around them are in the template.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.evaluation.budgets import decision_energy_uj, points_of, power_of, price_per_mw
from dvs_snn.evaluation.choice import BEST, CHOSEN_BY
from dvs_snn.evaluation.power import EnergyModel
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.report.origin import Origin
from dvs_snn.report.text import (
    NBSP,
    NOTHING,
    count,
    flagged,
    from_to,
    is_known,
    millions,
    percent,
    plain,
    plural,
    power_band,
    significant,
    table_html,
    with_interval,
)
from dvs_snn.settings.set_names import TEST_SETS, VALIDATION_SETS

SENSORS = {"chosen": "a known sensor", "chosen_any": "any sensor"}
RULES = {"cheapest-within": "cheapest within {}", BEST: "most accurate"}


def answer_context(
    evaluation: pd.DataFrame,
    choice: pd.DataFrame,
    budgets: pd.DataFrame,
    power: Mapping[str, Any],
    origin: Origin,
) -> dict[str, Any]:
    """What the template's answer shows.

    Args:
        evaluation, choice, budgets: the tables of these names, any of them empty.
        power: the config's section.
    """
    if "scale" not in evaluation:
        return {"variants": [], "budget_tables": []}
    spiking = evaluation[evaluation["scale"].notna()]
    sets = _shown_sets(spiking)
    return {
        "variants": [
            _variant_answer(variant, rows, _of_variant(choice, variant), sets, power, origin)
            for variant, rows in (spiking.groupby("variant", sort=False) if sets else [])
        ],
        "budget_tables": budget_tables(budgets, power, origin),
    }


def _of_variant(choice: pd.DataFrame, variant: str) -> pd.DataFrame:
    return choice[choice["variant"] == variant] if len(choice) else choice


def _shown_sets(spiking: pd.DataFrame) -> list[str]:
    """The simulated test sets; where there are none the first set that chose nothing."""
    names = list(dict.fromkeys(spiking["set"]))
    others = [name for name in names if name not in VALIDATION_SETS]
    return [name for name in TEST_SETS if name in names] or (others or names)[:1]


def _variant_answer(
    variant: str,
    rows: pd.DataFrame,
    choice: pd.DataFrame,
    sets: Sequence[str],
    power: Mapping[str, Any],
    origin: Origin,
) -> dict[str, Any]:
    differ = choice["set"].nunique() > 1 if len(choice) else False
    columns = list(CHOSEN_BY) if differ else ["chosen"]
    answers = [
        _point(rows, name, column, power, origin) | {"for": SENSORS[column] if differ else ""}
        for column in columns
        for name in sets
    ]
    shown = [
        {
            **({"for": answer["for"]} if differ else {}),
            "set": answer["set"],
            "scale": answer["scale"],
            "accuracy (95 %)": answer["accuracy_interval"],
            "power (mW)": answer["power"],
            f"at {_band(power)} (mW)": answer["power_band"],
            "until decided (ms)": answer["time"],
            "µJ per decision": answer["energy"],
            "M SynOps per 3,000 events": answer["synops"],
            "points per mW": answer["price"],
        }
        for answer in answers
    ]
    n_seeds = rows["seed"].nunique()
    caption = (
        f"{origin.note_on(sets)}The chosen points, means over {plural(n_seeds, 'seed')}. Points "
        "per mW: percentage points that each milliwatt buys from the next cheaper scale on"
    )
    leads = [answer for answer in answers if answer["set"] == sets[0]]
    return {
        "variant": variant,
        "leads": leads,
        "cnn": leads[0]["cnn"],
        "table": table_html(pd.DataFrame(shown), caption),
        "per_seed": _per_seed(rows, sets[0]),
        "choices": [_choice_text(row) for row in choice.to_dict("records") if _in_force(row)],
        "rules_table": _rules_table(choice, rows, sets, origin),
    }


def _in_force(row: Mapping[str, Any]) -> bool:
    return bool(row["chosen"] or row["chosen_any"])


def _point(
    rows: pd.DataFrame, name: str, column: str, power: Mapping[str, Any], origin: Origin
) -> dict[str, Any]:
    """What one set gives at the scale that `column` marks, means over the seeds."""
    of_set = rows[rows["set"] == name]
    energy = EnergyModel(power["energy_per_synop_pj"], float(power.get("static_power_mw") or 0))
    points = points_of(of_set, name).sort_values("synops_per_3000_events")
    points = points.assign(power_mw=power_of(points, energy)).reset_index(drop=True)
    marked = of_set[flagged(of_set[column])]
    place = int(points.index[points["scale"] == marked["scale"].iloc[0]][0])
    point = points.loc[place]
    price, from_scale = None, ""
    if place:
        before = points.loc[place - 1]
        price = price_per_mw(
            point["accuracy"], point["power_mw"], (before["accuracy"], before["power_mw"])
        )
        from_scale = f"{before['scale']:.2f}"
    low, high = wilson_interval(point["accuracy"], int(point["n_symbols"]))
    word = "simulated recording" if origin.is_simulated(name) else "recording"
    mw, time = float(point["power_mw"]), point["time_to_decision_ms"]
    uj = decision_energy_uj(mw, time)
    return {
        "set": name,
        "n_recordings": plural(marked["n_recordings"].max(), word),
        "n_symbols": plural(marked["n_symbols"].max(), "symbol"),
        "scale": f"{point['scale']:.2f}",
        "accuracy": percent(point["accuracy"]),
        "accuracy_interval": with_interval(point["accuracy"], low, high),
        "power": significant(mw),
        "power_band": power_band(mw, power),
        "time": significant(time),
        "energy": significant(uj),
        "synops": millions(point["synops_per_3000_events"]),
        "price": significant(price) if price is not None else NOTHING,
        "from_scale": from_scale,
        "silent": percent(marked["silent_fraction"].mean()),
        "cnn": _cnn(marked, float(point["synops_per_3000_events"])),
    }


def _cnn(marked: pd.DataFrame, synops: float) -> dict[str, str]:
    """The CNN on frames of the same recordings, and what a MAC has to cost beside a SynOp."""
    macs = float(marked["ann_macs_per_3000_events"].mean())
    accuracy = marked["ann_accuracy"].mean()
    known = is_known(macs) and macs > 0
    return {
        "accuracy": with_interval(
            accuracy, *wilson_interval(accuracy, int(marked["n_symbols"].max()))
        ),
        "macs": f"{millions(macs)}{NBSP}M" if known else NOTHING,
        "synops_per_mac": significant(synops / macs) if known else NOTHING,
    }


def _per_seed(rows: pd.DataFrame, name: str) -> str:
    marked = rows[(rows["set"] == name) & flagged(rows["chosen"])]
    if len(marked) < 2:
        return ""
    return "; ".join(
        f"seed {plain(row['seed'])}: "
        + with_interval(row["accuracy"], row["accuracy_low"], row["accuracy_high"])
        for row in marked.to_dict("records")
    )


# --- the choice -----------------------------------------------------------------------------------


def rule_text(row: Mapping[str, Any]) -> str:
    """A rule in words: `cheapest within 1 percentage point of the best`."""
    margin = float(row["within_points"])
    points = f"{margin:g} percentage point{'' if margin == 1 else 's'} of the best"
    return RULES[row["rule"]].format(points)


def _choice_text(row: Mapping[str, Any]) -> dict[str, str]:
    """A choice in force, how surely it was made, and what an edge of the grid means for it."""
    marks = [SENSORS[column] for column in CHOSEN_BY if row[column]]
    return {
        "for": "" if len(marks) == len(CHOSEN_BY) else marks[0],
        "set": row["set"],
        "n_symbols": plural(row["n_symbols"], "symbol"),
        "rule": rule_text(row),
        "scale": f"{row['scale']:.2f}",
        "accuracy": percent(row["accuracy"]),
        "best_accuracy": percent(row["best_accuracy"]),
        "best_scale": f"{row['best_scale']:.2f}",
        "scales": from_to(f"{row['scale_low']:.2f}", f"{row['scale_high']:.2f}"),
        "synops": from_to(millions(row["synops_low"]), f"{millions(row['synops_high'])}{NBSP}M"),
        "n_draws": count(row["n_draws"]),
        "edge": row["edge"],
    }


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


# --- budgets --------------------------------------------------------------------------------------


def budget_tables(
    budgets: pd.DataFrame, power: Mapping[str, Any], origin: Origin
) -> list[dict[str, Any]]:
    """A table for each set, axis and static power; the first of the set `test` is shown open."""
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
            f"{origin.note_on([name])}What a budget buys on the set {name}, static power "
            f"{static:g} mW. The point is chosen within the budget on validation; its cost here is "
            f"that of {name}, at {float(power['energy_per_synop_pj']):g} pJ per SynOp"
        )
        is_open = of_power and static == budgets["static_mw"].min()
        tables.append({"table": table_html(pd.DataFrame(shown), caption), "open": is_open})
    return tables


def _band(power: Mapping[str, Any]) -> str:
    low, high = power["energy_band_pj"]
    return f"{low:g} to {high:g}{NBSP}pJ"
