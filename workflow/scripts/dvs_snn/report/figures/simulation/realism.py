"""How well simulated recordings are told from real ones: statistic by statistic and together."""

import pandas as pd
from matplotlib.figure import Figure

from dvs_snn.files.tables import read_table
from dvs_snn.realism.sensor_changes import NOMINAL_CONDITION
from dvs_snn.realism.telling_apart.columns import ALL, REALISM_COLUMNS
from dvs_snn.report import style

TITLE = "real against simulated"
CATEGORY = "5 Simulation"
INPUTS = ("realism",)
CAPTION = (
    "How well simulated saccades are told from real N-MNIST recordings of the same symbols: area "
    "under the ROC curve, 0.5 if nothing tells them apart, 1 if everything does. Left: each "
    "statistic alone, the study's sensor. Right: a classifier on all statistics, for the study's "
    "sensor and for sensors that are wrong on purpose. Bars: 95 % bootstrap intervals over symbols."
)

NAME = "Real recordings told from simulated ones"
HALVES = {
    "odd": (style.BLUE, "o", -0.15, "odd half (fitting)"),
    "even": (style.VERMILLION, "^", 0.15, "even half"),
}


def draw(paths: style.Named, settings: style.Named) -> Figure:
    return plot(read_table(paths["realism"], REALISM_COLUMNS))


@style.styled()
def plot(realism: pd.DataFrame) -> Figure:
    """Two panels: statistics of the nominal sensor, and the classifier for every sensor.

    `realism` has the columns of `tables/realism.csv`.
    """
    if realism.empty:
        return style.sentence_figure("No symbol has a real twin.", NAME)
    is_nominal = realism["part"] == NOMINAL_CONDITION[0]
    singles = realism[is_nominal & (realism["statistic"] != ALL)]
    singles = singles.assign(row=singles["statistic"].map(_words))
    sensors = realism[realism["statistic"] == ALL]
    names = (sensors["part"] + " " + sensors["change"]).where(~is_nominal, "the study's sensor")
    sensors = sensors.assign(row=names)
    n_rows = max(singles["row"].nunique(), sensors["row"].nunique())
    figure = style.new_figure(9.0, 1.4 + 0.2 * n_rows)
    for axis, rows, title in zip(
        figure.subplots(1, 2),
        (singles, sensors),
        ("each statistic alone, the study's sensor", "all statistics together"),
        strict=True,
    ):
        order = rows.groupby("row", sort=False)["auc"].max().sort_values(kind="stable").index
        places = {name: place for place, name in enumerate(order)}
        for half, (colour, marker, aside, _) in HALVES.items():
            part = rows[rows["half"] == half]
            axis.errorbar(
                part["auc"], part["row"].map(places) + aside,
                xerr=[part["auc"] - part["auc_low"], part["auc_high"] - part["auc"]],
                color=colour, marker=marker, markersize=4, elinewidth=1, linestyle="none", gid=half,
            )  # fmt: skip
        axis.axvline(0.5, color=style.GREY, linewidth=0.9)
        axis.set_yticks(range(len(order)), order, fontsize=8)
        axis.set(title=title, xlabel="area under the ROC curve", xlim=(0.42, 1.02))
        style.faint_grid(axis, "x")
    handles = [style.marker_handle(c, m, name, size=6) for c, m, _, name in HALVES.values()]
    style.outside_legend(figure, handles)
    figure.suptitle(NAME)
    return figure


def _words(statistic: str) -> str:
    """Write a statistic's name as words, its unit in brackets."""
    for unit in ("ms", "px", "keps", "s"):
        if statistic.endswith(f"_{unit}"):
            return f"{statistic.removesuffix(f'_{unit}').replace('_', ' ')} ({unit})"
    return statistic.replace("_", " ")
