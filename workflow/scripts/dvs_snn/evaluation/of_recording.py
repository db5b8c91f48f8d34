"""Runs a network over one recording at every scale."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from dvs_snn.engines.engine import open_spiking
from dvs_snn.engines.response import Response, sliding_prediction, window_steps
from dvs_snn.evaluation.frame_choice import picked_frames
from dvs_snn.evaluation.of_set import layer_rows
from dvs_snn.evaluation.readings import stops_of, time_after, total_after
from dvs_snn.files.atomic import replacing
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import read_table, write_table
from dvs_snn.recordings.plausibility.sensor_checks import refuse_shown
from dvs_snn.recordings.store.reading import Sample, ShownSource, read_shown, sample_of_shown
from dvs_snn.settings.frame_settings import FrameRule
from dvs_snn.settings.inference import InferenceSettings


class ShownCnn(NamedTuple):
    """What the CNN read of a shown recording and what it cost, in columns of the table `sweeps`.

    `ann_predicted` is None where it gave no digit; `ann_frames` is the name of its `FrameRule`.
    """

    ann_predicted: int | None
    ann_macs: int
    ann_macs_nonzero: int
    n_frames: int
    ann_frames: str


def read_by_cnn(weights: Path, sample: Sample, rule: FrameRule, threads: int) -> ShownCnn:
    """Let the CNN of a file of weights read the frames of a recording, made by `rule`."""
    # Imported here alone: torch takes longer to import than many a recording to run.
    import torch

    from dvs_snn.evaluation.cnn import CountedCnn

    torch.set_num_threads(threads)
    cnn = CountedCnn.load(weights)
    response = cnn.response(sample.frames)
    n_frames = len(response.step_synops)
    macs = n_frames * cnn.macs_per_frame
    return ShownCnn(response.predicted, macs, int(response.step_synops.sum()), n_frames, rule.name)


def stored_cnn(sweeps: Path) -> ShownCnn:
    """Take what a table `sweeps` of the same recording tells of the CNN."""
    row = read_table(sweeps, "sweeps").iloc[0]
    predicted = row["ann_predicted"]
    return ShownCnn(
        None if pd.isna(predicted) else int(predicted),
        int(row["ann_macs"]),
        int(row["ann_macs_nonzero"]),
        int(row["n_frames"]),
        row["ann_frames"],
    )


def shown_row(sample: Sample, response: Response, cnn: ShownCnn, step_ms: float) -> dict[str, Any]:
    """Return a row of the table `sweeps`: how both networks read a recording, and their cost.

    Without a label the digit shown is unknown, so `correct` is empty too.
    """
    label = sample.label
    predicted = response.predicted
    steps = response.steps_to_decision
    return {
        "recording": sample.recording,
        "symbol": sample.symbol,
        "label": label,
        "predicted": predicted,
        "correct": None if label is None else int(predicted == label),
        "silent": int(predicted is None),
        "tied": int(response.tied),
        "n_events": len(sample.steps.step),
        "n_events_outside": sample.n_outside,
        "duration_s": round(sample.duration_s, 6),
        "n_steps": response.n_steps,
        "output_spikes": int(response.spikes.sum()),
        "synops": response.synops,
        "synops_input": response.layers[0].synops,
        "synops_nominal": response.synops_nominal,
        "synops_nonzero": response.synops_nonzero,
        "time_to_decision_ms": None if steps is None else round(steps * step_ms, 3),
        "sha256": sample.sha256,
        "box_px": sample.box_px,
        **cnn._asdict(),
    }


class Sweep(NamedTuple):
    """A recording at every scale: rows of `sweeps`, of `sweep_layers`, and the responses."""

    rows: pd.DataFrame
    layers: pd.DataFrame
    responses: list[Response]


def sweep_recording(
    cnn: ShownCnn,
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
            rows.append(key | shown_row(sample, response, cnn, settings.step_ms))
            layers.append(layer_rows([response], settings.step_ms).assign(**key))
            if timing == settings.timing:
                responses.append(response)
            bar.advance(1)
    return Sweep(pd.DataFrame(rows), pd.concat(layers, ignore_index=True), responses)


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
    stops = stops_of(response, leads)
    # The last stop is the recording's end.
    seen = stops.seen[:-1]
    times = time_after(response, seen).astype(np.float64)
    return Exits(
        steps=np.where(stops.reached[:-1], times, np.nan),
        spikes=np.cumsum(response.spikes, axis=0)[seen - 1],
        synops=total_after(response.step_synops, seen),
    )


def store_responses(
    responses: Sequence[Response],
    scales: Sequence[float],
    leads: Sequence[float],
    settings: InferenceSettings,
    path: Path,
) -> None:
    """Write what happens in each step at each scale, as arrays by name.

    `scales` float64 (scale,), `spikes` uint32 (scale, time, class), `running` and `sliding` int16
    (scale, time), -1 for no prediction, `synops` int64 (scale, time), the input layer included, and
    `step_us`, the length of a step in microseconds. Of early exits, as in `Exits`: `leads` float64
    (lead,), `exit_steps` float64 (scale, lead), `exit_spikes` uint32 (scale, lead, class) and
    `exit_synops` int64 (scale, lead).
    """
    window = window_steps(settings.step_ms, settings.window_ms)
    sliding = [sliding_prediction(response.by_step, window) for response in responses]
    exits = [exits_of(response, leads) for response in responses]
    with replacing(path) as temporary:
        np.savez_compressed(
            temporary,
            scales=np.array(scales, dtype=np.float64),
            spikes=np.array([response.by_step for response in responses], dtype=np.uint32),
            running=np.array([r.predictions[r.step_ends] for r in responses], dtype=np.int16),
            sliding=np.array(sliding, dtype=np.int16),
            synops=np.array([r.of_steps(r.step_synops) for r in responses], dtype=np.int64),
            step_us=np.int64(settings.step_us),
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
        ann: without `cnn` the table `sweeps` of a network that has the same CNN beside it.
        file, source: where the recording lies, and what it is.
        frames: among them the CNN's readings `picked` on validation.
        sweeps, layers, spikes: tables `sweeps` and `sweep_layers`, and what `store_responses`
            writes.
        leads: of the best output, in spikes, at which an early exit stops a network.
    """

    network: Path
    cnn: list[Path]
    ann: list[Path]
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
        cnn = stored_cnn(job.ann[0])
    sweep = sweep_recording(cnn, job.network, job.scales, sample, settings, progress)
    key = {"set": "", "variant": job.variant, "seed": job.seed}
    write_table(sweep.rows.assign(**shown.raw.of_pixels, **key), job.sweeps, "sweeps")
    layers = sweep.layers.assign(recording=sample.recording, **key)
    write_table(layers, job.layers, "sweep_layers")
    store_responses(sweep.responses, job.scales, sorted(job.leads), settings, job.spikes)
