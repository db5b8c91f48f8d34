"""The forward pass of a CNN with whole activations, which counts its MACs with a gradient."""

from collections.abc import Sequence

import torch
from torch import nn

from dvs_snn.networks.architectures import before_final_relu
from dvs_snn.networks.geometry import Layer
from dvs_snn.networks.synops import mac_map
from dvs_snn.settings.training_settings import SYNOPS_EVENTS
from dvs_snn.training.forward import Floor, Forward
from dvs_snn.training.material import Batch, Task


class _NonZero(torch.autograd.Function):
    """1 where an activation isn't 0; its gradient is that of x / (1 + x), which also ends at 1."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return (x != 0).to(x.dtype)

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return gradient / (1 + x) ** 2


def whole_forward(model: nn.Sequential, layers: Sequence[Layer], task: Task) -> Forward:
    """Return a forward pass in which hidden ReLUs return how many whole thresholds they hold.

    Beside the outputs it returns the MACs at activations that aren't 0, per 3,000 events.
    """
    threshold = task.neurons.spike_threshold
    maps = [torch.tensor(mac_map(layer).ravel(), dtype=torch.float32) for layer in layers]
    # Without dropout, which would change how many activations are 0.
    parts = [
        part for part in before_final_relu(model) if not isinstance(part, nn.Dropout | nn.Dropout2d)
    ]

    def forward(batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        value = batch.images
        macs = torch.zeros((), dtype=torch.float64)
        remaining = iter(maps)
        for part in parts:
            if isinstance(part, nn.Conv2d | nn.Linear):
                of_sample = _NonZero.apply(value).flatten(1) @ next(remaining).to(value.device)
                macs = macs + of_sample.sum(dtype=torch.float64)
            value = part(value)
            if isinstance(part, nn.ReLU):
                value = Floor.apply(value / threshold)
        n_events = batch.images.sum(dtype=torch.float64)
        return value, macs / n_events * SYNOPS_EVENTS

    return forward
