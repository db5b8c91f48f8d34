"""The spiking network itself, trained on time steps by backpropagation through time.

The forward pass is that of the converted network, to the spike: its neurons fire several times a
step, subtract, and have their lower bound. The backward pass takes surrogate gradients (Neftci et
al. 2019, IEEE Signal Process. Mag. 36:51; `dvs_snn.training.neurons`). The loss is taken on the
currents of the last layer, summed over the recording; above a limit SynOps cost as in `synop-loss`.
"""

from collections.abc import Sequence

import torch
from torch import nn

from dvs_snn.networks.geometry import Layer
from dvs_snn.settings.conversion import NeuronParameters
from dvs_snn.settings.variants import Variant
from dvs_snn.training.forward import Forward
from dvs_snn.training.spiking import refuse, spiking_forward

# Spikes are counted exactly.
MIXED = False


def forward_of(
    model: nn.Sequential,
    layers: Sequence[Layer],
    neurons: NeuronParameters,
    settings: Variant,
    precision: torch.dtype,
) -> Forward:
    """Return the forward pass over recordings in time steps.

    Raises:
        StudyError: the network has biases or lies on a GPU.
    """
    refuse(model, settings.method)
    return spiking_forward(model, layers, neurons, settings.is_straight)
