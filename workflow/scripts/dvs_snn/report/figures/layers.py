"""The network, layer by layer: what each layer is, and what share of the energy it takes."""

import numpy as np
import pandas as pd

from dvs_snn.energy.price import Price, operations_uj, study_price
from dvs_snn.points.choice import Quoted
from dvs_snn.points.quoted_rows import quoted_spiking
from dvs_snn.report import chart
from dvs_snn.report.chart import Chart, alt
from dvs_snn.report.origin import Origin
from dvs_snn.report.style import BLUE, GREY, INK
from dvs_snn.settings.sides import SPIKING
from dvs_snn.settings.sweep import Power

TITLE = "the network, layer by layer"
CAPTION = (
    "Left: the layers of the network, the first at the top, with the shape of their outputs and "
    "the number of their weights. A box is as wide as the square root of the number of neurons. "
    "Right: the energy of the quoted spiking network, divided among the layers by their SynOps in "
    "whole recordings; means over the trainings."
)


def draw(
    network: pd.DataFrame,
    layers: pd.DataFrame,
    points: pd.DataFrame,
    evaluation: pd.DataFrame,
    choice: pd.DataFrame,
    origin: Origin,
    power: Power,
) -> Chart:
    """Boxes of layers beside bars of their energy, on the set that answers."""
    answer_set = origin.answer_set(evaluation)
    quoted = quoted_spiking(points, Quoted.of(choice), answer_set)
    rows = layer_costs(network, layers, quoted.head(1), study_price(power))
    if answer_set is None or rows.empty:
        return chart.sentence("No spiking network read a set, so there is no energy to show.")

    y = alt.Y("layer:N", title=None, sort=rows["layer"].tolist())
    boxes = alt.Chart(rows).encode(y.axis(None))
    box = boxes.mark_bar(color=GREY, opacity=0.3, size=40)
    box = box.encode(alt.X("left:Q").axis(None), alt.X2("right:Q"))
    words = boxes.mark_text(lineBreak="\n", baseline="middle", dy=-6).encode(text="words:N")

    energy = alt.X("uj:Q", title="energy per recording (µJ)").axis(tickCount=4)
    costs = alt.Chart(rows).encode(y.axis(None))
    bars = costs.mark_bar(color=BLUE, opacity=0.6, size=16).encode(energy)
    shares = costs.mark_text(align="left", dx=4, color=INK).encode(energy, text="share:N")

    height = alt.Step(50)
    drawn = alt.hconcat(
        (box + words).properties(width=150, height=height),
        (bars + shares).properties(width=130, height=height),
    )
    title = origin.titled(answer_set, quoted["n_symbols"].max())
    return drawn.properties(title=title)


def layer_costs(
    network: pd.DataFrame, layers: pd.DataFrame, quoted: pd.DataFrame, price: Price
) -> pd.DataFrame:
    """The layers of a quoted network: what they are, and the energy of their SynOps.

    Args:
        quoted: a row of `points`, the network on its set; or none.

    Returns:
        Columns `layer`, `words`, `left` and `right` end of its box, `uj` per recording, and `share`
        in words.
    """
    network_of_set = ["set", "variant", "scale"]
    # A table without rows has no types of its own.
    named = quoted[network_of_set].astype(layers.dtypes[network_of_set])
    counted = layers.merge(named)
    counted = counted.groupby("layer", sort=False, as_index=False)["synops"].sum()
    rows = network.merge(counted)
    side = np.sqrt(rows["n_outputs"])
    share = rows["synops"] / rows["synops"].sum()
    shape = rows["output_shape"].astype(str).str.replace("x", " × ")
    weights = rows["weights"].map("{:,.0f} weights".format)
    return pd.DataFrame(
        {
            "layer": rows["layer"],
            "words": rows["layer"].astype(str) + ": " + shape + "\n" + weights.astype(str),
            "left": -side / 2,
            "right": side / 2,
            "uj": operations_uj(price, SPIKING, share * quoted["operations_per_reading"].sum()),
            "share": share.map("{:.0%}".format),
        }
    )
