"""Simulated recordings beside real ones: the calibration, and twins of one symbol."""

import re
from collections.abc import Iterable
from typing import Any

import pandas as pd

from dvs_snn.report import text
from dvs_snn.report.cells import NOMINAL, is_known, ordered, sorted_by
from dvs_snn.report.study import FinishedStudy
from dvs_snn.report.table import column

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
HALVES = ("even", "odd", "all")
PER_CENT = ("agreement", "accuracy", "on_share", "saccade")
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
    n_values, verdicts = len(calibration), text.counted(calibration["verdict"])
    # A column of digits and "all" comes as text, one of digits alone as numbers.
    paired = paired.assign(digit=paired["digit"].map(text.plain))
    of_all = paired[paired["digit"] == "all"]
    n_pairs = _n_pairs(of_all)
    maps = paired[paired["quantity"] == "map_correlation"]
    return {
        "twins": twins,
        "calibration_rows": _calibration_rows(calibration),
        "n_real": text.listed(map(text.count, sorted(calibration["n_real"].dropna().unique()))),
        "verdicts": f"of {text.plural(n_values, 'value')}, {verdicts}" if n_values else "",
        "paired_rows": _paired_rows(of_all[of_all["value"].notna()]),
        "digits_rows": _digits_rows(paired[paired["value"].notna()]),
        "n_pairs": n_pairs,
        "told_apart": _told_apart(study.table("realism")),
        "by_features": _by_features(study.table("features")),
        "was_compared": len(paired) > 0,
        # Maps can be compared only where the real recordings themselves are there.
        "has_real_files": maps["value"].notna().any(),
    }


def _told_apart(realism: pd.DataFrame) -> dict[str, str] | None:
    """How a classifier tells real from simulated on the held-out half; None without its symbols."""
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
        "n": together["n"].iloc[0],
        "worst": text.listed(worst),
        "n_wrong": len(wrong),
        "wrong_low": text.significant(wrong.min()) if len(wrong) else "",
    }


def _by_features(features: pd.DataFrame) -> dict[str, str] | None:
    """What the page says of the CNN's features; None without real recordings of the even half."""
    is_nominal = features["part"] == NOMINAL
    held_out = features[is_nominal & (features["half"] == "even")]
    if held_out.empty:
        return None
    row = held_out.iloc[0]
    return {
        "network": f"{row['variant']}, seed {text.plain(row['seed'])}",
        "auc": text.interval_of(row, "auc", text.significant),
        "n": text.count(row["n"]),
        "distance": text.significant(row["distance"], digits=2),
        "wrong": text.listed(
            f"{wrong.part} {wrong.change} ({text.significant(wrong.auc)}, "
            f"{text.significant(wrong.distance, digits=2)})"
            for wrong in features[~is_nominal].itertuples()
        ),
    }


def _in_order(values: Iterable[Any], order: Iterable[Any]) -> list[Any]:
    """The distinct values, those of `order` first."""
    values = ordered(values)
    return ordered([*(value for value in order if value in values), *values])


def _calibration_rows(calibration: pd.DataFrame) -> pd.DataFrame:
    """Each real quantity beside the simulated recordings', with the verdict."""
    rows = sorted_by(calibration, quantity=_in_order(calibration["quantity"], QUANTITIES))

    def quantity(row: dict[str, Any]) -> str:
        return f"{QUANTITIES.get(row['quantity'], row['quantity'])} ({row['unit']})"

    def real(row: dict[str, Any]) -> str:
        return f"{text.significant(row['real'])} ({text.count(row['n_real'])})"

    return rows.assign(quantity=column(rows, quantity), real=column(rows, real))


def _paired_rows(paired: pd.DataFrame) -> pd.DataFrame:
    """How far simulated and real recordings of one symbol agree: over all digits, by half."""
    rows = sorted_by(paired, quantity=_in_order(paired["quantity"], PAIRED))

    def name(row: dict[str, Any]) -> str:
        # Quantities that judge no network have no seed.
        network = f" ({row['variant']}, seed {text.plain(row['seed'])})"
        return _paired_name(row["quantity"]) + network * is_known(row["seed"])

    return _wide(rows.assign(name=column(rows, name)), "name", "half")


def _wide(paired: pd.DataFrame, name: str, over: str) -> pd.DataFrame:
    """A row for each `name`; for each value of `over` a column, and that of its control."""
    written = {
        kind: column(paired, lambda row, kind=kind: _paired_value(row["quantity"], row[kind]))
        for kind in ("value", "shuffled")
    }
    paired = paired.assign(**written).drop_duplicates([name, over])
    wide = paired.pivot(index=name, columns=over, values=list(written))
    wide.columns = [f"{of}_shuffled" if kind == "shuffled" else of for kind, of in wide.columns]
    return wide.reindex(paired[name].unique()).reset_index()


def _digits_rows(paired: pd.DataFrame) -> pd.DataFrame:
    """The correlations and the ratio of the even half, digit by digit."""
    rows = paired[(paired["digit"] != "all") & (paired["half"] == "even")]
    symbols = rows.groupby("digit")["n"].max()
    wide = _wide(rows.sort_values("digit", kind="stable"), "digit", "quantity")
    return wide.assign(symbols=wide["digit"].map(symbols))


def _paired_name(quantity: str) -> str:
    found = re.fullmatch(r"saccade_(\d)_share_(real|ours)", quantity)
    if found:
        side = "real" if found[2] == "real" else "simulated"
        return f"share of events in movement {found[1]}, {side}"
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
