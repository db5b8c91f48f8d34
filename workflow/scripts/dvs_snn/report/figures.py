"""Every figure of the study: arrays or data frames in, a matplotlib `Figure` out; and saving it.

Figures are drawn on `Figure` objects, never through pyplot, so that nothing global changes and no
display is needed. Colours are those of Okabe and Ito, told apart by colour-blind readers too.
"""

import functools
import math
import os
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import ListedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import (
    FixedLocator,
    FuncFormatter,
    LogLocator,
    MaxNLocator,
    NullLocator,
)
from mpl_toolkits.mplot3d import Axes3D  # noqa: F401  (registers the "3d" projection)

from dvs_snn.files.atomic import replacing

BLUE, VERMILLION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, BLACK = "#E69F00", "#56B4E9", "#000000"
GREY, FAINT = "#767676", "#D9D9D9"
VARIANT_COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BLACK)
SEED_STYLES = ("-", "--", ":", "-.")
PUBLISHED_MARKERS = ("s", "X", "P", "v", "<", ">")
ON_COLOUR, OFF_COLOUR, PLAIN_COLOUR = BLUE, VERMILLION, "#333333"

PUBLISHED_LABEL = "Sorbaro et al. 2020, MNIST-DVS scale 16"
N_DIGITS = 10
MARKED_EPOCHS = 30
WIDTH_IN = 9.0
SAVE_DPI = 150
STRIP_WINDOW_S = 0.033
# A file may claim any sensor and any duration: pictures stay pictures.
MAX_PICTURE_BINS = 512
MAX_RATE_BINS = 20_000
MICROSECONDS = 1e6

STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 10.0,
    "axes.titlesize": 10.5,
    "axes.labelsize": 10.0,
    "xtick.labelsize": 9.0,
    "ytick.labelsize": 9.0,
    "legend.fontsize": 9.0,
    "legend.frameon": False,
    "figure.titlesize": 12.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.6,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    # Outlines instead of font names: the page looks the same where DejaVu is not installed.
    "svg.fonttype": "path",
    # Without a fixed salt, matplotlib draws new element ids each time and no two files agree.
    "svg.hashsalt": "dvs-snn",
}


@contextmanager
def styled() -> Iterator[None]:
    """Draw in `STYLE` over matplotlib's own defaults, whatever the user's matplotlibrc says."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        yield


def _styled(draw: Callable[..., Figure]) -> Callable[..., Figure]:
    """Run a drawing function under `STYLE`, and leave the caller's rcParams as they were."""

    @functools.wraps(draw)
    def wrapper(*args: Any, **kwargs: Any) -> Figure:
        with styled():
            return draw(*args, **kwargs)

    return wrapper


