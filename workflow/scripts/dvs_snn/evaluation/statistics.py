"""Statistics of readings: their cost in SynOps, confidence intervals."""

import math

import pandas as pd


def synops_rates(readings: pd.DataFrame) -> dict[str, float]:
    """Return SynOps per recording, per 3,000 events and per event: sums over sums.

    `readings` have the columns `operations` and `n_events`. Without any event the last two rates
    are nan.
    """
    events = int(readings["n_events"].sum())
    synops = int(readings["operations"].sum())
    per_event = synops / events if events else math.nan
    return {
        "synops_per_recording": synops / len(readings),
        "synops_per_3000_events": per_event * 3000,
        "synops_per_event": per_event,
    }


def wilson_interval(share: float, n: float) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of a share observed on `n` independent symbols.

    `share` may be an accuracy over more recordings than symbols (several recordings of one
    symbol are not independent), so `share * n` needn't be whole.

    Source: Wilson 1927, J. Am. Stat. Assoc. 22:209; statsmodels `proportion_confint`.
    """
    # Light jobs import this module too.
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(share * n, n, alpha=1 - 0.95, method="wilson")
    # A share of exactly 0 or 1 would otherwise miss its own bound by rounding.
    return float(min(low, share)), float(max(high, share))


def paired_interval(
    both: float, first: float, second: float, neither: float
) -> tuple[float, float]:
    """Return the 95 % interval of the difference of two shares of the same symbols.

    Unlike a bootstrap's it has a width even if every symbol was read alike.

    Source: Newcombe 1998, Stat. Med. 17:2635, method 10, which neither statsmodels nor scipy has.

    Args:
        both, neither: symbols read right under both conditions and under neither.
        first, second: symbols read right under one alone; the difference is first minus second.
    """
    n = both + first + second + neither
    share = (both + first) / n
    share_2 = (both + second) / n
    low, high = wilson_interval(share, n)
    low_2, high_2 = wilson_interval(share_2, n)
    margins = (both + first) * (second + neither) * (both + second) * (first + neither)
    excess = both * neither - first * second
    if excess > 0:
        excess = max(excess - n / 2, 0)
    correlation = excess / math.sqrt(margins) if margins else 0.0

    def reach(a: float, b: float) -> float:
        return math.sqrt(max(a * a - 2 * correlation * a * b + b * b, 0.0))

    difference = (first - second) / n
    below = reach(share - low, high_2 - share_2)
    above = reach(high - share, share_2 - low_2)
    return difference - below, difference + above
