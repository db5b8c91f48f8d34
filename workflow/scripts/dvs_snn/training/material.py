"""What a training is: its task, and the frames or recordings that it reads."""

import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from dvs_snn.recordings.frames import open_frames, read_index, split_rows
from dvs_snn.recordings.store.event_store import RecordedSet
from dvs_snn.settings.network_settings import NeuronParameters
from dvs_snn.settings.variants import TrainedVariant

READ_AT_ONCE = 8
"""Frames of a batch without gradients: maps of more of them leave a core's cache."""


@dataclass(frozen=True)
class Task:
    """Which network is trained, and how.

    Attributes:
        network: its name.
        settings: the section of the method.
        neurons: of the spiking network that it will be converted to.
        seed, replicate: the study's seed and the number of this training.
    """

    network: str
    settings: TrainedVariant
    neurons: NeuronParameters
    seed: int
    replicate: int
    n_classes: int


@dataclass(frozen=True, eq=False)
class Batch:
    """Samples that a network reads at once: frames, or recordings in time steps.

    Attributes:
        images: float32 (image, 1, height, width), event counts; a recording has one a time step.
        target: int64 (sample,), the labels.
        steps: int64 (sample,), images of each sample, one after the other; None: one each.
    """

    images: torch.Tensor
    target: torch.Tensor
    steps: torch.Tensor | None = None


def load_batch(frames: np.ndarray, rows: np.ndarray, device: torch.device) -> torch.Tensor:
    """Copy `rows` of the memory-mapped uint8 frames to the device as float32."""
    batch = torch.from_numpy(frames[rows]).to(device).float()
    return batch.contiguous(memory_format=torch.channels_last)


def frame_accuracy(
    model: nn.Module, frames: np.ndarray, rows: np.ndarray, labels: np.ndarray
) -> float:
    """Return the share of frames that the network reads right (nan without frames).

    A frame that leaves all outputs at zero is wrong, as a silent spiking network is.
    """
    if not len(rows):
        return math.nan
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    correct = 0
    with torch.no_grad():
        for start in range(0, len(rows), READ_AT_ONCE):
            chunk = rows[start : start + READ_AT_ONCE]
            best, predicted = model(load_batch(frames, chunk, device)).max(dim=1)
            target = torch.from_numpy(labels[chunk]).to(device)
            correct += int(((predicted == target) & (best > 0)).sum())
    model.train(was_training)
    return correct / len(rows)


def accuracy_on_test_frames(model: nn.Module, frames: Path, index: Path) -> tuple[float, int]:
    """Return the CNN's accuracy on the store's test frames and their number."""
    table = read_index(index, ["label", "split"])
    rows = split_rows(table, "test")
    labels = table["label"].to_numpy()
    return frame_accuracy(model, open_frames(frames), rows, labels), len(rows)


@dataclass(frozen=True, eq=False)
class FrameMaterial:
    """Frames to train and to validate on.

    Attributes:
        frames: uint8 (frame, channel, height, width), may be memory-mapped.
        labels: int64 (frame,).
        rows, validation_rows: int64 row numbers into `frames`.
    """

    frames: np.ndarray
    labels: np.ndarray
    rows: np.ndarray
    validation_rows: np.ndarray

    def batch(self, rows: np.ndarray, device: torch.device) -> Batch:
        """Return the samples of these rows."""
        target = torch.from_numpy(self.labels[rows]).to(device)
        return Batch(load_batch(self.frames, rows, device), target)

    def accuracy(self, model: nn.Module) -> float:
        """Return the share of validation frames that the CNN reads right; nan without any."""
        return frame_accuracy(model, self.frames, self.validation_rows, self.labels)


@dataclass(frozen=True, eq=False)
class RecordingMaterial:
    """Recordings to train on in time steps, and frames to validate on."""

    recorded: RecordedSet
    step_us: int
    validation: FrameMaterial

    @property
    def rows(self) -> np.ndarray:
        return np.arange(len(self.recorded))

    def in_steps(self, step_ms: float) -> "RecordingMaterial":
        """Return the same recordings in time steps of another length."""
        return replace(self, step_us=round(step_ms * 1000))

    def batch(self, rows: np.ndarray, device: torch.device) -> Batch:
        """Return the recordings of these rows."""
        recordings = self.recorded.in_steps(self.step_us)
        read = [recordings[row] for row in rows]
        images = np.concatenate([each.steps.dense(0, each.steps.n_steps) for each in read])
        return Batch(
            torch.from_numpy(images).to(device, memory_format=torch.channels_last),
            torch.tensor([each.label for each in read], device=device),
            torch.tensor([each.steps.n_steps for each in read]),
        )

    def accuracy(self, model: nn.Module) -> float:
        """Return the share of validation frames that the CNN reads right; nan without any."""
        return self.validation.accuracy(model)


TrainingMaterial = FrameMaterial | RecordingMaterial


def open_frame_material(frames: Path, index: Path) -> FrameMaterial:
    """Open a frame store, to train on its split `train` and to validate on `validation`."""
    table = read_index(index, ["label", "split"])
    return FrameMaterial(
        open_frames(frames),
        table["label"].to_numpy(),
        split_rows(table, "train"),
        split_rows(table, "validation"),
    )
