"""Synaptic operations: the one definition of the study.

A SynOp is one spike that arrives at one synapse which exists. Edges count: a neuron at the
border of a map reaches fewer positions of the kernel. Average pooling has no synapses of its
own: a spike passes it whole, and is lost where the pool drops a row or a column.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from math import prod

import numpy as np

from dvs_snn.networks.discretisation import nonzero
from dvs_snn.networks.geometry import Layer


@dataclass(frozen=True)
class LayerActivity:
    """What one weighted layer received and sent over a recording.

    Attributes:
        spikes_in: presynaptic spikes (events for the first layer), counted before the pool.
        synops: synaptic operations, exact.
        synops_nominal: spikes_in x nominal fan-out; 0 for the input layer, as in the tutorial.
        synops_nonzero: those at weights that aren't 0 in 8 bits.
    """

    layer: str
    spikes_in: int
    spikes_out: int
    fanout_nominal: int
    synops: int
    synops_nominal: int
    synops_nonzero: int


def _size_behind_pools(layer: Layer, axis: int) -> int:
    """Return the pixels along an axis of the map that arrives at the weights."""
    shape = layer.pools[-1].output_shape if layer.pools else layer.input_shape
    return shape[1 + axis]


@lru_cache(maxsize=64)
def _meets(layer: Layer, axis: int) -> np.ndarray:
    """How often a spike at each place of an axis meets each place of the kernel: int64, 2-D."""
    size = _size_behind_pools(layer, axis)
    # Flattened maps meet weights one to one.
    meets = np.eye(size, dtype=np.int64)
    if layer.kind == "conv":
        meets = np.zeros((size, layer.kernel[axis]), np.int64)
        for place, pairs in enumerate(layer.window(axis).reached(size)):
            meets[place, [offset for _, offset in pairs]] += 1
    return _before_pools(layer, axis, meets)


def _before_pools(layer: Layer, axis: int, behind: np.ndarray) -> np.ndarray:
    """Carry counts of each place of an axis behind the pools back to the places before them.

    A place that a pool drops counts nothing.
    """
    shapes = [layer.input_shape, *(pool.output_shape for pool in layer.pools)]
    counts = behind
    for pool, before in zip(reversed(layer.pools), reversed(shapes[:-1]), strict=True):
        places = pool.window(axis).reached(before[1 + axis])
        counts = np.stack([counts[[out for out, _ in pairs]].sum(axis=0) for pairs in places])
    return counts


@lru_cache(maxsize=64)
def fanout_map(layer: Layer) -> np.ndarray:
    """Return the synapses of `layer` that a spike reaches: int64 `layer.input_shape`, read-only."""
    if layer.kind == "linear" and len(layer.input_shape) == 1:
        return np.broadcast_to(np.int64(layer.output_shape[0]), layer.input_shape)
    per_position = layer.output_shape[0] // layer.groups
    places = np.multiply.outer(_meets(layer, 0).sum(axis=1), _meets(layer, 1).sum(axis=1))
    return np.broadcast_to(per_position * places, layer.input_shape)


def mac_map(layer: Layer) -> np.ndarray:
    """Return in how many MACs of `layer` each activation behind its pools takes part: int64."""
    if layer.pools:
        layer = replace(layer, pools=(), input_shape=layer.pools[-1].output_shape)
    return fanout_map(layer)


def nonzero_fanout(layer: Layer, weight: np.ndarray) -> np.ndarray:
    """Return those of `fanout_map` whose weight isn't 0 in 8 bits: int64 `layer.input_shape`."""
    is_stored = nonzero(weight)
    if layer.kind == "linear" and len(layer.input_shape) == 1:
        return is_stored.sum(axis=0)
    channels = layer.input_shape[0]
    rows = _meets(layer, 0)
    columns = _meets(layer, 1)
    kernel = (rows.shape[1], columns.shape[1])
    by_group = is_stored.reshape(layer.groups, -1, channels // layer.groups, *kernel)
    counts = by_group.sum(axis=1).reshape(channels, *kernel)
    return np.einsum("yk,ckl,xl->cyx", rows, counts, columns)


@lru_cache(maxsize=64)
def _reaches(layer: Layer, axis: int) -> np.ndarray:
    """Return which output places a spike at each place of an axis reaches: float32 0 or 1, 2-D."""
    size = _size_behind_pools(layer, axis)
    # Flattened maps reach all neurons, which stand at one place.
    reaches = np.ones((size, 1), np.int64)
    if layer.kind == "conv":
        reaches = np.zeros((size, layer.output_shape[1 + axis]), np.int64)
        for place, pairs in enumerate(layer.window(axis).reached(size)):
            reaches[place, [out for out, _ in pairs]] = 1
    return (_before_pools(layer, axis, reaches) > 0).astype(np.float32)


def touched_neurons(layer: Layer, spikes: np.ndarray, has_bias: bool) -> np.ndarray:
    """Return how many neurons of `layer` are touched by what arrives at once.

    Spikes touch all neurons to which they have a synapse, whatever its weight. Each neuron counts
    once, however many spikes reach it. A bias reaches all neurons in every time step.

    Args:
        spikes: (moment, *layer.input_shape), what arrives at each moment, before the pools.
        has_bias: whether the layer has biases that aren't 0.

    Returns:
        int64 (moment,).
    """
    n_moments = len(spikes)
    if has_bias:
        return np.full(n_moments, prod(layer.output_shape), np.int64)
    if len(layer.input_shape) == 1:
        is_reached = (spikes > 0).any(axis=1)
        return np.where(is_reached, layer.output_shape[0], 0)
    # Channels of a group reach the same neurons.
    by_group = spikes.reshape(n_moments, layer.groups, -1, *layer.input_shape[1:])
    is_active = (by_group > 0).any(axis=2).astype(np.float32)
    # A path is one along rows and one along columns. float32 holds such numbers of paths exactly.
    paths = _reaches(layer, 0).T @ is_active @ _reaches(layer, 1)
    n_places = (paths > 0).sum(axis=(1, 2, 3))
    return n_places * (layer.output_shape[0] // layer.groups)


def nominal_fanout(layer: Layer) -> int:
    """Return the tutorial's fan-out: out_channels x kernel area, edges ignored."""
    return layer.output_shape[0] // layer.groups * layer.kernel[0] * layer.kernel[1]


def counted_activities(
    layers: Sequence[Layer], spikes: Sequence[int], synops: Sequence[int], nonzero: Sequence[int]
) -> tuple[LayerActivity, ...]:
    """Return each layer's activity from sums: `spikes` of input and layers, SynOps of layers."""
    return tuple(
        LayerActivity(
            layer=layer.name,
            spikes_in=spikes_in,
            spikes_out=spikes_out,
            fanout_nominal=nominal_fanout(layer),
            synops=n,
            synops_nominal=spikes_in * nominal_fanout(layer) if layer is not layers[0] else 0,
            synops_nonzero=n_nonzero,
        )
        for layer, (spikes_in, spikes_out), n, n_nonzero in zip(
            layers, pairwise(spikes), synops, nonzero, strict=True
        )
    )
