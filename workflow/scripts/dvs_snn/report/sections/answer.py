"""The answer in numbers: accuracy and cost at the chosen points, and how sure each choice is."""

from typing import Any

import pandas as pd

from dvs_snn.evaluation.choosing.points import mean_points, network_points, power_of, same_point
from dvs_snn.evaluation.power import EnergyModel
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.report import live, text
from dvs_snn.report.cells import flagged, is_known
from dvs_snn.report.methods import answer_sets, point_text
from dvs_snn.report.sections.recordings import predicted, shown_recordings
from dvs_snn.report.sections.tradeoff import choice_words
from dvs_snn.report.study import FinishedStudy
from dvs_snn.settings.set_names import REAL_TWINS
from dvs_snn.tables.budgets import price_per_mw


def context(study: FinishedStudy) -> dict[str, Any]:
    sets = answer_sets(study.spiking["set"])
    methods = [_method(name, rows, sets, study) for name, rows in _compared(study)]
    rows = pd.DataFrame([point for method in methods for point in method["points"]], dtype=object)
    if len(methods) == 1:
        rows = rows.drop(columns="method")
    on_frames = study.frames_only.groupby(["set", "method", "variant"], sort=False, dropna=False)
    given = study.evaluation[study.evaluation["variant"].isin(study.given)]
    shown, _ = shown_recordings(study)
    return {
        "sets": sets,
        "methods": methods,
        "rows": rows,
        "origins": _origins(study),
        "frames": [_on_frames(rows) for _, rows in on_frames],
        "given": given["variant"].astype(str).unique().tolist(),
        "n_given_seeds": given["seed"].nunique(),
        "recordings": [
            _read_recording(rows, study) for _, rows in shown.groupby("recording", sort=False)
        ],
    }


def _compared(study: FinishedStudy) -> list[tuple[str, pd.DataFrame]]:
    """The rows of each compared method, the best first; without a choice, those of each variant."""
    rows, methods = study.spiking, study.quoted.compared
    if not methods:
        return [(str(name), part) for name, part in rows.groupby("variant", sort=False)]
    parts = [(name, rows[rows["method"] == name]) for name in methods]
    return [(name, part) for name, part in parts if len(part)]


def _method(name: str, rows: pd.DataFrame, sets: list[str], study: FinishedStudy) -> dict[str, Any]:
    quoted = study.quoted.rows
    in_force = quoted[quoted["method"] == name].to_dict("records")
    several = rows["variant"].nunique() > 1
    points = [_point(rows[rows["set"] == of_set], several, study) for of_set in sets]
    marked = rows[(rows["set"] == sets[0]) & flagged(rows["chosen"])]
    return {
        "name": name,
        "lead": points[0],
        "n_seeds": text.plural(rows["seed"].nunique(), "seed"),
        "points": [point | {"method": name} for point in points],
        "per_seed": _per_seed(marked, "accuracy") if len(marked) > 1 else "",
        "choice": in_force[0] | choice_words(in_force[0], several) if in_force else None,
    }


def _point(rows: pd.DataFrame, several: bool, study: FinishedStudy) -> dict[str, Any]:
    """Accuracy and cost of a set at the chosen point, means over the seeds.

    Args:
        rows: of the set, at all scales.
        several: whether its method has several variants.
    """
    name, power = rows["set"].iloc[0], study.power
    energy = EnergyModel(power.energy_per_synop_pj, power.static_power_mw)
    points = mean_points(network_points(rows), name).sort_values("synops_per_3000_events")
    points = points.assign(power_mw=power_of(points, energy)).reset_index(drop=True)
    marked = rows[flagged(rows["chosen"])]
    point = points[same_point(points, {**marked.iloc[0], "exit": None})].iloc[0]
    price, cheaper_words = None, ""
    if point.name:
        cheaper = points.loc[point.name - 1]
        before = (cheaper["accuracy"], cheaper["power_mw"])
        price = price_per_mw(point["accuracy"], point["power_mw"], before)
        cheaper_words = point_text(cheaper, several)
    n = int(point["n_symbols"])
    low, high = wilson_interval(point["accuracy"], n)
    macs, ann_accuracy = marked[["ann_macs_per_3000_events", "ann_accuracy"]].astype(float).mean()
    word = "simulated recording" if study.origin.is_simulated(name) else "recording"
    energy_uj = point["power_mw"] * point["time_to_decision_ms"]
    return {
        **point,
        "set": name,
        "words": point_text(point, several),
        "share": text.share(point["accuracy"], n),
        "interval": text.from_to(text.percent(low), text.percent(high)),
        "n_recordings": text.plural(marked["n_recordings"].max(), word),
        "decides": is_known(point["time_to_decision_ms"]),
        "decision": live.energy(energy_uj, point["time_to_decision_ms"], power),
        "price": price,
        "cheaper": cheaper_words,
        "silent": marked["silent_fraction"].mean(),
        "ann_accuracy": ann_accuracy,
        "ann_share": text.share(ann_accuracy, n),
        "macs": text.with_unit(macs if macs > 0 else None, "M", text.millions),
        "synops_per_mac": point["synops_per_3000_events"] / macs if macs > 0 else None,
    }


def _per_seed(rows: pd.DataFrame, column: str) -> str:
    return "; ".join(
        f"seed {text.plain(row['seed'])}: {text.interval_of(row, column)}"
        for row in rows.to_dict("records")
    )


def _on_frames(rows: pd.DataFrame) -> dict[str, str]:
    """What the CNN reads of frames that come without recordings."""
    frames = rows["n_frames"].max()
    known = text.plural(frames, "frame") if is_known(frames) else "an unknown number of frames"
    return {
        "set": rows["set"].iloc[0],
        "variant": rows["variant"].iloc[0],
        "accuracy": text.spread(rows["ann_accuracy"], text.percent),
        "n_frames": known,
        "per_seed": _per_seed(rows, "ann_accuracy"),
    }


def _read_recording(rows: pd.DataFrame, study: FinishedStudy) -> dict[str, Any]:
    """What each network read in a recording, and the power needed."""
    several = rows["variant"].nunique() > 1
    reads = [
        f"{predicted(row)} ({row['variant'] + ', ' if several else ''}seed {row['seed']:g})"
        for row in rows.to_dict("records")
    ]
    return {
        "name": rows["recording"].iloc[0],
        "label": text.label_text(rows["label"].iloc[0]),
        "reads": text.listed(reads),
        "power": live.spread(rows["power_mw"], study.power),
        "power_mw": rows["power_mw"].mean(),
    }


def _origins(study: FinishedStudy) -> list[dict[str, str]]:
    """Where the recordings of each evaluated set come from."""
    sizes = study.evaluation.groupby("set", sort=False)["n_recordings"].max().dropna()
    return [
        {
            "set": str(name),
            "kind": study.origin.kind(name),
            "n": text.plural(n, "recording"),
            "sensor": sensor_of(name, study),
        }
        for name, n in sizes.items()
    ]


def sensor_of(name: str, study: FinishedStudy) -> str:
    """The size of the sensor that made a real set, as the settings tell it; else empty."""
    settings = study.settings
    sizes = {entry.name: entry.sensor_size for entry in settings.evaluation.sets}
    if study.simulation:
        sizes[REAL_TWINS] = study.simulation.scenes["saccades"].sensor_size
    size = sizes.get(name, settings.data.sensor_size)
    if study.origin.is_simulated(name) or not size:
        return ""
    return "sensor {}\u00a0×\u00a0{}".format(*size)
