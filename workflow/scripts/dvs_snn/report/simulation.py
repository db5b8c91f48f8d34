"""What the report page says about simulated recordings: the sensor, and how far it can be trusted.

Tables and settings in, text and HTML tables out; the words around them are in the template.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.realism.twins import N_TWINS, TWINS_PER_DIGIT
from dvs_snn.report.conditions import condition, relative_synops
from dvs_snn.report.origin import SOURCE, Origin
from dvs_snn.report.text import (
    NBSP,
    NOTHING,
    columns_of_longest,
    count,
    embed_figure,
    flagged,
    from_to,
    is_known,
    listed,
    millions,
    percent,
    plain,
    plural,
    significant,
    spread,
    table_html,
    with_interval,
)

SCENES = {
    "mnist-dvs": "bright digits on a monitor in slow motion along a closed curve, as in MNIST-DVS "
    "(Serrano-Gotarredona and Linares-Barranco 2015)",
    "saccades": "three quick movements of the sensor before a monitor, as in N-MNIST "
    "(Orchard et al. 2015)",
    "paper": "a dark digit on bright paper, held by hand: the recordings A, B and C",
}
LEFT_OUT = (
    "latency jitter",
    "photon noise before the low-pass",
    "crosstalk between pixels",
    "a bus that serves rows",
    "lens distortion",
    "temperature",
)
_DVS, _V2E = "Lichtsteiner et al. 2008", "Hu et al. 2021 (v2e)"
SENSOR_PARTS = {
    "threshold_on": ("contrast of an ON event", "ln intensity", _DVS),
    "threshold_off": ("contrast of an OFF event", "ln intensity", _DVS),
    "mismatch": ("spread of the thresholds from pixel to pixel", "share", _DVS),
    "cutoff_hz": ("cutoff of the low-pass at white, lower in the dark", "Hz", _V2E),
    "refractory_us": ("time after an event in which a pixel is held", "µs", _DVS),
    "leak_hz": ("leak events (ON) of a pixel", "1/s", _V2E),
    "shot_noise_hz": ("noise events of a pixel in the dark", "1/s", _V2E),
    "hot_share": ("hot pixels", "share", "this study"),
    "hot_hz": ("events of a hot pixel (ON)", "1/s", "this study"),
    "knee": ("luminance below which the logarithm is a line", "share of white", _V2E),
    "bus_us": ("time of the bus for one event", "µs", "this study"),
}
OFF_AT_ZERO = ("mismatch", "cutoff_hz", "refractory_us", "leak_hz", "shot_noise_hz", "hot_share")
OFF_AT_ZERO += ("hot_hz", "bus_us")
SCENE_PARTS = {
    "sensor": ("sensor", ""),
    "sensor_size": ("size of the sensor", "px"),
    "duration_s": ("length of a recording", "s"),
    "step_ms": ("simulated step", "ms"),
    "scales": ("MNIST-DVS scales, in turn", ""),
    "magnification": ("sensor pixels per image pixel", "px"),
    "stroke_exponent": ("power of the grey values; below 1 thickens strokes", ""),
    "blur_px": ("blur of the optics", "px"),
    "background": ("luminance of the background", "share of white"),
    "stroke": ("luminance of a stroke", "share of white"),
    "flicker_hz": ("modulation of the backlight", "Hz"),
    "flicker_depth": ("depth of that modulation", "share"),
    "amplitude_px": ("half width and half height of the curve", "px"),
    "period_s": ("one round of the curve", "s"),
    "refresh_hz": ("pictures of the monitor", "1/s"),
    "response_ms": ("time constant of the monitor's pixels", "ms"),
    "windows_s": ("movements", "s"),
    "drift_px": ("drift (root mean square)", "px"),
    "tremor_px": ("tremor (root mean square)", "px"),
    "tilt_deg": ("turn (root mean square)", "degrees"),
    "zoom": ("network pixels per sensor pixel", "px"),
}
RANGE_PARTS = {
    "threshold": ("both thresholds", "factor"),
    "mismatch": ("spread of the thresholds", "share"),
    "cutoff": ("cutoff of the low-pass", "factor"),
    "shot_noise_hz": ("noise events of a pixel", "1/s"),
    "flicker_depth": ("depth of the backlight's modulation", "share"),
    "background": ("luminance of the background", "share of white"),
    "blur_px": ("blur of the optics", "px"),
    "stroke_exponent": ("power of the grey values", ""),
    "size": ("size of the digit", "factor"),
    "width": ("width of the digit", "factor"),
    "amplitude": ("size of the path", "factor"),
    "speed": ("speed along the path", "factor"),
    "shift_x_px": ("shift of the path to the right", "px"),
    "shift_y_px": ("shift of the path down", "px"),
    "corner_px": ("shift of each corner of the path", "px"),
    "turn_deg": ("turn of the digit", "degrees"),
    "slant_deg": ("slant of the digit to the right", "degrees"),
    "warp_px": ("bend of the digit's strokes (root mean square)", "px of the image"),
}
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
MNIST_DVS_SCALE = re.compile(r"_scale(\d\d)")
FIGURES = {
    "calibration": "Six quantities of real and simulated recordings at each scale of MNIST-DVS.",
    "twin_counts": "Events of real against simulated recordings, a panel for each digit.",
    "twins": "Drawn digits with the event maps of their recordings.",
    "sensitivity": "Accuracy and operations where one part of the simulated sensor is changed.",
    "failures": "Event maps of misread recordings.",
}


def simulation_context(
    origin: Origin, tables: Mapping[str, pd.DataFrame | None], figures: Mapping[str, Path]
) -> dict[str, Any]:
    """What the template shows of the simulation; each part None where there is nothing to show.

    `tables` by name, each optional: `calibration` and `paired` (columns: see
    :mod:`dvs_snn.realism.quantities` and :mod:`dvs_snn.realism.twins`), `predictions` and
    `sensitivity` (`variant, seed, part, change, accuracy, accuracy_low, accuracy_high, difference,
    difference_low, difference_high, synops_per_recording, n_symbols`; the nominal sensor is the
    part `nominal`).
    `figures` by name, each optional: `calibration`, `twin_counts`, `twins`, `sensitivity`,
    `failures`.
    """
    note = origin.note()
    images = {
        name: embed_figure(figures[name], note + alt) if name in figures else None
        for name, alt in FIGURES.items()
    }
    simulation = origin.config.get("simulation") if origin.source == SOURCE else None
    return {
        "is_simulated": origin.source == SOURCE,
        "sensor": sensor_context(simulation) if simulation else None,
        "split": split_context(simulation) if simulation else None,
        "against_real": _against_real(
            _given(tables, "calibration"), _given(tables, "paired"), images, origin
        ),
        "sensitivity": _sensitivity(_given(tables, "sensitivity"), images, note),
        "wrong": _wrong(_given(tables, "predictions"), images, origin),
    }


def _given(tables: Mapping[str, pd.DataFrame | None], name: str) -> pd.DataFrame:
    frame = tables.get(name)
    return pd.DataFrame() if frame is None else frame


# --- the simulated sensor -------------------------------------------------------------------------


def sensor_context(simulation: Mapping[str, Any]) -> dict[str, Any]:
    """The scenes, and tables of the values in force, from the config's `simulation`."""
    sensors, scenes = simulation["sensors"], simulation["scenes"]
    used_by = {
        name: [scene for scene, settings in scenes.items() if settings.get("sensor") == name]
        for name in sensors
    }
    parts = [
        {"part": label, "unit": unit or NOTHING}
        | {name: _sensor_value(key, sensor.get(key)) for name, sensor in sensors.items()}
        | {"model after": source}
        for key, (label, unit, source) in SENSOR_PARTS.items()
    ]
    looks = [
        {"scene": label, "unit": unit or NOTHING}
        | {name: _scene_value(key, settings.get(key)) for name, settings in scenes.items()}
        for key, (label, unit) in SCENE_PARTS.items()
        if any(key in settings for settings in scenes.values())
    ]
    return {
        "scenes": [
            {"name": name, "text": SCENES.get(name, "")} for name in scenes if name in SCENES
        ],
        "sensors": [
            {"name": name, "scenes": listed(used)} for name, used in used_by.items() if used
        ],
        "parts_table": table_html(pd.DataFrame(parts), "The simulated sensors: values in force"),
        "scenes_table": table_html(pd.DataFrame(looks), "The simulated scenes: values in force"),
        "left_out": listed(LEFT_OUT),
    }


