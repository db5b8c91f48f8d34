"""Event counts of simulated twins against those of the real recordings."""

import numpy as np
import pandas as pd

from dvs_snn.probes.twins import half_of
from dvs_snn.report import style
from dvs_snn.report.style import Figure, ticker

TITLE = "event counts of twins"
CATEGORY = "5 Simulation"
SUFFIX = ".png"
CAPTION = (
    "Events of real N-MNIST recordings and of simulated ones of the same symbols, a panel for each "
    "digit. Correlation (r) and ratio are of the even half, to which nothing was fitted."
)

N_DIGITS = 10
NAME = "Events of real recordings and of simulated ones of the same symbols"
HALF_MARKERS = {
    "odd": (style.BLUE, "o", "odd half (fitting)"),
    "even": (style.VERMILLION, "^", "even half"),
}


def draw(pairs: pd.DataFrame) -> Figure:
    """A panel for each digit; the ratio in its title is sum over sum."""
    rows = pairs[pairs["real_n_events"].notna() & pairs["ours_n_events"].notna()]
    if rows.empty:
        return style.sentence_figure("No symbol has a real twin.", NAME)
    rows = rows.assign(half=rows["symbol"].map(half_of))
    counts = rows[["real_n_events", "ours_n_events"]].to_numpy(dtype=float) / 1e3
    room = 0.06 * counts.max()
    low, high = max(counts.min() - room, 0.0), counts.max() + room
    figure, axes = style.grid_of_panels(N_DIGITS, 5, 2, 0.75, share=True)
    for digit, axis in enumerate(axes):
        of_digit = rows[rows["label"] == digit]
        axis.plot([low, high], [low, high], color=style.GREY, linewidth=0.9, gid="equal", zorder=1)
        for half, (colour, marker, _) in HALF_MARKERS.items():
            part = of_digit[of_digit["half"] == half]
            if len(part):
                how = {"color": colour, "marker": marker, "alpha": 0.55, "linewidths": 0}
                x, y = part["real_n_events"] / 1e3, part["ours_n_events"] / 1e3
                axis.scatter(x, y, s=13, gid=half, **how)
        axis.set_title(_twin_title(digit, of_digit[of_digit["half"] == "even"]), fontsize=9.5)
        axis.set(xlim=(low, high), ylim=(low, high), aspect="equal")
        axis.xaxis.set_major_locator(ticker.MaxNLocator(4))
        axis.yaxis.set_major_locator(ticker.MaxNLocator(4))
        style.faint_grid(axis, "both")
    # A label of the figure itself would lie on the legend.
    axes[7].set_xlabel("real recording (thousand events)")
    figure.supylabel("simulated recording (thousand events)", fontsize=10)
    handles = [style.marker_handle(c, m, name) for c, m, name in HALF_MARKERS.values()]
    handles.append(style.line_handle(style.GREY, "as many events", linewidth=0.9))
    style.outside_legend(figure, handles)
    figure.suptitle(f"{NAME}; r and ratio of the even half")
    return figure


def _twin_title(digit: int, even: pd.DataFrame) -> str:
    real, ours = (even[f"{side}_n_events"].to_numpy(dtype=float) for side in ("real", "ours"))
    parts = []
    if len(even) > 1 and np.ptp(real) > 0 and np.ptp(ours) > 0:
        parts.append(f"r {np.corrcoef(real, ours)[0, 1]:.2f}".replace("-", "−"))
    if len(even) and real.sum() > 0:
        parts.append(f"ratio {ours.sum() / real.sum():.2f}")
    return f"{digit}: {', '.join(parts) or 'no pair'}"
