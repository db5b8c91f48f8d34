"""A recording's events per second."""

from pathlib import Path

import numpy as np

from dvs_snn.recordings.recording import EventRecording
from dvs_snn.report import recorded, style
from dvs_snn.report.style import Figure

TITLE = "event rate"
CATEGORY = "2 Recordings"
SUFFIX = ".png"
CAPTION = (
    "Events per second over time, ON and OFF apart. Each event costs the synapses of the "
    "first layer, so this rate sets the floor of the power."
)

# Limits the figure's size, since a damaged file may claim any duration.
MAX_RATE_BINS = 20_000


def draw(events: Path, shown: recorded.Shown) -> Figure:
    return plot(shown.open(events), shown.title())


def plot(recording: EventRecording, title: str, bin_ms: float = 10) -> Figure:
    """Events per second over time, counted in bins of `bin_ms`, or wider ones by powers of ten."""
    seconds = recorded.seconds_of(recording)
    while float(seconds.max()) > MAX_RATE_BINS * bin_ms / 1e3:
        bin_ms *= 10
    edges = _edges(float(seconds.max()), bin_ms / 1e3)
    figure = style.new_figure(style.WIDTH_IN, 3.1)
    axis = figure.add_subplot()
    for chosen, colour, name in recorded.kinds(recording, "all events"):
        rate = np.histogram(seconds[chosen], bins=edges)[0] / np.diff(edges) / 1e3
        axis.stairs(rate, edges, color=colour, label=name, linewidth=1.4)
    axis.set_xlim(0, edges[-1])
    axis.set(xlabel="time since the first event (s)", ylabel="thousand events per second")
    axis.grid(axis="y")
    # A fifth of room above the highest rate, for the legend.
    axis.set_ylim(0, max(1.2 * axis.dataLim.ymax, 1e-3))
    axis.legend(loc="upper right", ncols=2)
    axis.set_title(f"{title}: event rate in bins of {bin_ms:g} ms")
    return figure


def _edges(duration: float, width: float) -> np.ndarray:
    """Edges of bins; a last one shorter than half of the others is joined to the one before."""
    if duration <= width:
        return np.array([0.0, max(duration, 1e-6)])
    edges = np.arange(int(duration // width) + 1) * width
    if duration - edges[-1] < width / 2:
        edges[-1] = duration
        return edges
    return np.append(edges, duration)
