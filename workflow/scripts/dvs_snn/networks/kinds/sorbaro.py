"""The MNIST-DVS network of Sorbaro et al. 2020 (Front. Neurosci. 14:662), with plain ReLUs."""

from torch import nn

from dvs_snn.networks.kinds.tutorial import convolution


def build(n_classes: int) -> nn.Sequential:
    return nn.Sequential(
        *convolution(1, 8),
        *convolution(8, 12),
        *convolution(12, 12),
        nn.Dropout2d(0.5),
        nn.Flatten(),
        nn.Linear(432, n_classes, bias=False),
        nn.ReLU(),
    )
