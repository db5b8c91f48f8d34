"""Quantities of simulated recordings beside real ones."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator

from dvs_snn.files.tables import read_table
from dvs_snn.realism.quantities import CALIBRATION_COLUMNS, TOLERANCES, Tolerance
from dvs_snn.report.cells import label_text, ordered
from dvs_snn.report.style import (
    BLACK,
    BLUE,
    FAINT,
    WIDTH_IN,
    grid_axes,
    in_style,
    log_ticks,
    marker_handle,
    new_figure,
    outside_legend,
    plain_number,
    sentence_figure,
)

TITLE = "calibration"
CATEGORY = "5 Simulation"
INPUTS = ("calibration",)
CAPTION = (
    "Real recordings of MNIST-DVS (diamonds) and simulated ones (circles: median; bars: 5 to "
    "95 % of the recordings) at each scale. The shaded band is the tolerance about the real "
    "value."
)

PANEL_TITLES = {
    "event_rate_keps": "event rate (thousand events/s)",
    "on_share": "share of ON events",
    "line_ratio": "75 Hz line (ratio of powers)",
    "box_share": "share inside the digit's box",
    "centroid_range_x_px": "range of the centre, x (px)",
    "centroid_range_y_px": "range of the centre, y (px)",
}
LOGARITHMIC = ("event_rate_keps", "line_ratio")


def draw(paths: Mapping[str, Path], settings: Mapping[str, Any]) -> Figure:
    """Draw the calibration."""
    return plot(read_table(paths["calibration"], CALIBRATION_COLUMNS))


@in_style
def plot(calibration: pd.DataFrame) -> Figure:
    """A panel for each quantity: real and simulated values at each scale of MNIST-DVS.

    `calibration` has the columns of `tables/calibration.csv`. Bars are the 5 to 95 % range of the
    simulated recordings, the shaded band is the tolerance about the real value.
    """
    rows = calibration
    rows = rows[rows["real"].notna() | rows["ours"].notna()] if len(rows) else rows
    if rows.empty:
        return sentence_figure(
            "No simulated recording was compared with a real one.", "Simulated against real"
        )
    found = ordered(rows["quantity"])
    quantities = [name for name in PANEL_TITLES if name in found]
    quantities += [name for name in found if name not in PANEL_TITLES]
    scales = sorted(rows["scale"].unique())
    columns = min(3, len(quantities))
    n_rows = math.ceil(len(quantities) / columns)
    figure = new_figure(WIDTH_IN, 2.5 * n_rows + 0.9)
    axes = grid_axes(figure, n_rows, columns, len(quantities))
    for axis, quantity in zip(axes, quantities, strict=True):
        part = rows[rows["quantity"] == quantity]
        _calibration_panel(axis, part, scales, TOLERANCES.get(quantity), quantity in LOGARITHMIC)
        axis.set_title(PANEL_TITLES.get(quantity, quantity.replace("_", " ")))
        axis.set_xlabel("scale of MNIST-DVS")
    n_real = sorted(rows["n_real"].dropna().astype(int).unique())
    n_text = " or ".join(map(str, n_real))
    outside_legend(
        figure,
        [
            marker_handle(BLACK, "D", f"real recording (n = {n_text} a scale)", size=7),
            marker_handle(BLUE, "o", "simulated: median", size=7),
            Line2D([], [], color=BLUE, linewidth=1.4, label="simulated: 5 to 95 %"),
            Patch(color=FAINT, label="tolerance about the real value"),
        ],
        columns=2,
    )
    figure.suptitle("Simulated recordings beside real ones of MNIST-DVS")
    return figure


def _calibration_panel(
    axis: Axes, rows: pd.DataFrame, scales: Sequence[Any], tolerance: Tolerance | None, log: bool
) -> None:
    bands = []
    for row in rows.to_dict("records"):
        place, real, ours = scales.index(row["scale"]), row["real"], row["ours"]
        if pd.notna(real):
            if tolerance is not None:
                low, high = tolerance_band(tolerance, real)
                if row["unit"] == "fraction":
                    low, high = max(low, 0.0), min(high, 1.0)
                bands.append((low, high))
                corner, height = (place - 0.36, low), high - low
                band = Rectangle(corner, 0.72, height, color=FAINT, linewidth=0, gid="tolerance")
                axis.add_patch(band)
            axis.plot([place - 0.12], [real], marker="D", markersize=7, color=BLACK, gid="real")
        if pd.notna(ours):
            reach = [[max(ours - row["ours_low"], 0)], [max(row["ours_high"] - ours, 0)]]
            reach = None if np.isnan(reach).any() else reach
            axis.errorbar(
                [place + 0.12], [ours], yerr=reach, color=BLUE, marker="o", markersize=7,
                elinewidth=1.4, capsize=3.5, linestyle="none", gid="simulated",
            )  # fmt: skip
    axis.set_xticks(range(len(scales)), [label_text(scale) for scale in scales])
    axis.set_xlim(-0.5, len(scales) - 0.5)
    axis.grid(axis="y")
    axis.set_axisbelow(True)
    values = rows[["real", "ours", "ours_low", "ours_high"]].to_numpy(dtype=float).ravel()
    values = np.concatenate([values, np.ravel(bands)]) if bands else values
    values = values[np.isfinite(values)]
    low, high = values.min(), values.max()
    if log and low > 0:
        axis.set_yscale("log")
        axis.set_ylim(low / 1.35, high * 1.35)
        log_ticks(axis.yaxis, axis.get_ylim(), plain_number)
        return
    room = 0.12 * (high - low) or 0.1 * abs(high) or 1.0
    axis.set_ylim(low - room, high + room)
    axis.yaxis.set_major_locator(MaxNLocator(5))


def tolerance_band(tolerance: Tolerance, real: float) -> tuple[float, float]:
    """Return the smallest and the largest value that a tolerance accepts about `real`."""
    if tolerance.kind == "factor":
        return real / tolerance.size, real * tolerance.size
    reach = tolerance.size * abs(real) if tolerance.kind == "relative" else tolerance.size
    return real - reach, real + reach
