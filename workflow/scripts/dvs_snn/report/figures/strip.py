"""Frames of a recording at evenly spaced moments."""

from pathlib import Path

import numpy as np

from dvs_snn.recordings.recording import EventRecording
from dvs_snn.report import recorded, style
from dvs_snn.report.style import Figure

TITLE = "frames"
CATEGORY = "2 Recordings"
SUFFIX = ".png"
CAPTION = (
    "The events of 33 ms, or less in a short recording, at evenly spaced moments. Blue pixels grew "
    "brighter (ON), orange ones darker (OFF), dark ones both."
)

STRIP_WINDOW_S = 0.033
# Limits the figure's size, since a damaged file may claim any sensor size.
MAX_PICTURE_BINS = 512


def draw(events: Path, shown: recorded.Shown) -> Figure:
    return plot(shown.open(events), shown.title())


def plot(recording: EventRecording, title: str, n_panels: int = 6) -> Figure:
    """Accumulated frames at evenly spaced times, of 33 ms or their share of a short recording."""
    width, height = recording.sensor_size
    x, y = recording.events["x"], recording.events["y"]
    seconds = recorded.seconds_of(recording)
    duration = max(float(seconds.max()), 1e-6)
    window = min(STRIP_WINDOW_S, duration / n_panels)
    starts = [(i + 0.5) * duration / n_panels - window / 2 for i in range(n_panels)]
    kinds = recorded.kinds(recording, "event")
    bins = (min(height, MAX_PICTURE_BINS), min(width, MAX_PICTURE_BINS))
    stack = np.zeros((n_panels, len(kinds), *bins))
    for i, start in enumerate(starts):
        # The last instant belongs to the last window, as in numpy's histograms.
        inside = (seconds >= start) & (seconds <= start + window)
        for kind, (chosen, _, _) in enumerate(kinds):
            rows, columns = y[inside & chosen], x[inside & chosen]
            stack[i, kind] = np.histogram2d(rows, columns, bins, ((0, height), (0, width)))[0]
    full = style.full_scale(stack)
    panel = (style.WIDTH_IN - 0.7) / n_panels - 0.18
    row_height = panel * min(height / width, 4) + 0.85
    figure, axes = style.grid_of_panels(n_panels, n_panels, row_height, 0.75)
    for axis, counts, start in zip(axes, stack, starts, strict=True):
        image = _tinted(counts, full, [colour for _, colour, _ in kinds])
        axis.imshow(image, interpolation="nearest", extent=(0, width, height, 0))
        axis.set_title(f"{start:.3f}–{start + window:.3f} s", fontsize=9.5)
        style.framed(axis)
        axis.set(xticks=[0, width], yticks=[], xlabel="x (pixel)")
    axes[0].set(yticks=[0, height], ylabel="y (pixel)")
    recorded.polarity_legend(figure, recording.has_polarity)
    figure.suptitle(f"{title}: events of {window * 1e3:.0f} ms at {n_panels} moments")
    return figure


def _tinted(counts: np.ndarray, full: float, colours: list[str]) -> np.ndarray:
    """An RGB image (height, width, 3) of counts (colour, height, width) in colours on white."""
    from matplotlib.colors import to_rgb

    image = np.ones((*counts.shape[1:], 3))
    for plane, colour in zip(counts, colours, strict=True):
        share = np.clip(plane / full, 0, 1)[..., None]
        image -= share * (1 - np.asarray(to_rgb(colour)))
    return np.clip(image, 0, 1)
