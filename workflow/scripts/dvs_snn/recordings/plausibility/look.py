"""Reads recordings once more and gathers what is shown of them: frames, event rate, hot pixels."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dvs_snn.files.job import Progress
from dvs_snn.recordings.folders.split_table import open_recording
from dvs_snn.recordings.frames import accumulate
from dvs_snn.recordings.placement import Placement, counts, place
from dvs_snn.recordings.plausibility.finding import Finding
from dvs_snn.recordings.plausibility.orientations import Images, mean_images
from dvs_snn.recordings.plausibility.pictures import SHOWN, Frames, gathered, spread
from dvs_snn.recordings.plausibility.time_units import SHORTEST_S
from dvs_snn.recordings.recording import EventRecording
from dvs_snn.settings.frames import FrameRule

MOST_FRAMES, N_BINS = 300, 60
"""Frames of one recording that make its mean frame, and bins of the event rate over the longest."""

FEWEST_EVENTS, TIMES, MOST_SHARE = 20, 3, 0.9
"""A hot pixel sent so many events, and so many times those of most pixels that sent any, and of
the second most active of its neighbours: the edge of what moves has two as active."""

STRIDE = 2**17
"""Pixel x, y is y * STRIDE + x: no sensor is so wide that a neighbour lies in another row."""


@dataclass(frozen=True, eq=False)
class Look:
    """What recordings hold: the mean image of each class, and some frames.

    Attributes:
        edges_s, rate: float64 (bin + 1,) of bins since a recording's first event, and (bin,) events
            per second, a mean over the recordings that last so long.
        pixels: events of each sensor pixel that sent any, by `STRIDE`.
    """

    images: Images
    frames: Frames
    edges_s: np.ndarray
    rate: np.ndarray
    pixels: pd.Series


def look_at(rows: pd.DataFrame, placement: Placement, rule: FrameRule, progress: Progress) -> Look:
    """Look at some recordings of each class; one altered since it was listed raises StudyError."""
    rows = rows.iloc[spread(rows["label"].to_numpy())]
    images, frames, pixels = [], [], pd.Series(dtype=np.int64)
    edges_s = np.linspace(0, max(float(rows["duration_s"].max()), SHORTEST_S), N_BINS + 1)
    n_events, covered_s = np.zeros((2, N_BINS))
    with progress.bar(len(rows), "recording", "look at") as bar:
        for row in rows.itertuples():
            recording = open_recording(row)
            placed = place(recording, placement)
            images.append((row.label, counts(placed.row, placed.column)))
            frames.append((row.label, list(accumulate(placed, rule))))
            pixels = pixels.add(pixel_counts(recording), fill_value=0)
            t = (recording.events["t"] - recording.events["t"][0]) / 1e6
            n_events += np.histogram(t, edges_s)[0]
            covered_s += (t[-1] - edges_s[:-1]).clip(0, edges_s[1])
            bar.advance(1)
    # Less than half a bin would make a rate of chance.
    rate = n_events / covered_s.clip(min=edges_s[1] / 2)
    shown = gathered(frames, max(MOST_FRAMES // len(rows), SHOWN))
    return Look(mean_images(images), shown, edges_s, rate, pixels)


def pixel_counts(recording: EventRecording) -> pd.Series:
    """Return the events of each sensor pixel that sent any, by `STRIDE`."""
    places = recording.events["y"].astype(np.int64) * STRIDE + recording.events["x"]
    return pd.Series(*np.unique(places, return_counts=True)[::-1])


def hot_pixels(pixels: pd.Series) -> pd.Series:
    """Return the hot ones of some pixels' events, the most active first."""
    found = pixels[(pixels >= FEWEST_EVENTS) & (pixels > TIMES * pixels.quantile(MOST_SHARE))]
    steps = [dy * STRIDE + dx for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx]
    around = [pixels.reindex(found.index + step, fill_value=0).to_numpy() for step in steps]
    found = found[found > TIMES * np.sort(around, axis=0)[-2]]
    return found.sort_values(ascending=False, kind="stable")


def hot(pixels: pd.Series) -> Finding | None:
    """Tell of hot pixels: they send events whatever the scene shows."""
    found = hot_pixels(pixels)
    if found.empty:
        return None
    worst = [f"x {n % STRIDE} y {n // STRIDE} ({of:,.0f})" for n, of in found.iloc[:5].items()]
    sentence = (
        f"hot pixels: {len(found)}, with {100 * found.sum() / pixels.sum():.1f} % of the events, "
        f"the worst {', '.join(worst)}; mask them in the camera, or leave their events out"
    )
    return Finding("hot_pixels", "told", sentence)
