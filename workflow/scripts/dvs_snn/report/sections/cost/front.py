"""All methods beside each other: the front, each method's chosen point, factors to rescaling."""

import json
from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.evaluation.choosing.trials import EARLY_EXIT, RESCALED
from dvs_snn.report import live, text
from dvs_snn.report.cells import flagged, ordered, per_pj
from dvs_snn.report.material import Material
from dvs_snn.report.methods import answer_sets, compared_methods, in_order, point_text
from dvs_snn.tables.methods.factors import EQUAL
from dvs_snn.tables.methods.front import CNN, PUBLISHED


def context(material: Material) -> dict[str, Any]:
    front = material.table("front")
    own = front[~front["method"].isin([CNN, PUBLISHED])]
    methods, sets = in_order(own["method"]), answer_sets(own["set"])
    return {
        "figure": material.chart(
            "front", finding := _finding(material), material.origin.note_on(sets)
        ),
        "finding": finding,
        "cursor": _cursor(own, material),
        "several": len(methods) > 1,
        # Early exit stops networks, it trains none.
        "trained": bool(set(methods) - {RESCALED, EARLY_EXIT}),
        "table": _points_table(own, material) if len(methods) > 1 else None,
        "factors_table": _factors_table(material),
    }


def _cursor(own: pd.DataFrame, material: Material) -> dict[str, Any] | None:
    """The cursor's stops: points unbeaten on validation, as the first answer set measured them."""
    sets = answer_sets(own["set"])
    means = own[own["seed"].isna() & own["exit"].isna() & flagged(own["on_front"])]
    means = means[means["set"].isin(sets[:1])].sort_values("synops_per_3000_events")
    if means.empty:
        return None
    points = []
    for row in means.to_dict("records"):
        several = own.loc[own["method"] == row["method"], "variant"].nunique() > 1
        points.append(
            {
                "words": f"{row['method']}, {point_text(row, several)}, reads "
                f"{text.percent(row['accuracy'])} of {row['set']}",
                "power": text.significant(row["power_mw"]),
                "per_pj": per_pj(row["power_mw"], material.power),
                "cost": row["synops_per_3000_events"],
                "misread": max(1 - row["accuracy"], 0.5 / row["n_symbols"]),
            }
        )
    chosen = flagged(means["chosen"]) & (means["method"] == material.best_method)
    start = int(chosen.to_numpy().argmax()) if chosen.any() else 0
    written = text.embed_json(json.dumps(points))
    return {"set": sets[0], "points": points, "start": start, "json": written}


def _finding(material: Material) -> str:
    """How the SynOps of rescaling compare with the compared method's at equal accuracy."""
    factors = material.table("factors")
    sets = answer_sets(material.spiking["set"])
    rows = factors[
        factors["method"].isin(compared_methods(material.table("choice")))
        & (factors["at"] == EQUAL)
        & factors["factor"].notna() & factors["set"].isin(sets)
    ]  # fmt: skip
    if rows.empty:
        return ""
    # The highest accuracy at which most sets tell a factor.
    known = rows.groupby("accuracy")["set"].nunique()
    highest = known.index[known == known.max()].max()
    parts = [
        f"{_factor_text(row)} times those of {row['method']} on {row['set']}"
        for row in rows[rows["accuracy"] == highest].to_dict("records")
    ]
    return (
        f"At {text.percent(highest)} read right, the SynOps of rescaling are "
        f"{text.listed(parts)} (95 % intervals in brackets)."
    )


def _points_table(own: pd.DataFrame, material: Material) -> Markup | None:
    """Each method's chosen point on the test sets: means over the seeds."""
    chosen = own[flagged(own["chosen"]) & own["seed"].isna()]
    sets = answer_sets(own["set"])
    choice = material.table("choice")
    stability = choice[flagged(choice["chosen"])].set_index("method")["stability"]
    rows = []
    for name in sets:
        for method in in_order(chosen["method"]):
            of_method = own[own["method"] == method]
            here = chosen[(chosen["method"] == method) & (chosen["set"] == name)]
            for row in here.to_dict("records"):
                rows.append(
                    {
                        "method": method,
                        "set": name,
                        "point": point_text(row, of_method["variant"].nunique() > 1),
                        "accuracy (95 %)": text.interval_of(row, "accuracy"),
                        "M SynOps per 3,000 events": text.millions(row["synops_per_3000_events"]),
                        "power (mW)": live.power(row["power_mw"], material.power),
                        "same point in draws": text.percent(stability.get(method)),
                    }
                )
    caption = (
        f"{material.origin.note_on(sets)}The point that validation chose for each method, means "
        "over the seeds"
    )
    return text.table_html(rows, caption, source="front")


def _factors_table(material: Material) -> Markup | None:
    """How much cheaper than rescaling each method is."""
    factors = material.table("factors")
    rows = []
    for row in factors.to_dict("records"):
        equal = row["at"] == EQUAL
        rows.append(
            {
                "method": row["method"],
                "set": row["set"],
                "compared at": f"{text.percent(row['accuracy'])} both"
                if equal
                else f"its chosen point ({text.percent(row['method_accuracy'])})",
                "M SynOps": text.millions(row["synops_per_3000_events"]),
                "rescaling, M SynOps": text.millions(row["rescaled_synops_per_3000_events"]),
                "times cheaper (95 %)": _factor_text(row),
                "note": row["note"],
            }
        )
    if not rows:
        return None
    caption = (
        f"{material.origin.note_on(ordered(factors['set']))}How many times cheaper than rescaling "
        "each method is, in SynOps per 3,000 events. At equal accuracy both costs are read off the "
        "fronts of the set; a chosen point is compared with what rescaling needs for "
        "95 %. Intervals are a paired bootstrap over symbols"
    )
    return text.table_html(rows, caption, source="factors")


def _factor_text(row: dict[str, Any]) -> str:
    """A factor and its interval, whose ends may be out of reach."""
    factor, low, high = (
        text.significant(row[name]) for name in ("factor", "factor_low", "factor_high")
    )
    if low != text.NOTHING == high:
        return f"{factor} ({low} or more)"
    if low == text.NOTHING != high:
        return f"{factor} ({high} or less)"
    return text.interval_of(row, "factor", text.significant)
