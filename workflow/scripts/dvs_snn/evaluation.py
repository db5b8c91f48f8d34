"""A converted network over whole sets of recordings, and over A, B, C at every scale."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from dvs_snn.atomic import replacing
from dvs_snn.conversion import Converted
from dvs_snn.events import EventRecording, read_recording
from dvs_snn.framing import (
    Frame,
    FrameRule,
    PlacedEvents,
    Placement,
    StepEvents,
    accumulate,
    bin_steps,
    bin_steps_as_tutorial,
    place,
    place_as_tutorial,
)
from dvs_snn.hashing import sha256_of
from dvs_snn.inference import ann_predict, run
from dvs_snn.job import Progress
from dvs_snn.listing import list_folder
from dvs_snn.model import describe_layers
from dvs_snn.response import Response, decide, running_prediction, sliding_prediction
from dvs_snn.sources import find_symbol, open_recording, placement_of, read_split
from dvs_snn.tablefile import write_table
from dvs_snn.tables import OUTCOME_COLUMNS, layer_rows, outcome

RECORDINGS_IN_MEMORY = 100


@dataclass(frozen=True)
class InferenceSettings:
    """How recordings are fed to a spiking network.

    Attributes:
        step_ms: length of a time step in milliseconds.
        window_ms: length of the sliding window of the prediction in milliseconds.
        batch_size: recordings at once.
        engine: ``event``, which walks spikes, or ``sinabs``, which walks pixels.
        frames: how the CNN's frames are accumulated from the same recordings.
        compute_threads: threads of torch and of the event engine.
    """

    step_ms: float
    window_ms: float
    batch_size: int
    frames: FrameRule
    compute_threads: int = 1
    engine: str = "event"

    @property
    def step_us(self) -> int:
        """Length of a time step in microseconds."""
        return round(self.step_ms * 1000)


def settings_from(inference: dict, frames: dict) -> InferenceSettings:
    """Return the settings of the config's `inference` and `frames` sections."""
    return InferenceSettings(
        step_ms=float(inference["step_ms"]),
        window_ms=float(inference["window_ms"]),
        batch_size=int(inference["batch_size"]),
        frames=FrameRule(**frames),
        compute_threads=int(inference["compute_threads"]),
        engine=inference["engine"],
    )


@dataclass(frozen=True, eq=False)
class Sample:
    """One recording as the networks see it."""

    recording: str
    symbol: str
    label: int | None
    sha256: str
    steps: StepEvents
    frames: list[Frame]
    n_outside: int
    duration_s: float


def prepare(
    name: str,
    symbol: str,
    label: int | None,
    sha256: str,
    recording: EventRecording,
    placement: Placement | None,
    settings: InferenceSettings,
) -> Sample:
    """Place and bin a recording; `placement` None bins it just as the tutorial does."""
    placed: PlacedEvents
    if placement is None:
        placed = place_as_tutorial(recording)
        steps = bin_steps_as_tutorial(placed, settings.step_us)
    else:
        placed = place(recording, placement)
        steps = bin_steps(placed, settings.step_us)
    return Sample(
        recording=name,
        symbol=symbol,
        label=label,
        sha256=sha256,
        steps=steps,
        frames=list(accumulate(placed, settings.frames)),
        n_outside=placed.n_outside + steps.n_dropped,
        duration_s=placed.duration_s,
    )


def split_samples(
    split: pd.DataFrame,
    part: str,
    scenes: Mapping[str, dict],
    settings: InferenceSettings,
) -> Iterator[Sample]:
    """Yield the recordings of one part of the study's own split.

    Args:
        scenes: sensor size and placement by scene; ``""`` for recordings that aren't simulated.
    """
    for row in split[split["split"] == part].itertuples():
        where = scenes[row.scene]
        recording = open_recording(row.file, row.sha256, where["sensor_size"])
        yield prepare(
            row.recording,
            row.symbol,
            row.label,
            row.sha256,
            recording,
            placement_of(where),
            settings,
        )


