"""The sensitivity table: every changed sensor against the nominal one, symbol by symbol."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

import pandas as pd

from dvs_snn.evaluation.power import EnergyModel
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.evaluation.summaries import evaluation_row
from dvs_snn.files.tables import schema
from dvs_snn.probes.sensor_changes import CONDITIONS, NOMINAL_CONDITION


def paired_interval(both: int, first: int, second: int, neither: int) -> tuple[float, float]:
    """Return the 95 % interval of the difference of two shares of the same symbols.

    Args:
        both, neither: symbols read right under both conditions and under neither.
        first, second: symbols read right under one alone; the difference is first minus second.

    Unlike a bootstrap's interval it has a width even if every symbol was read alike.

    Source: Newcombe 1998, Stat. Med. 17:2635, method 10, which neither statsmodels nor scipy has.
    """
    n = both + first + second + neither
    share, other = (both + first) / n, (both + second) / n
    low, high = wilson_interval(share, n)
    other_low, other_high = wilson_interval(other, n)
    margins = (both + first) * (second + neither) * (both + second) * (first + neither)
    excess = both * neither - first * second
    if excess > 0:
        excess = max(excess - n / 2, 0)
    correlation = excess / math.sqrt(margins) if margins else 0.0

    def reach(a: float, b: float) -> float:
        return math.sqrt(max(a * a - 2 * correlation * a * b + b * b, 0.0))

    difference = (first - second) / n
    return (
        difference - reach(share - low, other_high - other),
        difference + reach(high - share, other - other_low),
    )


def compare_with_nominal(changed: Sequence[int], nominal: Sequence[int]) -> dict[str, float]:
    """Return changed minus nominal accuracy (1: right), interval, p of McNemar's exact test."""
    # Light jobs import this module too.
    from statsmodels.stats.contingency_tables import mcnemar

    pairs = Counter(zip(changed, nominal, strict=True))
    both, first, second, neither = (pairs[pair] for pair in ((1, 1), (1, 0), (0, 1), (0, 0)))
    low, high = paired_interval(both, first, second, neither)
    return {
        "difference": (first - second) / len(changed),
        "difference_low": low,
        "difference_high": high,
        "p_value": float(mcnemar([[both, first], [second, neither]], exact=True).pvalue),
    }


def sensitivity_table(outcomes: pd.DataFrame, step_ms: float) -> pd.DataFrame:
    """Compare what one network read under every condition with what it read under the nominal one.

    Args:
        outcomes: rows of `read_conditions`, of one network.
        step_ms: length of a time step in milliseconds.

    Returns:
        A row per condition of `CONDITIONS`, of `sensitivity` without its network. Interval and p
        value are empty where there is nothing to compare: nominal, and where settings equal the
        nominal ones, so that no recordings were made.
    """
    by_condition = dict(iter(outcomes.groupby(["part", "change"], sort=False)))
    nominal = by_condition[NOMINAL_CONDITION]
    rows = []
    for part, change in CONDITIONS:
        own = by_condition.get((part, change), nominal)
        # Energy isn't told here; SynOps stand for it.
        row = {"part": part, "change": change, **evaluation_row(own, EnergyModel(0.0), step_ms)}
        row["events_per_recording"] = own["n_events"].sum() / len(own)
        row["difference"] = 0.0
        if own is not nominal:
            row |= compare_with_nominal(own["correct"], nominal["correct"])
        rows.append(row)
    return pd.DataFrame(rows, columns=list(schema("sensitivity"))[3:])


def join_networks(outcomes: Iterable[pd.DataFrame], step_ms: float) -> pd.DataFrame:
    """Return ``sensitivity.csv`` from the outcomes of each network.

    A network that wasn't chosen has no rows.
    """
    tables = [
        sensitivity_table(own, step_ms).assign(**own[["variant", "seed", "scale"]].iloc[0])
        for own in outcomes
        if len(own)
    ]
    return pd.concat(tables, ignore_index=True)[list(schema("sensitivity"))]
