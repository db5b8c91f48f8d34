"""The CNN alone, as the tutorial trains it; the sweep over scales follows after the training."""

from collections.abc import Sequence

import torch
from torch import nn

from dvs_snn.networks.geometry import Layer
from dvs_snn.settings.conversion import NeuronParameters
from dvs_snn.settings.training import Variant
from dvs_snn.training.forward import Batch, Forward, in_precision
from dvs_snn.training.pooling import with_rectified_pooling

MIXED = True


def forward_of(
    model: nn.Sequential,
    layers: Sequence[Layer],
    neurons: NeuronParameters,
    settings: Variant,
    precision: torch.dtype,
) -> Forward:
    """Return the CNN's forward pass, up to its outputs or its potentials (`training.loss_on`)."""
    # The last module is the final ReLU, as describe_layers checks.
    part = with_rectified_pooling(model if settings.loss_on == "outputs" else model[:-1])
    potentials = in_precision(part, precision)

    def forward(batch: Batch) -> tuple[torch.Tensor, None]:
        return potentials(batch.images), None

    return forward
