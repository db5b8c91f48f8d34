"""All methods beside each other: the front, each method's chosen point, factors to rescaling."""

from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.report import text
from dvs_snn.report.cells import flagged, is_known, ordered
from dvs_snn.report.material import Material
from dvs_snn.report.methods import answer_sets, in_order, point_text
from dvs_snn.results.methods.factors import EQUAL
from dvs_snn.results.methods.front import CNN, PUBLISHED


def context(material: Material) -> dict[str, Any]:
    front = material.table("front")
    own = front[~front["method"].isin([CNN, PUBLISHED])]
    methods = in_order(own["method"])
    return {
        "figure": material.picture("front", material.note_on_chosen),
        "best": material.best_method or "",
        "several": len(methods) > 1,
        "table": _points_table(own, material) if len(methods) > 1 else None,
        "factors_table": _factors_table(material),
    }


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
                        **text.power_cells(row["power_mw"], material.power),
                        "M SynOps per decision": text.millions(row["synops_per_decision"]),
                        "µJ per decision": text.significant(row["energy_per_decision_uj"]),
                        "until decided (ms)": text.significant(row["time_to_decision_ms"]),
                        "same point in draws": text.percent(stability.get(method)),
                    }
                )
    caption = (
        f"{material.origin.note_on(sets)}The point that validation chose for each method, means "
        "over the seeds. A decision costs what is spent until the exit; without an exit a whole "
        "recording, since only its end shows that the reading stays"
    )
    return text.table_html(rows, caption)


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
                "n": text.count(row["n_symbols"]),
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
    return text.table_html(rows, caption)


def _factor_text(row: dict[str, Any]) -> str:
    """A factor and its interval; an end that isn't known is a dash."""
    if not is_known(row["factor"]):
        return text.NOTHING
    ends = text.from_to(text.significant(row["factor_low"]), text.significant(row["factor_high"]))
    return f"{text.significant(row['factor'])} ({ends})"
