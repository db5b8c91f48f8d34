"""Readings: what each network read of each recording, and what that cost, at each stop.

A network stops as soon as its best output leads by enough spikes, or else at the recording's end.
The lead is the spikes so far of the most active output neuron minus those of the second. The
network looks at it after each time step, or after each event. Source: the cutoff by the gap of the
two largest outputs, Wu et al. 2025, Front. Neurosci. 19:1522788.

A job writes its readings as one Parquet file with a row group for each set, so a later job reads
the sets that it needs. `COLUMNS` says what a reading is. The CNN's are rows as any other: their
`operations` are MACs.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from dvs_snn.engines.response import Response
from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError, reason_of
from dvs_snn.recordings.store.event_store import BinnedRecording

SYNOPS = "SynOps"
MACS = "MACs"

NETWORK = ("variant", "seed", "scale", "timing", "frames", "unit")
"""Columns that name a network. A spiking network has no `frames`, the CNN no `timing`."""

_TEXT = pa.dictionary(pa.int32(), pa.string())

COLUMNS = {
    "set": _TEXT,
    "variant": _TEXT,
    "seed": pa.int32(),
    "scale": pa.float64(),
    "timing": _TEXT,
    # Of the CNN: its frames, such as `50 ms`.
    "frames": _TEXT,
    # What its operations are: `SYNOPS` or `MACS`.
    "unit": _TEXT,
    "recording": _TEXT,
    "symbol": _TEXT,
    # Empty where the digit shown is unknown.
    "label": pa.int8(),
    # The lead at which the network stops, in spikes; empty at the recording's end.
    "exit": pa.float64(),
    # Whether that lead was reached.
    "reached": pa.bool_(),
    # Empty where no output neuron fired.
    "predicted": pa.int8(),
    # 1 if it read the label, empty without one.
    "correct": pa.int8(),
    # Operations until the stop, and those at weights or activations that aren't 0. Of a spiking
    # network the latter are known at the end alone.
    "operations": pa.int64(),
    "operations_nonzero": pa.int64(),
    "n_events_read": pa.int64(),
    "n_events": pa.int64(),
    # Time until the stop, and of the whole recording, both from its first event.
    "time_ms": pa.float64(),
    "recording_ms": pa.float64(),
    # The end's row alone has the rest.
    "tied": pa.bool_(),
    "time_to_decision_ms": pa.float64(),
    "output_spikes": pa.int64(),
    "n_frames": pa.int32(),
    "n_events_outside": pa.int64(),
    "duration_s": pa.float64(),
    "box_px": pa.int32(),
    "n_pixels": pa.int64(),
    "short_interval_share": pa.float64(),
    "sha256": pa.string(),
}
"""Name and type of each column of readings."""

SCHEMA = pa.schema(list(COLUMNS.items()))

FIXED_STOPS = 2.0 * 1.19 ** np.arange(32)
"""Fixed moments in time steps, 2 to 440, at which all recordings stop: a control for exits."""


@dataclass(frozen=True, eq=False)
class Stops:
    """Where a network stops in a response.

    Attributes:
        exit: float64 (stop,), ascending leads in spikes; the last is nan, the recording's end.
        seen: int64 (stop,), how many moments of the response it has seen by then.
        reached: bool (stop,), whether the lead was reached; False at the end.
    """

    exit: np.ndarray
    seen: np.ndarray
    reached: np.ndarray


def stops_of(response: Response, leads: Sequence[float]) -> Stops:
    """Stop a response at each of the ascending `leads`, and at its end.

    A lead that isn't reached ends with the recording.
    """
    n_moments = len(response.spikes)
    counts = np.cumsum(response.spikes, axis=0)
    two_best = np.partition(counts, -2, axis=1)[:, -2:]
    lead = two_best[:, 1] - two_best[:, 0]
    # The largest lead so far never falls, so a binary search finds where it first reaches another.
    exits = np.array([*leads, np.nan])
    needed = np.searchsorted(np.maximum.accumulate(lead), np.array([*leads, np.inf])) + 1
    return Stops(exits, np.minimum(needed, n_moments), needed <= n_moments)


def layer_sums_at(response: Response, stops: Stops) -> np.ndarray:
    """Return the `layer_sums` of a response at each stop, int64 (stop, layer, 3)."""
    if response.layer_sums is None:
        raise ValueError("the engine doesn't count what each layer did until a moment")
    return np.pad(response.layer_sums, [(1, 0), (0, 0), (0, 0)])[stops.seen]


def predicted_after(response: Response, seen: np.ndarray) -> np.ndarray:
    """Return what was read after so many moments; -1 where no output neuron had fired."""
    return np.concatenate([[-1], response.predictions])[seen]


def total_after(counts: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Return the sum of `counts` (moment,) over the first `seen` moments, int64."""
    return np.concatenate([[0], np.cumsum(counts)])[seen]


