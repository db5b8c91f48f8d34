"""Synaptic operations: the one definition of the study.

A SynOp is one spike that arrives at one synapse which exists. Edges count: a neuron at the
border of a map reaches fewer positions of the kernel. Average pooling has no synapses of its
own: a spike passes it whole, and is lost where the pool drops a row or a column.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from dvs_snn.networks.geometry import Layer, Pool


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
    """Return which input positions each output position reads along one axis.

    Returns:
        bool array (output position, input position).
    """
    n_out = (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
    reads = np.zeros((n_out, size), dtype=bool)
    for offset in range(kernel):
        position = np.arange(n_out) * stride - padding + offset * dilation
        inside = (position >= 0) & (position < size)
        reads[np.arange(n_out)[inside], position[inside]] = True
    return reads


def _through_pools(count: np.ndarray, pools: Sequence[Pool], sizes: Sequence[int], axis: int):
    """Carry a count per pooled position back to the positions before the pools, on one axis."""
    for pool, size in zip(reversed(pools), reversed(sizes), strict=True):
        reads = _windows(size, pool.kernel[axis], pool.stride[axis], pool.padding[axis], 1)
        count = reads.T @ count
    return count


@lru_cache(maxsize=64)
def fanout_map(layer: Layer) -> np.ndarray:
    """Return how many synapses of `layer` one spike of each presynaptic neuron reaches.

    Returns:
        int64 array with `layer.input_shape`: (channel, height, width), or (neuron,). Read-only: it
        is worked out once for all recordings.
    """
    if layer.kind == "linear" and len(layer.input_shape) == 1:
        return np.broadcast_to(np.int64(layer.output_shape[0]), layer.input_shape)
    channels, height, width = layer.input_shape
    before = (height, width)
    axes = []
    for axis in (0, 1):
        sizes = [
            before[axis],
            *(pool.output_shape[1 + axis] for pool in layer.pools[:-1]),
        ]
        pooled = layer.pooled_shape[1 + axis]
        if layer.kind == "conv":
            reads = _windows(
                pooled,
                layer.kernel[axis],
                layer.stride[axis],
                layer.padding[axis],
                layer.dilation[axis],
            )
            count = reads.sum(axis=0, dtype=np.int64)
        else:
            count = np.ones(pooled, dtype=np.int64)
        axes.append(_through_pools(count, layer.pools, sizes[: len(layer.pools)], axis))
    positions = np.multiply.outer(axes[0], axes[1])
    per_position = layer.output_shape[0] // layer.groups
    return np.broadcast_to(per_position * positions, (channels, height, width))


def nominal_fanout(layer: Layer) -> int:
    """Return the tutorial's fan-out: out_channels x kernel area, edges ignored."""
    return layer.output_shape[0] // layer.groups * layer.kernel[0] * layer.kernel[1]


def mean_exact_fanout(layer: Layer) -> float:
    """Return the fan-out averaged over the presynaptic neurons, each counted once."""
    return float(fanout_map(layer).mean())


def count_synops(spikes: np.ndarray, layer: Layer) -> int:
    """Count the SynOps that presynaptic `spikes` cause in `layer`.

    Args:
        spikes: whole numbers of spikes per presynaptic neuron, summed over time,
            with `layer.input_shape`.
    """
    if spikes.shape != layer.input_shape:
        raise ValueError(f"{layer.name}: spikes {spikes.shape}, expected {layer.input_shape}")
    return int((spikes.astype(np.int64, copy=False) * fanout_map(layer)).sum())


def layer_activities(
    layers: Sequence[Layer], spikes: Sequence[np.ndarray]
) -> tuple[LayerActivity, ...]:
    """Book `spikes`: per-neuron sums over time of the input and of every spiking layer."""
    activities = []
    for number, layer in enumerate(layers):
        arriving = spikes[number].reshape(layer.input_shape)
        n_in = int(arriving.sum())
        nominal = nominal_fanout(layer)
        activities.append(
            LayerActivity(
                layer=layer.name,
                spikes_in=n_in,
                spikes_out=int(spikes[number + 1].sum()),
                fanout_nominal=nominal,
                synops=count_synops(arriving, layer),
                synops_nominal=n_in * nominal if number else 0,
            )
        )
    return tuple(activities)
