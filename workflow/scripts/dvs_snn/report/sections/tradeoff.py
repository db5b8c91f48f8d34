"""The trade-off: the front of all methods, and how points were chosen."""

import pandas as pd

from dvs_snn.points.point import EQUAL
from dvs_snn.report import text
from dvs_snn.report.cells import Row, is_known, ordered, shown_sets
from dvs_snn.report.finished_study import FinishedStudy
from dvs_snn.report.style import method_name
from dvs_snn.report.template import Context
from dvs_snn.settings.sides import SPIKING


def context(study: FinishedStudy) -> Context:
    sets = ordered([study.answer_set, *shown_sets(study.spiking["set"])])
    rows = _ratios(study.table("equal_accuracy"), sets, study)
    rule = study.quoted.rows
    edges = [row for row in rule.to_dict("records") if row["edge"]]
    return {
        "figure": study.figure("front", sets),
        "factors": [
            {"set": study.origin.called(row["set"]), "times": _factor_words(row)}
            for row in rows.to_dict("records")
        ],
        "method": method_name(rows["method"].iloc[0]) if len(rows) else "",
        "accuracy": rows["accuracy"].max(),
        "saves": bool((rows["ratio"] > 1).all()),
        "is_sure": bool((rows["ratio_low"] > 1).all()),
        "is_chosen": len(rule) > 0,
        "has_synop_loss": "synop-loss" in set(study.points["method"]),
        "edges": [_edge_words(row, study) for row in edges],
    }


def _edge_words(row: Row, study: FinishedStudy) -> str:
    """A point of the choice that lies at an edge of the scales."""
    point = study.in_words({**row, "side": SPIKING})
    return f"{method_name(row['method'])} ({row['edge']}, {point})"


def _ratios(equal: pd.DataFrame, sets: list[str | None], study: FinishedStudy) -> pd.DataFrame:
    """How the SynOps of rescaling compare with the compared method's, at one accuracy.

    Both read recordings to their ends. It is the highest accuracy at which most sets have a ratio.
    A ratio without any end of its interval counts only if all are so.
    """
    rows = equal[equal["method"].isin(study.quoted.compared) & equal["set"].isin(sets)]
    rows = rows[(rows["at"] == EQUAL) & (rows["exits"] == 0) & rows["ratio"].notna()]
    has_end = rows["ratio_low"].notna() | rows["ratio_high"].notna()
    is_sure = has_end | rows["ratio_bound"].map(is_known).astype(bool)
    rows = rows[is_sure] if is_sure.any() else rows
    known = rows.groupby("accuracy")["set"].nunique()
    highest = known.index[known == known.max()].max()
    return rows[rows["accuracy"] == highest]


def _factor_words(row: Row) -> str:
    """A factor and its interval, whose ends may be out of reach."""
    if row["ratio_bound"]:
        words = "at least" if row["ratio_bound"] == ">=" else "at most"
        return f"{words} {text.significant(row['ratio'])}"
    words = text.open_interval_of(row, "ratio")
    has_end = is_known(row["ratio_low"]) or is_known(row["ratio_high"])
    return words if has_end else f"{words} (no interval)"
