"""``drift.csv``: what networks read right of long recordings, by the time since their start."""

from collections.abc import Sequence

import pandas as pd

from dvs_snn.evaluation.ablation.outcomes import POINT_KEY
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.files.tables import Column, subset
from dvs_snn.realism.drift.conditions import BASE
from dvs_snn.realism.drift.outcomes import DRIFT_KEY
from dvs_snn.results.sensitivity import compare_with_nominal, interval_columns
from dvs_snn.results.summaries import EVALUATION_TABLE

READINGS = ("all", "recent")
"""All output spikes since the start, and those of the last 0.3 s alone."""

DRIFT_TABLE = {
    **POINT_KEY,
    **DRIFT_KEY,
    "size": Column("text", "", "size of the digits: `4`, `8`, `16`, or `all` of them"),
    "reading": Column(
        "text", "",
        "spikes that tell the digit: `all` since the start, or `recent`, of the last 0.3 s alone",
    ),
    **subset(EVALUATION_TABLE, "n_symbols accuracy accuracy_low accuracy_high"),
    "difference": Column(
        "number", "share", "accuracy minus the base's at that time on the same recordings"
    ),
    **interval_columns("difference"),
    "change": Column(
        "number", "share", "accuracy minus that at the first time on the same recordings"
    ),
    **interval_columns("change"),
    "synops_per_s": Column("number", "SynOps/s", "SynOps since the start over the time"),
}  # fmt: skip


def _compared(name: str, right: Sequence[int], reference: Sequence[int]) -> dict[str, float]:
    """Return a paired difference under a name, with its interval."""
    found = compare_with_nominal(right, reference)
    return {f"{name}{end}": found[f"difference{end}"] for end in ("", "_low", "_high")}


def _rows(outcomes: pd.DataFrame) -> list[dict[str, object]]:
    """Return the rows of one network and one size.

    Args:
        outcomes: `DRIFT_OUTCOMES`, the recordings of each condition and time in the same order.
    """
    by_cell = dict(iter(outcomes.groupby(list(DRIFT_KEY), sort=False)))
    start = outcomes["time_s"].min()
    rows = []
    for (part, value, time_s), own in by_cell.items():
        base, first = by_cell[*BASE, time_s], by_cell[part, value, start]
        n = len(own)
        for reading in READINGS:
            right = own[reading].tolist()
            accuracy = sum(right) / n
            low, high = wilson_interval(accuracy, n)
            row = {
                "part": part, "value": value, "time_s": time_s, "reading": reading,
                "n_symbols": n, "accuracy": accuracy, "accuracy_low": low, "accuracy_high": high,
                "synops_per_s": own["synops"].sum() / (n * time_s),
            }  # fmt: skip
            if own is not base:
                row |= _compared("difference", right, base[reading].tolist())
            if own is not first:
                row |= _compared("change", right, first[reading].tolist())
            rows.append({"difference": 0.0, "change": 0.0} | row)
    return rows


def drift_table(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return ``drift.csv`` from the rows of `read_long` of all networks.

    Intervals are empty where there is nothing to compare: of the base, and at the first time. A
    recording shows a symbol of its own, so n is that of recordings and of symbols.
    """
    rows: list[dict[str, object]] = []
    for key, of_network in outcomes.groupby(list(POINT_KEY), sort=False):
        of_sizes = {str(size): own for size, own in of_network.groupby("size")}
        for size, own in [*of_sizes.items(), ("all", of_network)]:
            named = dict(zip(POINT_KEY, key, strict=True)) | {"size": size}
            rows += [named | row for row in _rows(own)]
    return pd.DataFrame(rows, columns=list(DRIFT_TABLE))
