"""Latency: what is read right, and what was spent, by the time since the first event."""

import numpy as np
import pandas as pd

from dvs_snn.evaluation.choosing.choice import Quoted
from dvs_snn.report import chart
from dvs_snn.report.cells import flagged
from dvs_snn.report.chart import Chart, alt
from dvs_snn.report.methods import answer_sets
from dvs_snn.settings.sweep import Power

TITLE = "accuracy and energy so far"
CATEGORY = "1 Results"
SUFFIX = ".svg"
CAPTION = (
    "Above: recordings whose reading is right from that time on, at the chosen points; the share "
    "left is misread or not yet decided. Below: the energy spent until then at the mean power of "
    "the set. Crosses are networks that stop once their best output leads by enough spikes, at "
    "their mean time of stopping (early exit; the large one is the lead that validation chose). "
    "Means over the seeds."
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
        return chart.sentence("No spiking set was evaluated, so no time to a decision is known.")
    predictions = predictions[flagged(predictions["chosen"])]
    columns = []
    for name in answer_sets(rows["set"]):
        of_set = rows[rows["set"] == name]
        lines = read_so_far(predictions[predictions["set"] == name], of_set, power, step_ms)
        stops = stopped(exits[(exits["set"] == name) & exits["exit"].notna()], of_set)
        columns.append(_column(name, lines, stops, rows["method"]))
    return alt.hconcat(*columns).properties(params=chart.power_params(power))


def decided(times: np.ndarray, right: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Share of recordings read right for good by each edge (ms); `times` is nan for silent ones."""
    known = np.sort(times[right & ~np.isnan(times)])
    return np.searchsorted(known, edges, side="right") / len(times)


def read_so_far(
    predictions: pd.DataFrame, rows: pd.DataFrame, power: Power, step_ms: float
) -> pd.DataFrame:
    """The share of one set not yet read right by method and time, means over the seeds."""
    length = float(predictions["n_steps"].median()) * step_ms if len(predictions) else step_ms
    edges = np.arange(0, length + step_ms / 2, step_ms)
    lines = [pd.DataFrame(columns=["method", "ms", "left", "per_pj", "words"])]
    for method, part in rows.groupby("method", sort=False):
        of_method = predictions[predictions["variant"] == part["variant"].iloc[0]]
        shares = [
            decided(
                seed["time_to_decision_ms"].to_numpy("float64"),
                (seed["label"] == seed["predicted"]).to_numpy(dtype=bool, na_value=False),
                edges,
            )
            for _, seed in of_method.groupby("seed")
        ]
        if shares:
            share = np.mean(shares, axis=0)
            lines.append(pd.DataFrame({
                "method": method, "ms": edges,
                "left": (1 - share).clip(min=0.5 / len(of_method)),
                "per_pj": chart.per_pj(part["power_mw"].mean(), power),
                "words": [f"{method} after {ms:g} ms: {100 * right:.1f} % right for good"
                          for ms, right in zip(edges, share, strict=True)],
            }))  # fmt: skip
    return pd.concat(lines[1:] or lines)


def stopped(exits: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Early exit of the quoted networks on one set, means over the seeds; the chosen lead is large.

    The network that early exit chose may have another scale than the quoted one of its variant.
    """
    points = rows.drop_duplicates(["variant", "scale"])
    by_point = points.set_index(["variant", "scale"])["method"].to_dict()
    by_variant = points.drop_duplicates("variant").set_index("variant")["method"].to_dict()
    stops = []
    for (variant, scale, lead), part in exits.groupby(["variant", "scale", "exit"], sort=True):
        is_chosen = bool(flagged(part["chosen"]).any())
        method = by_point.get((variant, scale)) or (is_chosen and by_variant.get(variant))
        if method:
            share = float(part["accuracy"].mean())
            stops.append({
                "method": method, "ms": float(part["time_to_exit_ms"].mean()),
                "left": max(1 - share, 0.5 / float(part["n_recordings"].max())),
                "synops": float(part["synops_per_decision"].mean()),
                "size": 260 if is_chosen else 40,
                "words": f"{method}, scale {scale:.2f}, stops at a lead of {lead:g}: "
                f"{100 * share:.1f} % right",
            })  # fmt: skip
    return pd.DataFrame(stops, columns=["method", "ms", "left", "synops", "size", "words"])


def _column(name: str, lines: pd.DataFrame, stops: pd.DataFrame, methods: pd.Series) -> Chart:
    """Two panels of one set: the share not yet read right, and the energy."""
    time = alt.X("ms:Q", title="time since the first event (ms)").axis(tickCount=6)
    time = time.scale(domain=[0, float(lines["ms"].max())])
    lowest = float(min(lines["left"].min(), stops["left"].min(), 0.5))
    left = (
        alt.Y("left:Q", title="not (yet) read right")
        .scale(type="log", nice=False, domain=[lowest / 1.25, 1])
        .axis(format="~%", values=chart.log_values(1e-3, 1, (1, 2, 3, 5)))
    )
    energy = alt.Y("uj:Q", title="energy so far (µJ)")
    colour = chart.by_method(methods)["color"]
    line = alt.Chart(lines).encode(time, colour)
    cross = (
        alt.Chart(stops)
        .mark_point(shape="cross", filled=True, opacity=0.9)
        .encode(time, colour, alt.Size("size:Q", scale=None, legend=None), tooltip="words:N")
    )
    error = line.mark_line(strokeWidth=2.2, interpolate="step-after").encode(
        left, tooltip="words:N"
    )
    spent = line.mark_line(strokeWidth=2.2).encode(energy)
    spent = spent.transform_calculate(uj="(datum.per_pj * pj + static_mw) * datum.ms")
    until = cross.transform_calculate(uj="datum.synops * pj * 1e-6 + static_mw * datum.ms")
    return (error + cross.encode(left)).properties(title=name, width=380, height=220) & (
        spent + until.encode(energy)
    ).properties(width=380, height=140)
