"""Runs a spiking network over whole sets of recordings at one scale."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from dvs_snn.engines.engine import Spiking, engine_of, open_spiking
from dvs_snn.engines.response import Response
from dvs_snn.evaluation.readings import (
    fixed_stops,
    growing_readings,
    readings_table,
    spiking_reading,
    stop_layer_rows,
    stops_of,
)
from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import growing_table, read_table
from dvs_snn.recordings.store.event_store import (
    BinnedRecording,
    RecordedSet,
    SetPlacement,
    open_sets,
)
from dvs_snn.settings.inference import InferenceSettings
from dvs_snn.settings.sides import SPIKING
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
        stop_layers: what each layer did until each stop.
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
    readings = []
    layers = []
    stops = []
    with progress.bar(len(recordings), "recording", title) as bar:
        for start in range(0, len(recordings), RECORDINGS_IN_MEMORY):
            chunk = recordings[start : start + RECORDINGS_IN_MEMORY]
            responses = list(spiking.respond([recording.steps for recording in chunk]))
            for recording, response in zip(chunk, responses, strict=True):
                stopped = stops_of(response.spikes, leads)
                readings.append(spiking_reading(recording, response, stopped, step_ms))
            layers.append(layer_rows(responses, step_ms))
            stops.append(fixed_stops(responses, [each.label for each in chunk], step_ms))
            bar.advance(len(chunk))
    return SetEvaluation(
        readings_table(readings),
        _summed(pd.concat(layers)),
        pd.concat(stops).groupby("stop_ms", as_index=False).sum(),
        stop_layer_rows(readings, [layer.name for layer in spiking.layers]),
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


def evaluate(job: EvaluateJob, progress: Progress) -> None:
    """Run stored sets through a network at one scale, or at those at which it is quoted.

    StudyError if a guest's placement loses far more of a set's events than the study's own.
    """
    if not engine_of(job.inference.engine).counts_layers:
        progress.say(
            f"the engine {job.inference.engine} doesn't count what layers do, so the table "
            "stop_layers has no rows"
        )
    with (
        growing_readings(job.readings) as add_readings,
        growing_table(job.layers, "set_layers") as add_layers,
        growing_table(job.stops, "fixed_stops") as add_stops,
        growing_table(job.stop_layers, "stop_layers") as add_stop_layers,
    ):
        for scale in _scales(job):
            spiking = open_spiking(job.network, scale, job.inference)
            for name, stored in _opened_sets(job, spiking.layers[0].input_shape).items():
                evaluated = evaluate_recordings(
                    spiking,
                    stored.in_steps(job.inference.step_us),
                    job.inference.step_ms,
                    progress,
                    f"{name} at scale {scale_name(scale)}",
                    sorted(job.leads),
                )
                key = {
                    "set": name,
                    "variant": job.variant,
                    "seed": job.seed,
                    "scale": scale,
                    "timing": job.inference.timing,
                    "frames": "",
                    "side": SPIKING,
                }
                add_readings(evaluated.readings.assign(**key))
                add_layers(evaluated.layers.assign(recording="", **key))
                add_stops(evaluated.fixed_stops.assign(**key))
                add_stop_layers(evaluated.stop_layers.assign(**key))


def _scales(job: EvaluateJob) -> list[float]:
    """Return the scales at which a job runs its network."""
    if not job.quoted:
        return [job.scale]
    quoted = read_table(job.quoted, "quoted_networks")
    is_spiking = quoted["frames"] == ""
    return quoted.loc[is_spiking & (quoted["variant"] == job.variant), "scale"].tolist()


def _opened_sets(job: EvaluateJob, shape: Sequence[int]) -> dict[str, RecordedSet]:
    """Open a job's sets, placed on a network's input of a shape (channel, height, width).

    StudyError if a guest's placement loses far more of a set's events than the study's.
    """
    placed = [each.on(shape, job.guest) for each in job.sets]
    opened = open_sets(job.events, job.recorded, placed)
    if not job.guest:
        return opened
    usual = [each.on(shape, {}) for each in job.sets]
    as_usual = open_sets(job.events, job.recorded, usual)
    for name, stored in opened.items():
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
    return opened


def _share_outside(stored: RecordedSet) -> float:
    """Return the share of a set's events that fall outside the network's input."""
    n_outside = sum(recording.placed.n_outside for recording in stored)
    return n_outside / stored.table["n_events"].sum()
