"""The tutorial's CNN: three convolutions and two linear layers, no bias, final ReLU."""

from torch import nn


def convolution(n_in: int, n_out: int) -> list[nn.Module]:
    """Return a convolution of 3x3 pixels, its ReLU and its pool."""
    return [nn.Conv2d(n_in, n_out, kernel_size=3, bias=False), nn.ReLU(), nn.AvgPool2d(2)]


def build(n_classes: int) -> nn.Sequential:
    return nn.Sequential(
        *convolution(1, 8),
        *convolution(8, 32),
        *convolution(32, 16),
        nn.Dropout2d(0.5),
        nn.Flatten(),
        nn.Linear(16 * 6 * 6, 32, bias=False),
        nn.ReLU(),
        nn.Linear(32, n_classes, bias=False),
        nn.ReLU(),
    )