def _sensor_value(key: str, value: Any) -> str:
    if not is_known(value):
        return NOTHING
    return "off" if key in OFF_AT_ZERO and float(value) == 0 else f"{float(value):g}"


def _scene_value(key: str, value: Any) -> str:
    """A setting in one cell: `128 × 128`, `scale 4: 1.1; scale 8: 2.2`, `0.008 to 0.08; ...`."""
    if isinstance(value, Mapping):
        return "; ".join(
            f"scale{NBSP}{int(name[-2:])}:{NBSP}{_scene_value(key, inner)}"
            for name, inner in value.items()
        )
    if isinstance(value, list | tuple):
        if key == "windows_s":
            return "; ".join(from_to(_number(low), _number(high)) for low, high in value)
        between = ", " if key == "scales" else f"{NBSP}×{NBSP}"
        return between.join(_number(inner) for inner in value)
    if value is None:
        return NOTHING
    return _number(value) if isinstance(value, int | float) else str(value)


def _number(value: float) -> str:
    """A setting as it stands, with a minus that is one."""
    return f"{float(value):g}".replace("-", "−")


def split_context(simulation: Mapping[str, Any]) -> dict[str, Any]:
    """Which symbols test, validate and train, and what varies in training."""
    symbols, training = simulation["symbols"], simulation["training"]
    test = [int(number) for number in symbols["test"]]
    if tuple(test) == TWINS_PER_DIGIT:
        twins = f"the very symbols that N-MNIST's first {count(N_TWINS)} training recordings show"
    elif all(few <= whole for few, whole in zip(test, TWINS_PER_DIGIT, strict=True)):
        twins = (
            f"all of them among the symbols that N-MNIST's first {count(N_TWINS)} training "
            "recordings show"
        )
    else:
        twins = ""
    rows = [{"what varies": "recordings of each symbol", "unit": NOTHING}]
    rows[0] |= {scene: count(plan["recordings"]) for scene, plan in training.items()}
    frames = {scene: plan["frame_events"] for scene, plan in training.items()}
    frames_differ = any(frames.values())
    if frames_differ:
        rows.append(
            {"what varies": "events of a frame (where not given, as in the test)", "unit": NOTHING}
            | {
                scene: from_to(*map(count, limits)) if limits else NOTHING
                for scene, limits in frames.items()
            }
        )
    for key, (label, unit) in RANGE_PARTS.items():
        ranges = {scene: plan["ranges"].get(key) for scene, plan in training.items()}
        if any(ranges.values()):
            rows.append(
                {"what varies": label, "unit": unit or NOTHING}
                | {scene: _range(limits) for scene, limits in ranges.items()}
            )
    left = symbols.get("training")
    return {
        "n_test": plural(sum(test), "test symbol"),
        "per_digit": from_to(count(min(test)), count(max(test)))
        if min(test) != max(test)
        else count(test[0]),
        "twins": twins,
        "validation": count(symbols["validation"]),
        "training": f"{count(left)} more of each" if is_known(left) else "all others",
        "frame_events": frames_differ,
        "ranges_table": table_html(
            pd.DataFrame(rows), "Simulated training recordings: smallest to largest of what varies"
        ),
    }


