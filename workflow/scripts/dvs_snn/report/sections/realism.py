"""Simulated recordings beside real ones: the calibration, and twins of one symbol."""

import re
from collections.abc import Iterable
from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.report import text
from dvs_snn.report.cells import NOMINAL, is_known, ordered
from dvs_snn.report.study import FinishedStudy

QUANTITIES = {
    "event_rate_keps": "event rate",
    "on_share": "share of ON events",
    "line_ratio": "strength of the 75 Hz line",
    "box_share": "share of events inside the digit's box",
    "centroid_range_x_px": "range of the digit's centre, x",
    "centroid_range_y_px": "range of the digit's centre, y",
}
PAIRED = {
    "count_correlation": "correlation of the event counts",
    "map_correlation": "correlation of the event maps",
    "count_ratio": "events, simulated over real",
    "agreement": "read alike by the network",
    "accuracy_real": "read right, real",
    "accuracy_ours": "read right, simulated",
    "on_share_real": "share of ON events, real",
    "on_share_ours": "share of ON events, simulated",
}
HALVES = {"even": "even (held out)", "odd": "odd (fitting)", "all": "all"}
PER_CENT = ("agreement", "accuracy", "on_share", "saccade")
N_GIVEN_AWAY = 4
"""Statistics that the page names as those which give simulated recordings away."""

BY_DIGIT = ("count_correlation", "count_ratio", "map_correlation", "agreement")


def context(study: FinishedStudy) -> dict[str, Any] | None:
    """What the page shows beside real recordings: the calibration and the twins."""
    calibration, paired = study.table("calibration"), study.table("paired")
    # Their captions say themselves what is simulated.
    names = ("calibration", "realism", "twin_counts", "twins")
    pictures = {name: study.figure(name, "") for name in names}
    nothing = calibration.empty and paired.empty and not any(pictures.values())
    if nothing and not study.origin.is_source_simulated:
        return None
    n_values = text.plural(len(calibration), "value")
    verdicts = f"of {n_values}, {text.counted(calibration['verdict'])}"
    # A column of digits and "all" comes as text, one of digits alone as numbers.
    paired = paired.assign(digit=paired["digit"].map(text.plain))
    of_all = paired[paired["digit"] == "all"]
    n_pairs = _n_pairs(of_all)
    maps = paired[paired["quantity"] == "map_correlation"]
    return pictures | {
        "calibration_table": _calibration_table(calibration),
        "n_real": text.counts_listed(calibration["n_real"]),
        "verdicts": verdicts if len(calibration) else "",
        "paired_table": _paired_table(of_all[of_all["value"].notna()], n_pairs),
        "digits_table": _digits_table(paired[paired["value"].notna()]),
        "n_pairs": n_pairs,
        "told_apart": _told_apart(study.table("realism")),
        "by_features": _by_features(study.table("features")),
        "was_compared": len(paired) > 0,
        # Maps can be compared only where the real recordings themselves are there.
        "has_real_files": maps["value"].notna().any(),
    }


def _told_apart(realism: pd.DataFrame) -> dict[str, str] | None:
    """How a classifier tells real from simulated on the held-out half; None without its symbols."""
    if realism.empty:
        return None
    is_nominal, is_all = realism["part"] == NOMINAL, realism["statistic"] == "all"
    is_even = realism["half"] == "even"
    together = realism[is_even & is_nominal & is_all]
    if together.empty:
        return None
    singles = realism[is_even & is_nominal & ~is_all].sort_values(
        "auc", ascending=False, kind="stable"
    )
    worst = [
        f"{row.statistic.replace('_', ' ')} ({row.auc:.2f})"
        for row in singles.head(N_GIVEN_AWAY).itertuples()
    ]
    wrong = realism.loc[~is_nominal & is_all, "auc"]
    return {
        "auc": text.interval_of(together.iloc[0], "auc", text.significant),
        "n": text.count(together["n"].iloc[0]),
        "worst": text.listed(worst),
        "n_wrong": text.count(len(wrong)),
        "wrong_low": text.significant(wrong.min()) if len(wrong) else "",
    }


