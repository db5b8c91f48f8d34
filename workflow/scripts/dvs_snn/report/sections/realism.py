"""Simulated recordings beside real ones: the calibration, and twins of one symbol."""

from typing import Any

import pandas as pd

from dvs_snn.report import text
from dvs_snn.report.study import FinishedStudy

NOMINAL = "nominal"
"""The part of the rows whose sensor is not changed."""

HELD_OUT = "even"
CORRELATIONS = {"count_correlation": "event counts", "map_correlation": "event maps"}
N_GIVEN_AWAY = 4
"""Statistics that the page names as those which give simulated recordings away."""


def context(study: FinishedStudy) -> dict[str, Any] | None:
    """What the page shows beside real recordings: the calibration and the twins."""
    calibration, paired = study.table("calibration"), study.table("paired")
    # Its caption says itself what is simulated.
    twins = study.figure("twins")
    nothing = calibration.empty and paired.empty and not twins
    if nothing and not study.origin.is_source_simulated:
        return None
    of_all = paired[paired["digit"].map(text.plain) == "all"]
    sizes = of_all.groupby("half")["n"].max().reindex(["even", "odd", "all"]).dropna()
    maps = paired[paired["quantity"] == "map_correlation"]
    verdicts = text.counted(calibration["verdict"])
    return {
        "twins": twins,
        "n_real": text.listed(map(text.count, sorted(calibration["n_real"].dropna().unique()))),
        "verdicts": f"of {text.plural(len(calibration), 'value')}, {verdicts}" if verdicts else "",
        # `500 even, 500 odd and 1,000 all`.
        "n_pairs": text.listed([f"{text.count(n)} {half}" for half, n in sizes.items()]),
        "correlations": _correlations(of_all[of_all["half"] == HELD_OUT]),
        "told_apart": _told_apart(study.table("realism")),
        "by_features": _by_features(study.table("features")),
        "was_compared": len(paired) > 0,
        # Maps can be compared only where the real recordings themselves are there.
        "has_real_files": maps["value"].notna().any(),
    }


def _correlations(paired: pd.DataFrame) -> str:
    """How simulated and real recordings of the same symbols correlate."""
    rows = paired[paired["value"].notna()].set_index("quantity")
    return text.listed(
        f"{rows['value'][name]:.2f} for {words} (shuffled: {rows['shuffled'][name]:.2f})"
        for name, words in CORRELATIONS.items()
        if name in rows.index
    ).replace("-", "−")


def _told_apart(realism: pd.DataFrame) -> dict[str, str] | None:
    """How a classifier tells real from simulated on the held-out half; None without its symbols."""
    is_nominal, is_all = realism["part"] == NOMINAL, realism["statistic"] == "all"
    is_even = realism["half"] == HELD_OUT
    together = realism[is_even & is_nominal & is_all]
    if together.empty:
        return None
    singles = realism[is_even & is_nominal & ~is_all].sort_values("auc", kind="stable")
    worst = [
        f"{row.statistic.replace('_', ' ')} ({row.auc:.2f})"
        for row in singles.tail(N_GIVEN_AWAY)[::-1].itertuples()
    ]
    wrong = realism.loc[~is_nominal & is_all, "auc"]
    return {
        "auc": text.interval_of(together.iloc[0], "auc", text.significant),
        "n": together["n"].iloc[0],
        "worst": text.listed(worst),
        "n_wrong": len(wrong),
        "wrong_low": text.significant(wrong.min()) if len(wrong) else "",
    }


def _by_features(features: pd.DataFrame) -> dict[str, str] | None:
    """What the page says of the CNN's features; None without real recordings of the even half."""
    held_out = features[(features["part"] == NOMINAL) & (features["half"] == HELD_OUT)]
    if held_out.empty:
        return None
    row = held_out.iloc[0]
    return {
        "network": f"{row['variant']}, seed {text.plain(row['seed'])}",
        "auc": text.interval_of(row, "auc", text.significant),
        "n": text.count(row["n"]),
        "distance": text.significant(row["distance"], digits=2),
    }
