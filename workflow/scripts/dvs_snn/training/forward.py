"""How a network computes in training: capped ReLUs, what SynOps cost, and what a teacher says."""

import copy
from collections.abc import Callable

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from dvs_snn.networks.architectures import before_final_relu
from dvs_snn.networks.devices import moved
from dvs_snn.settings.training_settings import GradientSettings
from dvs_snn.training.material import Batch, TrainingMaterial
from dvs_snn.training.pooling import with_rectified_pooling

Potentials = Callable[[torch.Tensor], torch.Tensor]
"""Of images, returns float32 (image, class)."""

Forward = Callable[[Batch], tuple[torch.Tensor, torch.Tensor | None]]
"""Returns float32 (sample, class), and the batch's SynOps per 3,000 events if it counts them."""

LEVELS = 16
FIRST_CAP = 8.0


class Floor(torch.autograd.Function):
    """The whole part of values; its gradient is theirs (straight-through)."""

    @staticmethod
    def forward(ctx, x):
        return torch.floor(x)

    @staticmethod
    def backward(ctx, gradient):
        return gradient


class CappedReLU(nn.ReLU):
    """The activation of the method `qcfs`: a ReLU of `LEVELS` levels up to a trained cap."""

    def __init__(self) -> None:
        super().__init__()
        self.cap = nn.Parameter(torch.tensor(FIRST_CAP))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the level of each value."""
        share = torch.clamp(x / self.cap, 0, 1)
        return Floor.apply(share * LEVELS + 0.5) / LEVELS * self.cap


class Masked(nn.Module):
    """What the method `pruned` makes of a layer's weights: those outside of its mask are 0."""

    mask: torch.Tensor

    def __init__(self, mask: torch.Tensor) -> None:
        super().__init__()
        self.register_buffer("mask", mask)

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        return weight * self.mask


def in_precision(part: nn.Module, precision: torch.dtype) -> Potentials:
    """Return a part of a CNN with activations of type `precision` and outputs of float32."""
    is_half = precision == torch.bfloat16

    def potentials(images: torch.Tensor) -> torch.Tensor:
        with torch.autocast(images.device.type, torch.bfloat16, enabled=is_half):
            return part(images).float()

    return potentials


class Teacher:
    """The CNN whose outputs take the place of the labels in a share of the loss.

    It has no dropout. Where augmentation changes no frame, it reads each once, for all epochs.
    """

    def __init__(
        self,
        cnn: nn.Sequential,
        material: TrainingMaterial,
        settings: GradientSettings,
        device: torch.device,
        precision: torch.dtype,
    ) -> None:
        part = with_rectified_pooling(moved(copy.deepcopy(before_final_relu(cnn)).eval(), device))
        self._potentials = in_precision(part, precision)
        self._known: torch.Tensor | None = None
        if settings.affine.changes_frames:
            return
        for start in range(0, len(material.rows), settings.batch_size):
            rows = material.rows[start : start + settings.batch_size]
            outputs = self.outputs(rows, material.batch(rows, device).images)
            if start == 0:
                known = outputs.new_empty((int(material.rows.max()) + 1, outputs.shape[1]))
            known[rows] = outputs
        self._known = known

    @torch.no_grad()
    def outputs(self, rows: np.ndarray, images: torch.Tensor) -> torch.Tensor:
        """Return the potentials before the final ReLU of samples, by their row numbers."""
        return self._potentials(images) if self._known is None else self._known[rows]


def distance(outputs: torch.Tensor, taught: torch.Tensor, temperature: float) -> torch.Tensor:
    """Return the mean Kullback-Leibler divergence of a batch from the teacher's outputs.

    Both are float32 (frame, class). A softmax at the temperature makes them probabilities. The
    square of the temperature keeps the gradient's size.

    Source: distillation, Hinton et al. 2015, arXiv:1503.02531, section 2.
    """
    of_network = functional.log_softmax(outputs / temperature, dim=1)
    of_teacher = functional.log_softmax(taught / temperature, dim=1)
    divergence = functional.kl_div(of_network, of_teacher, reduction="batchmean", log_target=True)
    return divergence * temperature**2
