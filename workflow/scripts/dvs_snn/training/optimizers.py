"""What turns gradients into steps of the weights, and the course of the step size."""

import torch
from torch import nn
from torch.optim import lr_scheduler

from dvs_snn.settings.training_settings import GradientSettings

LARGEST_BASIS = 256
"""Size above which SOAP leaves an axis of weights as it is. A basis for the 576 inputs of the
tutorial's first linear layer triples SOAP's work, and gains nothing."""


def optimizer_of(model: nn.Module, settings: GradientSettings) -> torch.optim.Optimizer:
    """Return the optimizer of a network's weights that the settings name, without weight decay.

    Sources: Adam, Kingma and Ba 2015 (arXiv:1412.6980). SOAP, Vyas et al. 2025 (arXiv:2409.11321):
    Adam in the eigenbasis of Shampoo's preconditioner (Gupta et al. 2018), found anew every 10
    steps.
    """
    weights = list(model.parameters())
    rate = settings.learning_rate
    if settings.optimizer == "adam":
        return torch.optim.Adam(weights, lr=rate, fused=True)
    # The import takes over a second, which trainings with Adam save.
    from pytorch_optimizer import SOAP

    return SOAP(weights, lr=rate, weight_decay=0.0, max_precondition_dim=LARGEST_BASIS)


def schedule_of(
    optimizer: torch.optim.Optimizer, settings: GradientSettings, steps: int
) -> lr_scheduler.LRScheduler:
    """Return the schedule of the learning rate over a training of `steps` batches.

    It rises linearly over the share `warmup` of them. Then it stays, or falls to 0 by a cosine.
    """
    rising = round(settings.warmup * steps)
    course = (
        lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps - rising)
        if settings.schedule == "cosine"
        else lr_scheduler.ConstantLR(optimizer, factor=1.0)
    )
    if not rising:
        return course
    rise = lr_scheduler.LinearLR(optimizer, start_factor=1 / rising, total_iters=rising - 1)
    return lr_scheduler.SequentialLR(optimizer, [rise, course], milestones=[rising])
