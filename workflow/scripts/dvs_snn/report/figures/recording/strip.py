"""Frames of a recording at evenly spaced moments."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from dvs_snn.report.figures.recording.events import (
    MICROSECONDS,
    OFF_COLOUR,
    ON_COLOUR,
    PLAIN_COLOUR,
    as_events,
    events_and_title,
    polarity_legend,
)
from dvs_snn.report.style import (
    FAINT,
    WIDTH_IN,
    grid_axes,
    in_style,
    new_figure,
    sentence_figure,
)

TITLE = "frames"
CATEGORY = "2 Recordings"
INPUTS = ("recording",)
SETTINGS = ("row", "from_file", "sensor_size")
CAPTION = (
    "Frames accumulated from the events at evenly spaced moments, 33 ms each or less in a "
    "short recording. Blue pixels grew brighter (ON), red ones darker (OFF), dark ones both. "
    "A recording without polarity is grey."
)

STRIP_WINDOW_S = 0.033
# A file may claim any sensor: pictures stay pictures.
MAX_PICTURE_BINS = 512


def draw(paths: Mapping[str, Path], settings: Mapping[str, Any]) -> Figure:
    """Draw a recording's frames."""
    return plot(**events_and_title(paths, settings))


@in_style
def plot(
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
    t, x, y, on = as_events(t, x, y, p, has_polarity)
    if not len(t):
        return sentence_figure("The recording holds no event.", title)
    width, height = sensor_size
    seconds = (t - t.min()) / MICROSECONDS
    duration = max(float(seconds.max()), 1e-6)
    window = min(STRIP_WINDOW_S, duration / n_panels)
    columns = min(n_panels, 6)
    rows = math.ceil(n_panels / columns)
    panel = (WIDTH_IN - 0.7) / columns - 0.18
    figure = new_figure(WIDTH_IN, rows * (panel * min(height / width, 4) + 0.85) + 0.75)
    axes = grid_axes(figure, rows, columns, n_panels)
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
    polarity_legend(figure, has_polarity)
    figure.suptitle(f"{title}: events of {window * 1e3:.0f} ms at {n_panels} moments")
    return figure


def _tinted(counts: np.ndarray, full: float, colours: tuple[str, str]) -> np.ndarray:
    """An RGB image (height, width, 3) of counts (2, height, width), each in its colour on white."""
    image = np.ones((*counts.shape[1:], 3))
    for plane, colour in zip(counts, colours, strict=True):
        share = np.clip(plane / full, 0, 1)[..., None]
        image -= share * (1 - np.asarray(to_rgb(colour)))
    return np.clip(image, 0, 1)
