"""The recordings of a set in time steps: one memory-mapped array and a table for all jobs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.files.arrays import ArrayWriter, open_array
from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError
from dvs_snn.files.tables import read_csv
from dvs_snn.recordings.steps import StepEvents
from dvs_snn.recordings.store.samples import BinnedRecording

# Packed: 6 bytes an event. Two bytes would not hold the steps of a recording of eleven minutes.
STEP_DTYPE = np.dtype([("step", "<u4"), ("row", "u1"), ("column", "u1")])
TABLE_COLUMNS = {
    "recording": "str", "symbol": "str", "label": "int64", "n_events": "int64",
    "n_events_outside": "int64", "n_steps": "int64", "duration_s": "float64", "sha256": "str",
}  # fmt: skip
"""Columns of the table and how each is read."""


def store_steps(
    recordings: Iterable[BinnedRecording], array_path: Path, table_path: Path
) -> pd.DataFrame:
    """Write the steps of a set's recordings, one after the other; both files appear or neither.

    Returns:
        The table, `TABLE_COLUMNS`: a row per recording, in the order of the events.

    Raises:
        StudyError: not a single recording.
    """
    rows = []
    with replacing(array_path) as array_part, replacing(table_path) as table_part:
        with open(array_part, "w+b") as array:
            writer = ArrayWriter(array, STEP_DTYPE)
            for recording in recordings:
                steps = recording.steps
                events = np.empty(len(steps.step), STEP_DTYPE)
                for key in STEP_DTYPE.names:
                    events[key] = getattr(steps, key)
                writer.append(events)
                rows.append(
                    {
                        "recording": recording.recording,
                        "symbol": recording.symbol,
                        "label": recording.label,
                        "n_events": len(events),
                        "n_events_outside": recording.n_outside,
                        "n_steps": steps.n_steps,
                        "duration_s": round(recording.duration_s, 6),
                        "sha256": recording.sha256,
                    }
                )
            writer.finish()
        if not rows:
            raise StudyError(f"{table_path}: the set has no recording, expected at least one.")
        table = pd.DataFrame(rows, columns=list(TABLE_COLUMNS))
        table.to_csv(table_part, index=False, lineterminator="\n")
    return table


@dataclass(frozen=True, eq=False)
class BinnedSet:
    """A set in time steps, as it lies on disk.

    Attributes:
        table: `TABLE_COLUMNS`, a row per recording.
        events: `STEP_DTYPE` (event,), memory-mapped: all recordings one after another.
    """

    table: pd.DataFrame
    events: np.ndarray

    def __len__(self) -> int:
        return len(self.table)

    def __iter__(self) -> Iterator[BinnedRecording]:
        """Yield the recordings; events are read from the file only when they are used."""
        start = 0
        for row in self.table.itertuples():
            events = self.events[start : start + row.n_events]
            start += row.n_events
            yield BinnedRecording(
                recording=row.recording,
                symbol=row.symbol,
                label=row.label,
                sha256=row.sha256,
                steps=StepEvents(*(events[key] for key in STEP_DTYPE.names), row.n_steps, 0),
                n_outside=row.n_events_outside,
                duration_s=row.duration_s,
            )


def open_steps(array_path: Path, table_path: Path) -> BinnedSet:
    """Open what `store_steps` wrote; StudyError if a file can't be read."""
    # A recording may be called NA.
    table = read_csv(table_path, TABLE_COLUMNS, dtype=TABLE_COLUMNS, keep_default_na=False)
    return BinnedSet(table, open_array(array_path, STEP_DTYPE))
