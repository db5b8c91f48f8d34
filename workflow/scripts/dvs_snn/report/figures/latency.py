"""Latency: what is read right, and what was spent, by the time since the first event."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from dvs_snn.files.tables import read_table, schema
from dvs_snn.report import chart
from dvs_snn.report.cells import flagged, per_pj
from dvs_snn.report.methods import answer_sets, in_order, of_compared_methods
from dvs_snn.report.style import Named

TITLE = "accuracy and energy so far"
CATEGORY = "1 Results"
INPUTS = ("predictions", "evaluation", "choice", "exits")
SETTINGS = ("power", "step_ms")
CAPTION = (
    "Above: recordings whose reading is right from that time on, at the chosen points; the share "
    "left is misread or not yet decided. Below: the energy spent until then at the mean power of "
    "the set. Crosses are networks that stop once their best output leads by enough spikes, at "
    "their mean time of stopping (early exit; the large one is the lead that validation chose). "
    "Means over the seeds."
)


def draw(paths: Named, settings: Named) -> chart.Chart:
    tables = {
        name: read_table(paths[name], columns)
        for name, columns in (
            ("predictions", schema("predictions")), ("evaluation", schema("evaluation")),
            ("choice", schema("choice")), ("exits", schema("exits")),
        )
    }  # fmt: skip
    return plot(**tables, **settings)


def plot(
    predictions: pd.DataFrame,
    evaluation: pd.DataFrame,
    choice: pd.DataFrame,
    exits: pd.DataFrame,
    power: Mapping[str, Any],
    step_ms: float,
) -> chart.Chart:
    """Error and energy against time, a column for each test set."""
    rows = evaluation[flagged(evaluation["chosen"]) & evaluation["scale"].notna()]
    rows = of_compared_methods(rows, choice)
    if rows.empty:
        return chart.sentence("No spiking set was evaluated, so no time to a decision is known.")
    looks = chart.looks_of(in_order(evaluation["method"].dropna()))
    looks = {name: look for name, look in looks.items() if name in set(rows["method"])}
    columns = [
        _column(name, rows[rows["set"] == name], predictions, exits, looks, power, step_ms)
        for name in answer_sets(rows["set"])
    ]
    return chart.Chart({"params": chart.power_params(power), "hconcat": columns})


def decided(times: np.ndarray, right: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Share of recordings read right for good by each edge (ms); `times` is nan for silent ones."""
    known = np.sort(times[right & ~np.isnan(times)])
    return np.searchsorted(known, edges, side="right") / len(times)


def _column(
    name: str,
    rows: pd.DataFrame,
    predictions: pd.DataFrame,
    exits: pd.DataFrame,
    looks: Mapping[str, tuple[str, str]],
    power: Mapping[str, Any],
    step_ms: float,
) -> dict[str, Any]:
    """Two panels of one set: the share not yet read right, and the energy."""
    of_set = predictions[(predictions["set"] == name) & flagged(predictions["chosen"])]
    length = float(of_set["n_steps"].median()) * step_ms if len(of_set) else step_ms
    edges = np.arange(0, length + step_ms / 2, step_ms)
    lines = []
    for method, part in rows.groupby("method", sort=False):
        variant = part["variant"].iloc[0]
        mine = of_set[of_set["variant"] == variant]
        rights = [
            decided(
                own["time_to_decision_ms"].to_numpy("float64"),
                (own["label"] == own["predicted"]).to_numpy(dtype=bool, na_value=False),
                edges,
            )
            for _, own in mine.groupby("seed")
        ]
        if not rights:
            continue
        of_pj = per_pj(part["power_mw"].mean(), power)
        few = 0.5 / max(len(mine), 1)
        lines += [
            {"method": method, "ms": float(ms), "left": max(1 - float(share), few),
             "per_pj": of_pj,
             "words": f"{method} after {ms:g} ms: {100 * share:.1f} % right for good"}
            for ms, share in zip(edges, np.mean(rights, axis=0), strict=True)
        ]  # fmt: skip
    stops = _stops(exits[(exits["set"] == name) & exits["exit"].notna()], rows)
    lowest = min(row["left"] for row in [*lines, *stops, {"left": 0.5}])
    time = {
        "field": "ms", "type": "quantitative", "scale": {"domain": [0, float(edges[-1])]},
        "axis": {"title": "time since the first event (ms)", "tickCount": 6},
    }  # fmt: skip
    left = {
        "field": "left", "type": "quantitative",
        "scale": {"type": "log", "nice": False, "domain": [lowest / 1.25, 1]},
        "axis": {"title": "not (yet) read right", "format": "~%",
                 "values": chart.log_values(1e-3, 1, (1, 2, 3, 5))},
    }  # fmt: skip
    energy = {
        "field": "uj", "type": "quantitative",
        "axis": {"title": "energy so far (µJ)"},
    }  # fmt: skip
    colour = {"field": "method", "type": "nominal", "scale": chart.colour_scale(looks),
              "legend": {"title": None}}  # fmt: skip
    words = {"field": "words", "type": "nominal"}
    line = {"type": "line", "strokeWidth": 2.2}
    cross = {"type": "point", "shape": "cross", "filled": True, "opacity": 0.9}
    size = {"field": "size", "type": "quantitative", "scale": None, "legend": None}
    spent = {"calculate": "(datum.per_pj * pj + static_mw) * datum.ms", "as": "uj"}
    stopped = {
        "calculate": "datum.synops * pj * 1e-6 + static_mw * datum.ms", "as": "uj",
    }  # fmt: skip
    return {
        "vconcat": [
            {
                "title": name, "width": 380, "height": 220,
                "layer": [
                    {"data": {"values": lines}, "mark": {**line, "interpolate": "step-after"},
                     "encoding": {"x": time, "y": left, "color": colour, "tooltip": words}},
                    {"data": {"values": stops}, "mark": cross,
                     "encoding": {"x": time, "y": left, "color": colour, "size": size,
                                  "tooltip": words}},
                ],
            },
            {
                "width": 380, "height": 140,
                "layer": [
                    {"data": {"values": lines}, "transform": [spent], "mark": line,
                     "encoding": {"x": time, "y": energy, "color": colour}},
                    {"data": {"values": stops}, "transform": [stopped], "mark": cross,
                     "encoding": {"x": time, "y": energy, "color": colour, "size": size,
                                  "tooltip": words}},
                ],
            },
        ],
    }  # fmt: skip


def _stops(exits: pd.DataFrame, rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Early exit of the quoted networks, means over the seeds; the chosen lead is marked."""
    points = rows.drop_duplicates(["variant", "scale"])
    method_of = points.set_index(["variant", "scale"])["method"].to_dict()
    chosen = set(exits.loc[flagged(exits["chosen"]), "variant"])
    found = []
    for (variant, scale, lead), part in exits.groupby(["variant", "scale", "exit"], sort=True):
        is_chosen = bool(flagged(part["chosen"]).any())
        method = method_of.get((variant, scale))
        if method is None and not (is_chosen and variant in chosen):
            continue
        if method is None:
            same = points.loc[points["variant"] == variant, "method"]
            if same.empty:
                continue
            method = same.iloc[0]
        share = float(part["accuracy"].mean())
        found.append(
            {
                "method": method, "ms": float(part["time_to_exit_ms"].mean()),
                "left": max(1 - share, 0.5 / float(part["n_recordings"].max())),
                "synops": float(part["synops_per_decision"].mean()),
                "size": 260 if is_chosen else 40,
                "words": f"{method}, scale {scale:.2f}, stops at a lead of {lead:g}: "
                f"{100 * share:.1f} % right",
            }
        )  # fmt: skip
    return found
