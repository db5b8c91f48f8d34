"""What a batch costs and the gradients of that, from what its shards gave."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn

from dvs_snn.training.forward import excess
from dvs_snn.training.threads.shards import Shard


@dataclass(frozen=True, eq=False)
class Part:
    """What one shard of a batch gave.

    Attributes:
        loss: float32 (), the mean over its samples; with a gradient, as `synops`.
        synops: float64 (), per 3,000 events; None if the method doesn't count them.
        n, n_events: its samples, and their events if SynOps are counted.
        n_correct: samples read right.
        alive: bool (class,), the outputs that some sample drives above zero.
    """

    loss: torch.Tensor
    synops: torch.Tensor | None
    n: int
    n_events: float
    n_correct: int
    alive: torch.Tensor


def cost_of(
    losses: Sequence[float], synops: Sequence[float], n: Sequence[int], n_events: Sequence[float],
    limit: float | None, synops_weight: float,
) -> tuple[float, float, list[float], list[float]]:  # fmt: skip
    """Return what a batch costs, and how that depends on each of its shards.

    The batch's loss is the mean over its samples, and its SynOps those per 3,000 of its events.

    Args:
        losses, synops: of each shard; no SynOps if the method doesn't count them.
        n, n_events: its samples and their events.

    Returns:
        The cost, the batch's SynOps, and the derivatives of the cost by `losses` and by `synops`.
    """
    of_shards = torch.tensor(losses, dtype=torch.float64, requires_grad=True)
    counted = torch.tensor(synops, dtype=torch.float64, requires_grad=True)
    cost = of_shards @ _shares(n)
    total = torch.zeros(())
    if len(synops):
        total = counted @ _shares(n_events)
        if limit is not None:
            cost = cost + synops_weight * excess(total, limit)
    by_loss, by_synops = torch.autograd.grad(
        cost, [of_shards, counted], allow_unused=True, materialize_grads=True
    )
    return cost.item(), total.item(), by_loss.tolist(), by_synops.tolist()


def _shares(parts: Sequence[float]) -> torch.Tensor:
    return torch.tensor([part / sum(parts) for part in parts], dtype=torch.float64)


def walk_back(task: tuple[Part, float, float]) -> None:
    """Give a shard's network its gradients, from the derivatives of the batch's cost."""
    part, by_loss, by_synops = task
    ends, slopes = [part.loss], [part.loss.new_tensor(by_loss)]
    if part.synops is not None:
        ends, slopes = [*ends, part.synops], [*slopes, part.synops.new_tensor(by_synops)]
    torch.autograd.backward(ends, slopes)


def add_gradients(model: nn.Module, shards: Sequence[Shard]) -> None:
    """Give the network the sum of its shards' gradients, added in the order of the shards."""
    first, *others = ([part.grad for part in shard.model.parameters()] for shard in shards)
    for gradients in others:
        torch._foreach_add_(first, gradients)
    for part, gradient in zip(model.parameters(), first, strict=True):
        part.grad = gradient
