"""The answer in numbers: accuracy and cost at the chosen points, and how sure each choice is."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.evaluation.choosing.budgets import decision_energy_uj, price_per_mw
from dvs_snn.evaluation.choosing.points import mean_points, network_points, power_of, same_point
from dvs_snn.evaluation.power import EnergyModel
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.report import live, text
from dvs_snn.report.cells import flagged, is_known, static_power
from dvs_snn.report.material import Material
from dvs_snn.report.methods import answer_sets, compared_methods, point_text
from dvs_snn.report.sections.recordings import predicted, shown_recordings
from dvs_snn.report.sections.tradeoff import chosen_range, rule_text

BY_SET = ["set", "method", "variant"]


def context(material: Material) -> dict[str, Any]:
    sets, choice = answer_sets(material.spiking["set"]), material.table("choice")
    shown, _ = shown_recordings(material)
    on_frames = material.frames_only.groupby(BY_SET, sort=False, dropna=False)
    methods = [
        _method(name, rows, choice[choice["method"] == name], sets, material)
        for name, rows in _answering(material)
    ]
    return {
        "methods": methods,
        "table": _table([row for item in methods for row in item["rows"]], sets, material),
        "origins": _origins(material),
        "frames": [_on_frames(rows) for _, rows in on_frames],
        "given": _given(material),
        "recordings": _read_recordings(shown, material.power),
    }


def _answering(material: Material) -> list[tuple[str, pd.DataFrame]]:
    """The rows of each compared method, the best first; without a choice, those of each variant."""
    rows, compared = material.spiking, compared_methods(material.table("choice"))
    if not compared:
        return [(str(name), part) for name, part in rows.groupby("variant", sort=False)]
    present = set(rows["method"])
    return [(name, rows[rows["method"] == name]) for name in compared if name in present]


def _method(
    name: str, rows: pd.DataFrame, choice: pd.DataFrame, sets: Sequence[str], material: Material
) -> dict[str, Any]:
    answers = [_point(rows, one, material) for one in sets]
    in_force = choice[choice["chosen"] == 1].to_dict("records")
    marked = rows[(rows["set"] == sets[0]) & flagged(rows["chosen"])]
    return {
        "name": name,
        "lead": answers[0],
        "n_seeds": text.plural(rows["seed"].nunique(), "seed"),
        "rows": [
            {
                "method": name,
                "set": answer["set"],
                "point": answer["point"],
                "accuracy (95 %)": answer["accuracy_interval"],
                "power (mW)": answer["power"],
                "µJ per decision": answer["energy"],
                "M SynOps per 3,000 events": answer["synops"],
            }
            for answer in answers
        ],
        "per_seed": _per_seed(marked, "accuracy") if len(marked) > 1 else "",
        "choice": _choice_text(in_force[0], rows["variant"].nunique() > 1) if in_force else None,
    }


def _point(rows: pd.DataFrame, name: str, material: Material) -> dict[str, Any]:
    """Accuracy and cost of one set at the chosen point, means over the seeds."""
    power, several = material.power, rows["variant"].nunique() > 1
    of_set = rows[rows["set"] == name]
    energy = EnergyModel(power["energy_per_synop_pj"], static_power(power))
    points = mean_points(network_points(of_set), name).sort_values("synops_per_3000_events")
    points = points.assign(power_mw=power_of(points, energy)).reset_index(drop=True)
    marked = of_set[flagged(of_set["chosen"])]
    point = points[same_point(points, {**marked.iloc[0], "exit": None})].iloc[0]
    price, cheaper_point = None, ""
    if point.name:
        before = points.loc[point.name - 1]
        cheaper = (before["accuracy"], before["power_mw"])
        price = price_per_mw(point["accuracy"], point["power_mw"], cheaper)
        cheaper_point = point_text(before, several)
    low, high = wilson_interval(point["accuracy"], int(point["n_symbols"]))
    word = "simulated recording" if material.origin.is_simulated(name) else "recording"
    mw, time = float(point["power_mw"]), point["time_to_decision_ms"]
    return {
        "set": name,
        "accuracy": text.percent(point["accuracy"]),
        "interval": text.from_to(text.percent(low), text.percent(high)),
        "n_recordings": text.plural(marked["n_recordings"].max(), word),
        "n_symbols": text.plural(marked["n_symbols"].max(), "symbol"),
        "point": point_text(point, several),
        "accuracy_interval": text.with_interval(point["accuracy"], low, high),
        "power": live.power(mw, power),
        "power_band": live.band(mw, power),
        "time": text.significant(time),
        "energy": live.energy(decision_energy_uj(mw, time), time, power),
        "synops": text.millions(point["synops_per_3000_events"]),
        "price": live.points_per_mw(price, power),
        "cheaper_point": cheaper_point,
        "silent": text.percent(marked["silent_fraction"].mean()),
        "cnn": _cnn(marked, float(point["synops_per_3000_events"])),
    }


def _cnn(marked: pd.DataFrame, synops: float) -> dict[str, str]:
    """The CNN on frames of the same recordings, and what a MAC has to cost beside a SynOp."""
    macs = float(marked["ann_macs_per_3000_events"].mean())
    accuracy = marked["ann_accuracy"].mean()
    interval = wilson_interval(accuracy, int(marked["n_symbols"].max()))
    known = is_known(macs) and macs > 0
    return {
        "accuracy": text.with_interval(accuracy, *interval),
        "right": text.percent(accuracy),
        "macs": f"{text.millions(macs)}{text.NBSP}M" if known else text.NOTHING,
        "synops_per_mac": text.significant(synops / macs) if known else text.NOTHING,
    }


def _per_seed(rows: pd.DataFrame, column: str) -> str:
    return "; ".join(
        f"seed {text.plain(row['seed'])}: {text.interval_of(row, column)}"
        for row in rows.to_dict("records")
    )


def _choice_text(row: Mapping[str, Any], several: bool) -> dict[str, str]:
    """A choice in force: rule, range over draws, edge; `several`: its method has more variants."""
    scales, synops = chosen_range(row)
    return {
        "set": row["set"],
        "n_symbols": text.plural(row["n_symbols"], "symbol"),
        "rule": rule_text(row),
        "accuracy": text.percent(row["accuracy"]),
        "best_accuracy": text.percent(row["best_accuracy"]),
        "point": point_text(row, several),
        "scales": scales,
        "stability": text.percent(row["stability"]),
        "synops": f"{synops}{text.NBSP}M",
        "n_draws": text.count(row["n_draws"]),
        "edge": row["edge"],
    }


def _on_frames(rows: pd.DataFrame) -> dict[str, str]:
    frames = rows["n_frames"].max()
    known = text.plural(frames, "frame") if is_known(frames) else "an unknown number of frames"
    return {
        "set": rows["set"].iloc[0],
        "variant": rows["variant"].iloc[0],
        "accuracy": text.spread(rows["ann_accuracy"], text.percent),
        "n_frames": known,
        "per_seed": _per_seed(rows, "ann_accuracy"),
    }


def _given(material: Material) -> dict[str, Any] | None:
    """Variants that the study didn't train, and how many copies of their networks the seeds are."""
    evaluation = material.evaluation
    rows = evaluation[evaluation["variant"].isin(material.given)]
    if rows.empty:
        return None
    names = [str(name) for name in rows["variant"].unique()]
    return {"variants": names, "n_seeds": int(rows["seed"].nunique())}


