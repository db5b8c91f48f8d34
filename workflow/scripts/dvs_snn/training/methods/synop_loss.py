"""The quantised CNN, which also pays for its synaptic operations above a limit.

Sorbaro et al. 2020 (Front. Neurosci. 14:662) train so, with a squared distance to a target of
SynOps. Here SynOps cost relu(log(SynOps / limit)) times a weight, both of the variant. The method
`quantised` tells how the network computes.
"""

from collections.abc import Sequence
from dataclasses import replace

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
    """Return the forward pass: a frame is one time step, the last layer's currents are the outputs.

    Raises:
        StudyError: the network has biases or lies on a GPU.
    """
    refuse(model, settings.method)
    unbounded = replace(neurons, min_v_mem=None)
    return spiking_forward(model, layers, unbounded, settings.is_straight)
