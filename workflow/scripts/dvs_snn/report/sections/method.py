"""The method: data and split, frames, network, and both engines compared."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.realism.twins import N_TWINS, TWINS_PER_DIGIT
from dvs_snn.report.cells import is_known
from dvs_snn.report.material import Material
from dvs_snn.report.origin import Origin
from dvs_snn.report.text import (
    NOTHING,
    columns_of_longest,
    count,
    from_to,
    is_number,
    listed,
    percent,
    plain,
    plural,
    setting,
    significant,
    table_html,
)

ARCHIVES = {
    "mnist-dvs": "the archives of MNIST-DVS (Serrano-Gotarredona and Linares-Barranco 2015)",
    "nmnist": "the archives of N-MNIST (Orchard et al. 2015)",
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


def context(material: Material) -> dict[str, Any]:
    """What the method shows: data and split, frames, network, and both engines compared."""
    origin = material.origin
    return {
        "archives_note": _archives_note(material.source, material.config.get("data") or {}),
        "split": split_context(origin.simulation) if origin.simulation else None,
        "split_table": _split_table(material.table("split", "split"), origin),
        "frames_table": _frames_table(material.table("frame_index", "split"), origin),
        "network_table": _network_table(material.table("network", "layer")),
        "verification": _verification(material.table("verification", "entries")),
    }


def _archives_note(source: str, data: Mapping[str, Any]) -> str:
    """Say what was unpacked from which archives; "" where the recordings come otherwise."""
    if data.get("folder") or source not in ARCHIVES:
        return ""
    n = data.get("per_digit")
    symbols = f"the first {plural(n, 'symbol')} of each digit" if n else "all symbols"
    if source == "nmnist":
        parts = "Those of Train.zip train and validate, those of Test.zip test."
        return f"The recordings come from {ARCHIVES[source]}: {symbols} of each archive. {parts}"
    scales = [str(scale) for scale in sorted(data["scales"])]
    where = f"at scale{'s' if len(scales) > 1 else ''} {listed(scales)}"
    both = " A symbol is in the same part at every scale." if len(scales) > 1 else ""
    return f"The recordings come from {ARCHIVES[source]}: {symbols} {where}.{both}"


def split_context(simulation: Mapping[str, Any]) -> dict[str, Any]:
    """Which symbols test, validate and train, and what varies in training."""
    symbols, training = simulation["symbols"], simulation["training"]
    test = [int(number) for number in symbols["test"]]
    if tuple(test) == TWINS_PER_DIGIT:
        twins = f"the very symbols that N-MNIST's first {count(N_TWINS)} training recordings show"
    elif all(few <= whole for few, whole in zip(test, TWINS_PER_DIGIT, strict=True)):
        twins = (
            f"all among the symbols that N-MNIST's first {count(N_TWINS)} training recordings show"
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
    return NOTHING if not limits else from_to(*map(setting, limits))


def _split_table(split: pd.DataFrame, origin: Origin) -> Markup | None:
    if split.empty or "symbol" not in split:
        return None
    rows = []
    for name, part in split.groupby("split", sort=False):
        rows.append(
            {
                "split": name,
                "recordings": count(len(part)),
                "symbols": count(part[["label", "symbol"]].astype(str).drop_duplicates().shape[0]),
                "digits": plain(part["label"].nunique()),
                "events": count(part["n_events"].sum()),
                "events per recording (median)": count(part["n_events"].median()),
                "duration (s, median)": significant(part["duration_s"].median()),
                "share of ON events": percent(part["on_share"].mean()),
                "events out of order": count(part["n_resorted"].sum()),
            }
        )
    caption = "Recordings by split; no symbol is in two of them"
    if origin.note():
        caption = (
            "Simulated recordings by set. Sets of one part of the symbols show the same symbols; "
            "none stands in two parts"
        )
    return table_html(pd.DataFrame(rows), caption)


def _frames_table(index: pd.DataFrame, origin: Origin) -> Markup | None:
    if index.empty:
        return None
    if "t_start_us" not in index:
        shown = index.map(lambda value: significant(value) if is_number(value) else plain(value))
        shown.columns = [str(name).replace("_", " ") for name in index.columns]
        return table_html(shown, f"{origin.note()}Frames by split")
    summed = {
        "n_events": ("events per frame (median)", "median"),
        "n_events_outside": ("events outside the network", "sum"),
        "n_saturated": ("saturated pixels", "sum"),
    }
    rows = [
        {"split": name, "frames": count(len(part))}
        | {
            heading: count(part[column].agg(how))
            for column, (heading, how) in summed.items()
            if column in part
        }
        for name, part in index.groupby("split", sort=False, observed=True)
    ]
    return table_html(pd.DataFrame(rows), f"{origin.note()}Frames by split")


def _network_table(network: pd.DataFrame) -> Markup | None:
    if network.empty:
        return None
    rows = [
        {
            "layer": plain(row["layer"]),
            "kind": plain(row.get("kind")),
            "output shape": plain(row.get("output_shape")).replace("x", " × "),
            "weights": count(row.get("weights")),
            "synapses per spike, nominal": significant(row.get("fanout_nominal")),
            "synapses per spike, exact mean": significant(row.get("fanout_mean_exact")),
            "MACs per frame": count(row.get("macs")),
        }
        for row in network.to_dict("records")
    ]
    if {"weights", "macs"} <= set(network.columns):
        rows.append(
            {
                "layer": "all",
                "weights": count(network["weights"].sum()),
                "MACs per frame": count(network["macs"].sum()),
            }
        )
    return table_html(
        columns_of_longest(rows), "Layers with weights; a spike reaches so many synapses of each"
    )


def _verification(comparison: pd.DataFrame) -> dict[str, str] | None:
    """What both inference engines made of the same recordings, summed over the networks."""
    if comparison.empty:
        return None
    # A silent network has no prediction: two of them agree.
    event = pd.to_numeric(comparison["predicted_event"], errors="coerce").fillna(-1)
    sinabs = pd.to_numeric(comparison["predicted_sinabs"], errors="coerce").fillna(-1)
    synops = comparison["synops_sinabs"].sum()
    distance = (comparison["synops_event"] - comparison["synops_sinabs"]).abs().sum()
    return {
        "n_recordings": plural(comparison["recording"].nunique(), "recording"),
        "n_networks": plural(len(comparison[["variant", "seed"]].drop_duplicates()), "network"),
        "scales": listed([f"{scale:.2f}" for scale in sorted(comparison["scale"].unique())]),
        "entries": f"{count(comparison['entries'].sum())} output entries",
        "entries_differing": count(comparison["entries_differing"].sum()),
        "synops_share": significant(distance / synops) if synops else NOTHING,
        "predictions": plural(len(comparison), "prediction"),
        "predictions_differing": count((event != sinabs).sum()),
    }