def _by_features(features: pd.DataFrame) -> dict[str, str] | None:
    """What the page says of the CNN's features; None without real recordings of the even half."""
    is_nominal = features["part"] == NOMINAL
    held_out = features[is_nominal & (features["half"] == "even")]
    if held_out.empty:
        return None
    row, wrong = held_out.iloc[0], features[~is_nominal]
    return {
        "network": f"{row['variant']}, seed {text.plain(row['seed'])}",
        "auc": text.interval_of(row, "auc", text.significant),
        "n": text.count(row["n"]),
        "distance": text.significant(row["distance"], digits=2),
        "wrong": text.listed(
            f"{sensor.part} {sensor.change} ({text.significant(sensor.auc)}, "
            f"{text.significant(sensor.distance, digits=2)})"
            for sensor in wrong.itertuples()
        ),
    }


def _in_order(values: Iterable[Any], order: Iterable[Any]) -> list[Any]:
    """The distinct values, those of `order` first."""
    values = ordered(values)
    return ordered([*(value for value in order if value in values), *values])


def _calibration_table(calibration: pd.DataFrame) -> Markup | None:
    """Each real quantity beside the simulated recordings', with the verdict."""
    rows = [
        {
            "quantity": f"{QUANTITIES.get(quantity, quantity)} ({row['unit']})",
            "size": row["scale"],
            "real (n)": f"{text.significant(row['real'])} ({text.count(row['n_real'])})",
            "simulated (5 to 95 %)": text.interval_of(row, "ours", text.significant),
            "tolerance": row["tolerance"],
            "verdict": row["verdict"],
            "why": row["why"],
        }
        for quantity in _in_order(calibration["quantity"], QUANTITIES)
        for row in calibration[calibration["quantity"] == quantity].to_dict("records")
    ]
    caption = "Simulated recordings (median) beside real ones, at each scale of MNIST-DVS"
    return text.table_html(rows, caption, badges="verdict", source="calibration")


def _paired_table(paired: pd.DataFrame, n_pairs: str) -> Markup | None:
    """How far simulated and real recordings of one symbol agree: over all digits, by half."""
    rows = []
    for quantity in _in_order(paired["quantity"], PAIRED):
        by_network = paired[paired["quantity"] == quantity].groupby(
            ["variant", "seed"], sort=False, dropna=False
        )
        for (variant, seed), group in by_network:
            # Quantities that judge no network have no seed.
            network = f" ({variant}, seed {text.plain(seed)})" if is_known(seed) else ""
            row = {"quantity": _paired_name(quantity) + network}
            by_half = {of_half["half"]: of_half for of_half in group.to_dict("records")}
            for half, heading in HALVES.items():
                of_half = by_half.get(half, {})
                row[heading] = _paired_value(quantity, of_half.get("value"))
                row[f"{half}, shuffled"] = _paired_value(quantity, of_half.get("shuffled"))
            rows.append(row)
    caption = (
        "Simulated recordings and their real twins, all digits; shuffled: each real recording "
        f"beside the simulated one of another symbol of its digit. Symbols: {n_pairs}"
    )
    return text.table_html(rows, caption, source="paired")


def _digits_table(paired: pd.DataFrame) -> Markup | None:
    """The correlations and the ratio of the even half, digit by digit."""
    rows = []
    of_digits = paired[(paired["digit"] != "all") & (paired["half"] == "even")]
    for digit, group in of_digits.groupby("digit", sort=True):
        row = {"digit": digit, "symbols": text.count(group["n"].max())}
        for quantity in BY_DIGIT:
            for cell in group[group["quantity"] == quantity].to_dict("records")[:1]:
                name = _paired_name(quantity)
                row[name] = _paired_value(quantity, cell["value"])
                if quantity != "count_ratio":
                    row[f"{name}, shuffled"] = _paired_value(quantity, cell["shuffled"])
        rows.append(row)
    caption = "Simulated recordings and their real twins, digit by digit: even half, held out"
    return text.table_html(rows, caption, source="paired")


def _paired_name(quantity: str) -> str:
    share = re.fullmatch(r"saccade_(\d)_share_(real|ours)", quantity)
    if share:
        side = "real" if share[2] == "real" else "simulated"
        return f"share of events in movement {share[1]}, {side}"
    return PAIRED.get(quantity, quantity.replace("_", " "))


def _paired_value(quantity: str, value: Any) -> str:
    if not is_known(value):
        return text.NOTHING
    if quantity.startswith(PER_CENT):
        return text.percent(value)
    return f"{float(value):.2f}".replace("-", "−")


def _n_pairs(of_all: pd.DataFrame) -> str:
    """How many symbols each half holds: `500 odd, 500 even and 1,000 all`."""
    sizes = {half: of_all[of_all["half"] == half]["n"].max() for half in HALVES}
    return text.listed([f"{text.count(n)} {half}" for half, n in sizes.items() if is_known(n)])
