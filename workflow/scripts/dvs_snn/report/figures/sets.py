"""Accuracy on each set: real recordings beside simulated ones, and changed scenes."""

import pandas as pd

from dvs_snn.points.choice import Quoted
from dvs_snn.points.quoted_rows import quoted_networks
from dvs_snn.report import chart
from dvs_snn.report.cells import ordered
from dvs_snn.report.chart import Chart, alt
from dvs_snn.report.origin import Origin
from dvs_snn.report.style import INK, method_name
from dvs_snn.settings.guests import NIR
from dvs_snn.settings.set_names import VALIDATION
from dvs_snn.settings.sides import SPIKING

TITLE = "accuracy on each set"
SHOWS_ADDED_SETS = True
CAPTION = (
    "Accuracy on each set, real ones first, of every network that the first table quotes: means "
    "over the trainings. Bars are 95 % intervals over symbols."
)


def draw(
    points: pd.DataFrame, evaluation: pd.DataFrame, choice: pd.DataFrame, origin: Origin
) -> Chart:
    """A row for each set, a mark for each network."""
    quoted = Quoted.of(choice)
    names = [name for name in ordered(points["set"]) if name not in ("", VALIDATION)]
    guests = evaluation[(evaluation["method"] == NIR) & (evaluation["set"] != VALIDATION)]
    # Each network from a file has a mark of its own.
    guests = guests.assign(method=guests["variant"])
    shown = pd.concat([*[quoted_networks(points, quoted, name) for name in names], guests])
    if not (shown["side"] == SPIKING).any():
        return chart.sentence("No set with labels was read.")

    ends = ["accuracy", "accuracy_low", "accuracy_high", "n_symbols"]
    # Of both ways in which one CNN reads, the first: it skips zeros and stops early.
    means = shown.groupby(["set", "method"], sort=False, as_index=False)[ends].first()
    means = means.assign(code=means["method"], method=means["method"].map(method_name))
    sizes = means.groupby("set")["n_symbols"].max()
    means["name"] = [
        f"{origin.called(name)} ({origin.kind(name)}, n = {sizes[name]:,.0f})"
        for name in means["set"]
    ]

    means = chart.worded(means, "{method} on {name}: {accuracy:.1%} right")
    means = means.assign(is_simulated=means["set"].map(origin.is_simulated))
    order = ordered(means.sort_values("is_simulated", kind="stable")["name"])

    colour, shape = chart.by_method(means["code"].unique())
    share = alt.X("accuracy:Q", title="accuracy").axis(format="~%", tickCount=5)
    y = alt.Y("method:N", title=None, sort=ordered(means["method"])).axis(None)
    base = alt.Chart().encode(share.scale(zero=False), y, colour)
    low = alt.X("accuracy_low:Q", title="accuracy")
    bars = base.mark_rule(strokeWidth=1.5).encode(low, alt.X2("accuracy_high:Q"))
    marks = base.mark_point(filled=True, size=60, opacity=1).encode(shape, tooltip="words:N")

    # The name of a set stands above its marks, so that a phone shows both.
    row = alt.Row("name:N", sort=order).header(
        labelOrient="top", labelAnchor="start", labelFontSize=12, labelColor=INK, title=None
    )
    layers = alt.layer(bars, marks, data=means).properties(width=chart.WIDTH, height=alt.Step(11))
    return layers.facet(row=row, spacing=4)
