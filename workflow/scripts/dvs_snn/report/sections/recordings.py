"""The recordings A, B, C: what each network reads, and for how much power."""

import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from dvs_snn.report import text
from dvs_snn.report.cells import Row, flagged, is_known, network_names, ordered
from dvs_snn.report.finished_study import FinishedStudy
from dvs_snn.report.origin import ALL_SIMULATED
from dvs_snn.report.template import Context
from dvs_snn.settings.sides import SPIKING
from dvs_snn.settings.sweep import Power, nearest_to_one


def context(study: FinishedStudy) -> Context:
    shown, fallback_scale = shown_recordings(study)
    names = ordered([*shown["recording"], *study.panels])
    rows_of = {name: shown[shown["recording"] == name] for name in names}
    first = rows_of[names[0]] if names else shown
    panels = [_panel(name, rows, study) for name, rows in rows_of.items()]
    return {
        "reads": ordered(predicted(row) for row in first.to_dict("records")),
        "layers": study.figure("layers", [study.answer_set]),
        "panels": [{"id": f"recording-{n}", **panel} for n, panel in enumerate(panels, start=1)],
        "fallback_scale": fallback_scale,
    }


def shown_recordings(study: FinishedStudy, timing: str = "") -> tuple[pd.DataFrame, str]:
    """Rows at the chosen scale; where none was chosen, those nearest to the network as converted.

    They are of one `timing`, or without it of all. The second value is that fallback scale as text,
    empty if it was not needed.
    """
    recordings = study.table("recordings")
    if timing:
        recordings = recordings[recordings["timing"] == timing]
    chosen = flagged(recordings["chosen"])
    if recordings.empty or chosen.any():
        return recordings[chosen], ""
    scales = recordings["scale"].astype(float)
    nearest = nearest_to_one(scales.unique())
    return recordings[scales == nearest], f"{nearest:.2f}"


def _panel(name: str, rows: pd.DataFrame, study: FinishedStudy) -> Context:
    """What the page shows of a recording."""
    # A recording with a file of its own is what the file holds, in a simulated study too.
    is_simulated = study.origin.is_source_simulated and name not in study.own_files
    note = ALL_SIMULATED.replace("ings", "ing") if is_simulated else ""
    facts = ["simulated"] if is_simulated else []
    if len(rows):
        facts += _facts(rows.iloc[0], study)
    return {
        "name": name,
        "facts": facts,
        "reads": _reads(rows, study),
        "player": _player(study.panels.get(name, {}), note, study.power),
    }


def _player(paths: Mapping[str, Path], note: str, power: Power) -> Context | None:
    """What the player's macro needs; None without its files."""
    if not {"film", "player"} <= set(paths):
        return None
    facts = paths["player"].read_text(encoding="utf-8")
    words = json.loads(facts)
    alt = f"Film strip of the events. {words['title']}"
    return {
        "film": text.embed_png(paths["film"].read_bytes(), alt),
        "facts": text.embed_json(facts),
        "title": words["title"],
        "caption": f"{note}{words['caption']}",
        "still": f"{note}The events of the recording, frame after frame, in rows.",
        "pj": power.energy_per_synop_pj,
        "static_mw": power.static_power_mw,
    }


def _facts(row: Row, study: FinishedStudy) -> list[str]:
    word = study.classes.word
    facts = [f"the {word} shown is not known"]
    if is_known(row["label"]):
        facts = [f"{word} shown: {text.plain(row['label'])}"]
    facts.append(f"{text.count(row['n_events'])} events")
    if row["n_events_outside"] > 0:
        facts.append(f"{text.count(row['n_events_outside'])} more fell outside the network")
    facts.append(text.with_unit(row["duration_s"], "s"))
    return facts


def _reads(rows: pd.DataFrame, study: FinishedStudy) -> list[str]:
    """What each variant's networks read in a recording, and for how much power."""
    rows = rows[rows["timing"] == study.settings.inference.timing]
    lines = []
    # A variant whose CNN alone read frames has a name, too.
    names = network_names(study.evaluation.assign(side=SPIKING))
    for variant, of_variant in rows.groupby("variant", sort=False):
        reads = [
            predicted(row) + {1: " (right)", 0: " (wrong)"}.get(row["correct"], "")
            for row in of_variant.to_dict("records")
        ]
        name = names.get(variant, variant)
        power = text.spread(of_variant["power_mw"])
        lines.append(f"{name} reads {text.listed(ordered(reads))} at {power} mW")
    return lines


def predicted(row: Row) -> str:
    """The class that a network read, or that it stayed silent."""
    return "silent" if row["silent"] == 1 else text.plain(row["predicted"])
