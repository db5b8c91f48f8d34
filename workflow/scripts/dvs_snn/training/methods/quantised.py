"""The CNN with quantised ReLUs, each of which counts as a spiking neuron does.

A quantised ReLU returns floor(relu(x) / threshold), the spikes of an integrate-and-fire neuron that
gets all its current in one step and has no lower bound. Its gradient is the ReLU's, unless
the key `surrogate` says otherwise. So training knows the rounding that conversion brings, but not
the time in which spikes arrive.

With `frame_steps` above 1 the events of a frame fall at random into so many time steps, drawn anew
each time. Then neurons fire several times and have their lower bound, as on a chip, and training
knows that the order of arrival is noise. Koopman et al. 2024 (arXiv:2408.05098) train for it with
neurons that fire in random order. What differs: here the events alone come in random order.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dvs_snn.settings.base import named_section
from dvs_snn.settings.method_settings import Converted, Further, Spiking, SplitFrames, Taught
from dvs_snn.settings.training_settings import GradientSettings, Precise

if TYPE_CHECKING:
    import torch
    from torch import nn

    from dvs_snn.networks.geometry import Layer
    from dvs_snn.training.forward import Forward
    from dvs_snn.training.material import Task


@named_section
class QuantisedSettings(
    Further, Converted, GradientSettings, Precise, Taught, Spiking, SplitFrames
):
    """The settings of `quantised`."""


SETTINGS = QuantisedSettings


def forward_of(
    model: "nn.Sequential", layers: "Sequence[Layer]", task: "Task", precision: "torch.dtype"
) -> "Forward":
    """Return the forward pass of spiking neurons."""
    from dvs_snn.training.spiking_forward import spiking_forward

    return spiking_forward(model, layers, task, precision)


def finish(model: "nn.Sequential", task: "Task") -> "nn.Sequential":
    """Return the CNN as it was trained."""
    return model