def time_after(response: Response, seen: np.ndarray) -> np.ndarray:
    """Return the time of the last of so many moments, in the unit of the response's moments."""
    return np.concatenate([[0], response.moments])[seen]


class Recorded(Protocol):
    """What a reading tells of its recording; a `BinnedRecording` has it."""

    @property
    def recording(self) -> str: ...
    @property
    def symbol(self) -> str: ...
    @property
    def label(self) -> int | None: ...
    @property
    def sha256(self) -> str: ...


@dataclass(frozen=True, eq=False)
class Reading:
    """One recording, read by one network: a row for each stop.

    Attributes:
        stops: columns of `COLUMNS` by name, each (stop,), or one value for all.
        end: columns that the end's row alone has.
    """

    recorded: Recorded
    stops: Mapping[str, np.ndarray | float]
    end: Mapping[str, object]


def spiking_reading(
    recording: BinnedRecording, response: Response, stops: Stops, step_ms: float
) -> Reading:
    """Return how a spiking network read a recording, at each of its stops."""
    n_stops = len(stops.exit)
    n_events = response.n_events
    if n_events is None:
        n_events = np.searchsorted(recording.steps.step, response.moments)
    nonzero = np.full(n_stops, np.nan)
    nonzero[-1] = response.synops_nonzero
    steps_to_decision = response.steps_to_decision
    return Reading(
        recording,
        {
            "exit": stops.exit,
            "reached": stops.reached,
            "predicted": predicted_after(response, stops.seen),
            "operations": total_after(response.step_synops, stops.seen),
            "operations_nonzero": nonzero,
            "n_events_read": np.concatenate([[0], n_events])[stops.seen],
            "n_events": len(recording.steps.step),
            "time_ms": time_after(response, stops.seen) * step_ms,
            "recording_ms": response.n_steps * step_ms,
        },
        {
            "tied": response.tied,
            "time_to_decision_ms": (
                None if steps_to_decision is None else round(steps_to_decision * step_ms, 3)
            ),
            "output_spikes": int(response.spikes.sum()),
            "n_events_outside": recording.n_outside,
            "duration_s": round(recording.duration_s, 6),
            "box_px": recording.box_px,
        },
    )


def readings_table(readings: Sequence[Reading]) -> pd.DataFrame:
    """Return readings that have the same stops as rows, recording after recording.

    Columns that name the set and the network aren't there yet.
    """
    n_stops = len(np.atleast_1d(readings[0].stops["exit"]))
    n_rows = n_stops * len(readings)
    recorded = [reading.recorded for reading in readings]
    labels = [-1 if each.label is None else each.label for each in recorded]
    label = np.repeat(labels, n_stops)
    columns: dict[str, object] = {
        "recording": np.repeat([each.recording for each in recorded], n_stops),
        "symbol": np.repeat([each.symbol for each in recorded], n_stops),
        "label": _known(label, label >= 0),
    }
    for name in readings[0].stops:
        values = [np.broadcast_to(reading.stops[name], n_stops) for reading in readings]
        columns[name] = np.concatenate(values)
    predicted = np.asarray(columns["predicted"])
    columns["predicted"] = _known(predicted, predicted >= 0)
    columns["correct"] = _known((predicted == label).astype(np.int8), label >= 0)
    at_ends = np.arange(n_stops - 1, n_rows, n_stops)
    columns["sha256"] = _at(at_ends, [each.sha256 for each in recorded], n_rows)
    for name in readings[0].end:
        columns[name] = _at(at_ends, [reading.end[name] for reading in readings], n_rows)
    return pd.DataFrame(columns)


