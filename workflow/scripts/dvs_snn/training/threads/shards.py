"""A training step cut into shards, each computed by one thread: the same weights on any number.

torch adds in another order with another number of threads, so threads inside its functions change
the weights. Here each shard of a batch is a computation of its own, on one thread, with its own
random numbers. The gradients are added in the order of the shards, whoever computed them.
"""

import copy
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import nn

from dvs_snn.files.randomness import integer_seed
from dvs_snn.training.forward import Forward

Task = TypeVar("Task")
Result = TypeVar("Result")
Run = Callable[[Callable[[Task], Result], Sequence[Task]], list[Result]]
"""Calls a function with each task, in any order; returns the results in the order of the tasks."""


@dataclass(frozen=True, eq=False)
class Shard:
    """What computes one part of each batch.

    Attributes:
        model: has the trained network's weights, but gradients of its own.
        forward: its forward pass.
        affine: draws the augmentation, on the processor.
        dropout: draws what is dropped, on the network's device.
    """

    model: nn.Sequential
    forward: Forward
    affine: torch.Generator
    dropout: torch.Generator

    def generators(self) -> list[torch.Generator]:
        """Return what an interrupted training must restore."""
        return [self.affine, self.dropout]


class _Dropout(nn.Dropout2d):
    """A dropout layer with a generator of its own; torch's draw from one that all threads share."""

    def __init__(self, like: nn.Dropout | nn.Dropout2d, generator: torch.Generator) -> None:
        super().__init__(like.p)
        self.kept = 1 - like.p
        self.of_channels = isinstance(like, nn.Dropout2d)
        self.generator = generator

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training or self.kept == 1:
            return x
        shape = [*x.shape[:2], *[1] * (x.dim() - 2)] if self.of_channels else x.shape
        drawn = x.new_empty(shape).bernoulli_(self.kept, generator=self.generator)
        return x * drawn.div_(self.kept)


def cut(
    model: nn.Sequential,
    forward_of: Callable[[nn.Sequential], Forward],
    n_shards: int,
    seed: int,
    replicate: int,
) -> list[Shard]:
    """Return the shards of a training.

    Args:
        model: the network, just made; its weights may change in place, but must stay the same
            tensors.
        forward_of: returns the forward pass of a network.
        seed, replicate: the study's seed and the number of the training.
    """
    device = next(model.parameters()).device
    # A method may put activations with weights of their own into a network.
    forward_of(model)
    shards = []
    for number in range(n_shards):
        own = copy.deepcopy(model)
        affine, dropout = torch.Generator(), torch.Generator(device)
        numbers = (replicate, number) if number else (replicate,)
        affine.manual_seed(integer_seed(seed, "affine", *numbers))
        dropout.manual_seed(integer_seed(seed, "dropout", *numbers))
        if not number and device.type == "cpu":
            # A single shard drops what torch's own layers would, after it drew the weights.
            dropout.set_state(torch.get_rng_state())
        parts = [
            _Dropout(part, dropout) if isinstance(part, nn.Dropout | nn.Dropout2d) else part
            for part in own
        ]
        own = nn.Sequential(*parts).train()
        forward = forward_of(own)
        for mine, shared in zip(own.parameters(), model.parameters(), strict=True):
            mine.data = shared.data
        shards.append(Shard(own, forward, affine, dropout))
    return shards


@contextmanager
def in_threads(threads: int) -> Iterator[Run]:
    """Give a function that runs tasks in up to so many threads, in each of which torch has one."""
    torch.set_num_threads(1)
    if threads == 1:
        yield lambda task, several: [task(one) for one in several]
        return
    with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        yield lambda task, several: list(pool.map(task, several))
