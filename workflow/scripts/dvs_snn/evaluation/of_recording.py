"""Runs a network over one recording at every scale."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from dvs_snn.engines.engine import open_spiking
from dvs_snn.engines.response import Response
from dvs_snn.evaluation.frame_choice import picked_frames
from dvs_snn.evaluation.of_set import layer_rows
from dvs_snn.evaluation.readings import (
    readings_table,
    spiking_reading,
    stops_of,
    until,
)
from dvs_snn.files.atomic import replacing
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import read_table, write_table
from dvs_snn.recordings.plausibility.sensor_checks import refuse_shown
from dvs_snn.recordings.store.reading import Sample, ShownSource, read_shown, sample_of_shown
from dvs_snn.settings.frame_settings import FrameRule
from dvs_snn.settings.inference import InferenceSettings

CNN_COLUMNS = ("cnn_predicted", "cnn_macs", "cnn_macs_nonzero", "n_frames", "cnn_frames")
"""Columns of the table `sweeps` that tell what the CNN read and what it cost."""


def read_by_cnn(weights: Path, sample: Sample, rule: FrameRule, threads: int) -> dict[str, Any]:
    """Let the CNN read the frames of a recording, made by `rule`; return `CNN_COLUMNS`."""
    # Imported here alone: torch takes longer to import than many a recording to run.
    import torch

    from dvs_snn.evaluation.cnn import CountedCnn

    torch.set_num_threads(threads)
    cnn = CountedCnn.load(weights)
    response = cnn.response(sample.frames)
    n_frames = len(sample.frames)
    return {
        "cnn_predicted": response.predicted,
        "cnn_macs": n_frames * cnn.macs_per_frame,
        "cnn_macs_nonzero": int(response.macs_nonzero.sum()),
        "n_frames": n_frames,
        "cnn_frames": rule.name,
    }


def shown_row(sample: Sample, response: Response, step_ms: float) -> pd.DataFrame:
    """Return the row of `sweeps` for a whole recording under a spiking network, without exits."""
    reading = spiking_reading(sample, response, stops_of(response.spikes, ()), step_ms)
    row = readings_table([reading])
    row = row.rename(columns={"operations": "synops", "operations_nonzero": "synops_nonzero"})
    return row.assign(
        silent=int(response.predicted is None),
        tied=int(response.tied),
        n_steps=response.n_steps,
        synops_input=response.layers[0].synops,
        synops_nominal=response.synops_nominal,
    )


class Sweep(NamedTuple):
    """A recording at every scale: rows of `sweeps` and `set_layers`, and the responses."""

    rows: pd.DataFrame
    layers: pd.DataFrame
    responses: list[Response]


def sweep_recording(
    network: Path,
    scales: Sequence[float],
    sample: Sample,
    settings: InferenceSettings,
    progress: Progress,
) -> Sweep:
    """Run a recording at each scale.

    It runs in the timing of the settings, and in steps beside it, as the tutorial's does: rows tell
    which. The responses are those in the timing of the settings.
    """
    rows = []
    layers = []
    responses = []
    timings = dict.fromkeys((settings.timing, "steps"))
    with progress.bar(len(timings) * len(scales), "scale", sample.recording) as bar:
        for timing, scale in product(timings, scales):
            spiking = open_spiking(network, scale, replace(settings, timing=timing))
            (response,) = spiking.respond([sample.steps])
            key = {"scale": scale, "timing": timing}
            rows.append(shown_row(sample, response, settings.step_ms).assign(**key))
            layers.append(layer_rows([response], settings.step_ms).assign(**key))
            if timing == settings.timing:
                responses.append(response)
            bar.advance(1)
    return Sweep(
        pd.concat(rows, ignore_index=True), pd.concat(layers, ignore_index=True), responses
    )


class Exits(NamedTuple):
    """Where an early exit stops a network in a recording, for each lead (lead,).

    Attributes:
        steps: float64, the time of the exit in steps; nan where the lead isn't reached.
        spikes: int64 (lead, class), output spikes until then.
        synops: int64, SynOps until then, the input layer included.
    """

    steps: np.ndarray
    spikes: np.ndarray
    synops: np.ndarray


def exits_of(response: Response, leads: Sequence[float]) -> Exits:
    """Stop a response at each of the ascending `leads`."""
    stops = stops_of(response.spikes, leads)
    # The last stop is the recording's end.
    seen = stops.seen[:-1]
    times = until(response.moments, seen)
    return Exits(
        steps=np.where(stops.reached[:-1], times, np.nan),
        spikes=until(np.cumsum(response.spikes, axis=0), seen),
        synops=until(np.cumsum(response.step_synops), seen),
    )


def store_responses(
    responses: Sequence[Response],
    scales: Sequence[float],
    leads: Sequence[float],
    step_us: int,
    path: Path,
) -> None:
    """Write what one recording causes in each time step at each scale, as named arrays.

    The file holds
        scales: float64 (scale,).
        spikes: uint32 (scale, time, class), spikes of the outputs.
        running: int16 (scale, time), the prediction so far; -1: none.
        synops: int64 (scale, time), the input layer included.
        step_us: int64, the length of a time step in microseconds.
        leads: float64 (lead,), spikes by which the best output leads when the network stops.
        exit_steps: float64 (scale, lead), time steps until then; a recording may end before.
        exit_spikes: uint32 (scale, lead, class), output spikes until then.
        exit_synops: int64 (scale, lead), SynOps until then.
    """
    exits = [exits_of(response, leads) for response in responses]
    with replacing(path) as temporary:
        np.savez_compressed(
            temporary,
            scales=np.array(scales, dtype=np.float64),
            spikes=np.array([response.by_step for response in responses], dtype=np.uint32),
            running=np.array([r.predictions[r.step_ends] for r in responses], dtype=np.int16),
            synops=np.array([r.of_steps(r.step_synops) for r in responses], dtype=np.int64),
            step_us=np.int64(step_us),
            leads=np.array(leads, dtype=np.float64),
            exit_steps=np.array([each.steps for each in exits]),
            exit_spikes=np.array([each.spikes for each in exits], dtype=np.uint32),
            exit_synops=np.array([each.synops for each in exits]),
        )


@dataclass(frozen=True)
class InferJob:
    """What the rule `infer` gives.

    Attributes:
        network: as it was converted.
        cnn: the weights of the CNN beside the network, or nothing.
        cnn_sweep: without `cnn` the table `sweeps` of a network that has the same CNN beside it.
        file, source: where the recording lies, and what it is.
        frames: among them the CNN's readings `picked` on validation.
        sweeps, layers, spikes: tables `sweeps` and `set_layers`, and what `store_responses`
            writes.
        leads: of the best output, in spikes, at which an early exit stops a network.
    """

    network: Path
    cnn: list[Path]
    cnn_sweep: list[Path]
    file: Path
    source: ShownSource
    scales: list[float]
    leads: list[int]
    inference: InferenceSettings
    frames: list[FrameRule]
    picked: list[Path]
    variant: str
    seed: int
    sweeps: Path
    layers: Path
    spikes: Path


def infer(job: InferJob, progress: Progress) -> None:
    """Run one recording, A, B, C or the user's own, at every scale and in both timings.

    StudyError if the recording can't be read, or can't be what a sensor sent.
    """
    shown = read_shown(job.source, job.file)
    refuse_shown(shown.recording, shown.raw, shown.placement, job.source.time_unit)
    settings = job.inference
    if job.cnn:
        rule = picked_frames(job.picked, job.frames)
        sample = sample_of_shown(shown, settings.step_us, rule)
        cnn = read_by_cnn(job.cnn[0], sample, rule, settings.compute_threads)
    else:
        sample = sample_of_shown(shown, settings.step_us, job.frames[0])
        cnn = read_table(job.cnn_sweep[0], "sweeps", CNN_COLUMNS).iloc[0].to_dict()
    sweep = sweep_recording(job.network, job.scales, sample, settings, progress)
    key = {"set": "", "variant": job.variant, "seed": job.seed}
    write_table(sweep.rows.assign(**cnn, **key), job.sweeps, "sweeps")
    layers = sweep.layers.assign(recording=sample.recording, **key)
    write_table(layers, job.layers, "set_layers")
    store_responses(sweep.responses, job.scales, sorted(job.leads), settings.step_us, job.spikes)
