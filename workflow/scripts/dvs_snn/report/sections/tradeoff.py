"""The trade-off: the front of all methods, how points were chosen, and what a budget buys."""

import pandas as pd

from dvs_snn.analysis.budgets import ENERGY
from dvs_snn.analysis.factors import EQUAL
from dvs_snn.report import text
from dvs_snn.report.cells import Row, answer_sets, is_known, ordered
from dvs_snn.report.finished_study import FinishedStudy
from dvs_snn.report.style import method_name
from dvs_snn.report.table import column
from dvs_snn.report.template import Context


def context(study: FinishedStudy) -> Context:
    sets = ordered([study.lead, *answer_sets(study.spiking["set"])])
    finding = _finding(study.table("factors"), sets, study)
    title, _, told = finding.partition(": ")
    return {
        "title": title or "What each saved microjoule costs",
        "sentence": f"{told[:1].upper()}{told[1:]}" or _no_finding(study),
        "figure": study.figure("front", sets, finding),
        "choice": _choice(study),
        "budgets": _budgets(study, sets),
    }


def _no_finding(study: FinishedStudy) -> str:
    if not study.lead:
        return "No spiking set was evaluated, so there is no curve to show."
    return "A method alone, or one set of few symbols, gives no factor to compare."


def _choice(study: FinishedStudy) -> str:
    """How the large marks were chosen; a caution where the choice lies at the grid's edge."""
    rows = study.quoted.rows
    if rows.empty:
        return "No point was chosen: large marks are the networks nearest to scale 1, as converted."
    edges = [
        f"{method_name(row['method'])} ({row['edge']}, {study.in_words(row)})"
        for row in rows.to_dict("records")
        if row["edge"]
    ]
    words = f"Large marks were chosen on validation: {study.rule}."
    return f"{words} At the edge of the scales tried: {text.listed(edges)}." if edges else words


def _finding(factors: pd.DataFrame, sets: list[str | None], study: FinishedStudy) -> str:
    """How the SynOps of rescaling compare with the compared method's at equal accuracy."""
    rows = factors[factors["method"].isin(study.quoted.compared) & factors["set"].isin(sets)]
    rows = rows[(rows["at"] == EQUAL) & rows["factor"].notna()]
    if rows.empty:
        return ""

    # The highest accuracy at which most sets tell a factor.
    known = rows.groupby("accuracy")["set"].nunique()
    highest = known.index[known == known.max()].max()
    rows = rows[rows["accuracy"] == highest]

    parts = [
        f"{_factor_words(row)} times the SynOps on {study.origin.called(row['set'])}"
        for row in rows.to_dict("records")
    ]

    saves = "saves SynOps"
    if (rows["factor"] <= 1).any():
        saves = "doesn't save SynOps on each set"
    elif (rows["factor_low"] <= 1).any():
        saves = "may save SynOps"

    name = method_name(rows["method"].iloc[0])
    title = f"At {text.whole_percent(highest)} accuracy, {name} {saves}"
    return f"{title}: rescaled needs {text.listed(parts)} (in brackets 95 % intervals)."


def _factor_words(row: Row) -> str:
    """A factor and its interval, whose ends may be out of reach."""
    if row["bound"]:
        words = "at least" if row["bound"] == ">=" else "at most"
        return f"{words} {text.significant(row['factor'])}"
    return text.open_interval_of(row, "factor")


def _budgets(study: FinishedStudy, sets: list[str | None]) -> list[Context]:
    """A table of budgets of energy for each set, at the settings' pJ, which doesn't follow it."""
    budgets = study.table("budgets")
    budgets = budgets[(budgets["axis"] == ENERGY) & budgets["set"].isin(sets)]
    budgets = budgets[budgets["static_mw"] == budgets["static_mw"].min()]

    def point(row: Row) -> str:
        if not is_known(row["scale"]):
            return row["note"]
        return f"{method_name(row['method'])}, {study.in_words(row)}"

    def spent(row: Row) -> str:
        if not is_known(row[ENERGY]):
            return text.NOTHING
        return f"{text.significant(row[ENERGY])} in {text.with_unit(row['time_to_exit_ms'], 'ms')}"

    budgets = budgets.assign(point=column(budgets, point), **{ENERGY: column(budgets, spent)})
    return [
        {"set": study.origin.called(name), "rows": rows}
        for name, rows in budgets.groupby("set", sort=False)
    ]
