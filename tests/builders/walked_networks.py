"""The reference: networks of spiking neurons in plain Python, one spike, one synapse at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from torch import nn

from dvs_snn.engines.response import Response
from dvs_snn.networks.conversion import torch_layers
from dvs_snn.networks.spiking_network import SpikingNetwork
from dvs_snn.recordings.steps import StepEvents


def _pair(value) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else tuple(value)


def _pooled(spikes: dict, part: nn.AvgPool2d, shape: tuple) -> tuple[dict, tuple]:
    """Carry {place: [(spikes, weight)]} through a pool; a spike stays whole, its weight shrinks."""
    (kh, kw), (sh, sw), (ph, pw) = map(_pair, (part.kernel_size, part.stride, part.padding))
    channels, height, width = shape
    out_shape = (channels, (height + 2 * ph - kh) // sh + 1, (width + 2 * pw - kw) // sw + 1)
    pooled: dict = {}
    for (c, y, x), arriving in spikes.items():
        for i, j in product(range(out_shape[1]), range(out_shape[2])):
            if i * sh <= y + ph < i * sh + kh and j * sw <= x + pw < j * sw + kw:
                gains = [(n, gain / part.divisor_override) for n, gain in arriving]
                pooled.setdefault((c, i, j), []).extend(gains)
    return pooled, out_shape


def _synapses(part: nn.Module, place: tuple, shape: tuple, out_shape: tuple) -> Iterator[tuple]:
    """Yield the target and the weight of each synapse of the presynaptic neuron at a place."""
    weight = part.weight.detach().numpy()
    if isinstance(part, nn.Linear):
        index = int(np.ravel_multi_index(place, shape))
        yield from (((o,), float(weight[o, index])) for o in range(part.out_features))
        return
    (kh, kw), (sh, sw), (ph, pw), (dh, dw) = map(
        _pair, (part.kernel_size, part.stride, part.padding, part.dilation)
    )
    ins, outs = part.in_channels // part.groups, part.out_channels // part.groups
    c, y, x = place
    group = c // ins
    for o, i, j in product(range(group * outs, (group + 1) * outs), range(kh), range(kw)):
        row, rest_row = divmod(y + ph - i * dh, sh)
        column, rest_column = divmod(x + pw - j * dw, sw)
        if rest_row or rest_column:
            continue
        if 0 <= row < out_shape[1] and 0 <= column < out_shape[2]:
            yield (o, row, column), float(weight[o, c - group * ins, i, j])


def _through(spikes: dict, part: nn.Conv2d | nn.Linear, shape: tuple) -> tuple[dict, tuple, int]:
    """Carry spikes over every synapse; return {target: current}, its shape and the SynOps."""
    out_shape = (part.out_features,) if isinstance(part, nn.Linear) else ()
    if isinstance(part, nn.Conv2d):
        sizes = (part.kernel_size, part.stride, part.padding, part.dilation)
        spans = zip(shape[1:], *map(_pair, sizes), strict=True)
        sizes = ((n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in spans)
        out_shape = (part.out_channels, *sizes)
    current: dict = {}
    synops = 0
    for place, arriving in spikes.items():
        for target, weight in _synapses(part, place, shape, out_shape):
            for n, gain in arriving:
                synops += n
                current[target] = current.get(target, 0.0) + n * gain * weight
    return current, out_shape, synops


@dataclass
class Walked:
    spikes: np.ndarray
    synops: list[int]
    step_synops: list[int]
    spikes_in: list[int]
    spikes_out: list[int]
    touched: list[int]


def walked(network: SpikingNetwork, steps: StepEvents) -> Walked:
    """Integrate and fire, step by step: add the currents, fire, subtract, clip once."""
    n_layers = len(network.layers)
    potentials: list[dict] = [{} for _ in range(n_layers)]
    synops, spikes_out, touched = ([0] * n_layers for _ in range(3))
    answer = np.zeros((steps.n_steps, *network.layers[-1].output_shape), dtype=np.int64)
    step_synops = [0] * steps.n_steps
    for now in range(steps.n_steps):
        spikes: dict = {}
        places = zip(steps.channels, steps.row, steps.column, strict=True)
        for step, place in zip(steps.step, places, strict=True):
            if step == now:
                spikes.setdefault(tuple(map(int, place)), []).append((1, 1.0))
        shape: tuple = network.layers[0].input_shape
        for number, parts in enumerate(torch_layers(network)):
            for part in parts:
                if isinstance(part, nn.AvgPool2d):
                    spikes, shape = _pooled(spikes, part, shape)
            current, shape, n = _through(spikes, part, shape)
            synops[number] += n
            touched[number] += len(current)
            # A spike of this step reaches all later layers within the step.
            step_synops[now] += n
            spikes = {}
            potential = potentials[number]
            threshold, bound = network.parts[number][3:]
            for place, value in current.items():
                potential[place] = potential.get(place, 0.0) + value
            for place, v in potential.items():
                fired = int(v // threshold) if v > 0 else 0
                if fired:
                    v -= fired * threshold
                    spikes[place] = [(fired, 1.0)]
                    spikes_out[number] += fired
                if bound is not None:
                    v = max(v, bound)
                potential[place] = v
        for (digit,), arriving in spikes.items():
            answer[now, digit] = sum(n for n, _ in arriving)
    spikes_in = [len(steps.step), *spikes_out[:-1]]
    return Walked(answer, synops, step_synops, spikes_in, spikes_out, touched)


def assert_as_walked(response: Response, expected: Walked) -> None:
    np.testing.assert_array_equal(response.spikes, expected.spikes)
    assert [layer.spikes_in for layer in response.layers] == expected.spikes_in
    assert [layer.spikes_out for layer in response.layers] == expected.spikes_out
    assert [layer.synops for layer in response.layers] == expected.synops
    assert response.synops == sum(expected.synops)
    assert response.step_synops.tolist() == expected.step_synops
    sums = [expected.spikes_in, expected.synops, expected.touched]
    assert response.layer_sums[-1].T.tolist() == sums
