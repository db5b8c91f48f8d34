"""Energy of a decision against error, beside published chips that read digits."""

from typing import Any

import pandas as pd

from dvs_snn.report import chart
from dvs_snn.report.cells import ordered
from dvs_snn.report.chart import Chart, alt
from dvs_snn.report.style import GREY
from dvs_snn.tables.budgets import STATIC_MW
from dvs_snn.tables.costs import OURS, PUBLISHED

TITLE = "energy of a decision"
CATEGORY = "1 Results"
SUFFIX = ".svg"
CAPTION = (
    "Energy of a decision against the share misread, a panel for each set. Full marks are our "
    "points until the reading no longer changes, without static power; the level bar spans the "
    "range of energies per SynOp, the upright one is a Wilson 95 % interval over symbols. Hollow "
    "marks include the static floor of Speck, crosses are whole recordings without it. Sets of "
    "fewer than 100 symbols are left out beside larger ones. Grey: chips on images of MNIST "
    "(Renner et al. 2024), other data, for orientation."
)

MIN_SYMBOLS = 100
"""The interval of a smaller set would span the whole axis."""

CROSS = "M-1,-1L1,1M-1,1L1,-1"
FLOOR_MW = max(STATIC_MW)
"""The static power of the hollow marks."""


def draw(costs: pd.DataFrame) -> Chart:
    """Error against energy, a panel for each set."""
    points = costs[costs["kind"] == OURS]
    if points.empty:
        return chart.sentence("No spiking set was evaluated, so a decision's energy is not known.")
    large = points["n_symbols"] >= MIN_SYMBOLS
    points = points[large] if large.any() else points
    shown = pd.concat([points, costs[costs["kind"] == PUBLISHED]]).rename(
        columns={"energy_per_decision_uj": "decision", "energy_per_recording_uj": "recording"}
    )
    for end in ("", "_low", "_high"):
        shown[f"misread{end}"] = 1 - shown[f"accuracy{end}"]
    shown = chart.worded(shown, "{method}: {accuracy:.1%} right with {decision:.3g} µJ")
    columns = [name for name in shown if name.startswith(("misread", "decision"))]
    shown = shown[["kind", "set", "method", "static_mw", "recording", *columns, "words"]]
    energies = shown[["decision", "recording", "decision_low", "decision_high"]]
    ends = [float(energies.min().min()) / 1.3, float(energies.max().max()) * 2.5]
    energy = {
        name: chart.logarithmic(alt.X, name, "energy (µJ)", ends, (1,), format="~g")
        for name in energies
    }
    misread = alt.Y("misread:Q", title="misread").axis(format="~%")
    chips = alt.Chart(shown[shown["kind"] == PUBLISHED]).encode(energy["decision"], misread)
    chips = [
        chips.mark_point(shape=CROSS, size=60, strokeWidth=3, color=GREY).encode(tooltip="words:N"),
        chips.mark_text(align="left", dx=7, dy=-6, color=GREY).encode(text="method:N"),
    ]
    method = chart.by_method(points["method"])
    panels = []
    for name in ordered(points["set"]):
        marks = _marks(shown[shown["set"] == name], energy, misread, *method)
        panels.append(alt.layer(*chips, *marks).properties(title=name, width=380, height=300))
    return alt.concat(*panels, columns=2).resolve_scale(y="shared", color="shared", shape="shared")


def _marks(
    rows: pd.DataFrame, energy: dict[str, Any], misread: Any, colour: Any, shape: Any
) -> list[Chart]:
    """The points of one set."""
    bare, floored = (
        alt.Chart(rows[rows["static_mw"] == static]).encode(energy["decision"], misread, colour)
        for static in (0, FLOOR_MW)
    )
    return [
        bare.mark_rule().encode(energy["decision_low"], x2="decision_high"),
        bare.mark_rule().encode(alt.Y("misread_low:Q", title="misread"), y2="misread_high"),
        bare.mark_point(shape=CROSS, size=60, strokeWidth=1.6).encode(energy["recording"]),
        floored.mark_point(size=70, strokeWidth=1.6).encode(shape),
        bare.mark_point(size=90, filled=True, opacity=1).encode(shape, tooltip="words:N"),
    ]
