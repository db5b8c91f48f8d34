"""Walks a batch through a network of spiking neurons, with gradients."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from dvs_snn.files.errors import StudyError
from dvs_snn.networks.geometry import Layer
from dvs_snn.networks.synops import fanout_map
from dvs_snn.settings.network_settings import NeuronParameters
from dvs_snn.settings.training_settings import SYNOPS_EVENTS
from dvs_snn.training.forward import Forward
from dvs_snn.training.material import Batch, Task
from dvs_snn.training.neurons import fire
from dvs_snn.training.pooling import is_plain_pool


def _fanout_rows(fanouts: np.ndarray) -> np.ndarray:
    """Return the fan-out of the neurons before a layer as `neurons.fire` takes it."""
    rows = fanouts.transpose(1, 2, 0) if fanouts.ndim == 3 else fanouts[None]
    return np.ascontiguousarray(rows.reshape(len(rows), -1), np.float32)


def _refuse(model: nn.Sequential, method: str) -> None:
    """Refuse what the neurons in training don't compute: StudyError on biases, or on a GPU."""
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            raise StudyError(
                f"the network has a bias ({name}), but method {method} trains networks without "
                "biases alone; take bias=False in its file in networks/kinds/, or another method."
            )
        if parameter.device.type != "cpu":
            raise StudyError(
                f"config key training.device is {parameter.device.type!r}, but method {method} "
                "trains on the processor alone; set it to cpu."
            )


def split_frames(images: torch.Tensor, n_steps: int) -> torch.Tensor:
    """Let the events of frames fall into time steps, each event into any with equal chance.

    From event counts, float32 (frame, channel, height, width), to (frame x step, ...). It draws
    from torch's global generator, whose state a resumed training restores.
    """
    left, parts = images, []
    for others in range(n_steps - 1, 0, -1):
        drawn = torch.binomial(left, torch.full_like(left, 1 / (others + 1)))
        parts.append(drawn)
        left = left - drawn
    split = torch.stack([*parts, left], dim=1).flatten(0, 1)
    return split.contiguous(memory_format=torch.channels_last)


def spiking_forward(
    model: nn.Sequential,
    layers: Sequence[Layer],
    task: Task,
    precision: torch.dtype,
    fanouts: Sequence[np.ndarray] | None = None,
) -> Forward:
    """Return the forward pass of the spiking network that `model` is converted to.

    All neurons compute but those of the last layer: the network reads the sum of their currents
    over time. Dropout isn't used, since the converted network has none. A frame is one time step,
    in which a lower bound changes nothing, or `frame_steps` of them.

    Args:
        layers: the network's weighted layers.
        precision: type of the currents; bfloat16 only for frames.
        fanouts: of each layer, the synapses that a spike before it reaches; None: all that exist.

    Raises:
        StudyError: the network has biases or lies on a GPU.
    """
    _refuse(model, task.settings.method)
    fanouts = [_fanout_rows(each) for each in fanouts or map(fanout_map, layers)]
    n_split = task.settings.frame_steps
    of_input = torch.from_numpy(fanouts[0].reshape(layers[0].input_shape[1:]))
    is_half = precision == torch.bfloat16

    def forward(batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        images, steps = batch.images, batch.steps
        if steps is None:
            steps = torch.full((len(images),), n_split)
            images = split_frames(images, n_split) if n_split > 1 else images
        firsts = np.concatenate([[0], np.cumsum(steps.numpy())])
        per_pixel = images.sum(dim=(0, 1))
        synops = (per_pixel * of_input).sum(dtype=torch.float64)
        with torch.autocast("cpu", torch.bfloat16, enabled=is_half):
            currents, caused = _walked(
                model, images, firsts, fanouts[1:], task.neurons, task.settings.is_straight
            )
        outputs = currents = currents.float()
        if len(images) > len(steps):
            of_image = torch.repeat_interleave(torch.arange(len(steps)), steps)
            zeros = torch.zeros(len(steps), currents.shape[1])
            outputs = zeros.index_add(0, of_image, currents)
        return outputs, (synops + caused) / per_pixel.sum(dtype=torch.float64) * SYNOPS_EVENTS

    return forward


def _walked(
    model: nn.Sequential,
    images: torch.Tensor,
    firsts: np.ndarray,
    fanouts: Sequence[np.ndarray],
    neurons: NeuronParameters,
    is_straight: bool,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the currents of the last layer, and the SynOps of the spikes of each ReLU."""
    # The last module is the final ReLU, as describe_layers checks.
    parts, following = list(model[:-1]), [*model[1:-1], None]
    value, synops = images, torch.zeros((), dtype=torch.float64)
    fanout, is_pooled = iter(fanouts), False
    for part, after in zip(parts, following, strict=True):
        if isinstance(part, nn.ReLU):
            is_pooled = after is not None and is_plain_pool(after)
            about = firsts, next(fanout), 2 if is_pooled else 1, neurons, is_straight
            value, caused = fire(value.float(), *about)
            synops = synops + caused
        elif is_pooled:
            is_pooled = False
        elif not isinstance(part, nn.Dropout | nn.Dropout2d):
            value = part(value)
    return value, synops
