"""What a training is: its task, the material that it reads, and where that lies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import nn

from dvs_snn.networks.geometry import N_CLASSES
from dvs_snn.recordings.placement import Placement
from dvs_snn.settings.conversion import NeuronParameters
from dvs_snn.settings.training import Variant


@dataclass(frozen=True)
class Task:
    """Which network is trained, and how.

    Attributes:
        network: its name.
        neurons: of the spiking network that it will be converted to.
        seed, replicate: the study's seed and the number of this training.
    """

    network: str
    settings: Variant
    neurons: NeuronParameters
    seed: int
    replicate: int
    n_classes: int = N_CLASSES


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


class TrainingMaterial(Protocol):
    """Samples (a `unit` each) to train on, by their row numbers, and frames to validate on."""

    unit: str

    @property
    def rows(self) -> np.ndarray:
        """Row numbers of the training samples, int64."""

    def batch(self, rows: np.ndarray, device: torch.device) -> Batch:
        """Return these samples."""

    def accuracy(self, model: nn.Module) -> float:
        """Return the share of validation frames that the CNN reads right; nan without any."""


@dataclass(frozen=True)
class StoredMaterial:
    """The files that a training reads.

    Attributes:
        frames, index: the frame store; a method on recordings only validates on it.
        events, table: store of the recordings that a method trains or searches on.
        start, teacher: weights of the network that it starts from, and of the CNN that teaches it.
        step_ms: length of a time step, for a method on recordings.
        placements: of the recordings on the network, by scene.
    """

    frames: Path
    index: Path
    events: Path | None = None
    table: Path | None = None
    start: Path | None = None
    teacher: Path | None = None
    step_ms: float | None = None
    placements: Mapping[str, Placement] = field(default_factory=dict)

    def files(self) -> list[Path]:
        """Return those that are there."""
        return [path for path in vars(self).values() if isinstance(path, Path)]
