"""The CNN with quantised ReLUs, each of which counts as a spiking neuron does.

A quantised ReLU returns floor(relu(x) / threshold), the spikes of an integrate-and-fire neuron that
gets all its current in one step and has no lower bound. Its gradient is the ReLU's, unless
the key `surrogate` says otherwise. So training knows the rounding that conversion brings, but not
the time in which spikes arrive.
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
