"""Layers normalised to a percentile of their outputs (Rueckauer et al. 2017, section 2.2.2).

Front. Neurosci. 11:682. The scale lambda of a layer is a percentile of all outputs of its ReLUs,
zeros included, over training frames. Weights are multiplied by the scale of the layer before and
divided by the scale of their layer. The input's scale is 1. So each neuron at the percentile fires
one spike per frame, and the CNN's outputs keep their proportions.

What differs: the paper's neurons fire at most once a step, and clip what lies above the percentile.
Ours fire any number of spikes.
"""

from typing import TYPE_CHECKING

import numpy as np

from dvs_snn.files.randomness import generator
from dvs_snn.settings.base import Number, key, named_section
from dvs_snn.settings.method_settings import Converted, Further

if TYPE_CHECKING:
    import torch
    from torch import nn

    from dvs_snn.files.job import Progress
    from dvs_snn.training.material import Task, TrainingMaterial

N_FRAMES = 1024
"""Training frames, drawn with the study's seed: the outputs of a layer take 130 MB at most."""


@named_section
class NormalisedSettings(Further, Converted):
    """The settings of `normalised`."""

    percentile: Number = key("of outputs, which becomes 1", 99.9, gt=0, le=100)


SETTINGS = NormalisedSettings


def _output_scales(
    model: "nn.Sequential", frames: "torch.Tensor", percentile: float
) -> list[float]:
    """Return the percentile of each layer's outputs, all of them above zero.

    Where more outputs are zero than the percentile allows, the scale is the largest output. A dead
    layer has the scale of the layer before, so that its weights stay.
    """
    import torch
    from torch import nn

    scales = [1.0]
    value = frames
    with torch.no_grad():
        for part in model:
            value = part(value)
            if isinstance(part, nn.ReLU):
                outputs = value.numpy()
                scale = float(np.percentile(outputs, percentile)) or float(outputs.max())
                scales.append(scale or scales[-1])
    return scales[1:]


def normalise(
    model: "nn.Sequential", frames: "torch.Tensor", percentile: float, threshold: float
) -> list[float]:
    """Normalise a CNN in place; return its scales.

    Biases are divided by their layer's scale. `frames` are float32 (frame, 1, height, width).
    """
    import torch

    from dvs_snn.networks.architectures import weighted
    from dvs_snn.networks.conversion import rescale_layers

    scales = _output_scales(model, frames, percentile)
    before = [1.0, *scales[:-1]]
    factors = [threshold * into / scale for into, scale in zip(before, scales, strict=True)]
    rescale_layers(model, *factors)
    with torch.no_grad():
        for part, scale in zip(weighted(model), scales, strict=True):
            if part.bias is not None:
                part.bias.mul_(threshold / scale)
    return scales


def make(
    model: "nn.Sequential", material: "TrainingMaterial", task: "Task", progress: "Progress"
) -> "nn.Sequential":
    """Return `model`, normalised."""
    import torch

    from dvs_snn.training.material import FrameMaterial, load_batch

    settings = task.settings
    assert isinstance(settings, NormalisedSettings)
    assert isinstance(material, FrameMaterial)
    n = min(N_FRAMES, len(material.rows))
    rng = generator(task.seed, "frames of normalisation")
    rows = rng.choice(material.rows, n, replace=False)
    frames = load_batch(material.frames, np.sort(rows), torch.device("cpu"))
    scales = normalise(model, frames, settings.percentile, task.neurons.spike_threshold)
    shown = ", ".join(f"{scale:.4g}" for scale in scales)
    progress.say(f"percentile {settings.percentile:g} of the outputs, layer by layer: {shown}")
    return model
