"""Synaptic operations: the one definition of the study.

A SynOp is one spike that arrives at one synapse which exists. Edges count: a neuron at the
border of a map reaches fewer positions of the kernel. Average pooling has no synapses of its
own: a spike passes it whole, and is lost where the pool drops a row or a column.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from dvs_snn.networks.geometry import Layer, reached


@dataclass(frozen=True)
class LayerActivity:
    """What one weighted layer received and sent over a recording.

    Attributes:
        spikes_in: presynaptic spikes (events for the first layer), counted before the pool.
        synops: synaptic operations, exact.
        synops_nominal: spikes_in x nominal fan-out; 0 for the input layer, as in the tutorial.
    """

    layer: str
    spikes_in: int
    spikes_out: int
    fanout_nominal: int
    synops: int
    synops_nominal: int


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
        count = [1] * sizes[-1]
        if layer.kind == "conv":
            geometry = (layer.kernel, layer.stride, layer.padding, layer.dilation)
            places = reached(sizes[-1], *(pair[axis] for pair in geometry))
            count = [len(pairs) for pairs in places]
        # Carry the count per pooled position back to the positions before the pools.
        for pool, before in zip(reversed(layer.pools), reversed(sizes[:-1]), strict=True):
            places = reached(before, pool.kernel[axis], pool.stride[axis], pool.padding[axis])
            count = [sum(count[out] for out, _ in pairs) for pairs in places]
        along.append(np.array(count, dtype=np.int64))
    per_position = layer.output_shape[0] // layer.groups
    return np.broadcast_to(per_position * np.multiply.outer(*along), layer.input_shape)


def nominal_fanout(layer: Layer) -> int:
    """Return the tutorial's fan-out: out_channels x kernel area, edges ignored."""
    return layer.output_shape[0] // layer.groups * layer.kernel[0] * layer.kernel[1]


def counted_activities(
    layers: Sequence[Layer], spikes: Sequence[int], synops: Sequence[int]
) -> tuple[LayerActivity, ...]:
    """Return each layer's activity from sums: `spikes` of input and layers, `synops` of layers."""
    return tuple(
        LayerActivity(
            layer=layer.name,
            spikes_in=spikes_in,
            spikes_out=spikes_out,
            fanout_nominal=nominal_fanout(layer),
            synops=n,
            synops_nominal=spikes_in * nominal_fanout(layer) if layer is not layers[0] else 0,
        )
        for layer, (spikes_in, spikes_out), n in zip(layers, pairwise(spikes), synops, strict=True)
    )
