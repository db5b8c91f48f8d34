"""Frames of a frame store, and what a network reads right of them."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from torch import nn

from dvs_snn.recordings.frames import open_frames, read_index, split_rows
from dvs_snn.training.material import Batch, StoredMaterial

READ_AT_ONCE = 8
"""Frames of a batch without gradients: maps of more of them leave a core's cache."""


def load_batch(frames: np.ndarray, rows: np.ndarray, device: torch.device) -> torch.Tensor:
    """Copy `rows` of the memory-mapped uint8 frames to the device as float32."""
    # Sorted rows read the file in order.
    order = np.argsort(rows, kind="stable")
    batch = torch.from_numpy(np.ascontiguousarray(frames[rows[order]]))
    inverse = torch.from_numpy(np.argsort(order, kind="stable"))
    return batch[inverse].to(device).float().contiguous(memory_format=torch.channels_last)


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
    unit: ClassVar[str] = "frame"

    def batch(self, rows: np.ndarray, device: torch.device) -> Batch:
        target = torch.from_numpy(self.labels[rows]).to(device)
        return Batch(load_batch(self.frames, rows, device), target)

    def accuracy(self, model: nn.Module) -> float:
        return frame_accuracy(model, self.frames, self.validation_rows, self.labels)


def open_material(stored: StoredMaterial) -> FrameMaterial:
    """Open the training and validation frames of a frame store."""
    index = read_index(stored.index, ["label", "split"])
    rows = (split_rows(index, "train"), split_rows(index, "validation"))
    return FrameMaterial(open_frames(stored.frames), index["label"].to_numpy(), *rows)
