"""Latency: what is read right, and what was spent, by the time since the first event."""

import numpy as np
import pandas as pd

from dvs_snn.evaluation.choosing.choice import Quoted
from dvs_snn.report import chart
from dvs_snn.report.cells import answer_sets, flagged
from dvs_snn.report.chart import Chart, alt
from dvs_snn.settings.sweep import Power

TITLE = "accuracy and energy so far"
CATEGORY = "1 Results"
SUFFIX = ".svg"
CAPTION = (
    "Above: the share of recordings misread or not yet read for good, which is known only "
    "afterwards, at the chosen points. Below: the energy of a reading. Crosses are networks that "
    "stop once their best output leads by enough spikes (early exit), at their mean time of "
    "stopping; the large one is the lead that validation chose. Means over the seeds."
)


def draw(
    predictions: pd.DataFrame,
    evaluation: pd.DataFrame,
    choice: pd.DataFrame,
    exits: pd.DataFrame,
    power: Power,
    step_ms: float,
) -> Chart:
    """Error and energy against time, a column for each test set."""
    rows = evaluation[flagged(evaluation["chosen"]) & evaluation["scale"].notna()]
    rows = Quoted.of(choice).of_compared(rows)
    if rows.empty:
        return chart.sentence("No spiking set was evaluated, so no time of a reading is known.")
    predictions = predictions[flagged(predictions["chosen"])]
    columns = []
    for name in answer_sets(rows["set"]):
        of_set = rows[rows["set"] == name]
        lines = read_so_far(predictions[predictions["set"] == name], of_set, step_ms)
        stops = stopped(exits[(exits["set"] == name) & exits["exit"].notna()], of_set)
        columns.append(_column(name, lines, stops, rows["method"]))
    return alt.hconcat(*columns).properties(params=chart.power_params(power))


def decided(times: np.ndarray, right: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Share of recordings read right for good by each edge (ms); `times` is nan for silent ones."""
    known = np.sort(times[right & ~np.isnan(times)])
    return np.searchsorted(known, edges, side="right") / len(times)


def read_so_far(predictions: pd.DataFrame, rows: pd.DataFrame, step_ms: float) -> pd.DataFrame:
    """The share of one set not yet read right by method and time, means over the seeds."""
    length = float(predictions["n_steps"].median()) * step_ms if len(predictions) else step_ms
    edges = np.arange(0, length + step_ms / 2, step_ms)
    right = (predictions["label"] == predictions["predicted"]).fillna(False).astype(bool)
    lines = [pd.DataFrame(columns=["method", "ms", "left", "words"])]
    for method, part in rows.groupby("method", sort=False):
        of_method = predictions[predictions["variant"] == part["variant"].iloc[0]]
        shares = [
            decided(times.to_numpy("float64"), right[times.index].to_numpy(), edges)
            for _, times in of_method.groupby("seed")["time_to_decision_ms"]
        ]
        if shares:
            share = np.mean(shares, axis=0)
            line = pd.DataFrame({"method": method, "ms": edges, "share": share})
            line["left"] = (1 - share).clip(min=0.5 / len(of_method))
            line = chart.worded(line, "{method} after {ms:g} ms: {share:.1%} right for good")
            lines.append(line[list(lines[0])])
    return pd.concat(lines[1:] or lines)


def stopped(exits: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Early exit of the quoted networks on one set, means over the seeds; the chosen lead is large.

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
            n=("n_recordings", "max"),
            synops=("synops_per_reading", "mean"),
            is_chosen=("is_chosen", "any"),
        )
    )
    stops["left"] = (1 - stops["share"]).clip(lower=0.5 / stops["n"])
    stops["size"] = np.where(stops["is_chosen"], 260, 40)
    words = "{method}, scale {scale:.2f}, stops at a lead of {exit:g}: {share:.1%} right"
    return chart.worded(stops, words)[["method", "ms", "left", "synops", "size", "words"]]


def _column(name: str, lines: pd.DataFrame, stops: pd.DataFrame, methods: pd.Series) -> Chart:
    """Two panels of one set: the share not yet read right, and the energy."""
    time = alt.X("ms:Q", title="time since the first event (ms)").axis(tickCount=6)
    time = time.scale(domain=[0, float(lines["ms"].max())])
    ends = [float(min(lines["left"].min(), stops["left"].min(), 0.5)) / 1.25, 1]
    steps = (1, 2, 3, 5)
    left = chart.logarithmic(alt.Y, "left", "not (yet) read right", ends, steps, format="~%")
    energy = alt.Y("uj:Q", title="energy of a reading (µJ)")
    colour, _ = chart.by_method(methods)
    line = alt.Chart(lines).encode(time, colour)
    cross = (
        alt.Chart(stops)
        .mark_point(shape="cross", filled=True, opacity=0.9)
        .encode(time, colour, alt.Size("size:Q", scale=None, legend=None), tooltip="words:N")
    )
    error = line.mark_line(strokeWidth=2.2, interpolate="step-after").encode(
        left, tooltip="words:N"
    )
    until = cross.transform_calculate(uj="datum.synops * pj * 1e-6 + static_mw * datum.ms")
    return (error + cross.encode(left)).properties(title=name, width=380, height=220) & (
        until.encode(energy).properties(width=380, height=140)
    )
