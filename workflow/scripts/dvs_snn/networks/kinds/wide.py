"""The tutorial's CNN with 32 filters in its third convolution: the most that fits Speck."""

from torch import nn

from dvs_snn.networks.kinds import tutorial


def build(n_classes: int) -> nn.Sequential:
    return tutorial.with_filters(n_classes, 32)
