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
        """Row numbers of all recordings."""
        return np.arange(len(self.recordings))

    def batch(self, rows: np.ndarray, device: torch.device) -> Batch:
        """Return these recordings, their time steps one after the other."""
        shown = [self.recordings[row] for row in rows]
        images = np.concatenate([one.steps.dense(0, one.steps.n_steps) for one in shown])
        return Batch(
            torch.from_numpy(images).to(device, memory_format=torch.channels_last),
            torch.tensor([one.label for one in shown], device=device),
            torch.tensor([one.steps.n_steps for one in shown]),
        )

    def accuracy(self, model: nn.Module) -> float:
        """Return the share of validation frames that the CNN reads right; nan without any."""
        return self.validation.accuracy(model)


def open_material(stored: StoredMaterial) -> Recordings:
    """Open the stored recordings, and the validation frames of the frame store."""
    recordings = open_store(stored.events, stored.table, stored.placements)
    binned = recordings.in_steps(round(stored.step_ms * 1000))
    return Recordings(binned, frames.open_material(stored))