def save(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write `figure` to `path`, whole or not at all, as SVG or PNG by the suffix.

    The same figure gives the same bytes: no date, fixed ids, fixed resolution. Raises ValueError
    for another suffix.
    """
    suffix = os.path.splitext(os.fspath(path))[1].lower()
    if suffix not in (".svg", ".png"):
        raise ValueError(f"{path}: figures are saved as .svg or .png, not as {suffix!r}")
    metadata = {"Date": None, "Creator": None} if suffix == ".svg" else {"Software": None}
    with styled(), replacing(path) as temporary:
        figure.savefig(temporary, format=suffix[1:], dpi=SAVE_DPI, metadata=metadata)


# --- events ---------------------------------------------------------------------------------------


@_styled
def plot_event_strip(
    t: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    p: np.ndarray | None,
    sensor_size: tuple[int, int],
    has_polarity: bool,
    title: str,
    n_panels: int = 6,
) -> Figure:
    """Accumulated frames at `n_panels` evenly spaced times, ON and OFF in two colours.

    `t` (event,) in microseconds, `x`, `y` (event,) in pixels, `p` (event,) true for ON,
    `sensor_size` (width, height). A frame gathers 33 ms, or its share of a shorter recording.
    """
    t, x, y, on = _as_events(t, x, y, p, has_polarity)
    if not len(t):
        return _sentence_figure("The recording holds no event.", title)
    width, height = sensor_size
    seconds = (t - t.min()) / MICROSECONDS
    duration = max(float(seconds.max()), 1e-6)
    window = min(STRIP_WINDOW_S, duration / n_panels)
    columns = min(n_panels, 6)
    rows = math.ceil(n_panels / columns)
    panel = (WIDTH_IN - 0.7) / columns - 0.18
    figure = _new_figure(WIDTH_IN, rows * (panel * min(height / width, 4) + 0.85) + 0.75)
    axes = _grid_axes(figure, rows, columns, n_panels)
    bins = (min(height, MAX_PICTURE_BINS), min(width, MAX_PICTURE_BINS))

    windows, counts = [], []
    for i in range(n_panels):
        start = (i + 0.5) * duration / n_panels - window / 2
        # The last instant belongs to the last window, as in numpy's histograms.
        inside = (seconds >= start) & (seconds <= start + window)
        windows.append((start, start + window))
        counts.append(
            [
                np.histogram2d(
                    y[inside & chosen],
                    x[inside & chosen],
                    bins=bins,
                    range=((0, height), (0, width)),
                )[0]
                for chosen in (on, ~on)
            ]
        )
    stack = np.asarray(counts)
    positive = stack[stack > 0]
    full = max(float(np.percentile(positive, 99)), 1.0) if positive.size else 1.0
    colours = (ON_COLOUR, OFF_COLOUR) if has_polarity else (PLAIN_COLOUR, PLAIN_COLOUR)
    for i, (axis, (start, end)) in enumerate(zip(axes, windows, strict=True)):
        axis.imshow(
            _tinted(stack[i], full, colours),
            origin="upper",
            interpolation="nearest",
            extent=(0, width, height, 0),
        )
        axis.set_title(f"{start:.3f}–{end:.3f} s", fontsize=9.5)
        for spine in axis.spines.values():
            spine.set_visible(True)
            spine.set_color(FAINT)
        axis.set_xticks([0, width])
        axis.set_yticks([0, height] if i % columns == 0 else [])
        if i % columns == 0:
            axis.set_ylabel("y (pixel)")
        axis.set_xlabel("x (pixel)")
    _polarity_legend(figure, has_polarity)
    figure.suptitle(f"{title}: events of {window * 1e3:.0f} ms at {n_panels} moments")
    return figure


@_styled
def plot_event_cloud(
    t: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    p: np.ndarray | None,
    sensor_size: tuple[int, int],
    has_polarity: bool,
    title: str,
    max_points: int = 20000,
) -> Figure:
    """The events as points in x, y and time; every k-th event if there are more than `max_points`.

    Arguments as in :func:`plot_event_strip`. The stride is fixed, so the picture repeats exactly.
    """
    t, x, y, on = _as_events(t, x, y, p, has_polarity)
    if not len(t):
        return _sentence_figure("The recording holds no event.", title)
    width, height = sensor_size
    stride = max(1, math.ceil(len(t) / max_points))
    seconds = (t - t.min())[::stride] / MICROSECONDS
    x, y, on = x[::stride], y[::stride], on[::stride]

    figure = _new_figure(WIDTH_IN, 4.7, layout=None)
    # Constrained layout does not know how far the labels of a 3-D axis reach: place it by hand.
    axis = figure.add_axes((0.0, 0.06, 0.97, 0.9), projection="3d", computed_zorder=False)
    groups = ((on, ON_COLOUR, "ON"), (~on, OFF_COLOUR, "OFF"))
    if not has_polarity:
        groups = ((np.ones(len(x), dtype=bool), PLAIN_COLOUR, "event"),)
    for chosen, colour, name in groups:
        # Thousands of vector points would make the file larger than the recording.
        axis.scatter(
            seconds[chosen],
            x[chosen],
            y[chosen],
            s=2.0,
            c=colour,
            alpha=0.45,
            linewidths=0,
            depthshade=False,
            label=name,
            rasterized=True,
        )
    axis.set_xlim(0, max(float(seconds.max()), 1e-6))
    axis.set_ylim(0, width)
    axis.set_zlim(height, 0)
    axis.set_box_aspect((2.6, 1.0, 1.0), zoom=1.45)
    axis.view_init(elev=18, azim=-62)
    axis.xaxis.set_major_locator(MaxNLocator(6))
    axis.yaxis.set_major_locator(MaxNLocator(3))
    axis.zaxis.set_major_locator(MaxNLocator(4))
    axis.set_xlabel("time since the first event (s)", labelpad=14)
    axis.set_ylabel("x (pixel)", labelpad=6)
    axis.set_zlabel("y (pixel)", labelpad=4)
    for pane in (axis.xaxis, axis.yaxis, axis.zaxis):
        pane.set_pane_color((1, 1, 1, 0))
    _polarity_legend(figure, has_polarity, loc="upper right")
    shown = f"{len(x):,} of {len(t):,} events" if stride > 1 else f"all {len(t):,} events"
    figure.suptitle(f"{title}: {shown}", x=0.02, y=0.975, ha="left")
    return figure


@_styled
def plot_event_rate(
    t: np.ndarray,
    p: np.ndarray | None,
    has_polarity: bool,
    title: str,
    bin_ms: float = 10,
) -> Figure:
    """Events per second over time, ON and OFF apart, counted in bins of `bin_ms`.

    `t` (event,) in microseconds, `p` (event,) true for ON. A last bin shorter than half of the
    others is joined to the one before, and each rate is divided by the width of its own bin. Bins
    of a recording that would have too many are wider, by powers of ten.
    """
    t, _, _, on = _as_events(t, t, t, p, has_polarity)
    if not len(t):
        return _sentence_figure("The recording holds no event.", title)
    seconds = (t - t.min()) / MICROSECONDS
    while float(seconds.max()) > MAX_RATE_BINS * bin_ms / 1e3:
        bin_ms *= 10
    edges = _rate_edges(float(seconds.max()), bin_ms / 1e3)
    figure = _new_figure(WIDTH_IN, 3.1)
    axis = figure.add_subplot()
    groups = ((on, ON_COLOUR, "ON"), (~on, OFF_COLOUR, "OFF"))
    if not has_polarity:
        groups = ((np.ones(len(t), dtype=bool), PLAIN_COLOUR, "all events"),)
    for chosen, colour, name in groups:
        rate = np.histogram(seconds[chosen], bins=edges)[0] / np.diff(edges) / 1e3
        axis.stairs(rate, edges, color=colour, label=name, linewidth=1.4)
    axis.set_xlim(0, edges[-1])
    axis.set_xlabel("time since the first event (s)")
    axis.set_ylabel("thousand events per second")
    axis.grid(axis="y")
    # A fifth of room above the highest rate, for the legend.
    axis.set_ylim(0, max(1.2 * axis.dataLim.ymax, 1e-3))
    axis.legend(loc="upper right", ncols=2)
    axis.set_title(f"{title}: event rate in bins of {bin_ms:g} ms")
    return figure


# --- training -------------------------------------------------------------------------------------


@_styled
def plot_training_frames(frames: np.ndarray, labels: Sequence[Any], title: str) -> Figure:
    """A grid of input frames with their labels and one colour bar for all.

    `frames` (frame, 1, height, width) uint8, in events per pixel; `labels` as many; an empty one
    is shown as "?".
    """
    frames = np.asarray(frames)
    if not len(frames):
        return _sentence_figure("There is no frame to show.", title)
    columns = 10 if len(frames) >= 20 else min(5, len(frames))
    rows = math.ceil(len(frames) / columns)
    figure = _new_figure(WIDTH_IN, rows * (WIDTH_IN - 1.2) / columns * 1.28 + 0.7)
    axes = _grid_axes(figure, rows, columns, len(frames))
    positive = frames[frames > 0]
    full = max(float(np.percentile(positive, 99)), 1.0) if positive.size else 1.0
    image = None
    for axis, frame, label in zip(axes, frames, labels, strict=True):
        image = axis.imshow(frame[0], cmap="gray_r", vmin=0, vmax=full, interpolation="nearest")
        axis.set_title(_label_text(label) or "?")
        axis.set_xticks([])
        axis.set_yticks([])
        for spine in axis.spines.values():
            spine.set_visible(True)
            spine.set_color(FAINT)
    extend = "max" if frames.max() > full else "neither"
    figure.colorbar(image, ax=axes, label="events per pixel", extend=extend, shrink=0.9, aspect=30)
    figure.suptitle(title)
    return figure


@_styled
def plot_training_curves(training: pd.DataFrame) -> Figure:
    """Loss, training accuracy and validation accuracy by epoch.

    `training` has the columns of `tables/training.csv`. A colour for a variant, a line style for
    a seed.
    """
    if training.empty:
        return _sentence_figure("No training curve was recorded.", "Training")
    figure = _new_figure(WIDTH_IN, 3.5)
    axes = figure.subplots(1, 3)
    axes[2].sharey(axes[1])
    panels = (
        ("loss", "training loss (nats)"),
        ("train_accuracy", "accuracy on training frames"),
        ("validation_accuracy", "accuracy on validation frames"),
    )
    variants, seeds = _ordered(training["variant"]), sorted(training["seed"].unique())
    for axis, (column, label) in zip(axes, panels, strict=True):
        for (variant, seed), rows in training.groupby(["variant", "seed"], sort=False):
            rows = rows.sort_values("epoch")
            axis.plot(
                rows["epoch"],
                rows[column],
                color=_variant_colour(variants, variant),
                linestyle=_seed_style(seeds, seed),
                # Marks show single epochs; of many they would hide the lines that tell seeds apart.
                marker="o" if len(rows) <= MARKED_EPOCHS else None,
                markersize=3.5,
                linewidth=1.5 if len(rows) <= MARKED_EPOCHS else 1.0,
            )
        axis.set_xlabel("epoch")
        axis.set_title(label)
        axis.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axis.grid(axis="y")
    axes[0].set_ylim(bottom=0)
    for axis in axes[1:]:
        axis.yaxis.set_major_formatter(_percent)
    _outside_legend(figure, _run_handles(variants, seeds))
    return figure


# --- inference ------------------------------------------------------------------------------------


@_styled
def plot_output_raster(
    spikes: np.ndarray,
    running: np.ndarray,
    sliding: np.ndarray,
    step_ms: float,
    label: Any,
    title: str,
) -> Figure:
    """Output spikes of the ten neurons over time, and below them the prediction as it stands.

    `spikes` (time, 10) counts a step, `running` and `sliding` (time,) the most active neuron so
    far and within the sliding window, -1 for none; `step_ms` the length of a step in ms. `label`
    may be empty: nobody said which digit was shown.
    """
    spikes = np.asarray(spikes, dtype=np.int64)
    n_steps = len(spikes)
    edges = np.arange(n_steps + 1) * step_ms / 1e3
    centres = (edges[:-1] + edges[1:]) / 2
    figure = _new_figure(WIDTH_IN, 5.0)
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(1.35, 1))
    shown = _label_text(label)
    handles = []
    if shown:
        for axis in (top, bottom):
            axis.axhspan(int(shown) - 0.42, int(shown) + 0.42, color="#FFF3C4", zorder=0)
        handles.append(Patch(color="#FFF3C4", label=f"the digit shown: {shown}"))

    step, neuron = np.nonzero(spikes)
    if len(step):
        counts = spikes[step, neuron]
        most = int(counts.max())
        top.scatter(
            centres[step],
            neuron,
            s=_marker_area(counts, most),
            color=BLUE,
            linewidths=0,
            alpha=0.8,
            gid="spikes",
        )
        for count in sorted({1, math.ceil(most / 2), most}):
            size = math.sqrt(float(_marker_area(count, most)))
            name = "1 spike in a step" if count == 1 else f"{count} spikes"
            handles.append(_marker(BLUE, "o", name, size=size))
    else:
        sentence = "No output spike: the network stayed silent, which counts as wrong."
        _centred(top, sentence)

    for values, colour, width, name in (
        (sliding, ORANGE, 5.0, "within the sliding window"),
        (running, BLACK, 1.6, "so far"),
    ):
        values = np.asarray(values, dtype=float)
        values = np.where(values < 0, np.nan, values)
        bottom.stairs(values, edges, baseline=None, color=colour, linewidth=width)
        handles.append(Line2D([], [], color=colour, linewidth=width, label=f"prediction {name}"))
    if not (np.asarray(running) >= 0).any():
        _centred(bottom, "no prediction")

    for axis, text in ((top, "output neuron (digit)"), (bottom, "most active neuron")):
        axis.set_ylim(-0.6, N_DIGITS - 0.4)
        axis.set_yticks(range(N_DIGITS))
        axis.set_ylabel(text)
        axis.grid(axis="y")
        axis.set_axisbelow(True)
    bottom.set_xlim(0, edges[-1] if n_steps else 1)
    bottom.set_xlabel("time since the first event (s)")
    ending = "" if shown else " (nobody said which digit was shown)"
    top.set_title(_wrapped(f"{title}: {int(spikes.sum()):,} output spikes{ending}", 95))
    _outside_legend(figure, handles)
    return figure


@_styled
def plot_layer_synops(layers: pd.DataFrame) -> Figure:
    """SynOps per layer, our exact count beside the nominal one, a panel for each set and variant.

    `layers` has the columns of `tables/layers.csv`, at one scale for each (set, variant, seed):
    see :func:`chosen_layers`. Bars are means over seeds, points the seeds. Rows of single
    recordings are drawn only if there is no row of a set. Raises ValueError if a group holds two
    scales, whose sum would mean nothing.
    """
    if "chosen" in layers:
        layers = layers[_flag(layers["chosen"])]
    single = layers["recording"].map(_label_text) != ""
    rows = layers[~single] if (~single).any() else layers
    if rows.empty:
        return _sentence_figure("No spiking set was evaluated.", "SynOps per layer")
    rows = rows.assign(panel=rows["set"].map(_label_text))
    if single.all():
        rows["panel"] = rows["recording"].map(_label_text)
    scales = rows.groupby(["panel", "variant", "seed"])["scale"].nunique()
    if (scales > 1).any():
        raise ValueError(
            f"several scales of {scales.idxmax()}: give the rows of one scale, as chosen_layers()"
        )
    variants = _ordered(rows["variant"])
    panels = [
        (panel, variant)
        for panel in _ordered(rows["panel"])
        for variant in variants
        if ((rows["panel"] == panel) & (rows["variant"] == variant)).any()
    ]
    columns = min(2, len(panels))
    figure = _new_figure(WIDTH_IN, 3.1 * math.ceil(len(panels) / columns) + 0.6)
    axes = _grid_axes(figure, math.ceil(len(panels) / columns), columns, len(panels))
    for axis, (panel, variant) in zip(axes, panels, strict=True):
        part = rows[(rows["panel"] == panel) & (rows["variant"] == variant)]
        names = _ordered(part["layer"])
        for offset, column, colour in (
            (-0.2, "synops", BLUE),
            (0.2, "synops_nominal", ORANGE),
        ):
            values = pd.to_numeric(part[column], errors="coerce") / 1e6
            means = values.groupby(part["layer"]).mean().reindex(names)
            places = np.arange(len(names)) + offset
            axis.bar(places, means.to_numpy(), width=0.38, color=colour)
            axis.scatter(
                [names.index(layer) + offset for layer in part["layer"]],
                values,
                s=18,
                color="white",
                edgecolors=BLACK,
                linewidths=0.9,
                zorder=3,
            )
        ticks = [f"{name}\n(input)" if i == 0 else name for i, name in enumerate(names)]
        axis.set_xticks(range(len(names)), ticks)
        axis.set_ylabel("SynOps (million)")
        axis.yaxis.set_major_formatter("{x:,g}")
        axis.set_ylim(bottom=0)
        axis.grid(axis="y")
        axis.set_axisbelow(True)
        scales_text = ", ".join(f"{scale:.2f}" for scale in sorted(part["scale"].dropna().unique()))
        named = f"{panel}, {variant}" if len(variants) > 1 else panel
        axis.set_title(f"{named} (first layer × {scales_text})" if scales_text else named)
    handles = [
        Patch(color=BLUE, label="ours: synapses that exist"),
        Patch(color=ORANGE, label="nominal: edges ignored, input layer left out"),
        _marker(BLACK, "o", "one seed", size=5, filled=False),
    ]
    _outside_legend(figure, handles)
    return figure


def chosen_layers(layers: pd.DataFrame, evaluation: pd.DataFrame) -> pd.DataFrame:
    """The rows of `tables/layers.csv` whose (set, variant, seed, scale) is chosen in `evaluation`.

    Rows of single recordings have no set and are kept if their (variant, seed, scale) is chosen
    in any set.
    """
    if "chosen" not in evaluation or "scale" not in evaluation:
        return layers.iloc[:0]
    chosen = evaluation[_flag(evaluation["chosen"]) & evaluation["scale"].notna()]
    # Scales pass through text and back: compare them at a fixed width, not as floats.
    by_set = {_run_key(row) for row in chosen.to_dict("records")}
    by_run = {key[1:] for key in by_set}
    kept = [
        (_run_key(row) in by_set)
        if not _label_text(row.get("recording"))
        else (_run_key(row)[1:] in by_run)
        for row in layers.to_dict("records")
    ]
    return layers[np.asarray(kept, dtype=bool)]


# --- accuracy and power ---------------------------------------------------------------------------


@_styled
def plot_sweep(
    evaluation: pd.DataFrame, set_name: str, power: Mapping[str, Any] | None = None
) -> Figure:
    """Accuracy and power of one set against the scale of the first layer, a line for each seed.

    `evaluation` has the columns of `tables/evaluation.csv`. Bars are Wilson 95 % intervals over
    symbols, stars the chosen scales, dashed lines the CNN before conversion. With
    `power` (the config's section of that name) the band of energies per SynOp is shaded.
    """
    rows = _spiking(evaluation)
    rows = rows[rows["set"] == set_name] if len(rows) else rows
    if rows.empty:
        return _sentence_figure(f"No spiking network was run on the set {set_name!r}.", "Sweep")
    variants, seeds = _ordered(rows["variant"]), sorted(rows["seed"].unique())
    figure = _new_figure(WIDTH_IN, 6.4)
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(1.15, 1))
    band = _power_band(power)
    for (variant, seed), part in rows.groupby(["variant", "seed"], sort=False):
        part = part.sort_values("scale")
        colour, style = _variant_colour(variants, variant), _seed_style(seeds, seed)
        _accuracy_line(top, part, "scale", colour, style)
        watts = pd.to_numeric(part["power_mw"], errors="coerce")
        watts = watts.where(watts > 0)
        bottom.plot(
            part["scale"],
            watts,
            color=colour,
            linestyle=style,
            marker="o",
            markersize=4,
        )
        starred = _flag(part["chosen"])
        bottom.plot(part["scale"][starred], watts[starred], **_star(colour))
        if band is not None:
            low, high, static = band
            bottom.fill_between(
                part["scale"],
                static + (watts - static) * low,
                static + (watts - static) * high,
                color=colour,
                alpha=0.10,
                linewidth=0,
            )
        ann = pd.to_numeric(part["ann_accuracy"], errors="coerce").dropna()
        if len(ann):
            top.axhline(
                ann.iloc[0],
                color=colour,
                linestyle=(0, (6, 3)),
                linewidth=1.1,
                alpha=0.8,
            )
    _scale_axis(bottom, rows["scale"])
    bottom.set_xlabel("scale of the first layer's weights")
    bottom.set_yscale("log")
    _log_ticks(bottom.yaxis, bottom.get_ylim(), _plain_number)
    bottom.set_ylabel("power (mW)")
    top.set_ylabel("accuracy over recordings")
    _accuracy_axis(top)
    for axis in (top, bottom):
        axis.grid(axis="both")
        axis.set_axisbelow(True)
    top.set_title(f"Set {set_name}: {_size_text(rows)}")
    handles = _run_handles(variants, seeds)
    handles.append(_marker(GREY, "*", _star_label(evaluation), size=13))
    handles.append(
        Line2D(
            [],
            [],
            color=GREY,
            linestyle=(0, (6, 3)),
            linewidth=1.1,
            label="CNN on frames",
        )
    )
    handles.append(_interval_handle())
    if band is not None:
        low, high = (float(value) for value in power["energy_band_pj"])
        handles.append(Patch(color=GREY, alpha=0.25, label=f"{low:g} to {high:g} pJ per SynOp"))
    _outside_legend(figure, handles)
    return figure


@_styled
def plot_tradeoff(evaluation: pd.DataFrame, comparison_points: pd.DataFrame | None) -> Figure:
    """Accuracy against SynOps per 3,000 events, a panel for each set with a spiking network.

    `evaluation` has the columns of `tables/evaluation.csv`; `comparison_points` the columns
    `series, accuracy, synops` (a fraction, SynOps per 3,000 events) or is None. The CNN stands at
    its MACs per 3,000 events.
    """
    rows = _spiking(evaluation)
    if rows.empty:
        return _sentence_figure(
            "No spiking set was evaluated: only the CNN's accuracy on frames is known.",
            "Accuracy against synaptic operations",
        )
    sets = _ordered(rows["set"])
    variants, seeds = _ordered(rows["variant"]), sorted(rows["seed"].unique())
    columns = min(2, len(sets))
    n_rows = math.ceil(len(sets) / columns)
    figure = _new_figure(WIDTH_IN, 3.6 * n_rows + 1.3)
    axes = _grid_axes(figure, n_rows, columns, len(sets), sharex=True, sharey=True)
    for index, (axis, name) in enumerate(zip(axes, sets, strict=True)):
        _published_points(axis, comparison_points)
        panel = rows[rows["set"] == name]
        for (variant, seed), part in panel.groupby(["variant", "seed"], sort=False):
            part = part.sort_values("scale")
            colour = _variant_colour(variants, variant)
            _accuracy_line(axis, part, "synops_per_3000_events", colour, _seed_style(seeds, seed))
            _ann_marker(axis, part, colour)
        axis.set_xscale("log")
        _accuracy_axis(axis)
        axis.grid(axis="both")
        axis.set_axisbelow(True)
        axis.set_title(f"{name}: {_size_text(panel)}")
        if index % columns == 0:
            axis.set_ylabel("accuracy over recordings")
        if index + columns >= len(sets):
            axis.set_xlabel("million operations per 3,000 events")
            axis.tick_params(labelbottom=True)
    for axis in axes:
        _log_ticks(axis.xaxis, axis.get_xlim(), _millions)
    handles = _run_handles(variants, seeds)
    handles.append(_marker(GREY, "*", _star_label(evaluation), size=13))
    handles.append(_marker(GREY, "D", "CNN on frames, at its MACs", size=7, filled=False))
    handles.append(_interval_handle())
    for series, marker, _ in _published_families(comparison_points):
        handles.append(_marker(GREY, marker, f"{PUBLISHED_LABEL}: {series}", size=6))
    _outside_legend(figure, handles, columns=2)
    return figure


@_styled
def plot_confusion(predictions: pd.DataFrame) -> Figure:
    """Which digit was read as which, at the chosen scales, a panel for each set and variant.

    `predictions` has the columns of `tables/predictions.csv`. Counts add up the seeds, so a
    recording counts once for each. The last column holds the recordings that left the network
    silent; recordings without a label are left out. A digit that the set lacks has a grey row.
    """
    rows = predictions
    if len(rows):
        labelled = rows["label"].map(_label_text) != ""
        rows = rows[_flag(rows["chosen"]) & labelled]
    if rows.empty:
        return _sentence_figure(
            "No labelled recording was read by a spiking network.", "Confusion matrices"
        )
    variants = _ordered(rows["variant"])
    panels = [
        (name, variant)
        for name in _ordered(rows["set"])
        for variant in variants
        if ((rows["set"] == name) & (rows["variant"] == variant)).any()
    ]
    columns = min(2, len(panels))
    n_rows = math.ceil(len(panels) / columns)
    width = WIDTH_IN if columns == 2 else 6.0
    figure = _new_figure(width, 4.15 * n_rows + 0.2)
    axes = _grid_axes(figure, n_rows, columns, len(panels))
    greys = ListedColormap([_mix("white", BLUE, share) for share in np.linspace(0, 1, 64)])
    for axis, (name, variant) in zip(axes, panels, strict=True):
        part = rows[(rows["set"] == name) & (rows["variant"] == variant)]
        counts = confusion_counts(part)
        totals = counts.sum(axis=1, keepdims=True)
        shares = np.divide(counts, totals, out=np.zeros(counts.shape), where=totals > 0)
        axis.imshow(shares, cmap=greys, vmin=0, vmax=1, aspect="equal")
        for row, column in np.argwhere(counts > 0):
            axis.text(
                column,
                row,
                f"{counts[row, column]}",
                ha="center",
                va="center",
                fontsize=9,
                color="white" if shares[row, column] > 0.5 else BLACK,
            )
        for row in np.flatnonzero(totals[:, 0] == 0):
            axis.axhspan(row - 0.5, row + 0.5, color="#EFEFEF", linewidth=0)
        axis.axvline(N_DIGITS - 0.5, color=GREY, linewidth=1)
        axis.set_xticks(range(N_DIGITS + 1), [*map(str, range(N_DIGITS)), "silent"])
        axis.set_yticks(range(N_DIGITS), list(map(str, range(N_DIGITS))))
        axis.tick_params(length=0)
        for spine in axis.spines.values():
            spine.set_visible(True)
        axis.set_xlabel("predicted digit")
        axis.set_ylabel("digit shown")
        named = f"{name}, {variant}" if len(variants) > 1 else name
        n_recordings, n_seeds = part["recording"].nunique(), part["seed"].nunique()
        plural = "s" if n_seeds > 1 else ""
        axis.set_title(f"{named}: {n_recordings:,} recordings, {n_seeds} seed{plural} added up")
    return figure


def confusion_counts(predictions: pd.DataFrame) -> np.ndarray:
    """Counts (10, 11) of (digit shown, digit predicted); column 10 counts silent recordings.

    `predictions` has columns `label` and `predicted`; rows without a label are left out.
    """
    label = pd.to_numeric(predictions["label"], errors="coerce")
    predicted = pd.to_numeric(predictions["predicted"], errors="coerce").fillna(N_DIGITS)
    known = label.notna().to_numpy()
    counts = np.zeros((N_DIGITS, N_DIGITS + 1), dtype=np.int64)
    np.add.at(
        counts,
        (label[known].astype(int).to_numpy(), predicted[known].astype(int).to_numpy()),
        1,
    )
    return counts


# --- parts of figures -----------------------------------------------------------------------------


def _new_figure(width: float, height: float, layout: str | None = "constrained") -> Figure:
    figure = Figure(figsize=(width, height), layout=layout)
    FigureCanvasAgg(figure)
    return figure


def _grid_axes(
    figure: Figure,
    rows: int,
    columns: int,
    used: int,
    sharex: bool = False,
    sharey: bool = False,
) -> list[Axes]:
    """`used` axes of a grid, row by row; the places beyond are taken out."""
    axes = figure.subplots(rows, columns, squeeze=False, sharex=sharex, sharey=sharey).ravel()
    for axis in axes[used:]:
        axis.remove()
    return list(axes[:used])


def _sentence_figure(sentence: str, title: str) -> Figure:
    figure = _new_figure(WIDTH_IN, 1.5)
    axis = figure.add_subplot()
    axis.set_axis_off()
    axis.set_title(title)
    axis.text(0.5, 0.5, _wrapped(sentence, 90), ha="center", va="center")
    return figure


def _centred(axis: Axes, sentence: str) -> None:
    """A sentence in the middle of an axis that has nothing else to show, in front of its grid."""
    box = {"facecolor": "white", "edgecolor": "none", "pad": 4}
    axis.text(0.5, 0.5, sentence, transform=axis.transAxes, ha="center", va="center", bbox=box)


def _outside_legend(figure: Figure, handles: Sequence[Any], columns: int | None = None) -> None:
    if columns is None:
        longest = max(len(handle.get_label()) for handle in handles)
        columns = max(1, min(len(handles), 130 // (longest + 10)))
    figure.legend(handles=list(handles), loc="outside lower center", ncols=columns)


def _polarity_legend(figure: Figure, has_polarity: bool, loc: str = "outside lower center") -> None:
    handles = [
        Patch(color=ON_COLOUR, label="ON: brighter"),
        Patch(color=OFF_COLOUR, label="OFF: darker"),
    ]
    if not has_polarity:
        handles = [Patch(color=PLAIN_COLOUR, label="events (the recording has no polarity)")]
    figure.legend(handles=handles, loc=loc, ncols=2)


def _run_handles(variants: Sequence[Any], seeds: Sequence[Any]) -> list[Any]:
    handles: list[Any] = [
        Line2D([], [], color=_variant_colour(variants, name), label=f"variant {name}")
        for name in variants
    ]
    handles += [
        Line2D([], [], color=GREY, linestyle=_seed_style(seeds, seed), label=f"seed {seed}")
        for seed in seeds
    ]
    return handles


def _marker(colour: str, marker: str, label: str, size: float, filled: bool = True) -> Line2D:
    return Line2D(
        [],
        [],
        linestyle="none",
        marker=marker,
        markersize=size,
        color=colour,
        markerfacecolor=colour if filled else "white",
        label=label,
    )


def _star_label(evaluation: pd.DataFrame) -> str:
    """Without a validation set nothing could be chosen, and the network as converted is quoted."""
    validated = (_spiking(evaluation)["set"] == "validation").any()
    return "scale chosen on validation" if validated else "scale quoted: the nearest to 1"


def _interval_handle() -> Line2D:
    label = "95 % interval over symbols"
    return Line2D([], [], linestyle="none", marker="|", markersize=11, color=GREY, label=label)


def _star(colour: str) -> dict[str, Any]:
    return {
        "marker": "*",
        "markersize": 15,
        "linestyle": "none",
        "color": colour,
        "markeredgecolor": BLACK,
        "markeredgewidth": 0.8,
        "zorder": 5,
    }


def _accuracy_line(axis: Axes, part: pd.DataFrame, column: str, colour: str, style: str) -> None:
    """One seed's accuracies with their intervals, and a star at the chosen scale."""
    part = part[pd.to_numeric(part["accuracy"], errors="coerce").notna()]
    if part.empty:
        return
    accuracy = part["accuracy"].astype(float)
    reach = [
        (accuracy - part["accuracy_low"].astype(float)).clip(lower=0).fillna(0),
        (part["accuracy_high"].astype(float) - accuracy).clip(lower=0).fillna(0),
    ]
    lines = axis.errorbar(
        part[column],
        accuracy,
        yerr=reach,
        color=colour,
        linestyle=style,
        marker="o",
        markersize=4,
        elinewidth=0.9,
        capsize=2.5,
    )
    for bar in (*lines[1], *lines[2]):
        bar.set_alpha(0.55)
    starred = _flag(part["chosen"])
    axis.plot(part[column][starred], accuracy[starred], **_star(colour))


def _ann_marker(axis: Axes, part: pd.DataFrame, colour: str) -> None:
    known = part[part["ann_accuracy"].notna() & (part["ann_macs_per_3000_events"] > 0)]
    if known.empty:
        return
    row = known.iloc[0]
    reach = None
    if {"ann_accuracy_low", "ann_accuracy_high"} <= set(known.columns):
        low, high = row["ann_accuracy_low"], row["ann_accuracy_high"]
        if pd.notna(low) and pd.notna(high):
            ann = row["ann_accuracy"]
            reach = [[max(ann - low, 0)], [max(high - ann, 0)]]
    axis.errorbar(
        [row["ann_macs_per_3000_events"]],
        [row["ann_accuracy"]],
        yerr=reach,
        color=colour,
        marker="D",
        markersize=7,
        markerfacecolor="white",
        linestyle="none",
        elinewidth=0.9,
        capsize=2.5,
        zorder=4,
    )


def _published_families(
    points: pd.DataFrame | None,
) -> list[tuple[str, str, pd.DataFrame]]:
    """(name, marker, points) of series that differ in a last number alone: `rescaled 0.60`."""
    if points is None or points.empty:
        return []
    families = points["series"].astype(str).str.replace(r"\s+[\d.]+$", "", regex=True)
    return [
        (
            name,
            PUBLISHED_MARKERS[i % len(PUBLISHED_MARKERS)],
            points[families == name].sort_values("synops"),
        )
        for i, name in enumerate(_ordered(families))
    ]


def _published_points(axis: Axes, points: pd.DataFrame | None) -> None:
    for _, marker, part in _published_families(points):
        axis.plot(
            part["synops"],
            part["accuracy"],
            color=GREY,
            linestyle="-",
            linewidth=0.8,
            marker=marker,
            markersize=5.5,
            alpha=0.75,
            zorder=1,
        )


def _scale_axis(axis: Axes, scales: Iterable[float]) -> None:
    """A logarithmic axis with a tick at each scale, or at fewer where they would overlap."""
    known = sorted({float(scale) for scale in scales})
    axis.set_xscale("log")
    axis.set_xlim(known[0] / 1.25, known[-1] * 1.25)
    span = math.log(known[-1] / known[0]) + 2 * math.log(1.25)
    kept: list[float] = []
    for scale in known:
        if not kept or math.log(scale / kept[-1]) > 0.05 * span:
            kept.append(scale)
    axis.xaxis.set_major_locator(FixedLocator(kept))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.2f}"))


def _log_ticks(
    axis: Axis, limits: tuple[float, float], written: Callable[[float, Any], str]
) -> None:
    """Labelled ticks on a logarithmic axis, closer where it spans few decades."""
    decades = math.log10(limits[1] / limits[0])
    finer = ((1, (1, 1.5, 2, 3, 5, 7)), (2, (1, 2, 5)), (3, (1, 3)))
    subs = next((steps for most, steps in finer if decades < most), (1,))
    axis.set_major_locator(LogLocator(subs=subs, numticks=20))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(written))


