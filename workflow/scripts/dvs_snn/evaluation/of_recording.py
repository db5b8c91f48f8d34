"""Runs a network over one recording at every scale."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.engines.engine import open_spiking
from dvs_snn.engines.response import Response, sliding_prediction, window_steps
from dvs_snn.evaluation.of_set import AnnReading, layer_rows, outcome, picked_frames
from dvs_snn.files.atomic import replacing
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import read_table, write_table
from dvs_snn.recordings.plausibility.sensor import refuse_shown
from dvs_snn.recordings.store.reading import Sample, ShownSource, read_shown, sample_of_shown
from dvs_snn.settings.frames import FrameRule
from dvs_snn.settings.inference import InferenceSettings


def cnn_reading(
    cnn: list[Path], ann: list[Path], sample: Sample, rule: FrameRule, threads: int
) -> AnnReading:
    """Let the CNN of the file `cnn` read frames of `rule`; without one take the outcomes `ann`."""
    if not cnn:
        return AnnReading.stored(read_table(ann[0], "outcomes").iloc[0])
    # Imported here alone: torch takes longer to import than many a recording to run.
    import torch

    from dvs_snn.evaluation.cnn import CountedCnn

    torch.set_num_threads(threads)
    return CountedCnn.load(cnn[0]).reading(sample.frames, rule)


def sweep_recording(
    ann: AnnReading,
    network: Path,
    scales: Sequence[float],
    sample: Sample,
    settings: InferenceSettings,
    progress: Progress,
) -> tuple[pd.DataFrame, pd.DataFrame, list[Response]]:
    """Return a recording's outcomes, rows of layers, and responses, at each scale.

    It runs in the timing of the settings, and in steps beside it, as the tutorial's does: rows tell
    which. The responses are those in the timing of the settings.
    """
    outcomes, layers, responses = [], [], []
    timings = dict.fromkeys((settings.timing, "steps"))
    with progress.bar(len(timings) * len(scales), "scale", sample.recording) as bar:
        for timing, scale in product(timings, scales):
            spiking = open_spiking(network, scale, replace(settings, timing=timing))
            (response,) = spiking.respond([sample.steps])
            row = outcome(sample, response, ann, spiking.macs_per_frame, settings.step_ms)
            key = {"scale": scale, "timing": timing}
            outcomes.append(key | row)
            layers.append(layer_rows([response], settings.step_ms).assign(**key))
            responses += [response] if timing == settings.timing else []
            bar.advance(1)
    return pd.DataFrame(outcomes), pd.concat(layers, ignore_index=True), responses


def store_responses(
    responses: Sequence[Response], scales: Sequence[float], settings: InferenceSettings, path: Path
) -> None:
    """Write what happens in each step at each scale, as arrays by name.

    `scales` float64 (scale,), `spikes` uint32 (scale, time, class), `running` and `sliding` int16
    (scale, time), -1 for no prediction, `synops` int64 (scale, time), the input layer included, and
    `step_us`, the length of a step in microseconds.
    """
    window = window_steps(settings.step_ms, settings.window_ms)
    sliding = [sliding_prediction(response.by_step, window) for response in responses]
    with replacing(path) as temporary:
        np.savez_compressed(
            temporary,
            scales=np.array(scales, dtype=np.float64),
            spikes=np.array([response.by_step for response in responses], dtype=np.uint32),
            running=np.array([r.predictions[r.step_ends] for r in responses], dtype=np.int16),
            sliding=np.array(sliding, dtype=np.int16),
            synops=np.array([r.of_steps(r.step_synops) for r in responses], dtype=np.int64),
            step_us=np.int64(settings.step_us),
        )


def infer(
    network: Path,
    cnn: list[Path],
    ann: list[Path],
    file: Path,
    source: ShownSource,
    scales: list[float],
    inference: InferenceSettings,
    frames: list[FrameRule],
    picked: list[Path],
    variant: str,
    seed: int,
    outcomes: Path,
    layers: Path,
    spikes: Path,
    progress: Progress,
) -> None:
    """Run one recording, A, B, C or the user's own, at every scale.

    `cnn`, `ann`, `file` and `source` are as `cnn_reading` and `read_shown` take them, `frames` and
    `picked` as `picked_frames` does. It writes the tables `sweeps` and `sweep_layers` of both
    timings, and what `store_responses` writes of the study's. StudyError if the recording can't be
    read, or can't be what a sensor sent.
    """
    shown = read_shown(source, file)
    refuse_shown(shown.recording, shown.raw, shown.placement, source.time_unit)
    rule = picked_frames(picked, frames)
    sample = sample_of_shown(shown, inference.step_us, rule)
    reading = cnn_reading(cnn, ann, sample, rule, inference.compute_threads)
    rows, activity, responses = sweep_recording(
        reading, network, scales, sample, inference, progress
    )
    key = {"set": "", "variant": variant, "seed": seed}
    write_table(rows.assign(**shown.raw.of_pixels, **key), outcomes, "sweeps")
    write_table(activity.assign(recording=sample.recording, **key), layers, "sweep_layers")
    store_responses(responses, scales, inference, spikes)
