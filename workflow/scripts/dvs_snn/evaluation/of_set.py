"""Runs a spiking network over whole sets of recordings at one scale."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from dvs_snn.engines.engine import Spiking, open_spiking
from dvs_snn.engines.response import Response
from dvs_snn.evaluation.readings import (
    SYNOPS,
    ReadingsWriter,
    Stops,
    fixed_stops,
    growing_readings,
    layer_sums_at,
    readings_table,
    spiking_reading,
    stops_of,
    total_after,
)
from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import growing_table, read_table, schema
from dvs_snn.recordings.store.event_store import (
    BinnedRecording,
    RecordedSet,
    SetPlacement,
    open_sets,
)
from dvs_snn.settings.inference import InferenceSettings
from dvs_snn.settings.sweep import scale_name

RECORDINGS_IN_MEMORY = 100

MUCH_OUTSIDE = 0.1
"""How much larger the share of a set's events outside a guest's input may be than outside ours."""


class SetEvaluation(NamedTuple):
    """What a network did on a set.

    Attributes:
        readings: as `readings_table` returns them.
        layers: the layers' activity, summed over recordings, as `layer_rows` returns it.
        fixed_stops: what it read if all recordings stop at one time.
        stop_layers: what each layer did until each stop, as `stop_layer_rows` returns it.
    """

    readings: pd.DataFrame
    layers: pd.DataFrame
    fixed_stops: pd.DataFrame
    stop_layers: pd.DataFrame


def layer_rows(responses: Sequence[Response], step_ms: float) -> pd.DataFrame:
    """Return the activity of each layer, summed over recordings, with the seconds it took."""
    seconds = sum(response.n_steps for response in responses) * step_ms * 1e-3
    # pandas would copy each dataclass deeply.
    activities = pd.DataFrame([vars(layer) for response in responses for layer in response.layers])
    return _summed(activities).assign(seconds=round(seconds, 6))


def _summed(layers: pd.DataFrame) -> pd.DataFrame:
    """Sum the rows of each layer; all of them have the same fan-out."""
    return layers.groupby(["layer", "fanout_nominal"], sort=False).sum().reset_index()


def stop_layer_rows(
    responses: Sequence[Response], stops: Sequence[Stops], names: Sequence[str]
) -> pd.DataFrame:
    """Return what each layer did until each stop, summed over recordings: table `stop_layers`.

    Without rows if the engine doesn't count it. `names` are those of the layers.
    """
    exits = stops[0].exit
    arrived = np.zeros((len(exits), len(names), 3), np.int64)
    fired = np.zeros((len(exits), len(names)), np.int64)
    for response, stop in zip(responses, stops, strict=True):
        if response.layer_sums is None:
            return pd.DataFrame(columns=list(schema("stop_layers")))
        sums = layer_sums_at(response, stop)
        arrived += sums
        # What leaves a layer arrives at the next one.
        fired[:, :-1] += sums[:, 1:, 0]
        fired[:, -1] += total_after(response.spikes.sum(axis=1), stop.seen)
    return pd.DataFrame(
        {
            "exit": np.repeat(exits, len(names)),
            "layer": np.tile(names, len(exits)),
            "n_recordings": len(responses),
            # The first layer's inputs are the events.
            "n_events": np.repeat(arrived[:, 0, 0], len(names)),
            "inputs": arrived[..., 0].ravel(),
            "operations": arrived[..., 1].ravel(),
            "touched": arrived[..., 2].ravel(),
            "outputs": fired.ravel(),
        }
    )


def evaluate_recordings(
    spiking: Spiking,
    recordings: Sequence[BinnedRecording],
    step_ms: float,
    progress: Progress,
    title: str,
    leads: Sequence[float] = (),
) -> SetEvaluation:
    """Run recordings through a network, `RECORDINGS_IN_MEMORY` at a time.

    Args:
        title: of the progress bar.
        leads: of the best output, in spikes, ascending; the network is also stopped at each.
    """
    tables = []
    layers = []
    stops = []
    stop_layers = []
    names = [layer.name for layer in spiking.layers]
    with progress.bar(len(recordings), "recording", title) as bar:
        for start in range(0, len(recordings), RECORDINGS_IN_MEMORY):
            chunk = recordings[start : start + RECORDINGS_IN_MEMORY]
            responses = list(spiking.respond([recording.steps for recording in chunk]))
            stopped = [stops_of(response, leads) for response in responses]
            readings = [
                spiking_reading(recording, response, stop, step_ms)
                for recording, response, stop in zip(chunk, responses, stopped, strict=True)
            ]
            tables.append(readings_table(readings))
            layers.append(layer_rows(responses, step_ms))
            stop_layers.append(stop_layer_rows(responses, stopped, names))
            stops.append(fixed_stops(responses, [each.label for each in chunk], step_ms))
            bar.advance(len(chunk))
    return SetEvaluation(
        pd.concat(tables, ignore_index=True),
        _summed(pd.concat(layers)),
        pd.concat(stops).groupby("stop_ms", as_index=False).sum(),
        pd.concat(stop_layers)
        .groupby(["exit", "layer"], as_index=False, sort=False, dropna=False)
        .sum(),
    )


@dataclass(frozen=True)
class EvaluateJob:
    """What the rule `evaluate` gives.

    Attributes:
        network: as it was converted.
        events, recorded: the store of each of the `sets`.
        leads: at which the network also stops, in spikes.
        scale: of its first layer.
        quoted: table of that name, which tells at which scales it runs instead.
        readings, layers, stops, stop_layers: files of readings and of the tables `set_layers`,
            `fixed_stops` and `stop_layers`.
        guest: what the network changes in the placements; they fit its input in any case.
    """

    network: Path
    events: list[Path]
    recorded: list[Path]
    sets: list[SetPlacement]
    inference: InferenceSettings
    leads: list[int]
    variant: str
    seed: int
    readings: Path
    layers: Path
    stops: Path
    stop_layers: Path
    scale: float = 1.0
    quoted: Path | None = None
    guest: dict[str, Any] = field(default_factory=dict)


class EvaluationFiles(NamedTuple):
    """Where an evaluation writes, one set after the other."""

    readings: ReadingsWriter
    add_layers: Callable[[pd.DataFrame], None]
    add_stops: Callable[[pd.DataFrame], None]
    add_stop_layers: Callable[[pd.DataFrame], None]


def evaluate(job: EvaluateJob, progress: Progress) -> None:
    """Run stored sets through a network at one scale, or at those at which it is quoted.

    StudyError if a guest's placement loses far more of a set's events than the study's own.
    """
    scales = [job.scale]
    if job.quoted:
        quoted = read_table(job.quoted, "quoted_networks")
        scales = quoted.loc[quoted["variant"] == job.variant, "scale"].tolist()
    with ExitStack() as files:
        writer = files.enter_context(growing_readings(job.readings))
        add_layers = files.enter_context(growing_table(job.layers, "set_layers"))
        add_stops = files.enter_context(growing_table(job.stops, "fixed_stops"))
        add_stop_layers = files.enter_context(growing_table(job.stop_layers, "stop_layers"))
        written = EvaluationFiles(writer, add_layers, add_stops, add_stop_layers)
        for scale in scales:
            _evaluate_at(scale, job, written, progress)


def _evaluate_at(
    scale: float, job: EvaluateJob, files: EvaluationFiles, progress: Progress
) -> None:
    """Run stored sets through a network at one scale."""
    spiking = open_spiking(job.network, scale, job.inference)
    step_ms = job.inference.step_ms
    shape = spiking.layers[0].input_shape
    placed = [each.on(shape, job.guest) for each in job.sets]
    if job.guest:
        _refuse_outside(job, shape, placed)
    network = {
        "variant": job.variant,
        "seed": job.seed,
        "scale": scale,
        "timing": job.inference.timing,
    }
    for name, stored in open_sets(job.events, job.recorded, placed).items():
        evaluated = evaluate_recordings(
            spiking,
            stored.in_steps(job.inference.step_us),
            step_ms,
            progress,
            f"{name} at scale {scale_name(scale)}",
            sorted(job.leads),
        )
        key = {**network, "set": name}
        readings = evaluated.readings.assign(**key, frames="", unit=SYNOPS)
        is_end = readings["exit"].isna()
        for column in ("n_pixels", "short_interval_share"):
            readings.loc[is_end, column] = stored.table[column].to_numpy()
        files.readings.add(readings)
        files.add_layers(evaluated.layers.assign(recording="", **key))
        files.add_stops(evaluated.fixed_stops.assign(**key))
        of_stops = evaluated.stop_layers.assign(**key, frames="", unit=SYNOPS)
        of_stops["n_frames"] = None
        files.add_stop_layers(of_stops)


def _refuse_outside(job: EvaluateJob, shape: Sequence[int], placed: Sequence[SetPlacement]) -> None:
    """Raise StudyError if a guest's placement loses far more of a set's events than the study's."""
    usual = [each.on(shape, {}) for each in job.sets]
    as_usual = open_sets(job.events, job.recorded, usual)
    for name, stored in open_sets(job.events, job.recorded, placed).items():
        share = _share_outside(stored)
        usual_share = _share_outside(as_usual[name])
        if share > usual_share + MUCH_OUTSIDE:
            _, height, width = shape
            raise StudyError(
                f"config key variants.{job.variant} has a placement of its own, by which "
                f"{100 * share:.0f} % of the events of the set {name} fall outside its input of "
                f"{width}x{height} pixels, expected about {100 * usual_share:.0f} % as on the "
                "study's networks; leave out its zoom, or the set."
            )


def _share_outside(stored: RecordedSet) -> float:
    """Return the share of a set's events that fall outside the network's input."""
    n_outside = sum(recording.placed.n_outside for recording in stored)
    return n_outside / stored.table["n_events"].sum()
