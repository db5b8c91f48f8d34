"""Synaptic operations: the one definition of the study.

A SynOp is one spike that arrives at one synapse which exists. Edges count: a neuron at the
border of a map reaches fewer positions of the kernel. Average pooling has no synapses of its
own: a spike passes it whole, and is lost where the pool drops a row or a column.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from dvs_snn.networks.geometry import Layer


@dataclass(frozen=True)
class LayerActivity:
    """What one weighted layer received and sent over a recording.

    Attributes:
        spikes_in: presynaptic spikes (events for the first layer), counted before the pool.
        spikes_out: spikes of the layer's own neurons.
        synops: synaptic operations, exact.
        synops_nominal: spikes_in x nominal fan-out; 0 for the input layer, which the tutorial
            leaves out.
    """

    layer: str
    spikes_in: int
    spikes_out: int
    fanout_nominal: int
    synops: int
    synops_nominal: int


def _windows(size: int, kernel: int, stride: int, padding: int, dilation: int) -> np.ndarray:
    """Return which inputs each output reads along one axis: bool (output, input)."""
    n_out = (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
    reads = np.zeros((n_out, size), dtype=bool)
    for offset in range(kernel):
        position = np.arange(n_out) * stride - padding + offset * dilation
        inside = (position >= 0) & (position < size)
        reads[np.arange(n_out)[inside], position[inside]] = True
    return reads


@lru_cache(maxsize=64)
def fanout_map(layer: Layer) -> np.ndarray:
    """Return the synapses of `layer` that a spike reaches: int64 `layer.input_shape`, read-only."""
    if layer.kind == "linear" and len(layer.input_shape) == 1:
        return np.broadcast_to(np.int64(layer.output_shape[0]), layer.input_shape)
    _, height, width = layer.input_shape
    along = []
    for axis, size in enumerate((height, width)):
        # Before each pool, and before the weights.
        sizes = [size, *(pool.output_shape[1 + axis] for pool in layer.pools)]
        count = np.ones(sizes[-1], dtype=np.int64)
        if layer.kind == "conv":
            geometry = (layer.kernel, layer.stride, layer.padding, layer.dilation)
            reads = _windows(sizes[-1], *(pair[axis] for pair in geometry))
            count = reads.sum(axis=0, dtype=np.int64)
        # Carry the count per pooled position back to the positions before the pools.
        for pool, before in zip(reversed(layer.pools), reversed(sizes[:-1]), strict=True):
            geometry = (pool.kernel, pool.stride, pool.padding)
            count = _windows(before, *(pair[axis] for pair in geometry), 1).T @ count
        along.append(count)
    per_position = layer.output_shape[0] // layer.groups
    return np.broadcast_to(per_position * np.multiply.outer(*along), layer.input_shape)


def nominal_fanout(layer: Layer) -> int:
    """Return the tutorial's fan-out: out_channels x kernel area, edges ignored."""
    return layer.output_shape[0] // layer.groups * layer.kernel[0] * layer.kernel[1]


def count_synops(spikes: np.ndarray, layer: Layer) -> int:
    """Count the SynOps of `spikes` in `layer`: summed over time, shape `layer.input_shape`."""
    if spikes.shape != layer.input_shape:
        raise ValueError(f"{layer.name}: spikes {spikes.shape}, expected {layer.input_shape}")
    return int((spikes.astype(np.int64, copy=False) * fanout_map(layer)).sum())


def layer_activities(
    layers: Sequence[Layer], spikes: Sequence[np.ndarray]
) -> tuple[LayerActivity, ...]:
    """Count each layer's activity; `spikes` of input and layers, per neuron, summed over time."""
    synops = [
        count_synops(arriving.reshape(layer.input_shape), layer)
        for layer, arriving in zip(layers, spikes[:-1], strict=True)
    ]
    return counted_activities(layers, [int(each.sum()) for each in spikes], synops)


def counted_activities(
    layers: Sequence[Layer], spikes: Sequence[int], synops: Sequence[int]
) -> tuple[LayerActivity, ...]:
    """Return each layer's activity from sums: `spikes` of input and layers, `synops` of layers."""
    activities = []
    for number, layer in enumerate(layers):
        nominal = nominal_fanout(layer)
        activities.append(
            LayerActivity(
                layer=layer.name,
                spikes_in=spikes[number],
                spikes_out=spikes[number + 1],
                fanout_nominal=nominal,
                synops=synops[number],
                synops_nominal=spikes[number] * nominal if number else 0,
            )
        )
    return tuple(activities)