def _known(values: np.ndarray, is_known: np.ndarray) -> pd.Series:
    """Return small whole numbers, empty where they aren't known."""
    return pd.Series(values.astype(np.int8), dtype="Int8").where(is_known)


def _at(places: np.ndarray, values: Sequence[object], n_rows: int) -> np.ndarray:
    """Return a column that holds `values` in some rows, and nothing in the others."""
    column = np.full(n_rows, None, dtype=object)
    column[places] = values
    return column


@contextmanager
def growing_readings(path: Path) -> Iterator["ReadingsWriter"]:
    """Yield what writes a file of readings; the file appears whole or not at all."""
    # Python opens the file: pyarrow takes its path for UTF-8, whatever the locale.
    with (
        replacing(path) as temporary,
        open(temporary, "wb") as file,
        parquet.ParquetWriter(file, SCHEMA, compression="zstd") as writer,
    ):
        yield ReadingsWriter(writer)


@dataclass(frozen=True)
class ReadingsWriter:
    """Writes sets into a file of readings, each as a row group."""

    writer: parquet.ParquetWriter

    def add(self, readings: pd.DataFrame) -> None:
        """Write the readings of a set; columns that they lack stay empty."""
        whole = readings.reindex(columns=list(COLUMNS))
        table = pa.Table.from_pandas(whole, SCHEMA, preserve_index=False)
        self.writer.write_table(table, row_group_size=max(1, len(whole)))


def read_readings(
    path: Path, sets: Collection[str] | None = None, columns: Sequence[str] | None = None
) -> Iterator[pd.DataFrame]:
    """Yield the readings of each set of a file, or of some sets; StudyError if it is damaged.

    Text comes as categories, label, `predicted` and `correct` as nullable whole numbers.
    """
    try:
        with open(path, "rb") as opened, parquet.ParquetFile(opened) as file:
            place = file.schema_arrow.get_field_index("set")
            for number in range(file.num_row_groups):
                name = file.metadata.row_group(number).column(place).statistics.min
                if sets is None or name in sets:
                    group = file.read_row_group(number, columns)
                    yield group.to_pandas(types_mapper={pa.int8(): pd.Int8Dtype()}.get)
    except (pa.ArrowException, OSError, AttributeError, KeyError) as error:
        raise StudyError(
            f"{path}: can't be read as readings ({reason_of(error)}), expected what the evaluate "
            "rules write; delete the file and run again."
        ) from error


def ends(readings: pd.DataFrame) -> pd.DataFrame:
    """Return the readings that go on to the recordings' ends, a row a recording."""
    return readings[readings["exit"].isna()].reset_index(drop=True)


def at_exit(readings: pd.DataFrame, lead: float | None) -> pd.DataFrame:
    """Return the readings that stop at a lead, or at the recordings' ends, a row a recording."""
    if lead is None:
        return ends(readings)
    return readings[readings["exit"] == lead].reset_index(drop=True)


def fixed_stops(
    responses: Sequence[Response], labels: Sequence[int | None], step_ms: float
) -> pd.DataFrame:
    """Return sums over recordings that all stop at each of `FIXED_STOPS`: table `fixed_stops`."""
    n_correct = np.zeros(len(FIXED_STOPS), np.int64)
    synops = np.zeros(len(FIXED_STOPS), np.int64)
    for response, label in zip(responses, labels, strict=True):
        seen = np.searchsorted(response.moments, FIXED_STOPS, side="right")
        n_correct += predicted_after(response, seen) == (-2 if label is None else label)
        synops += total_after(response.step_synops, seen)
    return pd.DataFrame(
        {
            "stop_ms": FIXED_STOPS * step_ms,
            "n_recordings": len(responses),
            "n_correct": n_correct,
            "synops": synops,
        }
    )
