"""The recordings of a set as their sensor sent them: one memory-mapped array and a table.

Time steps and frames are made from it in the jobs that need them: that takes little of their time.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, overload

import numpy as np
import pandas as pd

from dvs_snn.files.arrays import ArrayWriter, evenly_picked, open_array
from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError
from dvs_snn.files.tables import read_csv
from dvs_snn.recordings.frames import Frame, accumulate
from dvs_snn.recordings.placement import CENTRED, PlacedEvents, Placement, place
from dvs_snn.recordings.recording import EVENT_DTYPE, EventRecording
from dvs_snn.recordings.steps import StepEvents, bin_steps
from dvs_snn.settings.frame_settings import FrameRule

TABLE_COLUMNS = {
    "recording": "str",
    "symbol": "str",
    "label": "int64",
    "scene": "str",
    "sha256": "str",
    "sensor_width": "int64",
    "sensor_height": "int64",
    "has_polarity": "bool",
    "n_events": "int64",
    "first_us": "int64",
    "last_us": "int64",
}
"""Columns of the table and how each is read; the events of its rows follow one another."""


@dataclass(frozen=True, eq=False)
class BinnedRecording:
    """One recording as a spiking network sees it; `n_outside` events are in no pixel or step."""

    recording: str
    symbol: str
    label: int | None
    sha256: str
    steps: StepEvents
    n_outside: int
    duration_s: float


@dataclass(frozen=True, eq=False)
class StoredRecording:
    """One recording of a set.

    Attributes:
        label: None if nobody said what it shows.
        scene: in which it was simulated, else "".
        sha256: of its file, "" if it never was one.
        placement: how it lies on the network; None: as the tutorial lays its own videos.
    """

    recording: str
    symbol: str
    label: int | None
    scene: str
    sha256: str
    raw: EventRecording
    placement: Placement | None = CENTRED

    @property
    def placed(self) -> PlacedEvents:
        """The recording on the network, laid there anew at each look."""
        return place(self.raw, self.placement or CENTRED)

    def binned(self, placed: PlacedEvents, steps: StepEvents) -> BinnedRecording:
        """Return it as a spiking network sees it, from its placed events and time steps."""
        return BinnedRecording(
            self.recording,
            self.symbol,
            self.label,
            self.sha256,
            steps,
            n_outside=placed.n_outside + steps.n_dropped,
            duration_s=placed.duration_s,
        )

    def in_steps(self, step_us: int) -> BinnedRecording:
        """Return it in time steps of `step_us`."""
        placed = self.placed
        return self.binned(placed, bin_steps(placed, step_us))

    def frames(self, rule: FrameRule) -> list[Frame]:
        """Return its frames by `rule`."""
        return list(accumulate(self.placed, rule))


@dataclass(frozen=True, eq=False)
class RecordedSet:
    """A set as it lies on disk: a row of `table` per recording, and all `events` one after another.

    The events are `EVENT_DTYPE` (event,), memory-mapped: read when they are used.
    """

    table: pd.DataFrame
    events: np.ndarray
    placements: Mapping[str, Placement]

    @cached_property
    def _rows(self) -> list[Any]:
        return list(self.table.itertuples())

    @cached_property
    def _ends(self) -> np.ndarray:
        return self.table["n_events"].to_numpy().cumsum()

    def __len__(self) -> int:
        return len(self.table)

    def __iter__(self) -> Iterator[StoredRecording]:
        return map(self.__getitem__, range(len(self)))

    def __getitem__(self, place: int) -> StoredRecording:
        row = self._rows[place]
        end = self._ends[place]
        raw = EventRecording(
            self.events[end - row.n_events : end],
            (row.sensor_width, row.sensor_height),
            row.has_polarity,
            span_us=(row.first_us, row.last_us),
        )
        placement = self.placements[row.scene]
        return StoredRecording(
            row.recording, row.symbol, row.label, row.scene, row.sha256, raw, placement
        )

    def in_steps(self, step_us: int) -> "BinnedSet":
        """Return its recordings in time steps of `step_us`, each made when it is asked for."""
        return BinnedSet(self, step_us)

    def evenly(self, n: int) -> list[StoredRecording]:
        """Return up to `n` recordings, spread evenly over the set's order: over all classes."""
        return [self[place] for place in evenly_picked(n, len(self))]


@dataclass(frozen=True, eq=False)
class BinnedSet(Sequence[BinnedRecording]):
    """The recordings of a set in time steps of one length."""

    recorded: RecordedSet
    step_us: int

    def __len__(self) -> int:
        return len(self.recorded)

    @overload
    def __getitem__(self, place: int) -> BinnedRecording: ...

    @overload
    def __getitem__(self, place: slice) -> list[BinnedRecording]: ...

    def __getitem__(self, place: int | slice) -> BinnedRecording | list[BinnedRecording]:
        if isinstance(place, slice):
            return [self[number] for number in range(len(self))[place]]
        return self.recorded[place].in_steps(self.step_us)


def store_recordings(
    recordings: Iterable[StoredRecording], events_path: Path, table_path: Path
) -> pd.DataFrame:
    """Write recordings, at least one, and return the table; both files appear or neither."""
    rows = []
    with replacing(events_path) as events_part, replacing(table_path) as table_part:
        with open(events_part, "w+b") as array:
            writer = ArrayWriter(array, EVENT_DTYPE)
            for stored in recordings:
                writer.append(stored.raw.events)
                rows.append(_row_of(stored))
            writer.finish()
        if not rows:
            raise StudyError(
                f"{table_path}: the set has no recording, expected at least one; add some."
            )
        table = pd.DataFrame(rows, columns=list(TABLE_COLUMNS))
        table.to_csv(table_part, index=False, lineterminator="\n")
    return table


def _row_of(stored: StoredRecording) -> dict[str, Any]:
    raw = stored.raw
    return {
        "recording": stored.recording,
        "symbol": stored.symbol,
        "label": stored.label,
        "scene": stored.scene,
        "sha256": stored.sha256,
        "sensor_width": raw.sensor_size[0],
        "sensor_height": raw.sensor_size[1],
        "has_polarity": raw.has_polarity,
        "n_events": raw.n_events,
        "first_us": raw.span[0],
        "last_us": raw.span[1],
    }


def open_store(
    events_path: Path, table_path: Path, placements: Mapping[str, Placement]
) -> RecordedSet:
    """Open what `store_recordings` wrote; the `placements` are by scene, "" for real ones."""
    # A recording may be called NA.
    table = read_csv(table_path, TABLE_COLUMNS, dtype=TABLE_COLUMNS, keep_default_na=False)
    return RecordedSet(table, open_array(events_path, EVENT_DTYPE), placements)


@dataclass(frozen=True)
class SetPlacement:
    """A stored set as a rule names it, and the placements of its recordings by scene."""

    name: str
    placements: dict[str, Placement]

    def on(self, shape: Sequence[int], changes: Mapping[str, Any]) -> "SetPlacement":
        """Return it, with `changes` of each placement, on an input of another shape."""
        channels, height, width = shape
        placements = {
            scene: each.on((channels, height, width), **changes)
            for scene, each in self.placements.items()
        }
        return SetPlacement(self.name, placements)


def open_sets(
    events: Sequence[Path], tables: Sequence[Path], sets: Sequence[SetPlacement]
) -> dict[str, RecordedSet]:
    """Open the sets of a job by name; their files stand in the order of `sets`."""
    return {
        each.name: open_store(events_path, table_path, each.placements)
        for events_path, table_path, each in zip(events, tables, sets, strict=True)
    }
