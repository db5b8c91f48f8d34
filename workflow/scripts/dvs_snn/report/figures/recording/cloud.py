"""A recording's events as points in space and time."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from mpl_toolkits.mplot3d import Axes3D  # noqa: F401  (registers the "3d" projection)

from dvs_snn.report.figures.recording.events import (
    MICROSECONDS,
    OFF_COLOUR,
    ON_COLOUR,
    PLAIN_COLOUR,
    as_events,
    events_and_title,
    polarity_legend,
)
from dvs_snn.report.style import WIDTH_IN, in_style, new_figure, sentence_figure

TITLE = "cloud"
CATEGORY = "2 Recordings"
INPUTS = ("recording",)
SETTINGS = ("row", "from_file", "sensor_size")
SUFFIX = ".png"
CAPTION = (
    "The events in space and time, at most 20,000 of them, evenly thinned. A digit that moves "
    "draws a ribbon along the time axis. Blue is ON, red is OFF."
)


def draw(paths: Mapping[str, Path], settings: Mapping[str, Any]) -> Figure:
    """Draw a recording's events as points."""
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
    max_points: int = 20000,
) -> Figure:
    """The events as points in x, y and time; every k-th event if there are more than `max_points`.

    Arguments as in `strip.plot`. The stride is fixed, so the picture repeats exactly.
    """
    t, x, y, on = as_events(t, x, y, p, has_polarity)
    if not len(t):
        return sentence_figure("The recording holds no event.", title)
    width, height = sensor_size
    stride = max(1, math.ceil(len(t) / max_points))
    seconds = (t - t.min())[::stride] / MICROSECONDS
    x, y, on = x[::stride], y[::stride], on[::stride]

    figure = new_figure(WIDTH_IN, 4.7, layout=None)
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
    polarity_legend(figure, has_polarity, loc="upper right")
    shown = f"{len(x):,} of {len(t):,} events" if stride > 1 else f"all {len(t):,} events"
    figure.suptitle(f"{title}: {shown}", x=0.02, y=0.975, ha="left")
    return figure
