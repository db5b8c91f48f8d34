"""Reads recordings once more and gathers all that the page shows of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dvs_snn.events.frames import Frame, accumulate
from dvs_snn.events.placement import place, placement_of
from dvs_snn.files.job import Progress
from dvs_snn.plausibility.pictures import SHOWN, Frames, gathered, spread
from dvs_snn.report.preview.hot_pixels import PixelCounts, pixel_counts
from dvs_snn.report.preview.rates import Flicker, FlickerMeter, Rate, RateCounter
from dvs_snn.settings.frames import FrameRule
from dvs_snn.sources.split_table import open_recording

MOST_RECORDINGS = 200
"""Recordings of a folder that are looked at; the check reads all."""

MOST_FRAMES = 300
"""Frames of one recording that make its mean frame."""


@dataclass(frozen=True, eq=False)
class Scan:
    """What recordings hold.

    Attributes:
        n_recordings: that were looked at.
        n_events, seconds: of all of them together.
        on_share: share of ON events; None if no recording tells polarity.
        flicker: None if every recording is too short to tell.
        frames: some of their frames; none if no event falls on the network.
    """

    n_recordings: int
    n_events: int
    seconds: float
    on_share: float | None
    rate: Rate
    flicker: Flicker | None
    pixels: PixelCounts
    frames: Frames


def some_rows(rows: pd.DataFrame, most: int) -> pd.DataFrame:
    """Return up to about `most` rows of a split table, evenly spread over each digit's."""
    labels = rows["label"].to_numpy()
    return rows.iloc[spread(labels, max(most // len(np.unique(labels)), 1))]


def scan(rows: pd.DataFrame, where: Mapping[str, Any], rule: FrameRule, progress: Progress) -> Scan:
    """Look at recordings, one in memory at a time.

    Args:
        rows: of a split table, one at least.
        where: how they lie on the network.
        rule: how their events become frames.

    Raises:
        StudyError: a file was altered since it was listed.
    """
    rows = some_rows(rows, MOST_RECORDINGS)
    rate = RateCounter(float(rows["duration_s"].max()))
    flicker = FlickerMeter(rows["duration_s"].tolist())
    placement, pixels = placement_of(where), None
    frames: list[tuple[int, list[Frame]]] = []
    most = max(MOST_FRAMES // len(rows), SHOWN)
    with progress.bar(len(rows), "recording", "look at") as bar:
        for row in rows.itertuples():
            recording = open_recording(row)
            rate.add(recording)
            flicker.add(recording)
            own = pixel_counts(recording)
            pixels = own if pixels is None else pixels + own
            found = list(accumulate(place(recording, placement), rule))
            frames.append((row.label, found[:: max(len(found) // most, 1)]))
            bar.advance(1)
    told = rows[rows["on_share"].notna()]
    n_told = told["n_events"].sum()
    return Scan(
        n_recordings=len(rows),
        n_events=int(rows["n_events"].sum()),
        seconds=float(rows["duration_s"].sum()),
        on_share=float((told["on_share"] * told["n_events"]).sum() / n_told) if n_told else None,
        rate=rate.rate(),
        flicker=flicker.flicker(),
        pixels=pixels,
        frames=gathered(frames, most),
    )
