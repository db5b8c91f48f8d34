"""The front: what all methods read right against the energy of a reading."""

import pandas as pd

from dvs_snn.report import chart
from dvs_snn.report.cells import answer_sets, ordered
from dvs_snn.report.chart import Chart, alt
from dvs_snn.report.origin import Origin
from dvs_snn.report.points import layers, shown_points
from dvs_snn.settings.sweep import Power
from dvs_snn.tables.front import CNN

TITLE = "accuracy against energy, all methods"
CATEGORY = "1 Results"
CAPTION = (
    "Recordings read right against the energy of a reading, a panel for each set. Lines join the "
    "points (means over the trainings) that no other point of their method beats on validation. A "
    "large mark is the point that validation chose; its bar is the 95 % interval. Diamonds are the "
    "CNN if a MAC costs as much as a SynOp: at the left it stops early and skips zeros."
)


def draw(front: pd.DataFrame, evaluation: pd.DataFrame, origin: Origin, power: Power) -> Chart:
    """Share read right against the energy of a reading, a panel for each test set."""
    measured = front[front["scale"].notna()]
    if measured.empty:
        return chart.sentence("No spiking set was evaluated, so there is no front.")
    sets = ordered([origin.lead(evaluation), *answer_sets(measured["set"])])
    points = shown_points(front, sets)
    method = chart.by_method([*points["method"].unique(), CNN])
    panels = []
    for name in sets:
        title = f"{origin.called(name)}: {points.loc[points['set'] == name, 'n'].max():,} symbols"
        of_set = points[points["set"] == name]
        panels.append(chart.layered(layers(of_set, method)).properties(title=title))
    width = (780 - 70 * len(panels)) // len(panels)
    panels = [panel.properties(width=width, height=330) for panel in panels]
    shared = {"color": "shared", "shape": "shared", "x": "shared", "y": "shared"}
    params = [*chart.power_params(power), chart.stacks()]
    return alt.hconcat(*panels).resolve_scale(**shared).properties(params=params)
