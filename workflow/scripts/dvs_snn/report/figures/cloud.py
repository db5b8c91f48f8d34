"""A recording's events as points in space and time."""

import math
from pathlib import Path

from dvs_snn.recordings.recording import EventRecording
from dvs_snn.report import recorded, style
from dvs_snn.report.style import Figure, ticker

TITLE = "cloud"
CATEGORY = "2 Recordings"
SUFFIX = ".png"
CAPTION = (
    "The events in space and time, at most 20,000 of them, evenly thinned. What moves draws a "
    "ribbon along the time axis."
)


def draw(events: Path, shown: recorded.Shown) -> Figure:
    return plot(shown.open(events), shown.title())


def plot(recording: EventRecording, title: str, max_points: int = 20000) -> Figure:
    """The events as points in x, y and time; every k-th if there are more than `max_points`."""
    # It registers the projection "3d".
    from mpl_toolkits.mplot3d import Axes3D  # noqa: F401

    n = recording.n_events
    stride = max(1, math.ceil(n / max_points))
    seconds = recorded.seconds_of(recording)[::stride]
    x, y = (recording.events[name][::stride] for name in "xy")
    figure = style.new_figure(style.WIDTH_IN, 4.7, layout=None)
    # Constrained layout does not know how far the labels of a 3-D axis reach: place it by hand.
    axis = figure.add_axes((0.0, 0.06, 0.97, 0.9), projection="3d", computed_zorder=False)
    for chosen, colour, name in recorded.kinds(recording, "event"):
        chosen = chosen[::stride]
        # Thousands of vector points would make the file larger than the recording.
        how = {"s": 2.0, "alpha": 0.45, "linewidths": 0, "depthshade": False, "rasterized": True}
        axis.scatter(seconds[chosen], x[chosen], y[chosen], c=colour, label=name, **how)
    width, height = recording.sensor_size
    axis.set_xlim(0, max(float(seconds.max()), 1e-6))
    axis.set_ylim(0, width)
    axis.set_zlim(height, 0)
    axis.set_box_aspect((2.6, 1.0, 1.0), zoom=1.45)
    axis.view_init(elev=18, azim=-62)
    for side, n_ticks in ((axis.xaxis, 6), (axis.yaxis, 3), (axis.zaxis, 4)):
        side.set_major_locator(ticker.MaxNLocator(n_ticks))
        side.set_pane_color((1, 1, 1, 0))
    axis.set_xlabel("time since the first event (s)", labelpad=14)
    axis.set_ylabel("x (pixel)", labelpad=6)
    axis.set_zlabel("y (pixel)", labelpad=4)
    recorded.polarity_legend(figure, recording.has_polarity, loc="upper right")
    shown = f"{len(x):,} of {n:,} events" if stride > 1 else f"all {n:,} events"
    figure.suptitle(f"{title}: {shown}", x=0.02, y=0.975, ha="left")
    return figure
