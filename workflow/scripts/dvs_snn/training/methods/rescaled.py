"""The CNN alone, as the tutorial trains it; the sweep over scales follows after the training."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dvs_snn.settings.base import Folder, key, named_section
from dvs_snn.settings.method_settings import Converted, learns_on_outputs
from dvs_snn.settings.training_settings import TrainingSettings

if TYPE_CHECKING:
    import torch
    from torch import nn

    from dvs_snn.networks.geometry import Layer
    from dvs_snn.training.forward import Forward
    from dvs_snn.training.material import Task


@named_section
class RescaledSettings(Converted, TrainingSettings):
    """The settings of `rescaled`, which may also take weights instead of training."""

    weights: Folder | None = key("file of weights to take instead of training", None)


SETTINGS = RescaledSettings


def forward_of(
    model: "nn.Sequential", layers: "Sequence[Layer]", task: "Task", precision: "torch.dtype"
) -> "Forward":
    """Return the CNN's forward pass, up to its outputs or its potentials (`training.loss_on`)."""
    from dvs_snn.networks.architectures import before_final_relu
    from dvs_snn.training.forward import in_precision
    from dvs_snn.training.pooling import with_rectified_pooling

    part = model if learns_on_outputs(task.settings) else before_final_relu(model)
    potentials = in_precision(with_rectified_pooling(part), precision)
    return lambda batch: (potentials(batch.images), None)


def finish(model: "nn.Sequential", task: "Task") -> "nn.Sequential":
    """Return the CNN as it was trained."""
    return model
