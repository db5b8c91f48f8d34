"""The geometry of a network's weighted layers, as plain numbers (no torch)."""

from dataclasses import dataclass
from itertools import product

INPUT_SHAPE = (1, 64, 64)
N_CLASSES = 10
"""Outputs of a network of the ten digits; `data.classes` may name other classes."""


@dataclass(frozen=True)
class Window:
    """How a kernel moves along one axis of a map, in pixels."""

    kernel: int
    stride: int
    padding: int
    dilation: int = 1

    def reached(self, size: int) -> list[list[tuple[int, int]]]:
        """Return, per input position of an axis, (output, kernel position) pairs, rising."""
        pairs: list[list[tuple[int, int]]] = [[] for _ in range(size)]
        reach = self.dilation * (self.kernel - 1)
        n_out = (size + 2 * self.padding - reach - 1) // self.stride + 1
        for out, offset in product(range(n_out), range(self.kernel)):
            position = out * self.stride - self.padding + offset * self.dilation
            if 0 <= position < size:
                pairs[position].append((out, offset))
        return pairs


@dataclass(frozen=True)
class Pool:
    """A pooling between a spiking layer and the next weighted layer.

    Sizes are (height, width) in pixels; `output_shape` is (channel, height, width). A sum over a
    window is divided by the `divisor`: 1 adds up, the window's area averages.
    """

    kernel: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]
    output_shape: tuple[int, int, int]
    divisor: int

    def window(self, axis: int) -> Window:
        """Return its window along the rows (axis 0) or the columns (1)."""
        return Window(self.kernel[axis], self.stride[axis], self.padding[axis])


@dataclass(frozen=True)
class Layer:
    """One weighted layer and how the spikes before it reach it.

    Attributes:
        name, kind: ``conv1``, ``fc1``, counted per kind; ``conv`` or ``linear``.
        input_shape: of the presynaptic spikes *before* the pools, (channel, height, width). A
            linear layer after a flatten keeps the shape of the maps that were flattened.
        output_shape: (channel, height, width) or (neuron,).
        pools: the pools that the presynaptic spikes pass, in order.
        weights: number of weights, biases included.
        macs: multiply-accumulate operations of one dense forward pass.
        kernel, stride, padding, dilation, groups: of a convolution, (height, width).
    """

    name: str
    kind: str
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    pools: tuple[Pool, ...]
    weights: int
    macs: int
    kernel: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)
    dilation: tuple[int, int] = (1, 1)
    groups: int = 1

    def window(self, axis: int) -> Window:
        """Return its kernel's window along the rows (axis 0) or the columns (1)."""
        return Window(self.kernel[axis], self.stride[axis], self.padding[axis], self.dilation[axis])
