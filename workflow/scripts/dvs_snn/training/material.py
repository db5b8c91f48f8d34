"""What a network is trained on: frames, or recordings in time steps; and the validation frames."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
import torch
from torch import nn

from dvs_snn.datasets.samples import BinnedRecording
from dvs_snn.training.forward import Batch
from dvs_snn.training.measures import frame_accuracy, load_batch


class Material(Protocol):
    """Samples to train on, by their row numbers, and frames to validate on.

    Attributes:
        unit: what a sample is, for the progress.
        rows: int64, the row numbers of the training samples.
    """

    unit: str

    @property
    def rows(self) -> np.ndarray: ...

    def batch(self, rows: np.ndarray, device: torch.device) -> Batch:
        """Return these samples."""

    def accuracy(self, model: nn.Module, batch_size: int) -> float:
        """Return the share of validation frames that the CNN reads right; nan without any."""


@dataclass(frozen=True, eq=False)
class Frames:
    """Frames of a frame store.

    Attributes:
        frames: uint8 (frame, channel, height, width), may be memory-mapped.
        labels: int64 (frame,), the digit of each frame.
        rows, validation_rows: int64 row numbers into `frames`.
    """

    frames: np.ndarray
    labels: np.ndarray
    rows: np.ndarray
    validation_rows: np.ndarray
    unit: ClassVar[str] = "frame"

    def batch(self, rows: np.ndarray, device: torch.device) -> Batch:
        target = torch.from_numpy(self.labels[rows]).to(device)
        return Batch(load_batch(self.frames, rows, device), target)

    def accuracy(self, model: nn.Module, batch_size: int) -> float:
        rows, labels = self.validation_rows, self.labels
        return frame_accuracy(model, self.frames, rows, labels, batch_size)


@dataclass(frozen=True, eq=False)
class Recordings:
    """Recordings in time steps; the validation frames are those of a frame store."""

    recordings: Sequence[BinnedRecording]
    validation: Frames
    unit: ClassVar[str] = "recording"

    @property
    def rows(self) -> np.ndarray:
        return np.arange(len(self.recordings))

    def batch(self, rows: np.ndarray, device: torch.device) -> Batch:
        some = [self.recordings[row] for row in rows]
        images = np.concatenate([one.steps.dense(0, one.steps.n_steps) for one in some])
        return Batch(
            torch.from_numpy(images).to(device, memory_format=torch.channels_last),
            torch.tensor([one.label for one in some], device=device),
            torch.tensor([one.steps.n_steps for one in some]),
        )

    def accuracy(self, model: nn.Module, batch_size: int) -> float:
        # A batch of recordings holds more images than it has samples.
        return self.validation.accuracy(model, max(batch_size, 256))
