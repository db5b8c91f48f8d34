"""The method: data and split, frames, network, and both engines compared."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.probes.twins import N_TWINS, TWINS_PER_DIGIT
from dvs_snn.report import text
from dvs_snn.report.cells import is_known, label_text
from dvs_snn.report.material import Material
from dvs_snn.report.origin import Origin

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
    "duration_s": ("length of a recording", "s"),
    "turn_deg": ("turn of the digit", "degrees"),
    "slant_deg": ("slant of the digit to the right", "degrees"),
    "warp_px": ("bend of the digit's strokes (root mean square)", "px of the image"),
}


def context(material: Material) -> dict[str, Any]:
    origin = material.origin
    return {
        "archives_note": material.classes.worded(
            _archives_note(material.source, material.config["data"])
        ),
        "split": split_context(origin.simulation) if origin.simulation else None,
        "split_table": _split_table(material.table("split"), origin),
        "frames_table": _frames_table(material.table("frame_index"), origin),
        "network_table": _network_table(material.table("network")),
        "verification": _verification(material.table("verification")),
    }


def _archives_note(source: str, data: Mapping[str, Any]) -> str:
    """Say what was unpacked from which archives, or which of two folders tests; else ""."""
    if data.get("test_folder"):
        return (
            "The recordings are read from two folders with one folder per digit. Those of the "
            "first train and validate, those of the second test."
        )
    if data.get("folder") or source not in ARCHIVES:
        return ""
    n = data.get("per_digit")
    symbols = f"the first {text.plural(n, 'symbol')} of each digit" if n else "all symbols"
    if source == "nmnist":
        parts = "Those of Train.zip train and validate, those of Test.zip test."
        return f"The recordings come from {ARCHIVES[source]}: {symbols} of each archive. {parts}"
    scales = [str(scale) for scale in sorted(data["scales"])]
    where = f"at scale{'s' if len(scales) > 1 else ''} {text.listed(scales)}"
    both = " A symbol is in the same part at every scale." if len(scales) > 1 else ""
    return f"The recordings come from {ARCHIVES[source]}: {symbols} {where}.{both}"


def split_context(simulation: Mapping[str, Any]) -> dict[str, Any]:
    """Which symbols test, validate and train, and what varies in training."""
    symbols, training = simulation["symbols"], simulation["training"]
    test = [int(number) for number in symbols["test"]]
    twins = f"symbols that N-MNIST's first {text.count(N_TWINS)} training recordings show"
    if tuple(test) == TWINS_PER_DIGIT:
        twins = f"the very {twins}"
    elif all(few <= whole for few, whole in zip(test, TWINS_PER_DIGIT, strict=True)):
        twins = f"all among the {twins}"
    else:
        twins = ""
    frames = {scene: plan["frame_events"] for scene, plan in training.items()}
    rows = [
        {"what varies": "recordings of each symbol", "unit": ""}
        | {scene: text.count(plan["recordings"]) for scene, plan in training.items()}
    ]
    if any(frames.values()):
        rows.append(
            {"what varies": "events of a frame (where not given, as in the test)", "unit": ""}
            | {scene: text.from_to(*map(text.count, n)) if n else "" for scene, n in frames.items()}
        )
    for key, (label, unit) in RANGE_PARTS.items():
        ranges = {scene: plan["ranges"].get(key) for scene, plan in training.items()}
        if any(ranges.values()):
            written = {
                scene: text.from_to(*map(text.setting, limits)) if limits else ""
                for scene, limits in ranges.items()
            }
            rows.append({"what varies": label, "unit": unit} | written)
    logarithmic = ["factors", "the noise rate"]
    logarithmic += ["lengths"] if training["mnist-dvs"]["ranges"].get("duration_s") else []
    logarithmic += ["events per frame"] if any(frames.values()) else []
    few, many = text.count(min(test)), text.count(max(test))
    left = symbols.get("training")
    caption = "Simulated training recordings: smallest to largest of what varies"
    return {
        "n_test": text.plural(sum(test), "test symbol"),
        "per_digit": few if few == many else text.from_to(few, many),
        "twins": twins,
        "validation": text.count(symbols["validation"]),
        "training": f"{text.count(left)} more of each" if is_known(left) else "all others",
        "frame_events": any(frames.values()),
        "logarithmic": text.listed(logarithmic),
        "ranges_table": text.table_html(rows, caption),
    }


def _split_table(split: pd.DataFrame, origin: Origin) -> Markup | None:
    if split.empty:
        return None
    rows = [
        {
            "split": name,
            "recordings": text.count(len(part)),
            "symbols": text.count(len(part[["label", "symbol"]].drop_duplicates())),
            "events": text.count(part["n_events"].sum()),
            "events per recording (median)": text.count(part["n_events"].median()),
            "duration (s, median)": text.significant(part["duration_s"].median()),
            "share of ON events": text.percent(part["on_share"].mean()),
        }
        for name, part in split.groupby("split", sort=False)
    ]
    caption = "Recordings by split; no symbol is in two of them"
    if origin.note():
        caption = (
            "Simulated recordings by set. Sets of one part of the symbols show the same symbols; "
            "none stands in two parts"
        )
    return text.table_html(rows, caption)


def _frames_table(index: pd.DataFrame, origin: Origin) -> Markup | None:
    if index.empty:
        return None
    rows = [
        {
            "split": name,
            "frames": text.count(len(part)),
            "events per frame (median)": text.count(part["n_events"].median()),
            "saturated pixels": text.count(part["n_saturated"].sum()),
        }
        for name, part in index.groupby("split", sort=False, observed=True)
    ]
    return text.table_html(rows, f"{origin.note()}Frames by split")


def _network_table(network: pd.DataFrame) -> Markup | None:
    if network.empty:
        return None
    rows = [
        {
            "layer": row["layer"],
            "kind": row["kind"],
            "output shape": text.plain(row["output_shape"]).replace("x", " × "),
            "weights": text.count(row["weights"]),
            "synapses per spike, nominal": text.significant(row["fanout_nominal"]),
            "synapses per spike, exact mean": text.significant(row["fanout_mean_exact"]),
            "MACs per frame": text.count(row["macs"]),
        }
        for row in network.to_dict("records")
    ]
    weights, macs = (text.count(network[column].sum()) for column in ("weights", "macs"))
    rows.append({"layer": "all", "weights": weights, "MACs per frame": macs})
    return text.table_html(
        rows, "Layers with weights; a spike reaches so many synapses of each", source="network"
    )


def _verification(comparison: pd.DataFrame) -> dict[str, str] | None:
    """What both inference engines made of the same recordings, summed over the networks."""
    if comparison.empty:
        return None
    # A silent network has no prediction: two of them agree.
    event, sinabs = (
        comparison[f"predicted_{engine}"].map(label_text) for engine in ("event", "sinabs")
    )
    synops = comparison["synops_sinabs"].sum()
    distance = (comparison["synops_event"] - comparison["synops_sinabs"]).abs().sum()
    n_networks = len(comparison[["variant", "seed"]].drop_duplicates())
    return {
        "n_recordings": text.plural(comparison["recording"].nunique(), "recording"),
        "n_networks": text.plural(n_networks, "network"),
        "scales": text.listed([f"{scale:.2f}" for scale in sorted(comparison["scale"].unique())]),
        "entries": f"{text.count(comparison['entries'].sum())} output entries",
        "entries_differing": text.count(comparison["entries_differing"].sum()),
        "synops_share": text.significant(distance / synops if synops else None),
        "predictions": text.plural(len(comparison), "prediction"),
        "predictions_differing": text.count((event != sinabs).sum()),
    }
