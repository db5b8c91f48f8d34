"""The answer in numbers: what the chosen points read and cost, and how surely they were chosen."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.evaluation.budgets import decision_energy_uj, points_of, power_of, price_per_mw
from dvs_snn.evaluation.choice import CHOSEN_BY
from dvs_snn.evaluation.power import EnergyModel
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.report.cells import flagged, is_known
from dvs_snn.report.material import Material, by_set_and_variant
from dvs_snn.report.sections.recordings import predicted, shown_recordings
from dvs_snn.report.sections.tradeoff import SENSORS, answer_sets, rule_text
from dvs_snn.report.text import (
    NBSP,
    NOTHING,
    columns_of_longest,
    count,
    from_to,
    listed,
    millions,
    over_seeds,
    percent,
    plain,
    plural,
    power_band,
    power_words,
    significant,
    spread,
    table_html,
    with_interval,
)


def context(material: Material) -> dict[str, Any]:
    """What the answer shows: each variant, the CNN on frames alone, and recordings read."""
    evaluation = material.spiking
    sets = answer_sets(evaluation)
    choice = material.table("choice", "variant", "set")
    shown, _ = shown_recordings(material)
    return {
        "variants": [
            _variant(str(variant), rows, choice[choice["variant"] == variant], sets, material)
            for variant, rows in (evaluation.groupby("variant", sort=False) if sets else [])
        ],
        "frames": [_on_frames(rows) for _, rows in by_set_and_variant(material.frames_only)],
        "recordings": _read_recordings(shown, material.power),
        "summary_table": _summary_table(material),
    }


def _variant(
    variant: str, rows: pd.DataFrame, choice: pd.DataFrame, sets: Sequence[str], material: Material
) -> dict[str, Any]:
    differ = choice["set"].nunique() > 1 if len(choice) else False
    columns = list(CHOSEN_BY) if differ else ["chosen"]
    answers = [
        _point(rows, name, column, material) | {"for": SENSORS[column] if differ else ""}
        for column in columns
        for name in sets
    ]
    shown = [
        {
            **({"for": answer["for"]} if differ else {}),
            "set": answer["set"],
            "scale": answer["scale"],
            "accuracy (95 %)": answer["accuracy_interval"],
            "power (mW)": answer["power"],
            f"at {power_words(material.power)['band']} (mW)": answer["power_band"],
            "until decided (ms)": answer["time"],
            "µJ per decision": answer["energy"],
            "M SynOps per 3,000 events": answer["synops"],
            "points per mW": answer["price"],
        }
        for answer in answers
    ]
    n_seeds = rows["seed"].nunique()
    caption = (
        f"{material.origin.note_on(sets)}The chosen points, means over {plural(n_seeds, 'seed')}. "
        "Points per mW: percentage points that each milliwatt buys from the next cheaper scale on"
    )
    leads = [answer for answer in answers if answer["set"] == sets[0]]
    return {
        "variant": variant,
        "leads": leads,
        "cnn": leads[0]["cnn"],
        "table": table_html(pd.DataFrame(shown), caption),
        "per_seed": _per_seed(rows, sets[0]),
        "choices": [_choice_text(row) for row in choice.to_dict("records") if _in_force(row)],
    }


def _in_force(row: Mapping[str, Any]) -> bool:
    return bool(row["chosen"] or row["chosen_any"])


def _point(rows: pd.DataFrame, name: str, column: str, material: Material) -> dict[str, Any]:
    """What one set gives at the scale that `column` marks, means over the seeds."""
    power = material.power
    of_set = rows[rows["set"] == name]
    energy = EnergyModel(power["energy_per_synop_pj"], float(power.get("static_power_mw") or 0))
    points = points_of(of_set, name).sort_values("synops_per_3000_events")
    points = points.assign(power_mw=power_of(points, energy)).reset_index(drop=True)
    marked = of_set[flagged(of_set[column])]
    place = int(points.index[points["scale"] == marked["scale"].iloc[0]][0])
    point = points.loc[place]
    price, from_scale = None, ""
    if place:
        before = points.loc[place - 1]
        price = price_per_mw(
            point["accuracy"], point["power_mw"], (before["accuracy"], before["power_mw"])
        )
        from_scale = f"{before['scale']:.2f}"
    low, high = wilson_interval(point["accuracy"], int(point["n_symbols"]))
    word = "simulated recording" if material.origin.is_simulated(name) else "recording"
    mw, time = float(point["power_mw"]), point["time_to_decision_ms"]
    uj = decision_energy_uj(mw, time)
    return {
        "set": name,
        "n_recordings": plural(marked["n_recordings"].max(), word),
        "n_symbols": plural(marked["n_symbols"].max(), "symbol"),
        "scale": f"{point['scale']:.2f}",
        "accuracy": percent(point["accuracy"]),
        "accuracy_interval": with_interval(point["accuracy"], low, high),
        "power": significant(mw),
        "power_band": power_band(mw, power),
        "time": significant(time),
        "energy": significant(uj),
        "synops": millions(point["synops_per_3000_events"]),
        "price": significant(price) if price is not None else NOTHING,
        "from_scale": from_scale,
        "silent": percent(marked["silent_fraction"].mean()),
        "cnn": _cnn(marked, float(point["synops_per_3000_events"])),
    }


def _cnn(marked: pd.DataFrame, synops: float) -> dict[str, str]:
    """The CNN on frames of the same recordings, and what a MAC has to cost beside a SynOp."""
    macs = float(marked["ann_macs_per_3000_events"].mean())
    accuracy = marked["ann_accuracy"].mean()
    known = is_known(macs) and macs > 0
    return {
        "accuracy": with_interval(
            accuracy, *wilson_interval(accuracy, int(marked["n_symbols"].max()))
        ),
        "macs": f"{millions(macs)}{NBSP}M" if known else NOTHING,
        "synops_per_mac": significant(synops / macs) if known else NOTHING,
    }


def _per_seed(rows: pd.DataFrame, name: str) -> str:
    marked = rows[(rows["set"] == name) & flagged(rows["chosen"])]
    if len(marked) < 2:
        return ""
    return "; ".join(
        f"seed {plain(row['seed'])}: "
        + with_interval(row["accuracy"], row["accuracy_low"], row["accuracy_high"])
        for row in marked.to_dict("records")
    )


def _choice_text(row: Mapping[str, Any]) -> dict[str, str]:
    """A choice in force, how surely it was made, and what an edge of the grid means for it."""
    marks = [SENSORS[column] for column in CHOSEN_BY if row[column]]
    return {
        "for": "" if len(marks) == len(CHOSEN_BY) else marks[0],
        "set": row["set"],
        "n_symbols": plural(row["n_symbols"], "symbol"),
        "rule": rule_text(row),
        "scale": f"{row['scale']:.2f}",
        "accuracy": percent(row["accuracy"]),
        "best_accuracy": percent(row["best_accuracy"]),
        "best_scale": f"{row['best_scale']:.2f}",
        "scales": from_to(f"{row['scale_low']:.2f}", f"{row['scale_high']:.2f}"),
        "synops": from_to(millions(row["synops_low"]), f"{millions(row['synops_high'])}{NBSP}M"),
        "n_draws": count(row["n_draws"]),
        "edge": row["edge"],
    }


def _on_frames(rows: pd.DataFrame) -> dict[str, str]:
    per_seed = [
        f"seed {plain(row['seed'])}: "
        + with_interval(
            row["ann_accuracy"], row.get("ann_accuracy_low"), row.get("ann_accuracy_high")
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


def _read_recordings(recordings: pd.DataFrame, power: Mapping[str, Any]) -> list[dict[str, str]]:
    """For each recording the digits read and the power needed, by run: for the answer's text."""
    found = []
    for name, rows in recordings.groupby("recording", sort=False) if len(recordings) else []:
        several = rows["variant"].nunique() > 1
        reads = [
            f"{predicted(row)} ({row['variant'] + ', ' if several else ''}"
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


def _summary_table(material: Material) -> Markup | None:
    """A row for each set and variant: means over the seeds."""
    chosen, frames_only = material.chosen, material.frames_only
    band = power_words(material.power)["band"]
    rows = []
    several = len({*chosen["variant"], *frames_only["variant"]}) > 1
    for (name, variant), part in by_set_and_variant(chosen):
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
                f"at {band} (mW)": power_band(part["power_mw"].mean(), material.power),
            }
        )
    for (name, variant), part in by_set_and_variant(frames_only):
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
    note = material.origin.note_on(row["set"] for row in rows)
    caption = (
        f"{note}Means over the seeds, in brackets the smallest and the largest; SynOps and MACs "
        "per 3,000 events"
    )
    return table_html(columns_of_longest(rows), caption)
