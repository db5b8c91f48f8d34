"""The report: one self-contained page made from the tables, the figures and the provenance record.

Every number on the page is read from a table or from the settings and formatted here; the template
holds the words. Figures go in as images in data URIs: the ids inside SVG files cannot collide, and
nothing in them can run or be fetched.
"""

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import pandas as pd
from markupsafe import Markup

from dvs_snn.report import answer as answer_page
from dvs_snn.report import simulation as simulation_page
from dvs_snn.report.origin import Origin
from dvs_snn.report.text import (
    NBSP,
    NOTHING,
    columns_of_longest,
    count,
    embed_figure,
    flagged,
    from_to,
    is_known,
    is_number,
    listed,
    millions,
    over_seeds,
    percent,
    plain,
    plural,
    power_band,
    significant,
    spread,
    table_html,
    with_interval,
)
from dvs_snn.settings.set_names import VALIDATION

SMALL_N = 100
ARCHIVES = {
    "mnist-dvs": "the archives of MNIST-DVS (Serrano-Gotarredona and Linares-Barranco 2015)",
    "nmnist": "the archives of N-MNIST (Orchard et al. 2015)",
}
RECORDING_FIGURES = {
    "strip": "Frames accumulated from the events at evenly spaced moments.",
    "cloud": "The events in space and time.",
    "rate": "Events per second over time.",
    "raster": "Output spikes of the ten neurons, and below them the digit read so far.",
}


# --- the page ------------------------------------------------------------------------------------


