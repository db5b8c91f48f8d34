"""A trained network without its smallest weights, trained on as in `quantised` or `synop-loss`.

Each layer keeps the share `kept_share` of its weights, those of the largest magnitude (Han et al.
2015, arXiv:1506.02626). The others are 0 from the first step to the last. Training counts, and may
pay for, the SynOps at weights that are kept. What differs: the paper prunes several times.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dvs_snn.settings.base import Positive, key, named_section
from dvs_snn.settings.method_settings import Pays
from dvs_snn.training.methods.quantised import QuantisedSettings

if TYPE_CHECKING:
    import torch
    from torch import nn

    from dvs_snn.networks.geometry import Layer
    from dvs_snn.training.forward import Forward
    from dvs_snn.training.material import Task


@named_section
class PrunedSettings(QuantisedSettings, Pays):
    """The settings of `pruned`: those of `quantised`, a price, and what stays."""

    kept_share: Positive = key("share of each layer's weights that stays, the largest", 0.5, le=1)


SETTINGS = PrunedSettings


def largest(weight: "torch.Tensor", share: float) -> "torch.Tensor":
    """Return which weights are the largest, at least one: bool, of equal ones the earlier."""
    order = weight.detach().abs().flatten().argsort(descending=True, stable=True)
    places = order.argsort().view(weight.shape)
    return places < max(1, round(share * weight.numel()))


def forward_of(
    model: "nn.Sequential", layers: "Sequence[Layer]", task: "Task", precision: "torch.dtype"
) -> "Forward":
    """Mask the weights of `model`; return the forward pass of its spiking neurons."""
    import numpy as np
    from torch.nn.utils.parametrize import register_parametrization

    from dvs_snn.networks.architectures import weighted
    from dvs_snn.networks.synops import nonzero_fanout
    from dvs_snn.training.forward import Masked
    from dvs_snn.training.spiking_forward import spiking_forward

    settings = task.settings
    assert isinstance(settings, PrunedSettings)
    fanouts = []
    for layer, part in zip(layers, weighted(model), strict=True):
        mask = largest(part.weight, settings.kept_share)
        register_parametrization(part, "weight", Masked(mask))
        fanouts.append(nonzero_fanout(layer, mask.cpu().numpy().astype(np.float32)))
    return spiking_forward(model, layers, task, precision, fanouts)


def finish(model: "nn.Sequential", task: "Task") -> "nn.Sequential":
    """Return the plain CNN, whose masked weights are 0."""
    from torch.nn.utils.parametrize import is_parametrized, remove_parametrizations

    for part in model:
        if is_parametrized(part):
            remove_parametrizations(part, "weight")
    return model
