"""What a method of training is: a module of `training/methods/`.

Beside its functions it holds `SETTINGS`, the section of its keys (`MethodModule`): a class with the
decorator `named_section`, made of those in `settings/method_settings.py`.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from dvs_snn.settings.variants import MethodModule

if TYPE_CHECKING:
    import torch
    from torch import nn

    from dvs_snn.files.job import Progress
    from dvs_snn.networks.geometry import Layer
    from dvs_snn.training.forward import Forward
    from dvs_snn.training.material import Task, TrainingMaterial


class GradientMethod(MethodModule, Protocol):
    """What the module of a method holds whose settings are `GradientSettings`."""

    def forward_of(
        self,
        model: "nn.Sequential",
        layers: "Sequence[Layer]",
        task: "Task",
        precision: "torch.dtype",
    ) -> "Forward":
        """Return how the network computes in training; other activations may enter `model`."""
        ...

    def finish(self, model: "nn.Sequential", task: "Task") -> "nn.Sequential":
        """Return, after the training, the plain CNN that is converted."""
        ...


class DirectMethod(MethodModule, Protocol):
    """What the module of a method holds whose settings aren't: it takes no gradients."""

    def make(
        self,
        model: "nn.Sequential",
        material: "TrainingMaterial",
        task: "Task",
        progress: "Progress",
    ) -> "nn.Sequential":
        """Return the network made from the start's, `model`, which may change."""
        ...
