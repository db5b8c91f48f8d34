"""What the loop asks of the material that a network is trained on, and where it lies."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import nn

from dvs_snn.recordings.placement import Placement
from dvs_snn.training.forward import Batch


class Material(Protocol):
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
        events, table: store of recordings, for a method on recordings: of the training or, for
            a method that searches, of validation.
        start: weights of the network from which it starts.
        teacher: weights of the CNN that teaches it.
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

    @classmethod
    def of(cls, inputs: Mapping[str, str], **steps: Any) -> "StoredMaterial":
        """Return those of a job's inputs that a training reads; `steps` are the last two fields."""
        names = [one.name for one in fields(cls)]
        return cls(**{name: Path(path) for name, path in inputs.items() if name in names}, **steps)

    def files(self) -> list[Path]:
        """Return those that are there."""
        return [path for path in vars(self).values() if isinstance(path, Path)]
