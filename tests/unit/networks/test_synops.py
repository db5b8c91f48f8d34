"""SynOps against loops that walk every neuron and every synapse, sinabs' map and autograd."""

from itertools import product

import numpy as np
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

from dvs_snn.networks.geometry import Layer, Pool
from dvs_snn.networks.synops import (
    fanout_map,
    nonzero_fanout,
    touched_neurons,
)

torch.set_num_threads(1)


def _layer(kind, input_shape, output_shape, pools=(), **conv) -> Layer:
    return Layer(
        name="layer", kind=kind, input_shape=input_shape, output_shape=output_shape,
        pools=tuple(pools), weights=0, macs=0, **conv,
    )  # fmt: skip


def _pool(kernel, stride, padding, shape) -> Pool:
    """Let torch say what shape comes out of a pool."""
    out = nn.AvgPool2d(kernel, stride, padding)(torch.zeros(1, *shape))
    return Pool(kernel, stride, padding, tuple(out.shape[1:]), 1)


def _synapses_of(layer: Layer, is_stored: np.ndarray, channel: int, row: int, column: int) -> int:
    """Walk from one presynaptic neuron through every pool window and over every stored synapse.

    `is_stored` bool as a weight: (out, in of a group, row, column).
    """
    places = [(row, column)]
    for pool in layer.pools:
        _, height, width = pool.output_shape
        (kh, kw), (sh, sw), (ph, pw) = pool.kernel, pool.stride, pool.padding
        places = [
            (i, j)
            for y, x in places
            for i, j in product(range(height), range(width))
            if i * sh - ph <= y < i * sh - ph + kh and j * sw - pw <= x < j * sw - pw + kw
        ]
    if layer.kind == "linear":
        return sum(is_stored[:, channel, i, j].sum() for i, j in places)
    # Pools leave the channels alone.
    channels_in = layer.input_shape[0]
    channels_out, height, width = layer.output_shape
    n = 0
    for (y, x), out in product(places, range(channels_out)):
        if out * layer.groups // channels_out != channel * layer.groups // channels_in:
            continue
        for i, j in product(range(layer.kernel[0]), range(layer.kernel[1])):
            for oy, ox in product(range(height), range(width)):
                reads_row = oy * layer.stride[0] - layer.padding[0] + i * layer.dilation[0]
                reads_column = ox * layer.stride[1] - layer.padding[1] + j * layer.dilation[1]
                reads = reads_row == y and reads_column == x
                n += reads and is_stored[out, channel % is_stored.shape[1], i, j]
    return n


def _brute_force(layer: Layer, is_stored: np.ndarray) -> np.ndarray:
    return np.array(
        [_synapses_of(layer, is_stored, *place) for place in np.ndindex(*layer.input_shape)]
    ).reshape(layer.input_shape)


@st.composite
def _pools(draw, shape):
    pools = []
    for _ in range(draw(st.integers(0, 2))):
        kernel = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
        # A stride below the kernel's size makes windows overlap, one above leaves gaps.
        stride = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
        padding = tuple(draw(st.integers(0, k // 2)) for k in kernel)
        assume(all(s + 2 * p >= k for s, p, k in zip(shape[1:], padding, kernel, strict=True)))
        pools.append(_pool(kernel, stride, padding, shape))
        shape = pools[-1].output_shape
    return pools, shape


_SHAPES = st.tuples(st.integers(1, 2), st.integers(2, 7), st.integers(2, 7))


@st.composite
def _conv_layers(draw):
    groups = draw(st.integers(1, 2))
    channels, height, width = draw(_SHAPES)
    shape = (channels * groups, height, width)
    pools, pooled = draw(_pools(shape))
    conv = nn.Conv2d(
        shape[0],
        groups * draw(st.integers(1, 2)),
        kernel_size=draw(st.tuples(st.integers(1, 3), st.integers(1, 3))),
        stride=draw(st.tuples(st.integers(1, 3), st.integers(1, 3))),
        padding=draw(st.tuples(st.integers(0, 2), st.integers(0, 2))),
        dilation=draw(st.tuples(st.integers(1, 2), st.integers(1, 2))),
        groups=groups,
        bias=False,
    )
    try:
        out = tuple(conv(torch.zeros(1, *pooled)).shape[1:])
    except RuntimeError:
        assume(False)
    return _layer(
        "conv", shape, out, pools, kernel=conv.kernel_size, stride=conv.stride,
        padding=conv.padding, dilation=conv.dilation, groups=groups,
    )  # fmt: skip


@st.composite
def _linear_layers(draw):
    shape = draw(_SHAPES)
    pools, _ = draw(_pools(shape))
    return _layer("linear", shape, (draw(st.integers(1, 4)),), pools)


@settings(max_examples=100, deadline=None)
@given(_conv_layers() | _linear_layers(), st.integers(0, 99))
def test_fanouts_are_what_a_walk_over_every_synapse_finds(layer, seed):
    """Of weights up to 1, one of 1/300 rounds to 0 in 8 bits, and one of 1/200 doesn't."""
    channels, *sizes = layer.input_shape
    kernel = layer.kernel
    if layer.kind == "linear":
        kernel = tuple(layer.pools[-1].output_shape[1:] if layer.pools else sizes)
    shape = (layer.output_shape[0], channels // layer.groups, *kernel)
    weight = np.random.default_rng(seed).choice([0, 1 / 300, 1 / 200, -1 / 300, 0.5], shape)
    weight.flat[0] = 1.0
    np.testing.assert_array_equal(fanout_map(layer), _brute_force(layer, np.ones(shape, bool)))
    stored = _brute_force(layer, np.abs(weight) > 1 / 250)
    weight = weight.reshape(len(weight), -1) if layer.kind == "linear" else weight
    np.testing.assert_array_equal(nonzero_fanout(layer, weight), stored)
    assert not nonzero_fanout(layer, np.zeros(shape)).any()


def _reached(layer: Layer, spikes: torch.Tensor) -> int:
    """Count the neurons that get a current if all weights are 1 and pools add up."""
    value = spikes
    for pool in layer.pools:
        value = nn.AvgPool2d(pool.kernel, pool.stride, pool.padding, divisor_override=1)(value)
    if layer.kind == "linear":
        return layer.output_shape[0] * int(value.any())
    shape = (layer.output_shape[0], value.shape[1] // layer.groups, *layer.kernel)
    current = nn.functional.conv2d(
        value, torch.ones(shape), None, layer.stride, layer.padding, layer.dilation, layer.groups
    )
    return int((current > 0).sum())


@settings(max_examples=100, deadline=None)
@given(_conv_layers() | _linear_layers(), st.integers(0, 99))
def test_touched_neurons_are_those_that_get_a_current_if_all_weights_are_one(layer, seed):
    rate = np.random.default_rng(seed).choice([0.0, 0.05, 0.5], (5, 1, 1, 1))
    spikes = np.random.default_rng(seed).poisson(rate, (5, *layer.input_shape))
    each = [_reached(layer, torch.tensor(moment)[None].float()) for moment in spikes]
    touched = touched_neurons(layer, spikes, has_bias=False)
    assert touched.dtype == np.int64
    assert touched.tolist() == each
    n_neurons = int(np.prod(layer.output_shape))
    assert touched_neurons(layer, spikes, has_bias=True).tolist() == [n_neurons] * 5


def test_a_layer_behind_another_linear_one_is_reached_whole_or_not():
    layer = _layer("linear", (4,), (3,))
    spikes = np.array([[0, 0, 0, 0], [0, 2, 0, 1]])
    assert touched_neurons(layer, spikes, has_bias=False).tolist() == [0, 3]
