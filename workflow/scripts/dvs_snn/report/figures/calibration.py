"""Quantities of simulated recordings beside real ones."""

from typing import Any

import numpy as np
import pandas as pd

from dvs_snn.report import style
from dvs_snn.report.style import Axes, Figure, patches, ticker

TITLE = "calibration"
CATEGORY = "5 Simulation"
SUFFIX = ".svg"
CAPTION = (
    "Real recordings of MNIST-DVS (diamonds) and simulated ones (circles: median; bars: 5 to 95 %) "
    "at each scale. The shaded band is the tolerance about the real value."
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


def draw(calibration: pd.DataFrame) -> Figure:
    """A panel for each quantity: real and simulated values at each scale of MNIST-DVS."""
    # It brings scipy.
    from dvs_snn.probes.calibration import TOLERANCES

    rows = calibration[calibration["real"].notna() | calibration["ours"].notna()]
    if rows.empty:
        sentence = "No simulated recording was compared with a real one."
        return style.sentence_figure(sentence, "Simulated against real")
    quantities = [name for name in PANEL_TITLES if name in set(rows["quantity"])]
    scales = sorted(rows["scale"].unique())
    figure, axes = style.grid_of_panels(len(quantities), min(3, len(quantities)), 2.5, 0.9)
    for axis, quantity in zip(axes, quantities, strict=True):
        part = rows[rows["quantity"] == quantity]
        _panel(axis, part, scales, TOLERANCES[quantity], quantity in LOGARITHMIC)
        axis.set(title=PANEL_TITLES[quantity], xlabel="scale of MNIST-DVS")
    n_real = " or ".join(map(str, sorted(rows["n_real"].dropna().astype(int).unique())))
    handles = [
        style.marker_handle(style.BLACK, "D", f"real recording (n = {n_real} a scale)", size=7),
        style.marker_handle(style.BLUE, "o", "simulated: median", size=7),
        style.line_handle(style.BLUE, "simulated: 5 to 95 %", linewidth=1.4),
        patches.Patch(color=style.FAINT, label="tolerance about the real value"),
    ]
    style.outside_legend(figure, handles, columns=2)
    figure.suptitle("Simulated recordings beside real ones of MNIST-DVS")
    return figure


def _panel(axis: Axes, rows: pd.DataFrame, scales: list[Any], tolerance: Any, log: bool) -> None:
    bands = []
    for row in rows.to_dict("records"):
        place, real, ours = scales.index(row["scale"]), row["real"], row["ours"]
        if pd.notna(real):
            low, high = tolerance.band(real)
            if row["unit"] == "fraction":
                low, high = max(low, 0.0), min(high, 1.0)
            bands += [low, high]
            how = {"color": style.FAINT, "linewidth": 0, "gid": "tolerance"}
            axis.add_patch(patches.Rectangle((place - 0.36, low), 0.72, high - low, **how))
            how = {"marker": "D", "markersize": 7, "color": style.BLACK, "gid": "real"}
            axis.plot([place - 0.12], [real], **how)
        if pd.notna(ours):
            reach = [[ours - row["ours_low"]], [row["ours_high"] - ours]]
            how = {"marker": "o", "markersize": 7, "elinewidth": 1.4, "capsize": 3.5}
            how |= {"color": style.BLUE, "linestyle": "none", "gid": "simulated"}
            axis.errorbar([place + 0.12], [ours], yerr=reach, **how)
    axis.set_xticks(range(len(scales)), [f"{scale:g}" for scale in scales])
    axis.set_xlim(-0.5, len(scales) - 0.5)
    style.faint_grid(axis, "y")
    values = rows[["real", "ours", "ours_low", "ours_high"]].to_numpy(dtype=float).ravel()
    low, high = np.nanmin([*values, *bands]), np.nanmax([*values, *bands])
    if log and low > 0:
        axis.set(yscale="log", ylim=(low / 1.35, high * 1.35))
        style.log_ticks(axis.yaxis, axis.get_ylim())
        return
    room = 0.12 * (high - low) or 0.1 * abs(high) or 1.0
    axis.set_ylim(low - room, high + room)
    axis.yaxis.set_major_locator(ticker.MaxNLocator(5))
