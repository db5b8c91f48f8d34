"""A trained CNN teaches another network by its outputs (distillation).

Source: Hinton et al. 2015, arXiv:1503.02531, section 2.
"""

import copy
from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional

Potentials = Callable[[torch.Tensor], torch.Tensor]
"""Of images, returns float32 (image, digit)."""


def teacher_of(cnn: nn.Sequential, device: torch.device, precision: torch.dtype) -> Potentials:
    """Return the potentials before the CNN's final ReLU, without dropout and without gradients."""
    part = copy.deepcopy(cnn[:-1]).eval().to(device, memory_format=torch.channels_last)

    @torch.no_grad()
    def potentials(images: torch.Tensor) -> torch.Tensor:
        is_half = precision == torch.bfloat16
        with torch.autocast(device.type, torch.bfloat16, enabled=is_half):
            return part(images).float()

    return potentials


def distance(outputs: torch.Tensor, taught: torch.Tensor, temperature: float) -> torch.Tensor:
    """Return the mean Kullback-Leibler divergence of a batch from what the teacher says.

    Both are turned into probabilities of digits at the temperature. The square of the temperature
    keeps the gradient's size.

    Args:
        outputs, taught: float32 (frame, digit), potentials of the network and of its teacher.
    """
    said = functional.log_softmax(taught / temperature, dim=1)
    found = functional.log_softmax(outputs / temperature, dim=1)
    divergence = functional.kl_div(found, said, reduction="batchmean", log_target=True)
    return divergence * temperature**2
