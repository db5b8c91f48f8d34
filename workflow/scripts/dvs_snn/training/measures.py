"""What a network reads right of stored frames."""

import math
from pathlib import Path

import numpy as np
import torch
from torch import nn

from dvs_snn.recordings.store.frame_store import open_frames, read_index, split_rows

READ_AT_ONCE = 8
"""Frames of a batch without gradients: maps of more of them leave a core's cache."""


def load_batch(frames: np.ndarray, rows: np.ndarray, device: torch.device) -> torch.Tensor:
    """Copy `rows` of the memory-mapped uint8 frames to the device as float32."""
    # Sorted rows read the file in order.
    order = np.sort(rows)
    batch = torch.from_numpy(np.ascontiguousarray(frames[order]))
    inverse = torch.from_numpy(np.argsort(np.argsort(rows, kind="stable"), kind="stable"))
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
            outputs = model(load_batch(frames, chunk, device))
            best, predicted = outputs.max(dim=1)
            target = torch.from_numpy(labels[chunk]).to(device)
            correct += int(((predicted == target) & (best > 0)).sum())
    model.train(was_training)
    return correct / len(rows)


def accuracy_on_test_frames(
    model: nn.Sequential, array_path: Path, index_path: Path
) -> tuple[float, int]:
    """Return the CNN's accuracy on the store's test frames and their number."""
    index = read_index(index_path, ["label", "split"])
    rows = split_rows(index, "test")
    frames = open_frames(array_path)
    return frame_accuracy(model, frames, rows, index["label"].to_numpy()), len(rows)
