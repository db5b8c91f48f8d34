"""Simulated recordings beside real ones: the calibration, and twins of one symbol."""

import re
from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.report.cells import is_known
from dvs_snn.report.material import Material
from dvs_snn.report.text import (
    NOTHING,
    columns_of_longest,
    count,
    counts_listed,
    from_to,
    listed,
    percent,
    plain,
    plural,
    significant,
    table_html,
)

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


def context(material: Material) -> dict[str, Any] | None:
    """What is shown beside real recordings: the calibration and the twins."""
    calibration, paired = material.table("calibration"), material.table("paired")
    # Their captions say themselves what is simulated.
    names = ("calibration", "twin_counts", "twins")
    pictures = {name: material.picture(name, "") for name in names}
    nothing = calibration.empty and paired.empty and not any(pictures.values())
    if nothing and not material.origin.is_source_simulated:
        return None
    return pictures | {
        "calibration_table": calibration_table(calibration),
        "n_real": counts_listed(calibration, "n_real"),
        "verdicts": _verdicts(calibration),
        "paired_table": paired_table(paired),
        "digits_table": paired_digits_table(paired),
        "n_pairs": _n_pairs(paired),
        "was_compared": len(paired) > 0,
        "has_real_files": _has_real_files(paired),
    }


def calibration_table(calibration: pd.DataFrame) -> Markup | None:
    """Each real quantity beside the simulated recordings', with the verdict."""
    if calibration.empty:
        return None
    rows = []
    for row in calibration.to_dict("records"):
        ours = significant(row["ours"])
        if is_known(row["ours_low"]) and is_known(row["ours_high"]):
            ours += f" ({from_to(significant(row['ours_low']), significant(row['ours_high']))})"
        rows.append(
            {
                "quantity": QUANTITIES.get(str(row["quantity"]), plain(row["quantity"])),
                "unit": plain(row["unit"]),
                "scale": plain(row["scale"]),
                "real": significant(row["real"]),
                "n, real": count(row["n_real"]),
                "simulated (5 to 95 %)": ours,
                "n, simulated": count(row["n"]),
                "tolerance": plain(row["tolerance"]),
                "verdict": plain(row["verdict"]),
                "why": plain(row.get("why")),
            }
        )
    rows.sort(key=lambda row: _place(row["quantity"], QUANTITIES.values()))
    caption = "Simulated recordings (median) beside real ones, at each scale of MNIST-DVS"
    return table_html(pd.DataFrame(rows), caption, badges="verdict")


def _place(value: Any, order: Iterable[Any]) -> int:
    order = list(order)
    return order.index(value) if value in order else len(order)


def _verdicts(calibration: pd.DataFrame) -> str:
    if calibration.empty:
        return ""
    found = calibration["verdict"].value_counts(sort=False)
    parts = [f"{number} {verdict}" for verdict, number in found.items()]
    return f"of {plural(len(calibration), 'value')}, {listed(parts)}"


def paired_table(paired: pd.DataFrame) -> Markup | None:
    """How far simulated and real recordings of one symbol agree: over all digits, by half."""
    rows_of = _paired_rows(paired, lambda digit: digit == "all")
    if rows_of.empty:
        return None
    rows = []
    for quantity, all_networks in _grouped(rows_of, "quantity", PAIRED):
        for network, group in _by_network(all_networks):
            row = {"quantity": _paired_name(quantity) + network}
            for half, heading in HALVES.items():
                values = group[group["half"] == half]
                found = values.iloc[0] if len(values) else {}
                row[heading] = _paired_value(quantity, found.get("value"))
                row[f"{half}, shuffled"] = _paired_value(quantity, found.get("shuffled"))
            rows.append(row)
    caption = (
        "Simulated recordings and their real twins, all digits; shuffled: each real recording "
        f"beside the simulated one of another symbol of its digit. Symbols: {_n_pairs(paired)}"
    )
    return table_html(pd.DataFrame(rows), caption)


def paired_digits_table(paired: pd.DataFrame) -> Markup | None:
    """The correlations and the ratio of the even half, digit by digit."""
    rows_of = _paired_rows(paired, lambda digit: digit != "all")
    rows_of = rows_of[rows_of["half"] == "even"] if len(rows_of) else rows_of
    if rows_of.empty:
        return None
    rows = []
    for digit, group in rows_of.groupby("digit", sort=True):
        row = {"digit": plain(digit), "symbols": count(group["n"].max())}
        for quantity in ("count_correlation", "count_ratio", "map_correlation", "agreement"):
            values = group[group["quantity"] == quantity]
            if len(values):
                name, found = _paired_name(quantity), values.iloc[0]
                row[name] = _paired_value(quantity, found["value"])
                if quantity != "count_ratio":
                    row[f"{name}, shuffled"] = _paired_value(quantity, found["shuffled"])
        rows.append(row)
    caption = "Simulated recordings and their real twins, digit by digit: even half, held out"
    return table_html(columns_of_longest(rows), caption)


def _paired_rows(paired: pd.DataFrame, wanted: Callable[[str], bool]) -> pd.DataFrame:
    if paired.empty:
        return paired
    # A column of digits and "all" comes as text, one of digits alone as numbers.
    rows = paired.assign(digit=paired["digit"].map(plain))
    return rows[rows["digit"].map(wanted) & rows["value"].notna()]


def _by_network(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Group rows by the network that they judge; rows that judge none have no name."""
    if "seed" not in rows or not rows["seed"].map(is_known).any():
        return [("", rows)]
    return [
        (f" ({variant}, seed {plain(seed)})", group)
        for (variant, seed), group in rows.groupby(["variant", "seed"], sort=False)
    ]


def _grouped(
    rows: pd.DataFrame, column: str, order: Iterable[str]
) -> list[tuple[str, pd.DataFrame]]:
    names = sorted(dict.fromkeys(rows[column]), key=lambda name: _place(name, order))
    return [(name, rows[rows[column] == name]) for name in names]


def _paired_name(quantity: str) -> str:
    found = re.fullmatch(r"saccade_(\d)_share_(real|ours)", quantity)
    if found:
        side = "real" if found[2] == "real" else "simulated"
        return f"share of events in movement {found[1]}, {side}"
    return PAIRED.get(quantity, quantity.replace("_", " "))


def _paired_value(quantity: str, value: Any) -> str:
    if not is_known(value):
        return NOTHING
    return (
        percent(value) if quantity.startswith(PER_CENT) else f"{float(value):.2f}".replace("-", "−")
    )


def _n_pairs(paired: pd.DataFrame) -> str:
    """How many symbols each half holds: `500 odd, 500 even and 1,000 all`."""
    if paired.empty:
        return ""
    rows = paired[paired["digit"].map(plain) == "all"]
    sizes = {half: rows[rows["half"] == half]["n"].max() for half in HALVES}
    return listed([f"{count(n)} {half}" for half, n in sizes.items() if is_known(n)])


def _has_real_files(paired: pd.DataFrame) -> bool:
    """Maps can be compared only where the real recordings themselves are there."""
    if paired.empty:
        return False
    return bool(paired[paired["quantity"] == "map_correlation"]["value"].notna().any())
