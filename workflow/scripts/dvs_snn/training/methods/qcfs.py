"""The CNN with the activation of Bu et al. 2022 (ICLR, arXiv:2303.04347), made for conversion.

Each ReLU becomes y = cap x clip(floor(x L / cap + 1/2) / L, 0, 1): L levels, shifted by half a step
(quantization clip-floor-shift, QCFS). The cap of each layer is trained, from 8 on. Gradients pass
the floor as if it weren't there. After training the caps are folded into the weights.

The half step is the membrane potential at which the converted neurons start, half their threshold.
What differs: the paper's neurons fire at most once a step, for L steps, so their count has the cap
too. Ours fire any number of spikes, and fall to a lower bound. So large currents pass, which
training clipped.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dvs_snn.settings.base import named_section
from dvs_snn.settings.method_settings import Converted, Further, Taught
from dvs_snn.settings.training_settings import Dropped, GradientSettings, Precise

if TYPE_CHECKING:
    import torch
    from torch import nn

    from dvs_snn.networks.geometry import Layer
    from dvs_snn.training.forward import Forward
    from dvs_snn.training.material import Task


@named_section
class QcfsSettings(Further, Converted, GradientSettings, Precise, Dropped, Taught):
    """The settings of `qcfs`."""

    is_mixed = False
    # Half the threshold is the half step.
    initial_v_mem = 0.5


SETTINGS = QcfsSettings


def forward_of(
    model: "nn.Sequential", layers: "Sequence[Layer]", task: "Task", precision: "torch.dtype"
) -> "Forward":
    """Give `model` the capped activations and return its forward pass up to the potentials."""
    from torch import nn

    from dvs_snn.networks.architectures import before_final_relu
    from dvs_snn.training.forward import CappedReLU

    device = next(model.parameters()).device
    for place, part in enumerate(before_final_relu(model)):
        if isinstance(part, nn.ReLU):
            model[place] = CappedReLU().to(device)
    potentials = before_final_relu(model)
    return lambda batch: (potentials(batch.images), None)


def finish(model: "nn.Sequential", task: "Task") -> "nn.Sequential":
    """Return the plain CNN whose spiking neurons fire once for each level.

    A level is cap / L. A layer's weights are divided by its own level and multiplied by that of the
    layer before and by the threshold.
    """
    import torch

    from dvs_snn.networks.architectures import build_network, weighted
    from dvs_snn.training.forward import LEVELS, CappedReLU

    with torch.no_grad():
        levels: list[float | torch.Tensor] = [
            part.cap / LEVELS for part in model if isinstance(part, CappedReLU)
        ]
        parts = weighted(model)
        for part, before, after in zip(parts, [1.0, *levels], [*levels, 1.0], strict=True):
            part.weight.mul_(before / after * task.neurons.spike_threshold)
    weights = {key: value for key, value in model.state_dict().items() if not key.endswith("cap")}
    plain = build_network(task.network, len(parts[-1].weight))
    plain.load_state_dict(weights)
    return plain.eval()
