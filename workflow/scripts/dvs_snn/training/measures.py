"""Measures of a network on stored frames: the share read right, and the units that stay silent."""

import math
from pathlib import Path

import numpy as np
import torch
from torch import nn

from dvs_snn.networks.architectures import describe_layers
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


def dead_units(
    name: str, model: nn.Sequential, frames: np.ndarray, rows: np.ndarray
) -> dict[str, tuple[int, int]]:
    """Count the units of each weighted layer that no frame drives above zero.

    A unit is a channel of a convolution or an output of a linear layer. A dead unit doesn't help to
    tell classes apart. It passes no gradient either, so training can't revive it.

    Args:
        frames: uint8 (frame, channel, height, width); only `rows` of them are shown.

    Returns:
        For each layer its dead units and all its units.
    """
    layers = describe_layers(name, model)
    largest = [torch.zeros(layer.output_shape[0]) for layer in layers]
    device = next(model.parameters()).device
    with torch.no_grad():
        for start in range(0, len(rows), READ_AT_ONCE):
            value = load_batch(frames, rows[start : start + READ_AT_ONCE], device)
            number = 0
            for part in model:
                value = part(value)
                if isinstance(part, nn.ReLU):
                    reached = value.flatten(2).amax(2) if value.dim() == 4 else value
                    largest[number] = largest[number].maximum(reached.amax(0).cpu())
                    number += 1
    return {
        layer.name: (int((top == 0).sum()), len(top))
        for layer, top in zip(layers, largest, strict=True)
    }


def accuracy_on_test_frames(
    model: nn.Sequential, array_path: Path, index_path: Path
) -> tuple[float, int]:
    """Return the CNN's accuracy on the store's test frames and their number."""
    index = read_index(index_path, ["label", "split"])
    rows = split_rows(index, "test")
    frames = open_frames(array_path)
    return frame_accuracy(model, frames, rows, index["label"].to_numpy()), len(rows)
