"""How soon it answers, and what stopping early saves."""

import pandas as pd

from dvs_snn.points.point import EARLY_EXIT, Point
from dvs_snn.points.quoted_rows import rows_at
from dvs_snn.report import text
from dvs_snn.report.cells import is_known
from dvs_snn.report.finished_study import FinishedStudy
from dvs_snn.report.template import Context
from dvs_snn.settings.set_names import VALIDATION
from dvs_snn.settings.sides import SPIKING


def context(study: FinishedStudy) -> Context:
    """Return the quoted network's means over trainings, with early exit and to the end.

    `fixed` compares with a stop at one time for all recordings (`stop_ms`, on validation): how many
    times the SynOps of early exit it needs. Without a quoted exit the figure stands alone.
    """
    facts: Context = {"figure": study.figure("latency", [study.answer_set]), "stopped": None}
    point = study.quoted.points.get(EARLY_EXIT)
    if point is None:
        return facts
    to_the_end = Point(SPIKING, point.variant, point.scale)
    rows = rows_at(study.points, [point, to_the_end], study.answer_set)
    if len(rows) < 2:
        return facts

    stopped = rows.iloc[0]
    whole = rows.iloc[1]
    saved = 1 - study.reading_uj(stopped) / study.reading_uj(whole)
    return facts | {
        "stopped": _costs(stopped, study),
        "whole": _costs(whole, study),
        "saved": text.percent(saved, digits=0),
        "change": stopped["accuracy"] - whole["accuracy"],
        "fixed": _fixed_stop(rows_at(study.points, [point], VALIDATION)),
    }


def _fixed_stop(tried: pd.DataFrame) -> Context | None:
    """When all recordings would stop for the accuracy of the exit; None if that isn't known.

    `tried` holds the exit on validation, or nothing.
    """
    if tried.empty:
        return None
    row = tried.iloc[0]
    times = row["stop_operations_per_reading"] / row["operations_per_reading"]
    return {"ms": row["stop_ms"], "times": times} if is_known(times) else None


def _costs(row: pd.Series, study: FinishedStudy) -> Context:
    """What a network takes for a recording, and how accurate it is."""
    return {
        "accuracy": row["accuracy"],
        "uj": text.significant(study.reading_uj(row)),
        "ms": row["time_to_exit_ms"],
        "mw": text.significant(study.reading_mw(row)),
    }
