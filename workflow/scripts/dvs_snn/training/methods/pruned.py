"""A trained network without its smallest weights, trained on as in `quantised` or `synop-loss`.

Each layer keeps the share `kept_share` of its weights, those of the largest magnitude (Han et al.
2015, arXiv:1506.02626). The others are 0 from the first step to the last. Training counts, and may
pay for, the SynOps at weights that are kept. What differs: the paper prunes several times.
"""

from dvs_snn.settings.training_settings import Method

METHOD = Method(pays="may", is_split=True)


def largest(weight, share: float):
    """Return which weights are the largest, at least one: bool, of equal ones the earlier."""
    order = weight.detach().abs().flatten().argsort(descending=True, stable=True)
    places = order.argsort().view(weight.shape)
    return places < max(1, round(share * weight.numel()))


def forward_of(model, layers, task, precision):
    """Mask the weights of `model`; return the forward pass of its spiking neurons."""
    import numpy as np
    from torch.nn.utils.parametrize import register_parametrization

    from dvs_snn.networks.architectures import weighted
    from dvs_snn.networks.synops import nonzero_fanout
    from dvs_snn.training.forward import Masked
    from dvs_snn.training.spiking_forward import spiking_forward

    fanouts = []
    for layer, part in zip(layers, weighted(model), strict=True):
        mask = largest(part.weight, task.settings.kept_share)
        register_parametrization(part, "weight", Masked(mask))
        fanouts.append(nonzero_fanout(layer, mask.cpu().numpy().astype(np.float32)))
    return spiking_forward(model, layers, task, precision, fanouts)


def finish(model, task):
    """Return the plain CNN, whose masked weights are 0."""
    from torch.nn.utils.parametrize import is_parametrized, remove_parametrizations

    for part in model:
        if is_parametrized(part):
            remove_parametrizations(part, "weight")
    return model
