"""All frames of a study: one memory-mapped uint8 array and an index table."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

import numpy as np
import pandas as pd

from dvs_snn.files.arrays import ArrayWriter, open_array
from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError
from dvs_snn.files.tables import read_csv
from dvs_snn.recordings.frames import Frame
from dvs_snn.recordings.placement import NETWORK_SIZE

FRAME_SHAPE = (1, NETWORK_SIZE, NETWORK_SIZE)
INDEX_COLUMNS = {
    "recording": "str", "symbol": "str", "label": "int64", "split": "category",
    "t_start_us": "Int64", "t_end_us": "Int64", "n_events": "int64", "n_saturated": "int64",
}  # fmt: skip
"""Columns of the index and how each is read."""


class FrameWriter:
    """Appends frames to the array and rows to the index, one frame in memory at a time."""

    def __init__(self, array: BinaryIO, index: TextIO) -> None:
        self.array = ArrayWriter(array, np.uint8, FRAME_SHAPE)
        self._rows = csv.writer(index, lineterminator="\n")
        self._rows.writerow(INDEX_COLUMNS)

    def append(self, frame: Frame, recording: str, symbol: str, label: int, split: str) -> None:
        """Add one frame of a recording. Frames without times (-1) leave those cells empty."""
        self.array.append(frame.pixels[None])
        times = [value if value >= 0 else "" for value in (frame.t_start_us, frame.t_end_us)]
        self._rows.writerow(
            [recording, symbol, label, split, *times, frame.n_events, frame.n_saturated]
        )


@contextmanager
def frame_writer(array_path: Path, index_path: Path) -> Iterator[FrameWriter]:
    """Open both files of a frame store; whole or not at all. StudyError without any frame."""
    with replacing(array_path) as array_part, replacing(index_path) as index_part:
        with open(array_part, "w+b") as array, open(index_part, "w", newline="") as index:
            writer = FrameWriter(array, index)
            yield writer
            if not writer.array.n_rows:
                raise StudyError(
                    "no recording gave a frame, expected at least one: no event falls on the "
                    "network; check data.sensor_size and data.zoom."
                )
            writer.array.finish()


def open_frames(array_path: Path) -> np.ndarray:
    """Memory-map the frames, uint8 (frame, 1, height, width), read-only; StudyError if damaged."""
    return open_array(array_path, np.uint8, FRAME_SHAPE)


def read_index(index_path: Path, columns: list[str] | None = None) -> pd.DataFrame:
    """Read the index, or some of its columns, one row a frame; StudyError if it isn't whole."""
    wanted = {key: INDEX_COLUMNS[key] for key in columns or INDEX_COLUMNS}
    # A recording may be called NA: only times are ever empty.
    empty = {"t_start_us": [""], "t_end_us": [""]}
    return read_csv(
        index_path, usecols=list(wanted), dtype=wanted, keep_default_na=False, na_values=empty
    )


def split_rows(index: pd.DataFrame, split: str) -> np.ndarray:
    """Return the row numbers, int64 ascending, of the frames of one split."""
    return np.flatnonzero((index["split"] == split).to_numpy())
