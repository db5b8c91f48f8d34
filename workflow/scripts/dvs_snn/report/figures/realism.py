"""How well each statistic of events tells simulated recordings from real ones."""

import pandas as pd

from dvs_snn.report import style
from dvs_snn.report.cells import NOMINAL
from dvs_snn.report.style import Figure

TITLE = "real against simulated"
CATEGORY = "5 Simulation"
SUFFIX = ".png"
CAPTION = (
    "How well a statistic alone tells simulated saccades from real N-MNIST recordings of the same "
    "symbols: area under the ROC curve, 0.5 if it tells nothing, 1 if it tells all. Bars: 95 % "
    "bootstrap intervals over symbols."
)

NAME = "Real recordings told from simulated ones"
N_SHOWN = 16
HALVES = {
    "odd": (style.BLUE, "o", -0.15, "odd half (fitting)"),
    "even": (style.VERMILLION, "^", 0.15, "even half"),
}


def draw(realism: pd.DataFrame) -> Figure:
    """A row for each of the statistics that tell most, those of the nominal sensor."""
    is_nominal = realism["part"] == NOMINAL
    rows = realism[is_nominal & (realism["statistic"] != "all")]
    if rows.empty:
        return style.sentence_figure("No symbol has a real twin.", NAME)
    told = rows.groupby("statistic", sort=False)["auc"].max().sort_values(kind="stable")
    order = told.index[-N_SHOWN:]
    rows = rows[rows["statistic"].isin(order)]
    places = rows["statistic"].map({name: place for place, name in enumerate(order)})
    figure = style.new_figure(6.5, 1.4 + 0.2 * len(order))
    axis = figure.subplots()
    for half, (colour, marker, aside, _) in HALVES.items():
        part = rows[rows["half"] == half]
        reach = [part["auc"] - part["auc_low"], part["auc_high"] - part["auc"]]
        how = {"color": colour, "marker": marker, "markersize": 4, "linestyle": "none"}
        place = places[part.index] + aside
        axis.errorbar(part["auc"], place, xerr=reach, elinewidth=1, gid=half, **how)
    axis.axvline(0.5, color=style.GREY, linewidth=0.9)
    axis.set_yticks(range(len(order)), map(_words, order), fontsize=9)
    axis.set(xlabel="area under the ROC curve", xlim=(0.42, 1.02), ylim=(-1, len(order)))
    style.faint_grid(axis, "x")
    handles = [style.marker_handle(c, m, name) for c, m, _, name in HALVES.values()]
    style.outside_legend(figure, handles)
    figure.suptitle(NAME)
    return figure


def _words(statistic: str) -> str:
    """Write a statistic's name as words, its unit in brackets."""
    for unit in ("ms", "px", "keps", "s"):
        if statistic.endswith(f"_{unit}"):
            return f"{statistic.removesuffix(f'_{unit}').replace('_', ' ')} ({unit})"
    return statistic.replace("_", " ")
