"""The CNN with the activation of Bu et al. 2022 (ICLR, arXiv:2303.04347), made for conversion.

Each ReLU becomes y = cap x clip(floor(x L / cap + 1/2) / L, 0, 1): L levels, shifted by half a step
(quantization clip-floor-shift, QCFS). The cap of each layer is trained, from 8 on. Gradients pass
the floor as if it weren't there. After training the caps are folded into the weights.

The half step is the membrane potential at which the converted neurons start, half their threshold
(`conversion.initial_v_mem`). What differs: the paper's neurons fire at most once a step, for L
steps, so their count has the cap too. Ours fire any number of spikes, and fall to a lower bound. So
large currents pass, which training clipped.
"""

from collections.abc import Sequence

import torch
from torch import nn

from dvs_snn.networks.architectures import build_network
from dvs_snn.networks.geometry import Layer
from dvs_snn.settings.conversion import NeuronParameters
from dvs_snn.settings.training import Variant
from dvs_snn.training.forward import Batch, Forward

MIXED = False
LEVELS = 16
FIRST_CAP = 8.0


class _Floor(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return torch.floor(x)

    @staticmethod
    def backward(ctx, gradient):
        return gradient


class CappedReLU(nn.ReLU):
    """A ReLU of `LEVELS` levels up to a trained cap."""

    def __init__(self) -> None:
        super().__init__()
        self.cap = nn.Parameter(torch.tensor(FIRST_CAP))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the level of each value."""
        share = torch.clamp(x / self.cap, 0, 1)
        return _Floor.apply(share * LEVELS + 0.5) / LEVELS * self.cap


def forward_of(
    model: nn.Sequential,
    layers: Sequence[Layer],
    neurons: NeuronParameters,
    settings: Variant,
    precision: torch.dtype,
) -> Forward:
    """Give `model` the capped activations and return its forward pass up to the potentials."""
    device = next(model.parameters()).device
    # The last module is the final ReLU, as describe_layers checks.
    for place, part in enumerate(model[:-1]):
        if isinstance(part, nn.ReLU):
            model[place] = CappedReLU().to(device)

    def forward(batch: Batch) -> tuple[torch.Tensor, None]:
        return model[:-1](batch.images), None

    return forward


def finish(name: str, model: nn.Sequential, neurons: NeuronParameters) -> nn.Sequential:
    """Return the plain CNN whose spiking neurons fire once for each level.

    A level is cap / L. A layer's weights are divided by its own level and multiplied by that of the
    layer before and by the threshold.
    """
    with torch.no_grad():
        levels = [part.cap / LEVELS for part in model if isinstance(part, CappedReLU)]
        weighted = [part for part in model if isinstance(part, nn.Conv2d | nn.Linear)]
        before, own = [1.0, *levels], [*levels, 1.0]
        for part, into, out in zip(weighted, before, own, strict=True):
            part.weight.mul_(into / out * neurons.spike_threshold)
    weights = {key: value for key, value in model.state_dict().items() if not key.endswith("cap")}
    plain = build_network(name, weighted[-1].weight.shape[0])
    plain.load_state_dict(weights)
    return plain.eval()
