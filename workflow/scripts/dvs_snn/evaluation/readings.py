"""Readings: what each network read of each recording, and what that cost, at each stop.

A network stops as soon as its best output leads by enough spikes, or else at the recording's end.
The lead is the spikes so far of the most active output neuron minus those of the second. The
network looks at it after each time step, or after each event. Source: the cutoff by the gap of the
two largest outputs, Wu et al. 2025, Front. Neurosci. 19:1522788.

A job writes its readings as one Parquet file with a row group for each set, so a later job reads
the sets that it needs. `COLUMNS` says what a reading is. The CNN's are rows as any other: their
`operations` are MACs.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from dvs_snn.engines.response import Response
from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError, reason_of
from dvs_snn.files.tables import schema
from dvs_snn.recordings.store.event_store import BinnedRecording, StoredRecording

NETWORK = ("variant", "seed", "scale", "timing", "frames", "side")
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
    # Its side, which says what its operations are (`settings/sides.py`).
    "side": _TEXT,
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


def stops_of(outputs: np.ndarray, leads: Sequence[float]) -> Stops:
    """Stop a network at each of the ascending `leads`, and at its recording's end.

    A lead that isn't reached ends with the recording.

    Args:
        outputs: (moment, class), not negative: spikes, or the CNN's outputs, since the moment
            before.
        leads: of the best output, in units of `outputs`.
    """
    n_moments = len(outputs)
    counts = np.cumsum(outputs, axis=0)
    two_best = np.partition(counts, -2, axis=1)[:, -2:]
    lead = two_best[:, 1] - two_best[:, 0]
    # The largest lead so far never falls, so a binary search finds where it first reaches another.
    exits = np.array([*leads, np.nan])
    needed = np.searchsorted(np.maximum.accumulate(lead), np.array([*leads, np.inf])) + 1
    return Stops(exits, np.minimum(needed, n_moments), needed <= n_moments)


def until(values: np.ndarray, seen: np.ndarray, before: int = 0) -> np.ndarray:
    """Return `values` (moment, ...) at the last of so many `seen` moments; of none it is `before`.

    `values` count from the start, or say how things stand at their moment.
    """
    # np.insert takes several times as long.
    first = np.full((1, *values.shape[1:]), before, values.dtype)
    return np.concatenate([first, values])[seen]


@dataclass(frozen=True, eq=False)
class Reading:
    """One recording, read by one network: a row for each stop.

    Attributes:
        stops: columns of `COLUMNS` by name, each (stop,), or one value for all; an unknown label
            is -1, as is what a silent network read.
        end: columns that the end's row alone has.
        layers: what each layer did until each stop, int64 (stop, layer), by columns of the table
            `stop_layers`; empty if the engine doesn't count it.
    """

    stops: Mapping[str, np.ndarray | float | str]
    end: Mapping[str, object]
    layers: Mapping[str, np.ndarray]


def columns_at(
    stops: Stops,
    recorded: BinnedRecording | StoredRecording,
    predictions: np.ndarray,
    moments_ms: np.ndarray,
    n_events: np.ndarray,
) -> dict[str, np.ndarray | float | str]:
    """Return the columns at each stop that readings of spiking networks and of CNNs share.

    Args:
        predictions: int64 (moment,), what the network reads by then; -1: nothing.
        moments_ms: (moment,), when each moment is, in ms since the recording's start.
        n_events: int64 (moment,), events until then.
    """
    n_events_read = until(n_events, stops.seen)
    time_ms = until(moments_ms, stops.seen)
    return {
        "recording": recorded.recording,
        "symbol": recorded.symbol,
        "label": -1 if recorded.label is None else recorded.label,
        "exit": stops.exit,
        "reached": stops.reached,
        "predicted": until(predictions, stops.seen, before=-1),
        "n_events_read": n_events_read,
        "n_events": n_events_read[-1],
        "time_ms": time_ms,
        "recording_ms": time_ms[-1],
    }


def spiking_reading(
    recording: BinnedRecording, response: Response, stops: Stops, step_ms: float
) -> Reading:
    """Return how a spiking network read a recording, at each of its stops."""
    n_events = response.n_events
    if n_events is None:
        n_events = np.searchsorted(recording.steps.step, response.moments)
    nonzero = np.full(len(stops.exit), np.nan)
    nonzero[-1] = response.synops_nonzero
    steps = response.steps_to_decision
    at_stops = {
        **columns_at(stops, recording, response.predictions, response.moments * step_ms, n_events),
        "operations": until(np.cumsum(response.step_synops), stops.seen),
        "operations_nonzero": nonzero,
    }
    at_end = {
        "tied": response.tied,
        "time_to_decision_ms": None if steps is None else round(steps * step_ms, 3),
        "output_spikes": int(response.spikes.sum()),
        "n_events_outside": recording.n_outside,
        "duration_s": round(recording.duration_s, 6),
        "sha256": recording.sha256,
    }
    layers = {}
    if response.layer_sums is not None:
        layers = layers_at(stops, response.layer_sums, ("inputs", "operations", "touched"))
        output_spikes = until(response.spikes.sum(axis=1).cumsum(), stops.seen)
        # What leaves a layer arrives at the next one.
        layers["outputs"] = np.column_stack([layers["inputs"][:, 1:], output_spikes])
    return Reading(at_stops, at_end, layers)


def layers_at(stops: Stops, layer_sums: np.ndarray, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Return what each layer did until each stop, int64 (stop, layer), by the names of the counts.

    Args:
        layer_sums: int64 (moment, layer, count), until then.
        names: of the counts, in their order.
    """
    sums = until(layer_sums, stops.seen)
    return {name: sums[..., place] for place, name in enumerate(names)}


