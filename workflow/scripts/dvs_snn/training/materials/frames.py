"""Frames of a frame store."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import nn

from dvs_snn.recordings.store.frame_store import open_frames, read_index, split_rows
from dvs_snn.training.material import Batch, StoredMaterial
from dvs_snn.training.measures import frame_accuracy, load_batch


@dataclass(frozen=True, eq=False)
class FrameMaterial:
    """Frames to train and to validate on.

    Attributes:
        frames: uint8 (frame, channel, height, width), may be memory-mapped.
        labels: int64 (frame,), the label of each frame.
        rows, validation_rows: int64 row numbers into `frames`.
    """

    frames: np.ndarray
    labels: np.ndarray
    rows: np.ndarray
    validation_rows: np.ndarray
    unit: ClassVar[str] = "frame"

    def batch(self, rows: np.ndarray, device: torch.device) -> Batch:
        """Return these frames."""
        target = torch.from_numpy(self.labels[rows]).to(device)
        return Batch(load_batch(self.frames, rows, device), target)

    def accuracy(self, model: nn.Module) -> float:
        """Return the share of validation frames that the CNN reads right; nan without any."""
        return frame_accuracy(model, self.frames, self.validation_rows, self.labels)


def open_material(stored: StoredMaterial) -> FrameMaterial:
    """Open the training and validation frames of a frame store."""
    index = read_index(stored.index, ["label", "split"])
    rows = (split_rows(index, "train"), split_rows(index, "validation"))
    return FrameMaterial(open_frames(stored.frames), index["label"].to_numpy(), *rows)
