"""How soon it answers, and what stopping early saves."""

import pandas as pd

from dvs_snn.analysis.budgets import ENERGY
from dvs_snn.report import text
from dvs_snn.report.cells import flagged, is_known
from dvs_snn.report.finished_study import FinishedStudy
from dvs_snn.report.template import Context
from dvs_snn.settings.set_names import VALIDATION


def context(study: FinishedStudy) -> Context:
    """Return the quoted network's means over trainings, with early exit and to the end.

    `fixed` compares with a stop at one time for all recordings (`stop_ms`, on validation): how many
    times the SynOps of early exit it needs. Without a quoted exit the figure stands alone.
    """
    exits = study.table("exits")
    of_set = exits[exits["set"] == study.answer_set]
    chosen = of_set[flagged(of_set["chosen"])]
    facts: Context = {"figure": study.figure("latency", [study.answer_set]), "stopped": None}
    if chosen.empty:
        return facts

    first = chosen.iloc[0]
    is_network = (of_set["variant"] == first["variant"]) & (of_set["scale"] == first["scale"])
    stopped = chosen.mean(numeric_only=True)
    whole = of_set[is_network & of_set["exit"].isna()].mean(numeric_only=True)
    tried = exits[(exits["set"] == VALIDATION) & flagged(exits["chosen"])]
    tried = tried.mean(numeric_only=True)
    fixed = tried["stop_synops_per_reading"] / tried["synops_per_reading"]
    return facts | {
        "stopped": _costs(stopped),
        "whole": _costs(whole),
        "saved": text.percent(1 - stopped[ENERGY] / whole[ENERGY], digits=0),
        "change": stopped["accuracy"] - whole["accuracy"],
        "fixed": {"ms": tried["stop_ms"], "times": fixed} if is_known(fixed) else None,
    }


def _costs(row: pd.Series) -> Context:
    """What a network takes for a recording, and how accurate it is."""
    return {
        "accuracy": row["accuracy"],
        "uj": text.significant(row[ENERGY]),
        "ms": row["time_to_exit_ms"],
        "mw": text.significant(row["power_while_reading_mw"]),
    }
