"""Cross entropy, as the tutorial trains."""

import torch
from torch.nn import functional


def loss(outputs: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Return the mean cross entropy of a batch.

    Args:
        outputs: float32 (frame, class), outputs or potentials as `training.loss_on` says.
        target: int64 (frame,), the label of each frame.
    """
    return functional.cross_entropy(outputs, target)
