"""The recordings A, B, C: what each network reads, and for how much power."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.report.cells import flagged, is_known, ordered
from dvs_snn.report.material import Material
from dvs_snn.report.text import (
    NBSP,
    count,
    millions,
    plain,
    power_band,
    power_words,
    significant,
    table_html,
)
from dvs_snn.settings.sweep import nearest_to_one


def context(material: Material) -> dict[str, Any]:
    """What is shown of recordings A, B, C: facts, readings and figures of each."""
    shown, fallback_scale = shown_recordings(material)
    return {"panels": _panels(shown, material), "fallback_scale": fallback_scale}


def shown_recordings(material: Material) -> tuple[pd.DataFrame, str]:
    """Rows at the chosen scale; where none was chosen, those nearest to the network as converted.

    The second value is that fallback scale as text, empty if it was not needed.
    """
    recordings = material.table("recordings", "recording", "variant", "seed", "scale")
    if recordings.empty:
        return recordings, ""
    if "chosen" in recordings and flagged(recordings["chosen"]).any():
        return recordings[flagged(recordings["chosen"])], ""
    scales = recordings["scale"].astype(float)
    nearest = nearest_to_one(scales.unique())
    return recordings[scales == nearest], f"{nearest:.2f}"


def _panels(recordings: pd.DataFrame, material: Material) -> list[dict[str, Any]]:
    known = ordered(recordings["recording"])
    names = [*known, *(name for name in material.panels if name not in known)]
    panels = []
    for index, name in enumerate(names):
        rows = recordings[recordings["recording"] == name]
        # A recording with a file of its own is what the file holds, in a simulated study too.
        own_file = "file" in rows and rows["file"].map(is_known).any()
        note = "" if own_file else material.origin.note(one=True)
        panels.append(
            {
                "name": str(name),
                "id": f"recording-{index + 1}",
                "facts": [*(["simulated"] if note else []), *_facts(rows)],
                "table": recording_table(rows, material.power, note) if len(rows) else None,
                "figures": material.pictures_of(name, note),
            }
        )
    return panels


def _facts(rows: pd.DataFrame) -> list[str]:
    if rows.empty:
        return []
    row = rows.iloc[0]
    facts = [
        f"digit shown: {plain(row['label'])}"
        if is_known(row.get("label"))
        else "the digit shown is not known"
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


def recording_table(rows: pd.DataFrame, power: Mapping[str, Any], note: str = "") -> Markup:
    shown = [
        {
            "seed": plain(row["seed"]),
            "variant": row["variant"],
            "scale": f"{float(row['scale']):.2f}",
            "digit read": predicted(row),
            "CNN reads": plain(row.get("ann_predicted")),
            "judged": _verdict(row),
            "tied": "yes" if is_known(row.get("tied")) and int(row["tied"]) == 1 else "no",
            "output spikes": count(row.get("output_spikes")),
            "M SynOps": millions(row.get("synops")),
            "SynOps per event": significant(row.get("synops_per_event")),
            "power (mW)": significant(row.get("power_mw")),
            f"power (mW) at {power_words(power)['band']}": power_band(row.get("power_mw"), power),
            "energy (µJ)": significant(row.get("energy_uj")),
            "time to decision (ms)": significant(row.get("time_to_decision_ms")),
        }
        for row in rows.to_dict("records")
    ]
    name = plain(rows["recording"].iloc[0])
    return table_html(pd.DataFrame(shown), f"{note}What each network reads in recording {name}")


def predicted(row: Mapping[str, Any]) -> str:
    """The digit that a network read, or that it stayed silent."""
    if is_known(row.get("silent")) and int(row["silent"]) == 1:
        return "silent"
    return plain(row.get("predicted"))


def _verdict(row: Mapping[str, Any]) -> str:
    if not is_known(row.get("label")):
        return "not judged"
    return "right" if is_known(row.get("correct")) and int(row["correct"]) == 1 else "wrong"
