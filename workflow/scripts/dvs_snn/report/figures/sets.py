"""Real recordings beside simulated ones: what each seed reads right in each set."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.files.tables import read_table
from dvs_snn.report import chart
from dvs_snn.report.cells import flagged, spiking
from dvs_snn.report.methods import in_order, of_compared_methods
from dvs_snn.report.origin import Origin
from dvs_snn.report.style import Named
from dvs_snn.settings.set_names import VALIDATION

TITLE = "accuracy on every set"
CATEGORY = "1 Results"
INPUTS = ("evaluation", "choice")
SETTINGS = ("origins",)
CAPTION = (
    "Recordings read right in each set, at the chosen points. A large mark is the mean over the "
    "seeds, its bar the Wilson 95 % interval over symbols; small marks are single seeds. "
    "The words beside a set say where its recordings come from. A bar may reach beyond the left "
    "edge."
)


def draw(paths: Named, settings: Named) -> chart.Chart:
    return plot(
        read_table(paths["evaluation"], "evaluation"),
        read_table(paths["choice"], "choice"),
        settings["origins"],
    )


def plot(evaluation: pd.DataFrame, choice: pd.DataFrame, origins: Mapping[str, Any]) -> chart.Chart:
    """A row for each set, in it a line of marks for each of the compared methods."""
    rows = spiking(evaluation)
    rows = rows[flagged(rows["chosen"]) & (rows["set"] != VALIDATION)]
    rows = of_compared_methods(rows, choice)
    if rows.empty:
        return chart.sentence("No test set was evaluated.")
    origin = Origin(origins["source"], origins)
    names = {
        name: f"{name} ({'simulated' if origin.is_simulated(name) else 'real'}, n = {n:g})"
        for name, n in rows.groupby("set", sort=False)["n_symbols"].max().items()
    }
    order = sorted(names.values(), key=lambda words: "(real" not in words)
    rows = rows.assign(shown=rows["set"].map(names))
    looks = chart.looks_of(in_order(rows["method"]))
    means = rows.groupby(["shown", "method"], sort=False).agg(
        accuracy=("accuracy", "mean"), n=("n_symbols", "max")
    )
    ends = [wilson_interval(row.accuracy, int(row.n)) for row in means.itertuples()]
    means = means.assign(low=[low for low, _ in ends], high=[high for _, high in ends])
    means = means.reset_index()
    means["words"] = [
        f"{row.method}, {row.shown}: {100 * row.accuracy:.1f} % right "
        f"({100 * row.low:.1f} to {100 * row.high:.1f} %)"
        for row in means.itertuples()
    ]
    seeds = rows[["shown", "method", "seed", "accuracy"]].assign(
        words=[
            f"{row.method}, seed {row.seed:g}, {row.shown}: {100 * row.accuracy:.1f} % right"
            for row in rows.itertuples()
        ]
    )
    colour = {"field": "method", "type": "nominal", "scale": chart.colour_scale(looks),
              "legend": {"title": None}}  # fmt: skip
    shape = {"field": "method", "type": "nominal", "scale": chart.shape_scale(looks)}
    place = {
        "y": {"field": "shown", "type": "nominal", "sort": order,
              "axis": {"title": None, "labelLimit": 300}},
        "yOffset": {"field": "method", "type": "nominal", "sort": list(looks)},
    }  # fmt: skip
    # The intervals of small sets would squash all others.
    lowest = min(means["accuracy"].min(), seeds["accuracy"].min())
    domain = [max(0.0, round(float(lowest) - 0.05, 1)), 1.0]
    share = {
        "field": "accuracy", "type": "quantitative", "scale": {"domain": domain},
        "axis": {"title": "read right", "format": "~%"},
    }  # fmt: skip
    words = {"field": "words", "type": "nominal"}
    return chart.Chart(
        {
            "width": 560,
            "height": {"step": 16},
            "layer": [
                {
                    "data": {"values": chart.records(means)},
                    "mark": {"type": "rule", "strokeWidth": 1.6, "clip": True},
                    "encoding": {**place, "x": {**share, "field": "low"}, "x2": {"field": "high"},
                                 "color": colour},
                },
                {
                    "data": {"values": chart.records(means)},
                    "mark": {"type": "point", "filled": True, "size": 110, "opacity": 1},
                    "encoding": {**place, "x": share, "color": colour, "shape": shape,
                                 "tooltip": words},
                },
                {
                    "data": {"values": chart.records(seeds)},
                    "mark": {"type": "point", "size": 28, "opacity": 0.9, "strokeWidth": 1.2},
                    "encoding": {**place, "x": share, "color": colour, "tooltip": words},
                },
            ],
        }
    )  # fmt: skip
