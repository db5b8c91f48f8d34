"""A recording that the page shows, and how the network that the page quotes read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.analysis.choice import Quoted
from dvs_snn.files.arrays import stored_arrays
from dvs_snn.recordings.folders.split_table import find_symbol, open_recording, read_split
from dvs_snn.recordings.recording import EventRecording, read_recording
from dvs_snn.report.style import method_name
from dvs_snn.settings.base import TimeUnit


@dataclass(frozen=True)
class Shown:
    """A recording that the page shows, as the recordings table and the settings tell of it.

    Attributes:
        recording: its name.
        symbol: what it shows, where a split table lists its file.
        sensor_size: (width, height) where the table states it.
        data_note: what its data are; it may be empty.
        from_file: whether it has a file of its own.
        time_unit: of the study's data.
    """

    recording: str
    symbol: str | None
    sensor_size: tuple[int, int] | None
    data_note: str
    from_file: bool
    time_unit: TimeUnit | None

    def open(self, path: Path) -> EventRecording:
        """Read it from its file, or look its symbol up in a split table."""
        if self.from_file or self.symbol is None:
            return read_recording(path, self.sensor_size, self.time_unit)
        return open_recording(find_symbol(read_split(path), self.symbol), self.sensor_size)

    def title(self, *notes: str) -> str:
        """The title of its figure; it says what its data are, and other notes."""
        note = "; ".join(words for words in (self.data_note, *notes) if words)
        return f"Recording {self.recording}" + (f" ({note})" if note else "")


@dataclass(frozen=True, eq=False)
class QuotedReading:
    """How the network that the page quotes read a recording, step by step.

    Attributes:
        title: recording, method, seed and scale in words.
        label: the name of the class shown; empty where it isn't known.
        step_ms: length of a step in ms.
        spikes: uint32 (time, class), output spikes.
        running: int16 (time,), the most active neuron so far; -1 for none.
        synops: int64 (time,), SynOps that a step's events and spikes cause, the input layer
            included.
    """

    title: str
    label: str
    step_ms: float
    spikes: np.ndarray
    running: np.ndarray
    synops: np.ndarray


def quoted_reading(
    sweeps: Sequence[Path], recordings: pd.DataFrame, choice: pd.DataFrame, shown: Shown
) -> QuotedReading:
    """Read what the first seed's network did at the best method's chosen point.

    `sweeps` are the files of this seed, ``<variant>/seed-<seed>/<recording>.npz``.
    """
    quotes = Quoted.of(choice)
    rows = quotes.answering(recordings)
    quoted = rows[(rows["recording"] == shown.recording) & (rows["chosen"] == 1)].iloc[0]
    (path,) = (path for path in sweeps if path.parts[-3] == quoted["variant"])

    sweep = stored_arrays(path)
    place = int(np.flatnonzero(np.isclose(sweep["scales"], quoted["scale"]))[0])
    method = quotes.best or quoted["variant"]
    network = f"{method_name(method)}, seed {quoted['seed']}, scale {quoted['scale']:.2f}"
    return QuotedReading(
        title=shown.title(network),
        label=quoted["label"],
        step_ms=float(sweep["step_us"]) / 1000,
        spikes=sweep["spikes"][place],
        running=sweep["running"][place],
        synops=sweep["synops"][place],
    )
