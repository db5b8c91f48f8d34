"""A CNN with whole activations, which pays for its MACs at activations that aren't 0.

It is the rival of the spiking networks that pay for SynOps: `synop-loss` in a network without
spikes. It isn't converted, but read as a CNN at the scales of the key `cnn_scales`. The key
`synops` and those beside it mean MACs per 3,000 events here.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dvs_snn.settings.base import Factor, Positive, SetOf, key, named_section
from dvs_snn.settings.method_settings import Further, Pays, Taught
from dvs_snn.settings.training_settings import SYNOPS_EVENTS, GradientSettings, Precise

if TYPE_CHECKING:
    import torch
    from torch import nn

    from dvs_snn.networks.geometry import Layer
    from dvs_snn.training.forward import Forward
    from dvs_snn.training.material import Task

MACS_UNIT = f"MACs/{SYNOPS_EVENTS:,} events"


@named_section
class MacLossSettings(Further, GradientSettings, Precise, Taught, Pays):
    """The settings of `mac-loss`."""

    is_mixed = False

    synops: Positive = key("limit of unpaid MACs", unit=MACS_UNIT)
    synops_start: Positive | None = key("limit at the start; null: synops", None, MACS_UNIT)
    cnn_scales: SetOf[Factor] = key("scales at which it is read, as a CNN with whole activations")


SETTINGS = MacLossSettings


def forward_of(
    model: "nn.Sequential", layers: "Sequence[Layer]", task: "Task", precision: "torch.dtype"
) -> "Forward":
    """Return the forward pass of the CNN with whole activations."""
    from dvs_snn.training.whole_activations import whole_forward

    return whole_forward(model, layers, task)


def finish(model: "nn.Sequential", task: "Task") -> "nn.Sequential":
    """Return the CNN as it was trained."""
    return model