def _read_recordings(recordings: pd.DataFrame, power: Mapping[str, Any]) -> list[dict[str, str]]:
    """For each recording the digits read and the power needed, by run: for the answer's text."""
    found = []
    for name, rows in recordings.groupby("recording", sort=False):
        several = rows["variant"].nunique() > 1
        reads = [
            f"{predicted(row)} ({row['variant'] + ', ' if several else ''}"
            f"seed {text.plain(row['seed'])})"
            for row in rows.to_dict("records")
        ]
        found.append(
            {
                "name": str(name),
                "label": text.plain(rows["label"].iloc[0]),
                "reads": text.listed(reads),
                "power": live.spread(rows["power_mw"], power),
                "band": live.band(rows["power_mw"].mean(), power),
            }
        )
    return found


def _table(rows: list[dict[str, Any]], sets: Sequence[str], material: Material) -> Markup | None:
    """The chosen points of the compared methods on every test set."""
    if len({row["method"] for row in rows}) == 1:
        rows = [{key: row[key] for key in row if key != "method"} for row in rows]
    caption = f"{material.origin.note_on(sets)}The chosen points, means over the seeds"
    return text.table_html(rows, caption, source="front")


def _origins(material: Material) -> list[dict[str, str]]:
    """Where the recordings of each evaluated set come from."""
    sizes = material.evaluation.groupby("set", sort=False)["n_recordings"].max()
    return [
        {
            "set": str(name),
            "kind": "simulated" if material.origin.is_simulated(name) else "real",
            "n": text.plural(n, "recording"),
            "sensor": material.origin.sensor(name),
        }
        for name, n in sizes.items()
        if is_known(n)
    ]
