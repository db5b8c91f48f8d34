"""Figures of the simulated sensor: calibration, twins, sensitivity and what is misread.

Data frames and arrays in, a matplotlib `Figure` out, in the style of :mod:`dvs_snn.report.figures`.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from dvs_snn.realism.quantities import TOLERANCES, Tolerance
from dvs_snn.realism.twins import half_of
from dvs_snn.report.conditions import condition, relative_synops
from dvs_snn.report.figures import (
    BLACK,
    BLUE,
    FAINT,
    GREY,
    N_DIGITS,
    VERMILLION,
    WIDTH_IN,
    _grid_axes,
    _label_text,
    _log_ticks,
    _marker,
    _new_figure,
    _ordered,
    _outside_legend,
    _plain_number,
    _sentence_figure,
    _styled,
    _variant_colour,
    _wrapped,
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
MAX_FAILURES = 20
SEED_MARKERS = ("o", "^", "s", "v", "P")
TWIN_COUNTS_TITLE = "Events of real recordings and of simulated ones of the same symbols"
FAILURES_TITLE = "Misread simulated recordings"
HALF_MARKERS = {"odd": (BLUE, "o", "odd half (fitting)"), "even": (VERMILLION, "^", "even half")}


# --- calibration ----------------------------------------------------------------------------------


@_styled
def plot_calibration(calibration: pd.DataFrame) -> Figure:
    """A panel for each quantity: real and simulated values at each scale of MNIST-DVS.

    `calibration` has the columns of `tables/calibration.csv`. Bars are the 5 to 95 % range of the
    simulated recordings, the shaded band is the tolerance about the real value.
    """
    rows = calibration
    rows = rows[rows["real"].notna() | rows["ours"].notna()] if len(rows) else rows
    if rows.empty:
        return _sentence_figure(
            "No simulated recording was compared with a real one.", "Simulated against real"
        )
    found = _ordered(rows["quantity"])
    quantities = [name for name in PANEL_TITLES if name in found]
    quantities += [name for name in found if name not in PANEL_TITLES]
    scales = sorted(rows["scale"].unique())
    columns = min(3, len(quantities))
    n_rows = math.ceil(len(quantities) / columns)
    figure = _new_figure(WIDTH_IN, 2.5 * n_rows + 0.9)
    axes = _grid_axes(figure, n_rows, columns, len(quantities))
    for axis, quantity in zip(axes, quantities, strict=True):
        part = rows[rows["quantity"] == quantity]
        _calibration_panel(axis, part, scales, TOLERANCES.get(quantity), quantity in LOGARITHMIC)
        axis.set_title(PANEL_TITLES.get(quantity, quantity.replace("_", " ")))
        axis.set_xlabel("scale of MNIST-DVS")
    n_real = sorted(rows["n_real"].dropna().astype(int).unique())
    n_text = " or ".join(map(str, n_real))
    _outside_legend(
        figure,
        [
            _marker(BLACK, "D", f"real recording (n = {n_text} a scale)", size=7),
            _marker(BLUE, "o", "simulated: median", size=7),
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
    axis.set_xticks(range(len(scales)), [_label_text(scale) for scale in scales])
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
        _log_ticks(axis.yaxis, axis.get_ylim(), _plain_number)
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


# --- twins ----------------------------------------------------------------------------------------


@_styled
def plot_twin_counts(pairs: pd.DataFrame) -> Figure:
    """Event counts of real against simulated recordings of the same symbols, a panel a digit.

    `pairs` has the columns `symbol, label, real_n_events, ours_n_events`. Correlation and ratio
    (sum over sum) in a panel's title are of the even half, which nothing was fitted to.
    """
    rows = pairs
    if len(rows):
        rows = rows[rows["real_n_events"].notna() & rows["ours_n_events"].notna()]
    if rows.empty:
        return _sentence_figure("No symbol has a real twin.", TWIN_COUNTS_TITLE)
    rows = rows.assign(half=rows["symbol"].map(half_of))
    counts = rows[["real_n_events", "ours_n_events"]].to_numpy(dtype=float) / 1e3
    room = 0.06 * counts.max()
    low, high = max(counts.min() - room, 0.0), counts.max() + room
    figure = _new_figure(WIDTH_IN, 4.75)
    axes = _grid_axes(figure, 2, 5, N_DIGITS, sharex=True, sharey=True)
    for digit, axis in enumerate(axes):
        of_digit = rows[rows["label"] == digit]
        axis.plot([low, high], [low, high], color=GREY, linewidth=0.9, gid="equal", zorder=1)
        for half, (colour, marker, _) in HALF_MARKERS.items():
            part = of_digit[of_digit["half"] == half]
            if len(part):
                axis.scatter(
                    part["real_n_events"] / 1e3, part["ours_n_events"] / 1e3, s=13, color=colour,
                    marker=marker, alpha=0.55, linewidths=0, gid=half,
                )  # fmt: skip
        axis.set_title(_twin_title(digit, of_digit[of_digit["half"] == "even"]), fontsize=9.5)
        axis.set_xlim(low, high)
        axis.set_ylim(low, high)
        axis.set_aspect("equal")
        axis.xaxis.set_major_locator(MaxNLocator(4))
        axis.yaxis.set_major_locator(MaxNLocator(4))
        axis.grid(axis="both")
        axis.set_axisbelow(True)
    # A label of the figure itself would lie on the legend.
    axes[7].set_xlabel("real recording (thousand events)")
    figure.supylabel("simulated recording (thousand events)", fontsize=10)
    handles = [_marker(c, m, name, size=6) for c, m, name in HALF_MARKERS.values()]
    handles.append(Line2D([], [], color=GREY, linewidth=0.9, label="as many events"))
    _outside_legend(figure, handles)
    figure.suptitle(f"{TWIN_COUNTS_TITLE}; r and ratio of the even half")
    return figure


def _twin_title(digit: int, even: pd.DataFrame) -> str:
    real, ours = (even[f"{side}_n_events"].to_numpy(dtype=float) for side in ("real", "ours"))
    parts = []
    if len(even) > 1 and np.ptp(real) > 0 and np.ptp(ours) > 0:
        parts.append(f"r {np.corrcoef(real, ours)[0, 1]:.2f}".replace("-", "−"))
    if len(even) and real.sum() > 0:
        parts.append(f"ratio {ours.sum() / real.sum():.2f}")
    return f"{digit}: {', '.join(parts) or 'no pair'}"


Twin = tuple[str, np.ndarray | None, np.ndarray, np.ndarray]
"""Symbol, real event map or None, simulated event map, drawn digit."""


@_styled
def plot_twins(maps: Sequence[Twin]) -> Figure:
    """Columns of symbols: the drawn digit, its simulated event map, and the real one if there.

    `maps` holds (symbol, real map or None, simulated map, image): maps (height, width) of events
    per pixel, the image (28, 28). One scale of grey for all maps.
    """
    maps = list(maps)
    if not maps:
        return _sentence_figure("There is no symbol to show.", "Simulated and real event maps")
    has_real = any(real is not None for _, real, _, _ in maps)
    kinds = ["drawn digit", "simulated", *(["real (N-MNIST)"] if has_real else [])]
    events = [np.asarray(m) for _, real, ours, _ in maps for m in (real, ours) if m is not None]
    full = max(float(np.percentile(np.concatenate([m.ravel() for m in events]), 99.5)), 1.0)
    panel = (WIDTH_IN - 1.5) / max(len(maps), 4)
    figure = _new_figure(WIDTH_IN, len(kinds) * (panel + 0.03) + 0.6)
    grid = np.asarray(figure.subplots(len(kinds), len(maps), squeeze=False))
    image = None
    for column, (symbol, real, ours, drawn) in enumerate(maps):
        for row, shown in enumerate((drawn, ours, real)[: len(kinds)]):
            axis = grid[row, column]
            _frame_only(axis)
            if shown is None:
                axis.text(0.5, 0.5, "not there", ha="center", va="center", transform=axis.transAxes)
            elif row == 0:
                axis.imshow(shown, cmap="gray_r", interpolation="nearest")
            else:
                image = axis.imshow(
                    shown, cmap="gray_r", vmin=0, vmax=full, interpolation="nearest"
                )
            if column == 0:
                axis.set_ylabel(kinds[row])
        grid[0, column].set_title(str(symbol), parse_math=False)
    extend = "max" if max(m.max() for m in events) > full else "neither"
    figure.colorbar(
        image, ax=list(grid[1:].ravel()), label="events per pixel", extend=extend, aspect=25
    )
    title = "Symbols and the event maps of their simulated and real recordings"
    if not has_real:
        title = "Symbols and the event maps of their simulated recordings (the real were not there)"
    figure.suptitle(title)
    return figure


def _frame_only(axis: Axes) -> None:
    axis.set_xticks([])
    axis.set_yticks([])
    for spine in axis.spines.values():
        spine.set_visible(True)
        spine.set_color(FAINT)


# --- sensitivity ----------------------------------------------------------------------------------


@_styled
def plot_sensitivity(sensitivity: pd.DataFrame) -> Figure:
    """Accuracy and SynOps where one part of the simulated sensor is changed, a row a condition.

    `sensitivity` has the columns of `tables/sensitivity.csv`; the nominal sensor is the part
    `nominal`. A marker for each seed, a colour for each variant. SynOps stand relative to the
    nominal sensor's of the same variant and seed.
    """
    if sensitivity.empty:
        return _sentence_figure("No other sensor was tried.", "Sensitivity to the sensor")
    rows = sensitivity.assign(condition=[condition(r) for r in sensitivity.to_dict("records")])
    rows["relative"] = relative_synops(rows)
    names = _ordered(rows["condition"])
    variants, seeds = _ordered(rows["variant"]), sorted(rows["seed"].unique())
    runs = [(v, s) for v in variants for s in seeds]
    figure = _new_figure(WIDTH_IN, 0.34 * len(names) + 1.7)
    left, right = figure.subplots(1, 2, sharey=True)
    spacing = 0.5 / max(len(runs), 1)
    for index, (variant, seed) in enumerate(runs):
        part = rows[(rows["variant"] == variant) & (rows["seed"] == seed)]
        offset = (index - (len(runs) - 1) / 2) * spacing
        place = np.array([names.index(name) + offset for name in part["condition"]])
        style = {
            "color": _variant_colour(variants, variant),
            "marker": SEED_MARKERS[seeds.index(seed) % len(SEED_MARKERS)],
            "markersize": 5.5,
            "linestyle": "none",
        }
        difference = 100 * part["difference"].astype(float)
        known = difference.notna().to_numpy()
        reach = 100 * np.array(
            [
                part["difference"] - part["difference_low"],
                part["difference_high"] - part["difference"],
            ],
            dtype=float,
        )
        left.errorbar(
            difference[known], place[known], xerr=np.nan_to_num(reach[:, known]).clip(min=0),
            elinewidth=1.1, capsize=2.5, gid="difference", **style,
        )  # fmt: skip
        right.plot(part["relative"], place, gid="synops", **style)
    left.axvline(0, color=GREY, linewidth=1.0, zorder=1, gid="zero")
    right.axvline(1, color=GREY, linewidth=1.0, zorder=1, gid="nominal")
    left.set_yticks(range(len(names)), names, parse_math=False)
    left.set_ylim(len(names) - 0.5, -0.5)
    left.set_xlabel("accuracy less nominal (percentage points)")
    left.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}".replace("-", "−")))
    n_symbols = sorted(rows["n_symbols"].dropna().astype(int).unique())
    n_text = " or ".join(f"{n:,}" for n in n_symbols)
    left.set_title(f"accuracy ({n_text} symbols)" if n_text else "accuracy")
    right.set_xlabel("SynOps per recording, over nominal")
    right.set_title("operations")
    _room_for_ratios(right, rows["relative"])
    for axis in (left, right):
        axis.grid(axis="both")
        axis.set_axisbelow(True)
    handles = []
    if len(variants) > 1:
        handles = [
            Patch(color=_variant_colour(variants, v), label=f"variant {v}") for v in variants
        ]
    one = _variant_colour(variants, variants[0]) if len(variants) == 1 else GREY
    handles += [
        _marker(one, SEED_MARKERS[i % len(SEED_MARKERS)], f"seed {_label_text(seed)}", size=6)
        for i, seed in enumerate(seeds)
    ]
    handles.append(Line2D([], [], color=one, linewidth=1.1, label="95 % interval"))
    _outside_legend(figure, handles)
    figure.suptitle("The trained networks before other simulated sensors, not trained again")
    return figure


def _room_for_ratios(axis: Axes, ratios: pd.Series) -> None:
    """An axis of ratios about 1: logarithmic where it spans more than a factor of 4."""
    known = ratios[np.isfinite(ratios) & (ratios > 0)]
    if known.empty:
        axis.text(
            0.5, 0.5, "no nominal sensor to compare with", ha="center", va="center",
            transform=axis.transAxes,
        )  # fmt: skip
        return
    low, high = min(known.min(), 1.0), max(known.max(), 1.0)
    if high / low > 4:
        axis.set_xscale("log")
        axis.set_xlim(low / 1.2, high * 1.2)
        _log_ticks(axis.xaxis, axis.get_xlim(), _plain_number)
        return
    room = 0.08 * (high - low) or 0.1
    axis.set_xlim(low - room, high + room)
    axis.xaxis.set_major_locator(MaxNLocator(6))


# --- failures -------------------------------------------------------------------------------------


@_styled
def plot_failures(
    rows: Sequence[tuple[np.ndarray, Any, Any, str]], title: str = FAILURES_TITLE
) -> Figure:
    """A grid of misread recordings as accumulated event maps; the first twenty of more.

    `rows` holds (frame, label, predicted, caption): the frame (height, width) or (1, height,
    width) in events per pixel, `predicted` missing for a silent network. Each map has its own
    scale of grey, from none to its largest counts.
    """
    rows = list(rows)
    if not rows:
        return _sentence_figure("No recording was misread.", title)
    shown = rows[:MAX_FAILURES]
    columns = min(5, max(len(shown), 3))
    n_rows = math.ceil(len(shown) / columns)
    panel = (WIDTH_IN - 0.4) / columns
    figure = _new_figure(WIDTH_IN, n_rows * (panel + 0.32) + 0.7)
    for axis, (frame, label, predicted, caption) in zip(
        _grid_axes(figure, n_rows, columns, len(shown)), shown, strict=True
    ):
        frame = np.asarray(frame, dtype=float)
        frame = frame.reshape(frame.shape[-2:])
        positive = frame[frame > 0]
        full = max(float(np.percentile(positive, 99)), 1.0) if positive.size else 1.0
        axis.imshow(frame, cmap="gray_r", vmin=0, vmax=full, interpolation="nearest")
        _frame_only(axis)
        read = _label_text(predicted)
        axis.set_title(f"shown {_label_text(label)}, {f'read {read}' if read else 'silent'}")
        if caption:
            axis.set_xlabel(_wrapped(str(caption), 24), fontsize=9, parse_math=False)
    if len(rows) > len(shown):
        title = f"{title}: {len(shown)} of {len(rows)}"
    figure.suptitle(title)
    return figure
