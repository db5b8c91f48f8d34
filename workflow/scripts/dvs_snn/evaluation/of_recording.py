"""Runs a network over one recording at every scale."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.engines.response import running_prediction, sliding_prediction
from dvs_snn.engines.spiking import open_spiking
from dvs_snn.evaluation.of_set import AnnReading, layer_rows, outcome
from dvs_snn.files.atomic import replacing
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import read_table, write_table
from dvs_snn.recordings.store.shown import Sample
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


def cnn_reading(cnn: str, table: str, sample: Sample, threads: int) -> AnnReading:
    """Return what the CNN reads of a recording.

    Args:
        cnn: file of the network with the CNN; empty: another job let the CNN read the recording.
        table: that job's outcomes.
    """
    if not cnn:
        row = read_table(Path(table), "outcomes").iloc[0]
        predicted = None if pd.isna(row["ann_predicted"]) else int(row["ann_predicted"])
        return AnnReading(predicted, int(row["ann_frames"]))
    # Imported here alone: torch takes longer to import than many a recording to run.
    import torch

    from dvs_snn.evaluation.cnn import ann_predict
    from dvs_snn.networks.conversion import load_converted

    torch.set_num_threads(threads)
    frames = [frame.pixels for frame in sample.frames]
    return AnnReading(ann_predict(load_converted(Path(cnn)).cnn, frames), len(frames))


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
    replicate: int,
    settings: InferenceSettings,
    paths: Mapping,
) -> None:
    """Write a recording's outcomes, its layer rows, and what happens in each step.

    The file `spikes` holds arrays by name: `scales` float64 (scale,), `spikes` uint32 (scale, time,
    10), `running` and `sliding` int16 (scale, time), -1 for no prediction, `synops` int64 (scale,
    time), the input layer included, and `step_us`, the length of a step in microseconds.
    """
    key = {"variant": variant, "seed": replicate}
    write_table(sweep.outcomes.assign(set="", **key), Path(paths["outcomes"]), "sweeps")
    recording = sweep.outcomes["recording"].iloc[0]
    layers = sweep.layers.assign(set="", recording=recording, **key)
    write_table(layers, Path(paths["layers"]), "sweep_layers")
    window = max(1, round(settings.window_ms / settings.step_ms))
    running = [running_prediction(spikes) for spikes in sweep.spikes]
    sliding = [sliding_prediction(spikes, window) for spikes in sweep.spikes]
    with replacing(Path(paths["spikes"])) as temporary:
        np.savez_compressed(
            temporary,
            scales=sweep.outcomes["scale"].to_numpy(dtype=np.float64),
            spikes=sweep.spikes.astype(np.uint32),
            running=np.array(running, dtype=np.int16),
            sliding=np.array(sliding, dtype=np.int16),
            synops=sweep.synops.astype(np.int64),
            step_us=np.int64(settings.step_us),
        )