def _accuracy_axis(axis: Axes) -> None:
    axis.set_ylim(-0.03, 1.05)
    axis.yaxis.set_major_formatter(_percent)


def _power_band(power: Mapping[str, Any] | None) -> tuple[float, float, float] | None:
    """(lowest, highest) energy per SynOp as shares of the assumed one; static power in mW."""
    if power is None:
        return None
    assumed = float(power["energy_per_synop_pj"])
    low, high = (float(value) for value in power["energy_band_pj"])
    return low / assumed, high / assumed, float(power.get("static_power_mw", 0) or 0)


def _size_text(rows: pd.DataFrame) -> str:
    """How many recordings and symbols a set holds."""
    parts = []
    for column, word in (("n_recordings", "recording"), ("n_symbols", "symbol")):
        count = int(rows[column].max())
        parts.append(f"{count:,} {word}{'s' if count != 1 else ''}")
    return ", ".join(parts)


def _as_events(
    t: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    p: np.ndarray | None,
    has_polarity: bool,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    t = np.asarray(t).astype(np.int64)
    on = np.ones(len(t), dtype=bool)
    if has_polarity and p is not None:
        on = np.asarray(p) > 0
    return t, np.asarray(x), np.asarray(y), on


def _rate_edges(duration: float, width: float) -> np.ndarray:
    if duration <= width:
        return np.array([0.0, max(duration, 1e-6)])
    full = int(duration // width)
    edges = np.arange(full + 1) * width
    rest = duration - edges[-1]
    if rest < width / 2:
        edges[-1] = duration
        return edges
    return np.append(edges, duration)


def _tinted(counts: np.ndarray, full: float, colours: tuple[str, str]) -> np.ndarray:
    """An RGB image (height, width, 3) of counts (2, height, width), each in its colour on white."""
    image = np.ones((*counts.shape[1:], 3))
    for plane, colour in zip(counts, colours, strict=True):
        share = np.clip(plane / full, 0, 1)[..., None]
        image -= share * (1 - np.asarray(to_rgb(colour)))
    return np.clip(image, 0, 1)


def _mix(start: str, end: str, share: float) -> tuple[float, ...]:
    return tuple((1 - share) * np.asarray(to_rgb(start)) + share * np.asarray(to_rgb(end)))


def _marker_area(count: Any, most: int) -> Any:
    return 14 + 76 * np.asarray(count, dtype=float) / max(most, 4)


def _spiking(evaluation: pd.DataFrame) -> pd.DataFrame:
    """The rows that a spiking network made: those with a scale."""
    if "scale" not in evaluation:
        return evaluation.iloc[:0]
    return evaluation[pd.to_numeric(evaluation["scale"], errors="coerce").notna()]


def _flag(column: pd.Series) -> pd.Series:
    return pd.to_numeric(column, errors="coerce").fillna(0).astype(int) == 1


def _run_key(row: Mapping[str, Any]) -> tuple[str, str, int, str]:
    scale = row["scale"]
    fixed = f"{float(scale):.4f}" if pd.notna(scale) else ""
    return _label_text(row.get("set")), str(row["variant"]), int(row["seed"]), fixed


def _ordered(column: Iterable[Any]) -> list[Any]:
    """Distinct values in the order in which they first stand."""
    return list(dict.fromkeys(column))


def _variant_colour(variants: Sequence[Any], variant: Any) -> str:
    return VARIANT_COLOURS[variants.index(variant) % len(VARIANT_COLOURS)]


def _seed_style(seeds: Sequence[Any], seed: Any) -> str:
    return SEED_STYLES[list(seeds).index(seed) % len(SEED_STYLES)]


def _label_text(value: Any) -> str:
    """A label as text; empty for None, NaN and blanks; 3.0 (3 beside gaps in pandas) is 3."""
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return ""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def _wrapped(text: str, width: int) -> str:
    return "\n".join(textwrap.wrap(text, width))


def _plain_number(value: float, _: Any = None) -> str:
    return f"{value:g}"


def _millions(value: float, _: Any = None) -> str:
    return f"{value / 1e6:g}"


_percent = FuncFormatter(lambda value, _: f"{100 * value:.0f} %")
