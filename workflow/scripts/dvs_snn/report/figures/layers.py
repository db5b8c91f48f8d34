"""Where the operations go: the share of each layer in the SynOps of a method on a set."""

import pandas as pd

from dvs_snn.report import chart
from dvs_snn.report.cells import chosen_layers, ordered
from dvs_snn.report.chart import Chart, alt
from dvs_snn.report.style import COLOURS
from dvs_snn.settings.set_names import VALIDATION

TITLE = "operations by layer"
CATEGORY = "1 Results"
SUFFIX = ".svg"
SHOWS_ADDED_SETS = True
CAPTION = (
    "The share of each layer in the SynOps, at the chosen points, means over the seeds. The input "
    "layer's SynOps are those of the events themselves: no method can change them."
)


def draw(layers: pd.DataFrame, evaluation: pd.DataFrame) -> Chart:
    """A bar for each set and method, divided by layers."""
    rows = chosen_layers(layers[layers["set"] != VALIDATION], evaluation)
    if rows.empty:
        return chart.sentence("No spiking set was evaluated, so no layer's operations are known.")
    methods = evaluation.drop_duplicates("variant").set_index("variant")["method"]
    rows = rows.assign(method=rows["variant"].map(methods))
    shares = rows.groupby(["set", "method", "layer"], sort=False)["synops"].sum().reset_index()
    whole = shares.groupby(["set", "method"])["synops"].transform("sum")
    shares["share"] = shares["synops"] / whole.where(whole > 0)
    shares = chart.worded(shares, "{layer}: {share:.1%} of the SynOps of {method} on {set}")
    order = ordered(shares["layer"])
    shares["rank"] = shares["layer"].map(order.index)
    colours = [COLOURS[place % len(COLOURS)] for place in range(len(order))]
    bars = (
        alt.Chart(shares)
        .mark_bar(stroke=chart.PAPER, strokeWidth=0.5)
        .encode(
            alt.X("share:Q", title="share of the SynOps").axis(format="%").scale(domain=[0, 1]),
            alt.Y("method:N", title=None),
            alt.Color("layer:N").scale(domain=order, range=colours),
            order="rank:Q",
            tooltip="words:N",
        )
        .properties(width=560, height=alt.Step(20))
    )
    header = alt.Header(labelAngle=0, labelAlign="left")
    sets = alt.Row("set:N", title=None, sort=ordered(shares["set"]), header=header)
    return bars.facet(row=sets, spacing=8)