def folder_samples(
    folder: Path,
    sensor_size: Sequence[int] | None,
    placement: Placement,
    settings: InferenceSettings,
) -> Iterator[Sample]:
    """Yield the recordings of an evaluation set's folder."""
    for file in list_folder(folder):
        recording = read_recording(file.path, sensor_size)
        yield prepare(
            file.name,
            file.symbol,
            file.label,
            sha256_of(file.path),
            recording,
            placement,
            settings,
        )


def _macs_per_frame(converted: Converted) -> int:
    return sum(layer.macs for layer in describe_layers(converted.name, converted.cnn))


def _outcome(
    sample: Sample,
    response: Response,
    converted: Converted,
    macs_per_frame: int,
    settings: InferenceSettings,
) -> dict[str, object]:
    return outcome(
        recording=sample.recording,
        symbol=sample.symbol,
        label=sample.label,
        sha256=sample.sha256,
        response=response,
        decision=decide(response.spikes, settings.step_ms),
        n_events=len(sample.steps.step),
        n_outside=sample.n_outside,
        duration_s=sample.duration_s,
        ann_predicted=ann_predict(converted.cnn, sample.frames),
        ann_frames=len(sample.frames),
        macs_per_frame=macs_per_frame,
    )


def evaluate_samples(
    converted: Converted,
    scale: float,
    samples: Iterable[Sample],
    settings: InferenceSettings,
    progress: Progress,
    total: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Run a set at one scale; hold only a hundred recordings in memory at a time.

    Returns:
        One outcome row per recording, and the layers' activity summed over the set.
    """
    torch.set_num_threads(settings.compute_threads)
    macs = _macs_per_frame(converted)
    rows: list[dict[str, object]] = []
    parts: list[pd.DataFrame] = []
    with progress.bar(total, "recording", f"scale {scale:.2f}") as bar:
        remaining = iter(samples)
        while chunk := list(islice(remaining, RECORDINGS_IN_MEMORY)):
            steps = [sample.steps for sample in chunk]
            responses = list(
                run(
                    converted, scale, steps, settings.batch_size, settings.engine,
                    settings.compute_threads,
                )
            )  # fmt: skip
            for sample, response in zip(chunk, responses, strict=True):
                rows.append(_outcome(sample, response, converted, macs, settings))
            parts.append(layer_rows(responses, settings.step_ms))
            bar.advance(len(chunk))
    layers = pd.concat(parts).groupby("layer", sort=False, as_index=False).agg(
        {"spikes_in": "sum", "spikes_out": "sum", "fanout_nominal": "first", "synops": "sum",
         "synops_nominal": "sum", "seconds": "sum"}
    )  # fmt: skip
    return pd.DataFrame(rows, columns=list(OUTCOME_COLUMNS)), layers


@dataclass(frozen=True, eq=False)
class SweepOverRecording:
    """One recording under every scale.

    Attributes:
        outcomes, layers: rows with a column `scale`.
        spikes: uint32 (scale, time, 10).
        running, sliding: int16 (scale, time), -1 where there is no prediction yet.
    """

    outcomes: pd.DataFrame
    layers: pd.DataFrame
    spikes: np.ndarray
    running: np.ndarray
    sliding: np.ndarray


def sweep_recording(
    converted: Converted,
    scales: Sequence[float],
    sample: Sample,
    settings: InferenceSettings,
    progress: Progress,
) -> SweepOverRecording:
    """Run one recording at every scale."""
    torch.set_num_threads(settings.compute_threads)
    macs = _macs_per_frame(converted)
    outcomes, layers, responses = [], [], []
    with progress.bar(len(scales), "scale", sample.recording) as bar:
        for scale in scales:
            response = next(run(converted, scale, [sample.steps], 1, settings.engine))
            row = _outcome(sample, response, converted, macs, settings)
            outcomes.append({"scale": scale, **row})
            layers.append(layer_rows([response], settings.step_ms).assign(scale=scale))
            responses.append(response)
            bar.advance(1)
    window = max(1, round(settings.window_ms / settings.step_ms))
    return SweepOverRecording(
        outcomes=pd.DataFrame(outcomes),
        layers=pd.concat(layers, ignore_index=True),
        spikes=np.stack([r.spikes for r in responses]).astype(np.uint32),
        running=np.stack([running_prediction(r.spikes) for r in responses]).astype(np.int16),
        sliding=np.stack([sliding_prediction(r.spikes, window) for r in responses]).astype(
            np.int16
        ),
    )


def recording_sample(
    row: dict,
    file: Path | None,
    split_path: Path | None,
    data: dict,
    settings: InferenceSettings,
) -> Sample:
    """Prepare one recording A, B, C as its row of the recordings table says.

    Args:
        row: the row; empty cells None, `tutorial_binning` true for the tutorial's own videos.
        file: its file; None where the row names a symbol of the study's data.
        split_path: the split table, where symbols are looked up.
        data: the config's data section: sensor size and placement of the study's own symbols.
    """
    placement = Placement(row["zoom"] or 1.0, row["rotate"] or 0, row["flip"] or "none")
    size = (row["sensor_width"], row["sensor_height"]) if row["sensor_width"] else None
    if file is not None:
        return prepare(
            row["recording"], row["symbol"] or "", row["label"], sha256_of(file),
            read_recording(file, size),
            None if row["tutorial_binning"] else placement, settings,
        )  # fmt: skip
    found = find_symbol(read_split(split_path), row["symbol"])
    recording = open_recording(found["file"], found["sha256"], size or data["sensor_size"])
    placement = Placement(
        row["zoom"] or data["zoom"],
        data["rotate"] if row["rotate"] is None else row["rotate"],
        row["flip"] or data["flip"],
    )
    return prepare(
        row["recording"], found["symbol"], int(found["label"]), found["sha256"], recording,
        placement, settings,
    )  # fmt: skip


def set_samples(
    name: str,
    split_path: Path | None,
    folder: Path,
    scenes: Mapping[str, dict],
    settings: InferenceSettings,
) -> tuple[int, Iterator[Sample]]:
    """Return how many recordings a set has, and the recordings themselves, one by one.

    Args:
        name: the set.
        split_path: the split table, or None for a set that is a folder.
        folder: the folder, if it is one.
        scenes: sensor size and placement by scene; ``""`` for recordings that aren't simulated.
    """
    if split_path is None:
        where = scenes[""]
        samples = folder_samples(folder, where["sensor_size"], placement_of(where), settings)
        return len(list_folder(folder)), samples
    split = read_split(split_path)
    samples = split_samples(split, name, scenes, settings)
    return int((split["split"] == name).sum()), samples


def store_set(outcomes: pd.DataFrame, layers: pd.DataFrame, key: dict, paths: Mapping) -> None:
    """Write a set's outcome rows and layer rows, each with set, variant, seed and scale."""
    write_table(outcomes.assign(**key), Path(paths["outcomes"]))
    write_table(layers.assign(recording="", **key), Path(paths["layers"]))


def store_sweep(
    sweep: SweepOverRecording,
    variant: str,
    replicate: int,
    settings: InferenceSettings,
    paths: Mapping,
) -> None:
    """Write a recording's outcomes, layer rows and output spikes under every scale."""
    key = {"variant": variant, "seed": replicate}
    write_table(sweep.outcomes.assign(set="", **key), Path(paths["outcomes"]))
    recording = sweep.outcomes["recording"].iloc[0]
    layers = sweep.layers.assign(set="", recording=recording, **key)
    write_table(layers, Path(paths["layers"]))
    with replacing(Path(paths["spikes"])) as temporary:
        np.savez_compressed(
            temporary,
            scales=sweep.outcomes["scale"].to_numpy(dtype=np.float64),
            spikes=sweep.spikes,
            running=sweep.running,
            sliding=sweep.sliding,
            step_us=np.int64(settings.step_us),
        )
