"""Latency: accuracy and energy of networks that stop early, by the time at which they stop."""

import numpy as np
import pandas as pd

from dvs_snn.energy.price import readings_uj, study_price
from dvs_snn.points.choice import Quoted
from dvs_snn.points.quoted_rows import means, quoted_spiking
from dvs_snn.report import chart
from dvs_snn.report.chart import Chart, alt
from dvs_snn.report.figures.front import SPAN
from dvs_snn.report.origin import Origin
from dvs_snn.report.style import method_name
from dvs_snn.settings.sides import SPIKING
from dvs_snn.settings.sweep import Power

TITLE = "accuracy and energy by the time of stopping"
CAPTION = (
    "Accuracy and energy of the quoted networks if they stop early, against the mean time at which "
    "they stop. Each mark is one lead: the network stops once its most active output is ahead by "
    "that many spikes. The large mark is the lead that validation chose. Means over the trainings."
)


def draw(
    points: pd.DataFrame,
    evaluation: pd.DataFrame,
    choice: pd.DataFrame,
    origin: Origin,
    power: Power,
) -> Chart:
    """Accuracy and energy against the time of stopping, on the set that answers."""
    answer_set = origin.answer_set(evaluation)
    quoted = quoted_spiking(points, Quoted.of(choice), answer_set)
    stops = stopped(points[points["set"] == answer_set], quoted)
    if answer_set is None or stops.empty:
        return chart.sentence("No network was tried with early exit.")
    stops = stops[stops["accuracy"] >= stops["accuracy"].max() - SPAN]
    stops = stops.assign(uj=readings_uj(study_price(power), stops))

    time = (
        alt.X("time_to_exit_ms:Q", title="time to the answer (ms)")
        .axis(tickCount=5)
        .scale(zero=False)
    )
    share = alt.Y("accuracy:Q", title="accuracy").axis(format="~%").scale(zero=False, padding=12)
    energy = alt.Y("uj:Q", title="energy per recording (µJ)")
    colour, _ = chart.by_method(stops["code"].unique())
    size = alt.Size("size:Q", scale=None, legend=None)

    marks = alt.Chart(stops[["method", "time_to_exit_ms", "accuracy", "uj", "size", "words"]])
    marks = marks.mark_point(shape="cross", filled=True, opacity=0.9)
    marks = marks.encode(time, colour, size, tooltip="words:N")
    panel = {"width": chart.WIDTH, "height": 220}
    panels = alt.hconcat(
        marks.encode(share).properties(**panel),
        marks.encode(energy).properties(**panel),
    )
    title = origin.titled(answer_set, quoted["n_symbols"].max())
    return panels.properties(title=title, params=[chart.stacks()])


def stopped(points: pd.DataFrame, quoted: pd.DataFrame) -> pd.DataFrame:
    """Early exit of the quoted networks on one set, means over trainings; the chosen lead is large.

    Args:
        points: rows of `points` of one set.
        quoted: those of them that `quoted_spiking` gives.
    """
    rows = means(points)
    rows = rows[(rows["side"] == SPIKING) & rows["exit"].notna()]
    network = ["variant", "scale"]
    stops = rows.merge(quoted[network].drop_duplicates().astype(rows.dtypes[network]))
    # The last of a variant's methods trained it; early exit, which comes first, only stops it.
    methods = quoted.groupby("variant")["method"].last()
    stops = stops.assign(code=stops["variant"].map(methods))
    stops["method"] = stops["code"].map(method_name)
    stops["size"] = np.where(stops["chosen"] == 1, 260, 40)
    return chart.worded(
        stops, "{method}, scale {scale:.2f}, stops at a lead of {exit:g}: {accuracy:.1%} right"
    )
