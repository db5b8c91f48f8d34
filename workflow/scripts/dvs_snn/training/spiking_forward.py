"""Walks a batch through a network of spiking neurons, with gradients."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from dvs_snn.files.errors import StudyError
from dvs_snn.networks.architectures import before_final_relu
from dvs_snn.networks.geometry import Layer
from dvs_snn.networks.synops import fanout_map
from dvs_snn.settings.method_settings import Spiking, SplitFrames
from dvs_snn.settings.training_settings import SYNOPS_EVENTS
from dvs_snn.training.forward import Forward
from dvs_snn.training.material import Batch, Task
from dvs_snn.training.neurons import fire
from dvs_snn.training.pooling import RectifiedPooling, with_rectified_pooling


def _fanout_rows(fanouts: np.ndarray) -> np.ndarray:
    """Return the fan-out of the neurons before a layer as `neurons.fire` takes it."""
    rows = fanouts.transpose(1, 2, 0) if fanouts.ndim == 3 else fanouts[None]
    return np.ascontiguousarray(rows.reshape(len(rows), -1), np.float32)


def _refuse(model: nn.Sequential, method: str) -> None:
    """Refuse what the neurons in training don't compute: StudyError on biases, or on a GPU."""
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            raise StudyError(
                f"the network has a bias ({name}), but method {method} can only train "
                "networks without; set bias=False in its file in networks/kinds/, or choose "
                "another method."
            )
        if parameter.device.type != "cpu":
            raise StudyError(
                f"config key training.device is {parameter.device.type!r}, but method {method} "
                "trains only on the CPU; set it to cpu."
            )


def split_frames(images: torch.Tensor, n_steps: int) -> torch.Tensor:
    """Let the events of frames fall into time steps, each event into any with equal chance.

    From event counts, float32 (frame, channel, height, width), to (frame x step, ...). It draws
    from torch's global generator.
    """
    left = images
    parts = []
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

    The neurons of the last layer don't fire: the outputs are the sums of their currents over time.
    A frame is one time step, or `frame_steps` of them.

    Args:
        layers: the network's weighted layers.
        precision: type of the currents; bfloat16 only for frames.
        fanouts: of each layer, the synapses that a spike before it reaches; None: all that exist.

    Raises:
        StudyError: the network has biases or lies on a GPU.
    """
    settings = task.settings
    _refuse(model, settings.method)
    of_input, *of_layers = map(_fanout_rows, fanouts or map(fanout_map, layers))
    of_pixels = torch.from_numpy(of_input.reshape(layers[0].input_shape[1:]))
    n_split = settings.frame_steps if isinstance(settings, SplitFrames) else 1
    is_straight = not isinstance(settings, Spiking) or settings.surrogate == "straight"
    is_half = precision == torch.bfloat16
    # The converted network has no dropout.
    parts = [
        part
        for part in with_rectified_pooling(before_final_relu(model))
        if not isinstance(part, nn.Dropout | nn.Dropout2d)
    ]

    def forward(batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        images = batch.images
        steps = batch.steps
        if steps is None:
            steps = torch.full((len(images),), n_split)
            images = split_frames(images, n_split) if n_split > 1 else images
        firsts = np.concatenate([[0], np.cumsum(steps.numpy())])
        per_pixel = images.sum(dim=(0, 1))
        synops = (per_pixel * of_pixels).sum(dtype=torch.float64)

        value = images
        caused = torch.zeros((), dtype=torch.float64)
        remaining = iter(of_layers)
        with torch.autocast("cpu", torch.bfloat16, enabled=is_half):
            for part in parts:
                if isinstance(part, nn.ReLU | RectifiedPooling):
                    value, of_layer = fire(
                        value.float(),
                        firsts,
                        next(remaining),
                        2 if isinstance(part, RectifiedPooling) else 1,
                        task.neurons,
                        is_straight,
                    )
                    caused = caused + of_layer
                else:
                    value = part(value)

        outputs = value.float()
        if len(images) > len(steps):
            of_image = torch.repeat_interleave(torch.arange(len(steps)), steps)
            zeros = torch.zeros(len(steps), outputs.shape[1])
            outputs = zeros.index_add(0, of_image, outputs)
        return outputs, (synops + caused) / per_pixel.sum(dtype=torch.float64) * SYNOPS_EVENTS

    return forward
