"""Frames, as the CNN sees a recording: events accumulated by number or by time, and their store.

The store is one memory-mapped uint8 array of all frames of a study, and an index table.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.files.arrays import ArrayWriter, open_array
from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError
from dvs_snn.files.tables import read_csv
from dvs_snn.recordings.placement import NETWORK_SIZE, PlacedEvents, counts
from dvs_snn.settings.frame_settings import FrameRule

FRAME_SHAPE = (1, NETWORK_SIZE, NETWORK_SIZE)
INDEX_COLUMNS = {
    "recording": "str",
    "symbol": "str",
    "label": "int64",
    "split": "category",
    "n_events": "int64",
    "n_saturated": "int64",
}
"""Columns of the index and how each is read."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One accumulated frame.

    Attributes:
        pixels: uint8 (1, height, width), events per pixel, saturated at 255.
        t_end_us: time of its last event; -1 if unknown.
        n_events: events accumulated, saturated or not.
        n_saturated: pixels that held more than 255 events.
    """

    pixels: np.ndarray
    t_end_us: int
    n_events: int
    n_saturated: int


def accumulate(placed: PlacedEvents, rule: FrameRule) -> Iterator[Frame]:
    """Yield the frames of a recording by `rule`.

    By events: the tail is a frame if it holds the least events or is the recording's only one.
    By time: windows begin with the recording, and empty ones are skipped. The last one is a frame
    if the recording fills a third of it, or as the only one.
    """
    n = placed.n_events
    if rule.by == "events":
        fewest = min(rule.events, rule.min_events)
        starts = [at for at in range(0, n, rule.events) if at == 0 or n - at >= fewest]
        # A tail that is no frame is left out.
        end = min(starts[-1] + rule.events, n) if starts else 0
    else:
        width = round(rule.window_ms * 1000)
        window = (placed.t - placed.t_first) // width
        starts = np.flatnonzero(np.diff(window, prepend=window[:1] - 1)).tolist()
        end = n
        if len(starts) > 1 and 3 * (placed.t_last - placed.t_first - window[-1] * width) < width:
            end = starts.pop()
    for start, stop in zip(starts, [*starts[1:], end], strict=False):
        count = counts(placed.row[start:stop], placed.column[start:stop])
        yield Frame(
            pixels=np.minimum(count, 255).astype(np.uint8)[None],
            t_end_us=int(placed.t[stop - 1]),
            n_events=stop - start,
            n_saturated=int((count > 255).sum()),
        )


def training_rule(
    rule: FrameRule, limits: Sequence[int] | None, rng: np.random.Generator
) -> FrameRule:
    """Return the rule for the frames of one training recording, with their number of events drawn.

    A spiking network sees few time steps at once: fewer events than a frame of the study.

    Args:
        rule: the study's; returned unchanged where frames hold a span of time.
        limits: smallest and largest number of events, drawn evenly on a logarithmic axis; None
            for the study's own.
    """
    if limits is None or rule.by != "events":
        return rule
    low, high = limits
    events = round(low * (high / low) ** rng.random())
    return replace(rule, events=events, min_events=min(rule.min_events, events))


AddFrame = Callable[[Frame, str, str, int | None, str], None]
"""Adds a frame to a store: a frame, its recording, its symbol and label, its part of the split."""


@contextmanager
def frame_writer(array_path: Path, index_path: Path) -> Iterator[AddFrame]:
    """Yield a function that adds a frame to a new frame store, one in memory at a time.

    Both files appear whole or not at all; without any frame StudyError is raised.
    """
    with replacing(array_path) as array_part, replacing(index_path) as index_part:
        with open(array_part, "w+b") as array:
            pixels = ArrayWriter(array, np.dtype(np.uint8), FRAME_SHAPE)
            rows = []

            def add(
                frame: Frame, recording: str, symbol: str, label: int | None, split: str
            ) -> None:
                pixels.append(frame.pixels[None])
                row = [recording, symbol, label, split, frame.n_events, frame.n_saturated]
                rows.append(row)

            yield add
            pixels.finish()
        if not rows:
            raise StudyError(
                "no recording gave a frame, expected at least one: no event falls on the "
                "network; check data.sensor_size and data.zoom."
            )
        index = pd.DataFrame(rows, columns=list(INDEX_COLUMNS))
        index.to_csv(index_part, index=False, lineterminator="\n")


def open_frames(array_path: Path) -> np.ndarray:
    """Memory-map the frames, uint8 (frame, 1, height, width), read-only; StudyError if damaged."""
    return open_array(array_path, np.dtype(np.uint8), FRAME_SHAPE)


def read_index(index_path: Path, columns: list[str]) -> pd.DataFrame:
    """Read columns of the index, one row a frame; StudyError if it isn't whole."""
    wanted = {key: INDEX_COLUMNS[key] for key in columns}
    # A recording may be called NA.
    return read_csv(index_path, usecols=columns, dtype=wanted, keep_default_na=False)


def split_rows(index: pd.DataFrame, split: str) -> np.ndarray:
    """Return the row numbers, int64 ascending, of the frames of one split."""
    return np.flatnonzero((index["split"] == split).to_numpy())
