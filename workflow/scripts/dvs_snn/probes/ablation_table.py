"""``ablation.csv``: each change of how a network runs, beside the network as the study runs it."""

import math

import pandas as pd

from dvs_snn.evaluation.choosing.trials import EARLY_EXIT
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.files.tables import schema
from dvs_snn.probes.run_settings import BASE
from dvs_snn.probes.sensitivity_table import compare_with_nominal

LIMIT_POINTS = 2.0
"""A change of accuracy by more percentage points is marked."""
LIMIT_PERCENT = 10.0
"""A change of the cost by more per cent is marked."""


def _cost(outcomes: pd.DataFrame) -> float:
    events = int(outcomes["n_events"].sum())
    return int(outcomes["synops"].sum()) / events * 3000 if events else math.nan


def _row(own: pd.DataFrame, base: pd.DataFrame | None, stops: bool) -> dict[str, object]:
    """Return a condition's cells; `base` None for the base, `stops` if the network exits early."""
    n_symbols, accuracy = own["symbol"].nunique(), float(own["correct"].mean())
    low, high = wilson_interval(accuracy, n_symbols)
    row: dict[str, object] = {
        "n_recordings": len(own), "n_symbols": n_symbols, "accuracy": accuracy,
        "accuracy_low": low, "accuracy_high": high, "synops_per_3000_events": _cost(own),
        "difference": 0.0, "synops_change": 0.0, "moved": 0,
    }  # fmt: skip
    if base is not None:
        compared = compare_with_nominal(own["correct"].tolist(), base["correct"].tolist())
        row |= {name: compared[name] for name in compared if name != "p_value"}
        cost, reference = (rows["synops"].mean() if stops else _cost(rows) for rows in (own, base))
        row["synops_change"] = cost / reference - 1 if reference else math.nan
        # Rounded, since 0.02 and 0.1 have no exact form: a change of just the limit is within it.
        moved = round(100 * abs(compared["difference"]), 6) > LIMIT_POINTS
        row["moved"] = int(moved or round(100 * abs(row["synops_change"]), 6) > LIMIT_PERCENT)
    return row


def ablation_table(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return ``ablation.csv`` from the rows of `ablate_points` of all networks."""
    rows: list[dict[str, object]] = []
    point, changed = ["variant", "method", "seed", "scale", "set"], ["part", "value"]
    for key, of_point in outcomes.groupby(point, sort=False):
        by_condition = dict(iter(of_point.groupby(changed, sort=False)))
        base = by_condition[BASE]
        for condition, own in by_condition.items():
            named = dict(zip([*point, *changed], [*key, *condition], strict=True))
            compared = None if condition == BASE else base
            rows.append(named | _row(own, compared, named["method"] == EARLY_EXIT))
    return pd.DataFrame(rows, columns=list(schema("ablation")))
