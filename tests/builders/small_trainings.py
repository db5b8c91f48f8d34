"""Small trainings: a network that trains within a second, and frames that it tells apart."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jobs import quiet
from torch import nn

from dvs_snn.recordings.frames import Frame, frame_writer
from dvs_snn.settings.method_settings import Variant
from dvs_snn.settings.network_settings import NeuronParameters
from dvs_snn.settings.training_settings import RESCALED
from dvs_snn.settings.variants import variant_of
from dvs_snn.training.loop import TrainedNetwork, train
from dvs_snn.training.material import FrameMaterial, Task, TrainingMaterial


def variant(method: str = RESCALED, **keys: object) -> Variant:
    """Return the settings of a training by a method; what it starts from is left out."""
    return variant_of({"method": method, **keys})


def coarse_network() -> nn.Sequential:
    network = nn.Sequential(
        nn.AvgPool2d(8), nn.Conv2d(1, 16, 3, bias=False), nn.ReLU(), nn.Dropout2d(0.1),
        nn.Flatten(), nn.Linear(576, 10, bias=False), nn.ReLU(),
    )  # fmt: skip
    # No output starts dead, as some of so small a network would.
    nn.init.uniform_(network[5].weight, 0.0, 0.05)
    return network


def block_frames(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Frames (n, 1, 64, 64) of ten digits in turn, a bright block elsewhere for each; labels."""
    labels = np.arange(n) % 10
    frames = np.random.default_rng(seed).integers(0, 3, (n, 1, 64, 64)).astype(np.uint8)
    for frame, label in zip(frames, labels, strict=True):
        frame[0, 8 + 24 * (label // 5) :, 4 + 12 * (label % 5) :][:12, :8] += 12
    return frames, labels


def three_to_one(frames: np.ndarray, labels: np.ndarray) -> FrameMaterial:
    """Train on the first three quarters, validate on the last."""
    rows = np.arange(len(labels))
    return FrameMaterial(frames, labels, *np.split(rows, [len(rows) * 3 // 4]))


def stored(
    folder: Path, frames: np.ndarray, labels: np.ndarray, splits: Sequence[str]
) -> tuple[Path, Path]:
    """Store each frame as that of a recording of its own."""
    store = folder / "frames.npy", folder / "index.csv"
    with frame_writer(*store) as add:
        for i, (frame, label, split) in enumerate(zip(frames, labels, splits, strict=True)):
            add(Frame(frame, 9, int(frame.sum()), 0), f"r{i}", f"s{i}", label, split)
    return store


class RecordedInSteps(list):
    """Recordings in time steps that stand for a stored set, whatever steps are asked for."""

    def in_steps(self, step_us: int) -> "RecordedInSteps":
        return self


def trained(
    network: str, material: TrainingMaterial, settings: Variant, *, seed: int = 1,
    replicate: int = 1, neurons: NeuronParameters | None = None, **more: object,
) -> TrainedNetwork:  # fmt: skip
    """Train a network; `more` are `start` and `teacher`."""
    task = Task(network, settings, neurons or NeuronParameters(), seed, replicate, 10)
    return train(task, material, quiet(), **more)


def weights_of(trained: TrainedNetwork) -> list[bytes]:
    return [value.numpy().tobytes() for value in trained.model.state_dict().values()]
