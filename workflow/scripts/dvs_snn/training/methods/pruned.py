"""A trained network without its smallest weights, trained on as in `quantised` or `synop-loss`.

Each layer keeps the share `kept_share` of its weights, those of the largest magnitude (Han et al.
2015, arXiv:1506.02626). The others are 0 from the first step to the last. Training counts, and may
pay for, the SynOps at weights that are kept, those of a chip that skips zeros. What differs: the
paper sets a threshold for each layer by its standard deviation, and prunes several times.
"""

from dvs_snn.settings.training import Method

METHOD = Method(pays="may", is_split=True)


def largest(weight, share: float):
    """Return which weights are the largest: a bool tensor of their shape, at least one True.

    Of equal weights the earlier is kept.
    """
    import torch

    n = max(1, round(share * weight.numel()))
    order = weight.detach().abs().flatten().argsort(descending=True, stable=True)
    kept = torch.zeros(weight.numel(), dtype=torch.bool, device=weight.device)
    kept[order[:n]] = True
    return kept.view(weight.shape)


def forward_of(model, layers, task, precision):
    """Mask the weights of `model`; return the forward pass of its spiking neurons."""
    import numpy as np
    from torch import nn
    from torch.nn.utils.parametrize import register_parametrization

    from dvs_snn.networks.synops import nonzero_fanout
    from dvs_snn.training.forward import Masked
    from dvs_snn.training.spiking import spiking_forward

    masks = []
    for part in model:
        if isinstance(part, nn.Conv2d | nn.Linear):
            masks.append(largest(part.weight, task.settings.kept_share))
            register_parametrization(part, "weight", Masked(masks[-1]))
    pairs = zip(layers, masks, strict=True)
    fanouts = [
        nonzero_fanout(layer, mask.cpu().numpy().astype(np.float32)) for layer, mask in pairs
    ]
    return spiking_forward(model, layers, task, precision, fanouts)


def finish(model, task):
    """Return the plain CNN, whose masked weights are 0."""
    from torch.nn.utils.parametrize import is_parametrized, remove_parametrizations

    for part in model:
        if is_parametrized(part):
            remove_parametrizations(part, "weight")
    return model
