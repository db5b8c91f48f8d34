"""Where the operations go: the share of each layer in the SynOps of a method on a set."""

import pandas as pd

from dvs_snn.files.tables import read_table
from dvs_snn.report import chart
from dvs_snn.report.cells import chosen_layers, ordered
from dvs_snn.report.style import Named
from dvs_snn.settings.set_names import VALIDATION

TITLE = "operations by layer"
CATEGORY = "1 Results"
INPUTS = ("layers", "evaluation")
CAPTION = (
    "The share of each layer in the SynOps, at the chosen points, means over the seeds. The input "
    "layer's SynOps are those of the events themselves: no method can change them."
)


def draw(paths: Named, settings: Named) -> chart.Chart:
    return plot(
        read_table(paths["layers"], "layers"), read_table(paths["evaluation"], "evaluation")
    )


def plot(layers: pd.DataFrame, evaluation: pd.DataFrame) -> chart.Chart:
    """A bar for each set and method, divided by layers."""
    rows = chosen_layers(layers[layers["set"] != VALIDATION], evaluation)
    if rows.empty:
        return chart.sentence("No spiking set was evaluated, so no layer's operations are known.")
    methods = evaluation.drop_duplicates("variant").set_index("variant")["method"]
    rows = rows.assign(method=rows["variant"].map(methods))
    key = ["set", "method", "layer"]
    shares = rows.groupby(key, sort=False)["synops"].sum().reset_index()
    whole = shares.groupby(["set", "method"])["synops"].transform("sum")
    shares["share"] = shares["synops"] / whole.where(whole > 0)
    shares["words"] = [
        f"{row.layer}: {100 * row.share:.1f} % of the SynOps of {row.method} on {row.set}"
        for row in shares.itertuples()
    ]
    order = ordered(shares["layer"])
    looks = chart.looks_of(order)
    base = {
        "x": {"field": "share", "type": "quantitative", "stack": "zero",
              "axis": {"title": "share of the SynOps", "format": "%"},
              "scale": {"domain": [0, 1]}},
        "y": {"field": "method", "type": "nominal", "axis": {"title": None}},
        "order": {"field": "rank", "type": "quantitative"},
    }  # fmt: skip
    shares["rank"] = [order.index(layer) for layer in shares["layer"]]
    colour = {"field": "layer", "type": "nominal", "scale": chart.colour_scale(looks),
              "legend": {"title": None}}  # fmt: skip
    return chart.Chart(
        {
            "data": {"values": chart.records(shares)},
            "facet": {"row": {"field": "set", "type": "nominal", "sort": ordered(shares["set"]),
                              "header": {"title": None, "labelAngle": 0, "labelAlign": "left"}}},
            "spec": {
                "width": 560,
                "height": {"step": 20},
                "mark": {"type": "bar", "stroke": chart.PAPER, "strokeWidth": 0.5},
                "encoding": {**base, "color": colour,
                             "tooltip": {"field": "words", "type": "nominal"}},
            },
            "spacing": 8,
        }
    )  # fmt: skip
