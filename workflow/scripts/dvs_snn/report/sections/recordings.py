"""The recordings A, B, C: what each network reads, and for how much power."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.report import live, text
from dvs_snn.report.cells import flagged, is_known, ordered, static_power
from dvs_snn.report.material import Material
from dvs_snn.settings.data import TEN_DIGITS, Classes
from dvs_snn.settings.sweep import nearest_to_one

BEYOND_WORDS = {
    "duration_s": "duration",
    "events_per_s": "event rate",
    "outside_share": "share of events outside",
    "box_px": "size of the {thing}",
}
STILL = "strip"
"""The figure that stands for the player where no script runs."""


def context(material: Material) -> dict[str, Any]:
    shown, fallback_scale = shown_recordings(material)
    panels = []
    for index, name in enumerate(ordered([*shown["recording"], *material.panels])):
        rows = shown[shown["recording"] == name]
        # A recording with a file of its own is what the file holds, in a simulated study too.
        note = "" if name in material.own_files else material.origin.note(one=True)
        facts = _facts(rows.iloc[0], material.classes) if len(rows) else []
        figures, player = material.pictures_of(name, note), _player(material, name, note)
        panels.append(
            {
                "name": str(name),
                "id": f"recording-{index + 1}",
                "facts": ["simulated", *facts] if note else facts,
                "table": recording_table(rows, material.power, note, material.classes),
                "player": player,
                # The player brings its own still picture.
                "figures": [one for one in figures if not player or one["name"] != STILL],
            }
        )
    return {"panels": panels, "fallback_scale": fallback_scale}


def _player(material: Material, recording: str, note: str) -> dict[str, Any] | None:
    """What the player's macro needs, None without a file; `still` stands in without a script."""
    paths = material.panels.get(recording, {})
    if not {"film", "player"} <= set(paths):
        return None
    facts = paths["player"].read_text(encoding="utf-8")
    told = json.loads(facts)
    stills = [one for one in material.pictures_of(recording, note) if one["name"] == STILL]
    return {
        "film": text.embed_figure(paths["film"], f"Film strip. {note}{told['caption']}"),
        "facts": text.embed_json(facts),
        "still": next(iter(stills), None),
        "title": told["title"],
        "caption": f"{note}{told['caption']}",
        "pj": float(material.power["energy_per_synop_pj"]),
        "static_mw": static_power(material.power),
    }


def shown_recordings(material: Material) -> tuple[pd.DataFrame, str]:
    """Rows at the chosen scale; where none was chosen, those nearest to the network as converted.

    The second value is that fallback scale as text, empty if it was not needed.
    """
    recordings = material.table("recordings")
    chosen = flagged(recordings["chosen"])
    if recordings.empty or chosen.any():
        return recordings[chosen], ""
    scales = recordings["scale"].astype(float)
    nearest = nearest_to_one(scales.unique())
    return recordings[scales == nearest], f"{nearest:.2f}"


def _facts(row: Mapping[str, Any], classes: Classes) -> list[str]:
    word = classes.word
    shown = f"{word} shown: {text.plain(row['label'])}"
    facts = [shown if is_known(row["label"]) else f"the {word} shown is not known"]
    facts.append(f"{text.count(row['n_events'])} events")
    if row["n_events_outside"] > 0:
        facts.append(f"{text.count(row['n_events_outside'])} more fell outside the network")
    facts.append(f"{text.significant(row['duration_s'])}{text.NBSP}s")
    facts.append(f"{text.count(row['n_steps'])} steps")
    if is_known(row["beyond_training"]):
        beyond = [
            BEYOND_WORDS[name].format(thing=classes.thing)
            for name in row["beyond_training"].split()
        ]
        facts.append(f"beyond what training saw: {text.listed(beyond)}")
    return facts


def recording_table(
    rows: pd.DataFrame, power: Mapping[str, Any], note: str = "", classes: Classes = TEN_DIGITS
) -> Markup | None:
    """What each network reads in one recording, and for how much power."""
    if rows.empty:
        return None
    shown = [
        {
            "network": f"{row['variant']}, seed {row['seed']}",
            "scale": f"{float(row['scale']):.2f}",
            f"{classes.word} read": f"{predicted(row)} ({_verdict(row)})",
            "CNN reads": text.plain(row["ann_predicted"]),
            "M SynOps": text.millions(row["synops"]),
            "power (mW)": live.power(row["power_mw"], power),
            "decided after (ms)": text.significant(row["time_to_decision_ms"]),
        }
        for row in rows.to_dict("records")
    ]
    name = text.plain(rows["recording"].iloc[0])
    return text.table_html(
        shown, f"{note}What each network reads in recording {name}", source="recordings"
    )


def predicted(row: Mapping[str, Any]) -> str:
    """The class that a network read, or that it stayed silent."""
    return "silent" if row["silent"] == 1 else text.plain(row["predicted"])


def _verdict(row: Mapping[str, Any]) -> str:
    if not is_known(row["label"]):
        return "not judged"
    return "right" if row["correct"] == 1 else "wrong"
