"""The tutorial's CNN with a stride in its second convolution, in place of the pool behind it.

So a spike of the first layer reaches a quarter as many neurons of the second. The third convolution
has 32 filters in two groups: each sees half of the second layer, so a spike there reaches as many
synapses as in the tutorial's CNN.
"""

from torch import nn

from dvs_snn.networks.kinds.tutorial import convolution


def build(n_classes: int) -> nn.Sequential:
    return with_filters(n_classes, 32)


def with_filters(n_classes: int, filters: int) -> nn.Sequential:
    """Build it with so many `filters` in its third convolution."""
    return nn.Sequential(
        *convolution(1, 8),
        nn.Conv2d(8, 32, kernel_size=3, stride=2, bias=False),
        nn.ReLU(),
        nn.Conv2d(32, filters, kernel_size=3, groups=2, bias=False),
        nn.ReLU(),
        nn.AvgPool2d(2),
        nn.Dropout2d(0.5),
        nn.Flatten(),
        nn.Linear(filters * 6 * 6, 32, bias=False),
        nn.ReLU(),
        nn.Linear(32, n_classes, bias=False),
        nn.ReLU(),
    )