def readings_table(readings: Sequence[Reading]) -> pd.DataFrame:
    """Return readings that have the same stops as rows, recording after recording.

    Columns that name the set and the network aren't there yet.
    """
    n_stops = np.size(readings[0].stops["exit"])
    table = pd.DataFrame()
    for name in readings[0].stops:
        values = [reading.stops[name] for reading in readings]
        is_by_stop = np.ndim(values[0]) == 1
        table[name] = np.concatenate(values) if is_by_stop else np.repeat(np.array(values), n_stops)
    is_labelled = table["label"] >= 0
    is_right = table["predicted"] == table["label"]
    # Nullable whole numbers, empty where nothing is known.
    table["correct"] = is_right.astype("Int8").where(is_labelled)
    table["label"] = table["label"].astype("Int8").where(is_labelled)
    table["predicted"] = table["predicted"].astype("Int8").where(table["predicted"] >= 0)
    for name in readings[0].end:
        column = np.full(len(table), None, dtype=object)
        column[n_stops - 1 :: n_stops] = [reading.end[name] for reading in readings]
        table[name] = column
    return table


def stop_layer_rows(readings: Sequence[Reading], layers: Sequence[str]) -> pd.DataFrame:
    """Return what each of the `layers` did until each stop, summed over readings: `stop_layers`.

    Columns that name the set and the network are empty. No rows if the engine doesn't count it.
    """
    columns = list(schema("stop_layers"))
    if not readings[0].layers:
        return pd.DataFrame(columns=columns)
    exits = readings[0].stops["exit"]
    n_events = np.sum([np.asarray(each.stops["n_events_read"]) for each in readings], axis=0)
    table = pd.DataFrame(
        {
            "exit": np.repeat(exits, len(layers)),
            "layer": np.tile(layers, np.size(exits)),
            "n_recordings": len(readings),
            "n_events": np.repeat(n_events, len(layers)),
        }
    )
    for name in readings[0].layers:
        counts = np.sum([reading.layers[name] for reading in readings], axis=0)
        table[name] = counts.ravel()
    return table.reindex(columns=columns)


@contextmanager
def growing_readings(path: Path) -> Iterator[Callable[[pd.DataFrame], None]]:
    """Yield a function that adds the readings of a set to a file, as a row group.

    Columns that the readings lack stay empty. The file appears whole or not at all.
    """
    # Python opens the file: pyarrow takes its path for UTF-8, whatever the locale.
    with (
        replacing(path) as temporary,
        open(temporary, "wb") as file,
        parquet.ParquetWriter(file, SCHEMA, compression="zstd") as writer,
    ):

        def add(readings: pd.DataFrame) -> None:
            whole = readings.reindex(columns=list(COLUMNS))
            table = pa.Table.from_pandas(whole, SCHEMA, preserve_index=False)
            writer.write_table(table, row_group_size=max(1, len(whole)))

        yield add


def read_readings(path: Path, sets: Collection[str] | None = None) -> Iterator[pd.DataFrame]:
    """Yield the readings of each set of a file, or of some sets; StudyError if it is damaged.

    Text comes as categories, label, `predicted` and `correct` as nullable whole numbers.
    """
    try:
        with open(path, "rb") as opened, parquet.ParquetFile(opened) as file:
            place = file.schema_arrow.get_field_index("set")
            for number in range(file.num_row_groups):
                name = file.metadata.row_group(number).column(place).statistics.min
                if sets is None or name in sets:
                    group = file.read_row_group(number)
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
        predicted = until(response.predictions, seen, before=-1)
        n_correct += predicted == (-2 if label is None else label)
        synops += until(np.cumsum(response.step_synops), seen)
    return pd.DataFrame(
        {
            "stop_ms": FIXED_STOPS * step_ms,
            "n_recordings": len(responses),
            "n_correct": n_correct,
            "synops": synops,
        }
    )
