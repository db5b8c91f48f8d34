"""What recordings hold, to look at: what networks see of them, their event rate, hot pixels."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.files.arrays import evenly_picked, picked_by_label
from dvs_snn.files.job import Progress
from dvs_snn.recordings.folders.split_table import open_recording
from dvs_snn.recordings.frames import Frame, accumulate
from dvs_snn.recordings.placement import NETWORK_SIZE, Placement, counts, place
from dvs_snn.recordings.plausibility.finding import Finding
from dvs_snn.recordings.plausibility.orientations import Images, mean_images
from dvs_snn.recordings.plausibility.ranges import SHORTEST_S
from dvs_snn.recordings.recording import EventRecording
from dvs_snn.recordings.store.frame_store import open_frames, read_index, split_rows
from dvs_snn.settings.frames import FrameRule

SHOWN, PER_DIGIT = 3, 100
"""Single frames that are shown, and most recordings or frames of a digit's mean image."""

MOST_FRAMES, N_BINS = 300, 60
"""Frames of one recording that make its mean frame, and bins of the event rate over the longest."""

FEWEST_EVENTS, TIMES, MOST_SHARE = 20, 3, 0.9
"""A hot pixel sent so many events, and so many times those of most pixels that sent any, and of
the second most active of its neighbours: the edge of what moves has two as active."""

STRIDE = 2**17
"""Pixel x, y is y * STRIDE + x: no sensor is so wide that a neighbour lies in another row."""


@dataclass(frozen=True, eq=False)
class ShownFrames:
    """Frames: uint8 (frame, height, width) of events per pixel, and int64 (frame,) of digits."""

    pixels: np.ndarray
    labels: np.ndarray

    def like(self, others: "ShownFrames") -> "ShownFrames":
        """Return those of the digits that others show; all where no digit is shared."""
        same = np.isin(self.labels, others.labels)
        return ShownFrames(self.pixels[same], self.labels[same]) if same.any() else self

    def mean(self) -> np.ndarray:
        """Return the mean frame, float64 (height, width); zeros without any."""
        return self.pixels.sum(axis=0, dtype=np.float64) / max(len(self.pixels), 1)

    def some(self) -> list[int]:
        """Return the places of up to `SHOWN` frames, of digits evenly spread over those shown."""
        known = np.unique(self.labels)
        shown = np.resize(known[evenly_picked(SHOWN, len(known))], SHOWN if len(known) else 0)
        places: list[int] = []
        for label, n in Counter(sorted(shown.tolist())).items():
            of_label = np.flatnonzero(self.labels == label)
            places += of_label[_middles(n, len(of_label))].tolist()
        return places


def _middles(n: int, count: int) -> np.ndarray:
    """Return up to `n` of the places 0 to `count` - 1, in the middles of as many equal parts."""
    return np.unique(((np.arange(n) + 0.5) * count / n).astype(int)) if count else np.arange(0)


def gathered(recordings: Iterable[tuple[int, Sequence[Frame]]], most: int) -> ShownFrames:
    """Gather frames of recordings, (digit, its frames) each, up to `most` of one."""
    pixels, labels = [], []
    for label, frames in recordings:
        for number in _middles(most, len(frames)):
            pixels.append(frames[number].pixels[0])
            labels.append(label)
    shape = (len(pixels), NETWORK_SIZE, NETWORK_SIZE)
    images = np.array(pixels, dtype=np.uint8).reshape(shape)
    return ShownFrames(images, np.array(labels, dtype=np.int64))


def trained_frames(frames: Path, index: Path) -> ShownFrames:
    """Return some of the frames that train, evenly spread over those of each digit."""
    table = read_index(index, ["label", "split"])
    rows = split_rows(table, "train")
    rows = rows[picked_by_label(table["label"].to_numpy()[rows], PER_DIGIT)]
    return ShownFrames(np.asarray(open_frames(frames)[rows, 0]), table["label"].to_numpy()[rows])


@dataclass(frozen=True, eq=False)
class Look:
    """What recordings hold: the mean image of each class, and some frames.

    Attributes:
        edges_s, rate: float64 (bin + 1,) of bins since a recording's first event, and (bin,) events
            per second, a mean over the recordings that last so long.
        pixels: events of each sensor pixel that sent any, by `STRIDE`.
    """

    images: Images
    frames: ShownFrames
    edges_s: np.ndarray
    rate: np.ndarray
    pixels: pd.Series


def look_at(rows: pd.DataFrame, placement: Placement, rule: FrameRule, progress: Progress) -> Look:
    """Look at some recordings of each class; one altered since it was listed raises StudyError."""
    rows = rows.iloc[picked_by_label(rows["label"].to_numpy(), PER_DIGIT)]
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
    active = pixels[(pixels >= FEWEST_EVENTS) & (pixels > TIMES * pixels.quantile(MOST_SHARE))]
    steps = [dy * STRIDE + dx for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx]
    around = [pixels.reindex(active.index + step, fill_value=0).to_numpy() for step in steps]
    alone = active[active > TIMES * np.sort(around, axis=0)[-2]]
    return alone.sort_values(ascending=False, kind="stable")


def hot(pixels: pd.Series) -> Finding | None:
    """Tell of hot pixels: they send events whatever the scene shows."""
    hottest = hot_pixels(pixels)
    if hottest.empty:
        return None
    worst = [f"x {n % STRIDE} y {n // STRIDE} ({of:,.0f})" for n, of in hottest.iloc[:5].items()]
    sentence = (
        f"hot pixels: {len(hottest)}, with {100 * hottest.sum() / pixels.sum():.1f} % of the "
        f"events, the worst {', '.join(worst)}; mask them in the camera, or leave their events out"
    )
    return Finding("hot_pixels", "told", sentence)
