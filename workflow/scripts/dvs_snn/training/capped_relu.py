"""The activation of the method `qcfs`, and its levels."""

import torch
from torch import nn

LEVELS = 16
FIRST_CAP = 8.0


class _Floor(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return torch.floor(x)

    @staticmethod
    def backward(ctx, gradient):
        return gradient


class CappedReLU(nn.ReLU):
    """A ReLU of `LEVELS` levels up to a trained cap."""

    def __init__(self) -> None:
        super().__init__()
        self.cap = nn.Parameter(torch.tensor(FIRST_CAP))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the level of each value."""
        share = torch.clamp(x / self.cap, 0, 1)
        return _Floor.apply(share * LEVELS + 0.5) / LEVELS * self.cap