def render_page(template_path: str | os.PathLike[str], context: dict[str, Any]) -> str:
    """Fill the template in; everything that is not marked as HTML is escaped.

    Raises `jinja2.UndefinedError` if the template names something that `context` lacks.
    """
    path = Path(template_path)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(path.parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(path.name).render(context)


# --- what the template needs ----------------------------------------------------------------------


def build_context(
    *,
    study: str,
    source: str,
    tables: dict[str, pd.DataFrame],
    provenance: dict[str, Any],
    config: dict[str, Any],
    config_text: str,
    figures: dict[str, Path],
    recording_figures: dict[str, dict[str, Path]],
) -> dict[str, Any]:
    """Everything that the template shows, ready formatted.

    `tables` by name: `evaluation`, `recordings`, `layers`, `training`, `comparison`, `runtimes`,
    `network`, `split`, `frame_index` (all columns, or already summed up by split), `benchmark`; one
    that is missing counts as empty. `figures` by name: `tradeoff`, `sweep...` (any number),
    `confusion`, `layers`, `training`, `frames`, `speed`. `recording_figures` by recording and name:
    `strip`, `cloud`, `rate`, `raster...`. More tables and figures, which may be left out:
    :func:`dvs_snn.report.simulation.simulation_context`.
    """
    evaluation = _table(tables, "evaluation", ["set", "variant", "seed", "scale", "chosen"])
    recordings = _table(tables, "recordings", ["recording", "variant", "seed", "scale"])
    power = config["power"]
    chosen = _chosen(evaluation)
    origin = Origin(source, config)
    frames_only = _frames_only(evaluation)
    sets = list(dict.fromkeys(evaluation["set"]))
    answer = answer_page.answer_context(
        evaluation,
        _table(tables, "choice", ["variant", "set"]),
        _table(tables, "budgets", ["set"]),
        power,
        origin,
    )
    shown_recordings, fallback_scale = _shown_recordings(recordings)
    data_notes = {
        "frames": origin.note(),
        "sets": origin.note_on(sets),
        "quoted": origin.note_on(dict.fromkeys(chosen["set"])),
    }
    return {
        "title": "How much power does a spiking CNN need to read a digit from an event camera?",
        "study": study,
        "source": source,
        "banner": origin.banner(study, sets),
        "simulation": simulation_page.simulation_context(origin, tables, figures),
        "data_note": data_notes,
        "is_tutorial": source == "tutorial",
        "archives_note": _archives_note(source, config.get("data") or {}),
        "config": config,
        "config_text": config_text,
        "power": _power_text(power),
        "is_validated": len(chosen) > 0 and VALIDATION in sets,
        "answer": answer,
        "frame_answers": [_frame_answer(rows) for _, rows in _by_set_and_variant(frames_only)],
        "read_recordings": _read_recordings(shown_recordings, power),
        "summary_table": _summary_table(chosen, frames_only, power, origin),
        "evaluation_table": _evaluation_table(chosen, frames_only, power, origin),
        "recordings": _recording_panels(shown_recordings, recording_figures, power, origin),
        "fallback_scale": fallback_scale,
        "comparison": _comparison(_table(tables, "comparison", ["quantity", "verdict"]), origin),
        "split_table": _split_table(_table(tables, "split", ["split"]), origin),
        "frames_table": _frames_table(_table(tables, "frame_index", ["split"]), origin),
        "verification": _verification(_table(tables, "verification", ["entries"])),
        "network_table": _network_table(_table(tables, "network", ["layer"])),
        "layers_table": _layers_table(_table(tables, "layers", ["layer"]), chosen, origin),
        "training_table": _training_table(
            _table(tables, "training", ["variant", "seed"]), config, origin
        ),
        "training_speed": _training_speed(_table(tables, "runtimes", ["rule"])),
        "figures": _page_figures(figures, data_notes),
        "small_sets": _small_sets(chosen),
        "provenance": _provenance(provenance, study),
        "speed": _speed(_table(tables, "benchmark", ["what"])),
        "runtimes_table": _runtimes_table(_table(tables, "runtimes", ["rule"])),
    }


def _table(
    tables: Mapping[str, pd.DataFrame | None], name: str, columns: list[str]
) -> pd.DataFrame:
    frame = tables.get(name)
    if frame is None or (frame.empty and not len(frame.columns)):
        return pd.DataFrame(columns=columns)
    return frame


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


def _chosen(evaluation: pd.DataFrame) -> pd.DataFrame:
    """Spiking rows at the scale chosen on validation: the only ones whose accuracy is quoted."""
    if evaluation.empty:
        return evaluation
    spiking = pd.to_numeric(evaluation["scale"], errors="coerce").notna()
    return evaluation[spiking & flagged(evaluation["chosen"])]


def _frames_only(evaluation: pd.DataFrame) -> pd.DataFrame:
    """Rows of sets that only the CNN has read: frames without recordings."""
    if evaluation.empty:
        return evaluation
    return evaluation[pd.to_numeric(evaluation["scale"], errors="coerce").isna()]


def _by_set_and_variant(
    rows: pd.DataFrame,
) -> list[tuple[tuple[str, str], pd.DataFrame]]:
    if rows.empty:
        return []
    return [
        ((str(name), str(variant)), part)
        for (name, variant), part in rows.groupby(["set", "variant"], sort=False)
    ]


def _frame_answer(rows: pd.DataFrame) -> dict[str, str]:
    per_seed = [
        f"seed {plain(row['seed'])}: "
        + with_interval(
            row["ann_accuracy"],
            row.get("ann_accuracy_low"),
            row.get("ann_accuracy_high"),
        )
        for row in rows.to_dict("records")
    ]
    frames = rows["n_frames"].max() if "n_frames" in rows else None
    return {
        "set": str(rows["set"].iloc[0]),
        "variant": str(rows["variant"].iloc[0]),
        "accuracy": over_seeds(rows["ann_accuracy"], percent),
        "n_frames": plural(frames, "frame") if is_known(frames) else "an unknown number of frames",
        "per_seed": "; ".join(per_seed),
    }


def _summary_table(
    chosen: pd.DataFrame,
    frames_only: pd.DataFrame,
    power: Mapping[str, Any],
    origin: Origin,
) -> Markup | None:
    """A row for each set and variant: means over the seeds."""
    rows = []
    several = len({*chosen["variant"], *frames_only["variant"]}) > 1
    for (name, variant), part in _by_set_and_variant(chosen):
        rows.append(
            {
                "set": name,
                **({"variant": variant} if several else {}),
                "seeds": count(part["seed"].nunique()),
                "recordings": count(part["n_recordings"].max()),
                "symbols": count(part["n_symbols"].max()),
                "spiking accuracy": spread(part["accuracy"], percent),
                "CNN accuracy": spread(part["ann_accuracy"], percent),
                "M SynOps": spread(part["synops_per_3000_events"], millions),
                "CNN, M MACs": millions(part["ann_macs_per_3000_events"].mean()),
                "SynOps per MAC": significant(
                    part["synops_per_3000_events"].mean() / part["ann_macs_per_3000_events"].mean()
                ),
                "power (mW)": spread(part["power_mw"], significant),
                f"at {_power_text(power)['band']} (mW)": power_band(part["power_mw"].mean(), power),
            }
        )
    for (name, variant), part in _by_set_and_variant(frames_only):
        rows.append(
            {
                "set": name,
                **({"variant": variant} if several else {}),
                "seeds": count(part["seed"].nunique()),
                "CNN accuracy": spread(part["ann_accuracy"], percent),
            }
        )
    if not rows:
        return None
    note = origin.note_on(row["set"] for row in rows)
    caption = (
        f"{note}Means over the seeds, in brackets the smallest and the largest; SynOps and MACs "
        "per 3,000 events"
    )
    return table_html(columns_of_longest(rows), caption)


def _evaluation_table(
    chosen: pd.DataFrame,
    frames_only: pd.DataFrame,
    power: Mapping[str, Any],
    origin: Origin,
) -> Markup | None:
    """A row for each set, variant and seed at the chosen scale, with the intervals."""
    rows = []
    for row in chosen.to_dict("records"):
        rows.append(
            {
                "set": row["set"],
                "variant": row["variant"],
                "seed": plain(row["seed"]),
                "scale": f"{float(row['scale']):.2f}",
                "recordings": count(row["n_recordings"]),
                "symbols (n)": count(row["n_symbols"]),
                "spiking accuracy (95 %)": with_interval(
                    row["accuracy"], row["accuracy_low"], row["accuracy_high"]
                ),
                "CNN accuracy (95 %)": with_interval(
                    row["ann_accuracy"],
                    row.get("ann_accuracy_low"),
                    row.get("ann_accuracy_high"),
                ),
                "silent": percent(row["silent_fraction"]),
                "tied": percent(row["tied_fraction"]),
                "M SynOps per recording": millions(row["synops_per_recording"]),
                "M SynOps per 3,000 events": millions(row["synops_per_3000_events"]),
                "SynOps per event": significant(row["synops_per_event"]),
                "CNN, M MACs per 3,000 events": millions(row["ann_macs_per_3000_events"]),
                "power (mW)": significant(row["power_mw"]),
                _band_heading(power): power_band(row["power_mw"], power),
                "energy per recording (µJ)": significant(row["energy_uj"]),
                "time to decision (ms)": significant(row.get("time_to_decision_ms")),
            }
        )
    for row in frames_only.to_dict("records"):
        rows.append(
            {
                "set": f"{row['set']} ({count(row.get('n_frames'))} frames, CNN only)",
                "variant": row["variant"],
                "seed": plain(row["seed"]),
                "CNN accuracy (95 %)": with_interval(
                    row["ann_accuracy"],
                    row.get("ann_accuracy_low"),
                    row.get("ann_accuracy_high"),
                ),
            }
        )
    if not rows:
        return None
    note = origin.note_on(dict.fromkeys([*chosen["set"], *frames_only["set"]]))
    caption = f"{note}Each seed at its chosen scale, with Wilson 95 % intervals over symbols"
    return table_html(columns_of_longest(rows), caption)


def _band_heading(power: Mapping[str, Any]) -> str:
    low, high = power["energy_band_pj"]
    return f"power (mW) at {low:g} to {high:g} pJ"


def _power_text(power: Mapping[str, Any]) -> dict[str, str]:
    low, high = power["energy_band_pj"]
    return {
        "energy": f"{float(power['energy_per_synop_pj']):g}{NBSP}pJ",
        "band": f"{low:g} to {high:g}{NBSP}pJ",
        "static": f"{float(power.get('static_power_mw') or 0):g}{NBSP}mW",
    }


# --- recordings -----------------------------------------------------------------------------------


def _shown_recordings(recordings: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Rows at the chosen scale; where none was chosen, those nearest to the network as converted.

    The second value is that fallback scale as text, empty if it was not needed.
    """
    if recordings.empty:
        return recordings, ""
    if "chosen" in recordings and flagged(recordings["chosen"]).any():
        return recordings[flagged(recordings["chosen"])], ""
    scales = recordings["scale"].astype(float)
    nearest = min(scales.unique(), key=lambda scale: (abs(math.log(scale)), scale))
    return recordings[scales == nearest], f"{nearest:.2f}"


def _predicted(row: Mapping[str, Any]) -> str:
    if is_known(row.get("silent")) and int(row["silent"]) == 1:
        return "silent"
    return plain(row.get("predicted"))


def _verdict(row: Mapping[str, Any]) -> str:
    if not is_known(row.get("label")):
        return "not judged"
    return "right" if is_known(row.get("correct")) and int(row["correct"]) == 1 else "wrong"


def _read_recordings(recordings: pd.DataFrame, power: Mapping[str, Any]) -> list[dict[str, str]]:
    """For each recording the digits read and the power needed, by run: for the answer's text."""
    found = []
    for name, rows in recordings.groupby("recording", sort=False) if len(recordings) else []:
        several = rows["variant"].nunique() > 1
        reads = [
            f"{_predicted(row)} ({row['variant'] + ', ' if several else ''}"
            f"seed {plain(row['seed'])})"
            for row in rows.to_dict("records")
        ]
        found.append(
            {
                "name": str(name),
                "label": plain(rows["label"].iloc[0]) if "label" in rows else NOTHING,
                "reads": listed(reads),
                "power": spread(rows["power_mw"], significant),
                "band": power_band(rows["power_mw"].mean(), power),
            }
        )
    return found


def _recording_panels(
    recordings: pd.DataFrame,
    recording_figures: Mapping[str, Mapping[str, Path]],
    power: Mapping[str, Any],
    origin: Origin,
) -> list[dict[str, Any]]:
    known = list(dict.fromkeys(recordings["recording"])) if len(recordings) else []
    names = [*known, *(name for name in recording_figures if name not in known)]
    panels = []
    for index, name in enumerate(names):
        rows = recordings[recordings["recording"] == name] if len(recordings) else recordings
        # A recording with a file of its own is what the file holds, in a simulated study too.
        own_file = "file" in rows and rows["file"].map(is_known).any()
        note = "" if own_file else origin.note(one=True)
        panels.append(
            {
                "name": str(name),
                "id": f"recording-{index + 1}",
                "facts": [*(["simulated"] if note else []), *_recording_facts(rows)],
                "table": _recording_table(rows, power, note) if len(rows) else None,
                "figures": _recording_images(str(name), recording_figures.get(name, {}), note),
            }
        )
    return panels


def _recording_facts(rows: pd.DataFrame) -> list[str]:
    if rows.empty:
        return []
    row = rows.iloc[0]
    facts = [
        f"digit shown: {plain(row['label'])}"
        if is_known(row.get("label"))
        else "nobody said which digit was shown"
    ]
    if is_known(row.get("n_events")):
        facts.append(f"{count(row['n_events'])} events")
    if is_known(row.get("n_events_outside")) and row["n_events_outside"] > 0:
        facts.append(f"{count(row['n_events_outside'])} more fell outside the network")
    if is_known(row.get("duration_s")):
        facts.append(f"{significant(row['duration_s'])}{NBSP}s")
    if is_known(row.get("n_steps")):
        facts.append(f"{count(row['n_steps'])} steps")
    if is_known(row.get("note")):
        facts.append(plain(row["note"]))
    return facts


def _recording_table(rows: pd.DataFrame, power: Mapping[str, Any], note: str = "") -> Markup:
    shown = [
        {
            "seed": plain(row["seed"]),
            "variant": row["variant"],
            "scale": f"{float(row['scale']):.2f}",
            "digit read": _predicted(row),
            "CNN reads": plain(row.get("ann_predicted")),
            "judged": _verdict(row),
            "tied": "yes" if is_known(row.get("tied")) and int(row["tied"]) == 1 else "no",
            "output spikes": count(row.get("output_spikes")),
            "M SynOps": millions(row.get("synops")),
            "SynOps per event": significant(row.get("synops_per_event")),
            "power (mW)": significant(row.get("power_mw")),
            _band_heading(power): power_band(row.get("power_mw"), power),
            "energy (µJ)": significant(row.get("energy_uj")),
            "time to decision (ms)": significant(row.get("time_to_decision_ms")),
        }
        for row in rows.to_dict("records")
    ]
    name = plain(rows["recording"].iloc[0])
    return table_html(pd.DataFrame(shown), f"{note}What each network reads in recording {name}")


def _recording_images(name: str, paths: Mapping[str, Path], note: str) -> list[dict[str, Any]]:
    kinds = list(RECORDING_FIGURES)

    def place(figure: str) -> tuple[int, str]:
        matching = [i for i, kind in enumerate(kinds) if figure.startswith(kind)]
        return (matching[0] if matching else len(kinds)), figure

    images = []
    for figure in sorted(paths, key=place):
        kind = next((kind for kind in kinds if figure.startswith(kind)), None)
        caption = note + (RECORDING_FIGURES[kind] if kind else f"{figure}.")
        images.append(
            {
                "image": embed_figure(paths[figure], f"Recording {name}: {caption}"),
                "caption": caption,
            }
        )
    return images


# --- comparison -----------------------------------------------------------------------------------


def _comparison(comparison: pd.DataFrame, origin: Origin) -> dict[str, Any]:
    """The table beside published figures, how its verdicts add up, and the tutorial's power."""
    if comparison.empty:
        return {
            "table": None,
            "verdicts": "",
            "n": "0",
            "printed_mw": "",
            "correct_mw": "",
        }
    rows = comparison.to_dict("records")
    shown = [
        {
            "quantity": str(row["quantity"]).replace("_", " "),
            "unit": plain(row.get("unit")),
            "published": significant(row.get("published"), 4),
            "ours": _ours(row),
            "n": plain(row.get("n")),
            "tolerance": percent(row.get("tolerance"))
            if is_number(row.get("tolerance"))
            else plain(row.get("tolerance")),
            "verdict": plain(row["verdict"]),
            "why": plain(row.get("why")),
            "source": plain(row.get("published_source")),
            "certainty": plain(row.get("certainty")),
        }
        for row in rows
    ]
    caption = "Published figures and ours"
    if origin.note():
        caption += "; what of ours is measured is measured on simulated recordings"
    published = comparison[comparison["verdict"] != ""]
    verdicts = published["verdict"].value_counts(sort=False)
    parts = [f"{number} {verdict}" for verdict, number in verdicts.items()]
    by_quantity = {row["quantity"]: row for row in rows}
    return {
        "table": table_html(pd.DataFrame(shown), caption, badges="verdict"),
        "verdicts": listed(parts),
        "n": count(len(published)),
        "printed_mw": _milliwatts(by_quantity, "tutorial_power_printed", "published"),
        "correct_mw": _milliwatts(by_quantity, "tutorial_power_at_10_pj", "ours"),
    }


def _ours(row: Mapping[str, Any]) -> str:
    text = significant(row.get("ours"), 4)
    low, high = row.get("ours_low"), row.get("ours_high")
    if not is_known(low) or not is_known(high) or float(low) == float(high):
        return text
    return f"{text} ({from_to(significant(low, 4), significant(high, 4))})"


def _milliwatts(rows: Mapping[str, Mapping[str, Any]], quantity: str, column: str) -> str:
    if quantity not in rows or not is_known(rows[quantity].get(column)):
        return ""
    return f"{significant(rows[quantity][column])}{NBSP}mW"


# --- method and training --------------------------------------------------------------------------


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
        columns_of_longest(rows),
        "Layers with weights; a spike reaches so many synapses of each",
    )


def _layers_table(layers: pd.DataFrame, chosen: pd.DataFrame, origin: Origin) -> Markup | None:
    """SynOps per layer of each set at the chosen scales, means over seeds."""
    if layers.empty or chosen.empty or "synops" not in layers:
        return None
    keys = {
        (
            str(row["set"]),
            str(row["variant"]),
            int(row["seed"]),
            f"{float(row['scale']):.4f}",
        )
        for row in chosen.to_dict("records")
    }
    whole_sets = layers[~layers["recording"].map(is_known) & layers["set"].map(is_known)]
    kept = [
        (
            str(row["set"]),
            str(row["variant"]),
            int(row["seed"]),
            f"{float(row['scale']):.4f}",
        )
        in keys
        for row in whole_sets.to_dict("records")
    ]
    part = whole_sets[np.asarray(kept, dtype=bool)]
    if part.empty:
        return None
    rows = []
    for (name, variant, layer), group in part.groupby(["set", "variant", "layer"], sort=False):
        ours, nominal = group["synops"].mean(), group["synops_nominal"].mean()
        rows.append(
            {
                "set": name,
                "variant": variant,
                "layer": layer,
                "M spikes in": millions(group["spikes_in"].mean()),
                "M SynOps, ours": spread(group["synops"], millions),
                "M SynOps, nominal": millions(nominal),
                "ours / nominal": significant(ours / nominal)
                if is_known(nominal) and nominal > 0
                else NOTHING,
            }
        )
    note = origin.note_on(row["set"] for row in rows)
    caption = f"{note}SynOps of whole sets by layer, means over seeds (smallest to largest)"
    return table_html(pd.DataFrame(rows), caption)


def _training_table(
    training: pd.DataFrame, config: Mapping[str, Any], origin: Origin
) -> Markup | None:
    """The epoch that was kept of each run: the last, or the best on validation, the earlier on a
    tie."""
    if training.empty or "validation_accuracy" not in training:
        return None
    rows = []
    for (variant, seed), part in training.groupby(["variant", "seed"], sort=False):
        known = part[part["validation_accuracy"].notna()].sort_values("epoch")
        if known.empty:
            continue
        settings = config["training"] | config.get("variants", {}).get(variant, {})
        place = known.index[-1]
        if settings.get("keep") != "last":
            place = known["validation_accuracy"].idxmax()
        kept = known.loc[place]
        rows.append(
            {
                "variant": variant,
                "seed": plain(seed),
                "epochs": count(part["epoch"].max()),
                "epoch kept": count(kept["epoch"]),
                "loss": significant(kept["loss"]),
                "accuracy on training frames": percent(kept["train_accuracy"]),
                "accuracy on validation frames": percent(kept["validation_accuracy"]),
            }
        )
    if not rows:
        return None
    caption = f"{origin.note()}The epoch of each run whose weights were kept"
    return table_html(pd.DataFrame(rows), caption)


def _training_speed(runtimes: pd.DataFrame) -> str:
    if runtimes.empty or "frames_per_s" not in runtimes:
        return ""
    speeds = pd.to_numeric(runtimes["frames_per_s"], errors="coerce")[runtimes["rule"] == "train"]
    return spread(speeds.dropna(), count) if speeds.notna().any() else ""


def _small_sets(chosen: pd.DataFrame) -> list[str]:
    """Sets whose few symbols make their intervals wide."""
    if chosen.empty:
        return []
    sizes = chosen.groupby("set", sort=False)["n_symbols"].max()
    return [f"{name} ({plural(n, 'symbol')})" for name, n in sizes.items() if n < SMALL_N]


def _page_figures(paths: Mapping[str, Path], notes: Mapping[str, str]) -> dict[str, Any]:
    alts = {
        "tradeoff": "Accuracy against synaptic operations per 3,000 events, a panel for each set.",
        "confusion": "Digit shown against digit predicted, a panel for each set.",
        "layers": "Synaptic operations by layer, ours beside nominal, a panel for each set.",
        "training": "Loss and accuracy by epoch.",
        "frames": "A grid of training frames with their digits.",
        "speed": "Speed of inference and of training, this study's beside others'.",
    }
    notes = {**notes, "": ""}
    about = {"tradeoff": "sets", "confusion": "quoted", "layers": "quoted"}
    about |= {"training": "frames", "frames": "frames", "speed": ""}
    found: dict[str, Any] = {
        name: embed_figure(paths[name], notes[about[name]] + alt) if name in paths else None
        for name, alt in alts.items()
    }
    found["sweeps"] = [
        embed_figure(paths[name], f"{notes['sets']}Accuracy and power against the scale ({name}).")
        for name in sorted(paths)
        if name.startswith("sweep")
    ]
    return found


# --- speed ----------------------------------------------------------------------------------------


def _speed(benchmark: pd.DataFrame) -> dict[str, Any] | None:
    """The published benchmark: when, where and with what it was measured, and a table for each
    condition of inference and for training."""
    if benchmark.empty:
        return None
    first = benchmark.iloc[0]
    tables = []
    for (what, condition), part in benchmark.groupby(["what", "condition"], sort=False):
        unit = part["unit"].iloc[0]
        rows = [
            {
                "": row["contestant"],
                f"{unit}, median": count(row["median"]),
                "smallest to largest": from_to(count(row["min"]), count(row["max"])),
                "peak memory (MB)": count(row["peak_mb"]),
            }
            | (
                {"digits as sinabs": f"{count(row['digits_as_sinabs'])} of {count(row['n'])}"}
                if is_known(row["digits_as_sinabs"])
                else {}
            )
            for row in part.to_dict("records")
        ]
        caption = f"{what.capitalize()}: {condition}"
        tables.append(table_html(columns_of_longest(rows), caption))
    about = {key: plain(first[key]) for key in ("date", "machine", "versions")}
    return {"tables": tables, **about}


# --- provenance -----------------------------------------------------------------------------------


def _provenance(provenance: Mapping[str, Any], study: str) -> dict[str, Any]:
    commit, dirty = provenance.get("commit"), provenance.get("dirty")
    facts = [
        (
            "commit",
            plain(commit) if is_known(commit) else "not known: no git repository",
        )
    ]
    if is_known(commit):
        facts.append(
            (
                "working tree",
                "changed since that commit (dirty)" if dirty else "as committed",
            )
        )
    seeds = ", ".join(plain(seed) for seed in provenance.get("seeds") or [])
    facts.append(("seeds", seeds or NOTHING))
    facts.append(("device", plain(provenance.get("device"))))
    machine = dict(provenance.get("machine") or {})
    for key, label in (
        ("cpu", "processor"),
        ("cores", "cores"),
        ("platform", "platform"),
    ):
        facts.append((label, plain(machine.get(key))))
    memory = machine.get("memory_gb")
    facts.append(("memory", f"{significant(memory)}{NBSP}GB" if is_known(memory) else NOTHING))
    for key in ("started", "finished"):
        if is_known(provenance.get(key)):
            facts.append((key, plain(provenance[key])))
    versions = dict(provenance.get("versions") or {})
    data = [
        {
            "data": plain(item.get("name")),
            "files": count(item.get("n_files")),
            "bytes": count(item.get("bytes")),
            "SHA-256": plain(item.get("sha256")),
            "this hash was": plain(item.get("hash")),
            "from": plain(item.get("url")),
            "licence": plain(item.get("licence")),
        }
        for item in provenance.get("data") or []
    ]
    command = provenance.get("rerun_command") or provenance.get("command_hint")
    return {
        "facts": facts,
        "versions_table": table_html(
            pd.DataFrame(
                [{"program": name, "version": plain(versions[name])} for name in versions]
            ),
            "Versions",
        )
        if versions
        else None,
        "data_table": _dashed_out(data, "Data") if data else None,
        "command": command or f"snakemake --cores 2 --configfile results/{study}/config.used.yaml",
    }


def _dashed_out(rows: Sequence[Mapping[str, Any]], caption: str) -> Markup:
    """A table without the columns in which no row says anything."""
    frame = pd.DataFrame(list(rows))
    return table_html(frame.loc[:, (frame != NOTHING).any()], caption)


def _runtimes_table(runtimes: pd.DataFrame) -> Markup | None:
    if runtimes.empty or "seconds" not in runtimes:
        return None
    rows = []
    for rule, part in runtimes.groupby("rule", sort=False):
        rows.append(
            {
                "rule": rule,
                "jobs": count(len(part)),
                "seconds, all jobs": significant(part["seconds"].sum()),
                "seconds, longest": significant(part["seconds"].max()),
                "memory (MB, largest)": count(part["max_rss_mb"].max())
                if "max_rss_mb" in part
                else NOTHING,
            }
        )
    return table_html(pd.DataFrame(rows), "Time and memory by rule")
