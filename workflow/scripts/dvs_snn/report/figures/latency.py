"""Latency: what is read right, and what was spent, by the time since the first event."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from dvs_snn.analysis.choice import Quoted
from dvs_snn.report import chart
from dvs_snn.report.cells import flagged
from dvs_snn.report.chart import Chart, alt
from dvs_snn.report.origin import Origin
from dvs_snn.report.style import method_name
from dvs_snn.settings.sweep import Power

TITLE = "accuracy and energy so far"
CATEGORY = "1 Results"
CAPTION = (
    "Against the time since the first event. Lines: the share read right for good, which is known "
    "only afterwards, at the chosen points. Crosses: networks that stop once their best output "
    "leads by enough spikes (early exit), at their mean time of stopping, and the energy that they "
    "took; the large one is the lead that validation chose. Means over the trainings."
)


def draw(
    predictions: pd.DataFrame,
    evaluation: pd.DataFrame,
    choice: pd.DataFrame,
    exits: pd.DataFrame,
    origin: Origin,
    power: Power,
    step_ms: float,
) -> Chart:
    """Accuracy and energy against time, on the set that answers."""
    rows = evaluation[flagged(evaluation["chosen"]) & evaluation["scale"].notna()]
    lead = origin.lead(evaluation)
    if lead is None or rows.empty:
        return chart.sentence("No spiking set was evaluated, so no time of a reading is known.")

    exits = exits[(exits["set"] == lead) & exits["exit"].notna()]
    # Early exit may stop the network of a method that isn't compared.
    is_stopped = rows["variant"].isin(exits.loc[flagged(exits["chosen"]), "variant"])
    rows = rows[rows.index.isin(Quoted.of(choice).of_compared(rows).index) | is_stopped]
    predictions = predictions[flagged(predictions["chosen"]) & (predictions["set"] == lead)]

    of_set = rows[rows["set"] == lead]
    lines = read_so_far(predictions, of_set, step_ms)
    stops = stopped(exits, of_set)
    panels = _panels(lines, stops, [*of_set["method"].unique(), *stops["code"].unique()])
    params = [*chart.power_params(power), chart.stacks()]
    return panels.properties(title=origin.called(lead), params=params)


def decided(times: np.ndarray, right: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Share of recordings read right for good by each edge (ms); `times` is nan for silent ones."""
    known = np.sort(times[right & ~np.isnan(times)])
    return np.searchsorted(known, edges, side="right") / len(times)


def read_so_far(predictions: pd.DataFrame, rows: pd.DataFrame, step_ms: float) -> pd.DataFrame:
    """The share of one set read right for good by method and time, means over the trainings."""
    length = float(predictions["n_steps"].median()) * step_ms if len(predictions) else step_ms
    edges = np.arange(0, length + step_ms / 2, step_ms)
    right = (predictions["label"] == predictions["predicted"]).fillna(False).astype(bool)
    lines = []
    for method, part in rows.groupby("method", sort=False):
        of_method = predictions[predictions["variant"] == part["variant"].iloc[0]]
        shares = [
            decided(times.to_numpy("float64"), right[times.index].to_numpy(), edges)
            for _, times in of_method.groupby("seed")["time_to_decision_ms"]
        ]
        if shares:
            share = np.mean(shares, axis=0)
            lines.append(pd.DataFrame({"method": method_name(method), "ms": edges, "share": share}))

    shown = pd.concat(lines) if lines else pd.DataFrame(columns=["method", "ms", "share"])
    return chart.worded(shown, "{method} after {ms:g} ms: {share:.1%} right for good")


def stopped(exits: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Early exit of quoted networks on one set, means over trainings; the chosen lead is large.

    The network that early exit chose may have another scale than the quoted one of its variant.
    """
    point = ["variant", "scale"]
    quoted = pd.MultiIndex.from_frame(rows[point])
    methods = rows.drop_duplicates("variant").set_index("variant")["method"]
    exits = exits.assign(method=exits["variant"].map(methods), is_chosen=flagged(exits["chosen"]))
    is_shown = pd.MultiIndex.from_frame(exits[point]).isin(quoted) | exits["is_chosen"]

    stops = (
        exits[is_shown]
        .groupby([*point, "exit", "method"], as_index=False)
        .agg(
            ms=("time_to_exit_ms", "mean"),
            share=("accuracy", "mean"),
            synops=("synops_per_reading", "mean"),
            is_chosen=("is_chosen", "any"),
        )
    )
    stops = stops.assign(code=stops["method"], method=stops["method"].map(method_name))
    stops["size"] = np.where(stops["is_chosen"], 260, 40)

    words = "{method}, scale {scale:.2f}, stops at a lead of {exit:g}: {share:.1%} right"
    return chart.worded(stops, words)


def _panels(lines: pd.DataFrame, stops: pd.DataFrame, methods: Iterable[str]) -> Chart:
    """Two panels side by side: the share read right, and the energy."""
    time = alt.X("ms:Q", title="time since the first event (ms)").axis(tickCount=6)
    time = time.scale(domain=[0, float(lines["ms"].max())])
    share = alt.Y("share:Q", title="recordings read right").axis(format="~%")
    energy = alt.Y("uj:Q", title="energy of a reading (µJ)")

    colour, _ = chart.by_method(methods)
    line = alt.Chart(lines).encode(time, share, colour)

    shown = stops[["method", "ms", "share", "synops", "size", "words"]]
    size = alt.Size("size:Q", scale=None, legend=None)
    cross = alt.Chart(shown).mark_point(shape="cross", filled=True, opacity=0.9)
    cross = cross.encode(time, colour, size, tooltip="words:N")
    read = line.mark_line(strokeWidth=2.2, interpolate="step-after").encode(tooltip="words:N")
    until = cross.transform_calculate(uj=chart.UJ)

    return alt.hconcat(
        (read + cross.encode(share)).properties(width=330, height=260),
        until.encode(energy).properties(width=330, height=260),
    )
