"""A recording that the page shows, and how the network that the page quotes read it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.files.arrays import stored_arrays
from dvs_snn.points.choice import Quoted
from dvs_snn.points.point import EARLY_EXIT, Point
from dvs_snn.recordings.folders.split_table import find_symbol, open_recording, read_split
from dvs_snn.recordings.recording import EventRecording, read_recording
from dvs_snn.report.cells import network_names, point_text
from dvs_snn.report.style import method_name
from dvs_snn.settings.base import TimeUnit
from dvs_snn.settings.sides import SPIKING


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
    """How the network that the page quotes read a recording, step by step, until it stopped.

    Attributes:
        title: recording, method, scale, lead and seed in words.
        label: the name of the class shown; empty where it isn't known.
        step_ms: length of a step in ms.
        spikes: int64 (time, class), output spikes; none after the exit.
        running: int16 (time,), the most active neuron so far; -1 for none.
        synops: int64 (time,), SynOps that a step's events and spikes cause, the input layer
            included; none after the exit.
        lead: at which the network stops, in spikes; None: it reads to the end.
        exit_ms: when it stopped; None: at the recording's end.
    """

    title: str
    label: str
    step_ms: float
    spikes: np.ndarray
    running: np.ndarray
    synops: np.ndarray
    lead: float | None = None
    exit_ms: float | None = None

    @property
    def read_ms(self) -> float:
        """Time until the network stops, at its exit or at the recording's end."""
        return len(self.spikes) * self.step_ms if self.exit_ms is None else self.exit_ms


def quoted_reading(
    sweeps: Sequence[Path], recordings: pd.DataFrame, choice: pd.DataFrame, shown: Shown
) -> QuotedReading:
    """Read what the first seed's network did at the point that the page quotes.

    That is the chosen point of early exit, or else of the best method.

    Args:
        sweeps: the files of this seed, ``<variant>/seed-<seed>/<recording>.npz``.
    """
    quotes = Quoted.of(choice)
    rows = recordings[recordings["recording"] == shown.recording]
    method = EARLY_EXIT if EARLY_EXIT in quotes.points else quotes.best
    if method is None:
        as_converted = rows[rows["chosen"] == 1].iloc[0]
        method = as_converted["variant"]
        point = Point(SPIKING, method, as_converted["scale"])
    else:
        point = quotes.points[method]

    (path,) = (path for path in sweeps if path.parts[-3] == point.variant)
    names = network_names(choice.assign(side=SPIKING))
    words = point_text({"method": method, **vars(point)}, names)
    seed = path.parts[-2].removeprefix("seed-")
    sweep = stored_arrays(path)
    place = int(np.flatnonzero(np.isclose(sweep["scales"], point.scale))[0])
    whole = QuotedReading(
        title=shown.title(f"{method_name(method)}, {words}, seed {seed}"),
        label=rows["label"].iloc[0],
        step_ms=float(sweep["step_us"]) / 1000,
        spikes=sweep["spikes"][place].astype(np.int64),
        running=sweep["running"][place],
        synops=sweep["synops"][place],
        lead=point.exit,
    )
    if point.exit is None:
        return whole

    lead = int(np.flatnonzero(sweep["leads"] == point.exit)[0])
    exit_steps = float(sweep["exit_steps"][place, lead])
    if np.isnan(exit_steps):
        return whole
    spikes = sweep["exit_spikes"][place, lead].astype(np.int64)
    return _stopped(whole, exit_steps, spikes, int(sweep["exit_synops"][place, lead]))


def _stopped(
    whole: QuotedReading, exit_steps: float, spikes: np.ndarray, synops: int
) -> QuotedReading:
    """Return the reading as it is with early exit, after `exit_steps` time steps.

    Until then the outputs sent `spikes` (class,) in all, and the network did `synops`. Later steps
    have none.
    """
    # The step that holds the exit.
    last = max(0, math.ceil(exit_steps) - 1)
    spikes_kept = whole.spikes.copy()
    spikes_kept[last] = spikes - whole.spikes[:last].sum(axis=0)
    spikes_kept[last + 1 :] = 0

    synops_kept = whole.synops.copy()
    synops_kept[last] = synops - whole.synops[:last].sum()
    synops_kept[last + 1 :] = 0

    running = whole.running.copy()
    running[last:] = spikes.argmax()
    return replace(
        whole,
        spikes=spikes_kept,
        running=running,
        synops=synops_kept,
        exit_ms=exit_steps * whole.step_ms,
    )
