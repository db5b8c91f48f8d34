"""Runs a network over one recording at every scale."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dvs_snn.engines.response import running_prediction, sliding_prediction
from dvs_snn.engines.spiking import open_spiking
from dvs_snn.evaluation.of_set import AnnReading, layer_rows, outcome
from dvs_snn.files.atomic import replacing
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import read_table, write_table
from dvs_snn.recordings.plausibility.refusal import refuse_shown
from dvs_snn.recordings.store.shown import Sample, read_shown, sample_of_shown
from dvs_snn.settings.frames import FrameRule
from dvs_snn.settings.inference import InferenceSettings


@dataclass(frozen=True, eq=False)
class SweepOverRecording:
    """The results of one recording at every scale.

    Attributes:
        outcomes, layers: rows with a column `scale`.
        spikes: int64 (scale, time, class), output spikes.
        synops: int64 (scale, time), SynOps that the events and spikes of each step cause in all
            layers, the input layer included.
    """

    outcomes: pd.DataFrame
    layers: pd.DataFrame
    spikes: np.ndarray
    synops: np.ndarray


def cnn_reading(cnn: list[Path], ann: list[Path], sample: Sample, threads: int) -> AnnReading:
    """Return what the CNN reads of a recording.

    Args:
        cnn: file of the network with the CNN; none: another job let the CNN read the recording.
        ann: that job's outcomes.
    """
    if not cnn:
        row = read_table(ann[0], "outcomes").iloc[0]
        predicted = None if pd.isna(row["ann_predicted"]) else int(row["ann_predicted"])
        return AnnReading(predicted, int(row["ann_frames"]))
    # Imported here alone: torch takes longer to import than many a recording to run.
    import torch

    from dvs_snn.evaluation.cnn import ann_predict
    from dvs_snn.networks.conversion import load_converted

    torch.set_num_threads(threads)
    frames = [frame.pixels for frame in sample.frames]
    return AnnReading(ann_predict(load_converted(cnn[0]).cnn, frames), len(frames))


def sweep_recording(
    ann: AnnReading,
    network: Path,
    scales: Sequence[float],
    sample: Sample,
    settings: InferenceSettings,
    progress: Progress,
) -> SweepOverRecording:
    """Run one recording at every scale.

    Args:
        ann: what the CNN reads of its frames.
        network: file of the spiking network, in the form that the engine runs.
    """
    outcomes, layers, spikes, synops = [], [], [], []
    with progress.bar(len(scales), "scale", sample.recording) as bar:
        for scale in scales:
            spiking = open_spiking(network, scale, settings)
            (response,) = spiking.respond([sample.steps])
            row = outcome(sample, response, ann, spiking.macs_per_frame, settings.step_ms)
            outcomes.append({"scale": scale, **row})
            layers.append(layer_rows([response], settings.step_ms).assign(scale=scale))
            spikes.append(response.spikes)
            synops.append(response.step_synops)
            bar.advance(1)
    return SweepOverRecording(
        pd.DataFrame(outcomes),
        pd.concat(layers, ignore_index=True),
        np.stack(spikes),
        np.stack(synops),
    )


def store_sweep(
    sweep: SweepOverRecording,
    variant: str,
    seed: int,
    settings: InferenceSettings,
    outcomes: Path,
    layers: Path,
    spikes: Path,
) -> None:
    """Write a recording's outcomes, its layer rows, and what happens in each step.

    The file `spikes` holds arrays by name: `scales` float64 (scale,), `spikes` uint32 (scale, time,
    10), `running` and `sliding` int16 (scale, time), -1 for no prediction, `synops` int64 (scale,
    time), the input layer included, and `step_us`, the length of a step in microseconds.
    """
    key = {"set": "", "variant": variant, "seed": seed}
    write_table(sweep.outcomes.assign(**key), outcomes, "sweeps")
    recording = sweep.outcomes["recording"].iloc[0]
    write_table(sweep.layers.assign(recording=recording, **key), layers, "sweep_layers")
    window = max(1, round(settings.window_ms / settings.step_ms))
    running = [running_prediction(each) for each in sweep.spikes]
    sliding = [sliding_prediction(each, window) for each in sweep.spikes]
    with replacing(spikes) as temporary:
        np.savez_compressed(
            temporary,
            scales=sweep.outcomes["scale"].to_numpy(dtype=np.float64),
            spikes=sweep.spikes.astype(np.uint32),
            running=np.array(running, dtype=np.int16),
            sliding=np.array(sliding, dtype=np.int16),
            synops=sweep.synops.astype(np.int64),
            step_us=np.int64(settings.step_us),
        )


def infer(
    network: Path,
    cnn: list[Path],
    ann: list[Path],
    file: Path,
    row: dict[str, Any],
    from_file: bool,
    data: dict[str, Any],
    scales: list[float],
    inference: InferenceSettings,
    frames: FrameRule,
    variant: str,
    seed: int,
    outcomes: Path,
    layers: Path,
    spikes: Path,
    progress: Progress,
) -> None:
    """Run one recording, A, B, C or the user's own, at every scale.

    Args:
        network: what the engine runs.
        cnn, ann: as `cnn_reading` takes them.
        file: the recording's, or without `from_file` the split table that lists its symbol.
        row, data: as `read_shown` takes them.
        outcomes, layers, spikes: what `store_sweep` writes.

    Raises:
        StudyError: the recording can't be read, or can't be what a sensor sent.
    """
    files = (file, None) if from_file else (None, file)
    shown = read_shown(row, *files, data)
    refuse_shown(shown.name, shown.recording, shown.placement, data)
    sample = sample_of_shown(shown, inference.step_us, frames)
    reading = cnn_reading(cnn, ann, sample, inference.compute_threads)
    sweep = sweep_recording(reading, network, scales, sample, inference, progress)
    store_sweep(sweep, variant, seed, inference, outcomes, layers, spikes)
