"""How a network computes in training: what goes in and comes out, what SynOps cost, who teaches."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from dvs_snn.files.job import Progress
from dvs_snn.networks.geometry import Layer
from dvs_snn.settings.conversion import NeuronParameters
from dvs_snn.settings.training import Variant
from dvs_snn.training.pooling import with_rectified_pooling

if TYPE_CHECKING:
    from dvs_snn.training.material import Material

EVENTS = 3000
"""Limits on SynOps are told for so many events, the events of a frame."""


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


Potentials = Callable[[torch.Tensor], torch.Tensor]
"""Of images, returns float32 (image, class)."""

Said = Callable[[np.ndarray, torch.Tensor], torch.Tensor]
"""Of the row numbers of samples and their images, returns the teacher's float32 (sample, class)."""

Forward = Callable[[Batch], tuple[torch.Tensor, torch.Tensor | None]]
"""Returns float32 (sample, class), and the batch's SynOps per 3,000 events if it counts them."""


class Making(Protocol):
    """What a module of training/methods has whose method takes no gradients."""

    def make(
        self,
        name: str,
        model: nn.Sequential,
        material: "Material",
        neurons: NeuronParameters,
        settings: Variant,
        seed: int,
        progress: Progress,
    ) -> nn.Sequential:
        """Return the network made from `model`, the start's in evaluation mode, which may change.

        Args:
            name: of the network.
            material: what it works on.
            neurons: of the network that it is converted to.
            seed: the study's.
        """


class Method(Protocol):
    """What the loop asks of a module of training/methods whose method takes gradients."""

    MIXED: bool

    def forward_of(
        self,
        model: nn.Sequential,
        layers: Sequence[Layer],
        neurons: NeuronParameters,
        settings: Variant,
        precision: torch.dtype,
    ) -> Forward:
        """Return how `model` computes in training; it may put other activations into it.

        Args:
            layers: its weighted layers.
            neurons: of the network that it is converted to.
            precision: type of the activations where `MIXED` is true.
        """


def excess(synops: torch.Tensor, limit: float) -> torch.Tensor:
    """Return what SynOps above a limit cost: relu(log(SynOps / limit)).

    The logarithm pulls with the same strength at any number of SynOps, relative to it. Sorbaro et
    al. 2020 (Front. Neurosci. 14:662) penalise the squared distance to a target instead.
    """
    return torch.relu(torch.log(synops / limit))


def in_precision(part: nn.Module, precision: torch.dtype) -> Potentials:
    """Return a part of a CNN whose activations are of type `precision`, and its outputs float32."""

    def potentials(images: torch.Tensor) -> torch.Tensor:
        is_half = precision == torch.bfloat16
        with torch.autocast(images.device.type, torch.bfloat16, enabled=is_half):
            return part(images).float()

    return potentials


def teacher_of(cnn: nn.Sequential, device: torch.device, precision: torch.dtype) -> Potentials:
    """Return the potentials before the CNN's final ReLU, without dropout and without gradients."""
    part = copy.deepcopy(cnn[:-1]).eval().to(device, memory_format=torch.channels_last)
    return torch.no_grad()(in_precision(with_rectified_pooling(part), precision))


def said_by(
    potentials: Potentials, material: "Material", settings: Variant, device: torch.device
) -> Said:
    """Return what a teacher says of training samples, by their row numbers and their images.

    Where augmentation changes no frame, the teacher reads each once, for all epochs.
    """
    if settings.affine.changes_frames:
        return lambda rows, images: potentials(images)
    known = material.rows
    said: torch.Tensor | None = None
    for start in range(0, len(known), settings.batch_size):
        rows = known[start : start + settings.batch_size]
        some = potentials(material.batch(rows, device).images)
        if said is None:
            said = torch.empty((int(known.max()) + 1, some.shape[1]), device=device)
        said[rows] = some
    return lambda rows, images: said[rows]


def distance(outputs: torch.Tensor, taught: torch.Tensor, temperature: float) -> torch.Tensor:
    """Return the mean Kullback-Leibler divergence of a batch from what the teacher says.

    Source: distillation, Hinton et al. 2015, arXiv:1503.02531, section 2.

    Both are turned into probabilities of classes at the temperature. The square of the temperature
    keeps the gradient's size.

    Args:
        outputs, taught: float32 (frame, class), potentials of the network and of its teacher.
    """
    said = functional.log_softmax(taught / temperature, dim=1)
    found = functional.log_softmax(outputs / temperature, dim=1)
    divergence = functional.kl_div(found, said, reduction="batchmean", log_target=True)
    return divergence * temperature**2