def _range(limits: Sequence[float] | None) -> str:
    return NOTHING if not limits else from_to(_number(limits[0]), _number(limits[1]))


# --- simulated against real -----------------------------------------------------------------------


def _against_real(
    calibration: pd.DataFrame,
    paired: pd.DataFrame,
    images: Mapping[str, Markup | None],
    origin: Origin,
) -> dict[str, Any] | None:
    shown = [images[name] for name in ("calibration", "twin_counts", "twins")]
    if calibration.empty and paired.empty and not any(shown) and origin.source != SOURCE:
        return None
    return {
        "calibration_table": calibration_table(calibration),
        "n_real": _numbers(calibration, "n_real"),
        "verdicts": _verdicts(calibration),
        "paired_table": paired_table(paired),
        "digits_table": paired_digits_table(paired),
        "n_pairs": _n_pairs(paired),
        "was_compared": len(paired) > 0,
        "has_real_files": _has_real_files(paired),
        "calibration": images["calibration"],
        "twin_counts": images["twin_counts"],
        "twins": images["twins"],
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


def _numbers(frame: pd.DataFrame, column: str) -> str:
    """The values of a column of counts, in one text."""
    if frame.empty:
        return ""
    return listed([count(value) for value in sorted(frame[column].dropna().unique())])


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
    """Split rows by the network that is judged; those that judge none have no name."""
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


# --- sensitivity ----------------------------------------------------------------------------------


def _sensitivity(
    sensitivity: pd.DataFrame, images: Mapping[str, Markup | None], note: str
) -> dict[str, Any] | None:
    if sensitivity.empty and not images["sensitivity"]:
        return None
    return {
        "table": sensitivity_table(sensitivity, note),
        "n_symbols": _numbers(sensitivity, "n_symbols"),
        "figure": images["sensitivity"],
    }


def sensitivity_table(sensitivity: pd.DataFrame, note: str = "") -> Markup | None:
    """A row for each condition, variant and seed."""
    if sensitivity.empty:
        return None
    relative = relative_synops(sensitivity)
    rows = []
    for row, share in zip(sensitivity.to_dict("records"), relative, strict=True):
        rows.append(
            {
                "sensor": condition(row),
                "variant": plain(row["variant"]),
                "seed": plain(row["seed"]),
                "symbols (n)": count(row["n_symbols"]),
                "accuracy (95 %)": with_interval(
                    row["accuracy"], row["accuracy_low"], row["accuracy_high"]
                ),
                "difference in points (95 %)": _points_with_interval(
                    row["difference"], row["difference_low"], row["difference_high"]
                ),
                "M SynOps per recording": millions(row["synops_per_recording"]),
                "over nominal": f"{share:.2f}" if is_known(share) else NOTHING,
            }
        )
    caption = f"{note}The trained networks, read with a sensor of which one part is changed"
    return table_html(pd.DataFrame(rows), caption)


def points(value: Any) -> str:
    """A difference of two fractions in percentage points, with its sign: `−1.2`."""
    if not is_known(value):
        return NOTHING
    text = f"{100 * float(value):+.1f}".replace("-", "−")
    return "0.0" if text in ("+0.0", "−0.0") else text


def _points_with_interval(value: Any, low: Any, high: Any) -> str:
    if not is_known(value) or not is_known(low) or not is_known(high):
        return points(value)
    return f"{points(value)} ({from_to(points(low), points(high))})"


# --- what still goes wrong ------------------------------------------------------------------------


def _wrong(
    predictions: pd.DataFrame, images: Mapping[str, Markup | None], origin: Origin
) -> dict[str, Any] | None:
    rows = _quoted(predictions)
    if rows.empty and not images["failures"]:
        return None
    by_variant = [] if rows.empty else list(rows.groupby("variant", sort=False))
    return {
        "digit_tables": [
            digits_table(part, str(variant) if len(by_variant) > 1 else "", origin)
            for variant, part in by_variant
        ],
        "scales_table": scales_table(rows, origin),
        "figure": images["failures"],
        "figure_note": origin.note_on(dict.fromkeys(rows["set"]) if len(rows) else []),
    }


def _quoted(predictions: pd.DataFrame) -> pd.DataFrame:
    """Labelled recordings at the chosen scales."""
    if predictions.empty:
        return predictions
    label = pd.to_numeric(predictions["label"], errors="coerce")
    predicted = pd.to_numeric(predictions["predicted"], errors="coerce")
    rows = predictions.assign(label=label, predicted=predicted, right=label == predicted)
    return rows[flagged(predictions["chosen"]) & label.notna()]


def digits_table(rows: pd.DataFrame, variant: str, origin: Origin) -> Markup:
    """Digit by digit how much of each set is read right, and what the digit is most taken for."""
    names = list(dict.fromkeys(rows["set"]))
    table = []
    for digit in [*sorted(rows["label"].unique()), None]:
        row = {"digit": "all" if digit is None else plain(digit)}
        for name in names:
            part = rows[rows["set"] == name]
            part = part if digit is None else part[part["label"] == digit]
            row[f"{name}: n"] = count(part["recording"].nunique()) if len(part) else NOTHING
            row[f"{name}: read right"] = _right_by_seed(part)
            if digit is not None:
                row[f"{name}: misread as"] = _most_misread(part)
        table.append(row)
    caption = (
        f"{origin.note_on(names)}Read right by digit at the quoted scales"
        f"{f', variant {variant}' if variant else ''}; n counts recordings; means over the seeds "
        "(smallest to largest). Misread as: the commonest wrong reading, and its share of n"
    )
    return table_html(columns_of_longest(table), caption)


def scales_table(rows: pd.DataFrame, origin: Origin) -> Markup | None:
    """How much of the set `test` is read right at each scale of MNIST-DVS, by the files' names."""
    if rows.empty:
        return None
    test = rows[rows["set"] == "test"]
    scale = test["recording"].astype(str).str.extract(MNIST_DVS_SCALE, expand=False)
    test = test.assign(mnist_dvs_scale=scale)[scale.notna()]
    if test.empty:
        return None
    several = test["variant"].nunique() > 1
    table = [
        {"MNIST-DVS scale": plain(int(scale))}
        | ({"variant": plain(variant)} if several else {})
        | {
            "recordings (n)": count(part["recording"].nunique()),
            "read right": _right_by_seed(part),
            "silent": spread(
                [flagged(of_seed["silent"]).mean() for _, of_seed in part.groupby("seed")], percent
            ),
        }
        for (scale, variant), part in test.groupby(["mnist_dvs_scale", "variant"], sort=True)
    ]
    caption = (
        f"{origin.note_on(['test'])}Set test by the size of the digit; means over the seeds "
        "(smallest to largest)"
    )
    return table_html(pd.DataFrame(table), caption)


def _right_by_seed(part: pd.DataFrame) -> str:
    return spread([of_seed["right"].mean() for _, of_seed in part.groupby("seed")], percent)


def _most_misread(part: pd.DataFrame) -> str:
    """The commonest wrong reading of all seeds, the lower digit on a tie; silence counts too."""
    wrong = part[~part["right"]]
    if wrong.empty:
        return NOTHING
    counts = wrong["predicted"].map(lambda digit: "silent" if pd.isna(digit) else plain(digit))
    most = counts.value_counts()
    name = min(most[most == most.max()].index)
    return f"{name} ({percent(most[name] / len(part))})"
