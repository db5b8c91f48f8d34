"""Recordings, which a batch puts into time steps; the validation frames are of a frame store."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import nn

from dvs_snn.recordings.store.event_store import BinnedRecording, open_store
from dvs_snn.training.material import Batch, StoredMaterial
from dvs_snn.training.materials import frames


@dataclass(frozen=True, eq=False)
class Recordings:
    """Recordings to train on or to search on, and frames to validate on."""

    recordings: Sequence[BinnedRecording]
    validation: frames.FrameMaterial
    unit: ClassVar[str] = "recording"

    @property
    def rows(self) -> np.ndarray:
        return np.arange(len(self.recordings))

    def batch(self, rows: np.ndarray, device: torch.device) -> Batch:
        read = [self.recordings[row] for row in rows]
        images = np.concatenate([each.steps.dense(0, each.steps.n_steps) for each in read])
        return Batch(
            torch.from_numpy(images).to(device, memory_format=torch.channels_last),
            torch.tensor([each.label for each in read], device=device),
            torch.tensor([each.steps.n_steps for each in read]),
        )

    def accuracy(self, model: nn.Module) -> float:
        return self.validation.accuracy(model)


def open_material(stored: StoredMaterial) -> Recordings:
    """Open the stored recordings, and the validation frames of the frame store."""
    recordings = open_store(stored.events, stored.table, stored.placements)
    binned = recordings.in_steps(round(stored.step_ms * 1000))
    return Recordings(binned, frames.open_material(stored))
