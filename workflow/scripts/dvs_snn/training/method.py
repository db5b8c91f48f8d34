"""What a method of training is: a module of `training/methods/`, and how it is loaded."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from dvs_snn.files.registry import load
from dvs_snn.settings.training_settings import METHODS, Method, Variant

if TYPE_CHECKING:
    import torch
    from torch import nn

    from dvs_snn.files.job import Progress
    from dvs_snn.networks.geometry import Layer
    from dvs_snn.training.forward import Forward
    from dvs_snn.training.material import Task, TrainingMaterial


class GradientMethod(Protocol):
    """What the module of a method holds that trains by gradients."""

    METHOD: Method

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


class DirectMethod(Protocol):
    """What the module of a method holds that takes no gradients."""

    METHOD: Method

    def make(
        self,
        model: "nn.Sequential",
        material: "TrainingMaterial",
        task: "Task",
        progress: "Progress",
    ) -> "nn.Sequential":
        """Return the network made from the start's, `model`, which may change."""
        ...


def gradient_method(name: str) -> GradientMethod:
    """Return the module of a method that trains by gradients."""
    module: GradientMethod = load(METHODS, name, GradientMethod)
    return module


def direct_method(name: str) -> DirectMethod:
    """Return the module of a method that takes no gradients."""
    module: DirectMethod = load(METHODS, name, DirectMethod)
    return module


def check_methods(variants: Iterable[Variant]) -> None:
    """Raise StudyError unless the module of each variant's method holds what it has to."""
    for variant in variants:
        if variant.traits.uses_gradients:
            gradient_method(variant.method)
        else:
            direct_method(variant.method)
