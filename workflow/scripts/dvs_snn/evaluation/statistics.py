"""Confidence intervals."""


def wilson_interval(share: float, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the Wilson score interval of a share observed on `n` independent symbols.

    `share` may be an accuracy over more recordings than symbols (several recordings of one
    symbol are not independent), so `share * n` needn't be whole.

    Source: Wilson 1927, J. Am. Stat. Assoc. 22:209; statsmodels `proportion_confint`.
    """
    # Light jobs import this module too.
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(share * n, n, alpha=1 - confidence, method="wilson")
    # A share of exactly 0 or 1 would otherwise miss its own bound by rounding.
    return float(min(low, share)), float(max(high, share))
