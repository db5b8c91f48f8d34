"""The network `strided` with twice as many filters in its third convolution."""

from torch import nn

from dvs_snn.networks.kinds import strided


def build(n_classes: int) -> nn.Sequential:
    return strided.with_filters(n_classes, 64)
