"""Latency: accuracy and energy of networks that stop early, by the time at which they stop."""

import numpy as np
import pandas as pd

from dvs_snn.analysis.choice import Quoted
from dvs_snn.report import chart
from dvs_snn.report.cells import flagged
from dvs_snn.report.chart import Chart, alt
from dvs_snn.report.figures.front import SPAN
from dvs_snn.report.front_rows import quoted_spiking, rows_of_networks
from dvs_snn.report.origin import Origin
from dvs_snn.report.spent import priced
from dvs_snn.report.style import method_name
from dvs_snn.settings.sweep import Power

TITLE = "accuracy and energy by the time of stopping"
CAPTION = (
    "Accuracy and energy of the quoted networks if they stop early, against the mean time at which "
    "they stop. Each mark is one lead: the network stops once its most active output is ahead by "
    "that many spikes. The large mark is the lead that validation chose. Means over the trainings."
)


def draw(
    front: pd.DataFrame,
    evaluation: pd.DataFrame,
    choice: pd.DataFrame,
    exits: pd.DataFrame,
    origin: Origin,
    power: Power,
) -> Chart:
    """Accuracy and energy against the time of stopping, on the set that answers."""
    answer_set = origin.answer_set(evaluation)
    quoted = quoted_spiking(front, Quoted.of(choice), answer_set)
    stops = stopped(exits[exits["set"] == answer_set], quoted)
    if answer_set is None or stops.empty:
        return chart.sentence("No network was tried with early exit.")
    stops = stops[stops["share"] >= stops["share"].max() - SPAN]
    stops = stops.assign(uj=priced(stops["synops"], stops["ms"], power))

    time = alt.X("ms:Q", title="time to the answer (ms)").axis(tickCount=5).scale(zero=False)
    share = alt.Y("share:Q", title="accuracy").axis(format="~%").scale(zero=False, padding=12)
    energy = alt.Y("uj:Q", title="energy per recording (µJ)")
    colour, _ = chart.by_method(stops["code"].unique())
    size = alt.Size("size:Q", scale=None, legend=None)

    marks = alt.Chart(stops[["method", "ms", "share", "uj", "size", "words"]])
    marks = marks.mark_point(shape="cross", filled=True, opacity=0.9)
    marks = marks.encode(time, colour, size, tooltip="words:N")
    panel = {"width": chart.WIDTH, "height": 220}
    panels = alt.hconcat(
        marks.encode(share).properties(**panel),
        marks.encode(energy).properties(**panel),
    )
    title = origin.titled(answer_set, quoted["n_symbols"].max())
    return panels.properties(title=title, params=[chart.stacks()])


def stopped(exits: pd.DataFrame, quoted: pd.DataFrame) -> pd.DataFrame:
    """Early exit of the quoted networks on one set, means over trainings; the chosen lead is large.

    Args:
        exits: rows of `exits` of one set.
        quoted: rows of `front`, as `quoted_spiking` gives them.
    """
    stops = rows_of_networks(exits[exits["exit"].notna()], quoted, "variant", "scale")
    stops = stops.assign(is_chosen=flagged(stops["chosen"]))
    stops = stops.groupby(["variant", "scale", "exit"], as_index=False).agg(
        ms=("time_to_exit_ms", "mean"),
        share=("accuracy", "mean"),
        synops=("synops_per_reading", "mean"),
        is_chosen=("is_chosen", "any"),
    )
    # The last of a variant's methods trained it; early exit, which comes first, only stops it.
    methods = quoted.groupby("variant")["method"].last()
    stops = stops.assign(code=stops["variant"].map(methods))
    stops["method"] = stops["code"].map(method_name)
    stops["size"] = np.where(stops["is_chosen"], 260, 40)
    return chart.worded(
        stops, "{method}, scale {scale:.2f}, stops at a lead of {exit:g}: {share:.1%} right"
    )
