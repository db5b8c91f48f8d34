"""Integrate-and-fire neurons in training: forward and backward over time are one kernel each.

The neurons are those of our engine and of sinabs 3.1.3, in their order and in float32. They add the
current to the potential v, fire n = floor(v / threshold) spikes where v reaches the threshold,
subtract n x threshold, and clip v at the lower bound.

Firing has no derivative. The backward pass takes a surrogate, in units of the threshold. It is v
itself, from 0 at rest to 1 at the threshold and above; or the slope of the ReLU that the neuron
replaces, 1 above rest (straight-through, Bengio et al. 2013, arXiv:1308.3432). The gradient also
flows through the subtraction. It ends where v is clipped.

Both kernels also pool 2x2 neurons and count SynOps, since each pass over the maps takes time.
"""

from typing import NamedTuple

import numba
import numpy as np
import torch

from dvs_snn.files.compiled_kernels import cached
from dvs_snn.settings.network_settings import NeuronParameters


class _Neurons(NamedTuple):
    """What the kernels know of the neurons of a layer: `NeuronParameters` in float32, and more.

    Attributes:
        channels: of its maps.
        pool: 2 to average the spikes over 2x2 neurons, 1 to leave them.
        initial: potential at the start.
        is_straight: whether the surrogate is the derivative of a ReLU.
    """

    channels: int
    pool: int
    threshold: np.float32
    lower: np.float32
    is_bounded: bool
    initial: np.float32
    is_straight: bool


@cached
@numba.njit(nogil=True)
def _fire(currents, firsts, neurons, potentials, pooled, counts):
    """Write the potentials before firing and the spikes, pooled; add each neuron's to `counts`."""
    zero = np.float32(0)
    quarter = np.float32(0.25)
    channels, pool, threshold, lower, is_bounded, initial, _ = neurons
    height, size = currents.shape[1:]
    width = pooled.shape[2] // channels
    v_mem = np.empty((pool, size), np.float32)
    spikes = np.empty((pool, size), np.float32)
    added = np.empty(size, np.float32)

    for sample in range(len(firsts) - 1):
        for top in range(0, height, pool):
            n_rows = min(pool, height - top)
            v_mem[:] = initial
            for image in range(firsts[sample], firsts[sample + 1]):
                for i in range(n_rows):
                    current = currents[image, top + i]
                    reached = potentials[image, top + i]
                    state = v_mem[i]
                    fired = spikes[i]
                    count = counts[top + i]
                    for k in range(size):
                        v = state[k] + current[k]
                        reached[k] = v
                        whole = np.floor(v / threshold)
                        # Compared this way, nan stays nan, so that the loss shows it.
                        n = zero if v < threshold else whole
                        v -= n * threshold
                        if is_bounded:
                            v = max(v - lower, zero) + lower
                        state[k] = v
                        fired[k] = n
                        count[k] += n

                if pool == 1:
                    # Assigning a slice to a slice takes seconds more to compile, for the message of
                    # its error.
                    for k in range(size):
                        pooled[image, top, k] = spikes[0, k]
                elif n_rows == 2:  # else the pool leaves the row out
                    for k in range(size):
                        added[k] = spikes[0, k] + spikes[1, k]
                    out = pooled[image, top // 2]
                    for place in range(width):
                        left = added[2 * place * channels : (2 * place + 1) * channels]
                        right = added[(2 * place + 1) * channels : (2 * place + 2) * channels]
                        put = out[place * channels : (place + 1) * channels]
                        for k in range(channels):
                            put[k] = (left[k] + right[k]) * quarter


@cached
@numba.njit(nogil=True)
def _fire_backward(potentials, firsts, fanouts, neurons, of_pooled, of_synops, of_currents):
    """Write the gradient of the currents, from those of the pooled spikes and of the SynOps."""
    zero = np.float32(0)
    one = np.float32(1)
    quarter = np.float32(0.25)
    channels, pool, threshold, lower, is_bounded, _, is_straight = neurons
    slope = one / threshold
    height, size = potentials.shape[1:]
    width = of_pooled.shape[2] // channels
    of_v = np.empty((pool, size), np.float32)
    spread = np.zeros(size, np.float32)
    cost = np.empty((pool, size), np.float32)

    for sample in range(len(firsts) - 1):
        for top in range(0, height, pool):
            n_rows = min(pool, height - top)
            of_v[:] = zero
            for i in range(n_rows):
                for k in range(size):
                    cost[i, k] = of_synops * fanouts[top + i, k]
            for image in range(firsts[sample + 1] - 1, firsts[sample] - 1, -1):
                if pool == 1:
                    for k in range(size):
                        spread[k] = of_pooled[image, top, k]
                elif n_rows == 2:
                    for place in range(width):
                        share = of_pooled[
                            image, top // 2, place * channels : (place + 1) * channels
                        ]
                        left = spread[2 * place * channels : (2 * place + 1) * channels]
                        right = spread[(2 * place + 1) * channels : (2 * place + 2) * channels]
                        for k in range(channels):
                            left[k] = share[k] * quarter
                            right[k] = share[k] * quarter
                else:
                    spread[:] = zero

                for i in range(n_rows):
                    reached = potentials[image, top + i]
                    carried = of_v[i]
                    paid = cost[i]
                    out = of_currents[image, top + i]
                    for k in range(size):
                        v = reached[k]
                        x = v * slope
                        above = one if x > zero else zero
                        surrogate = above if is_straight else min(max(x, zero), one)
                        whole = np.floor(v / threshold)
                        n = whole if v >= threshold else zero
                        kept = carried[k]
                        if is_bounded:
                            kept = kept if v - n * threshold >= lower else zero
                        of_spike = (spread[k] + paid[k]) * slope
                        out[k] = kept + surrogate * (of_spike - kept)
                        carried[k] = out[k]


def _rows(maps: torch.Tensor) -> torch.Tensor:
    """View maps (image, channel, height, width) as (image, row, values)."""
    rows = maps.contiguous(memory_format=torch.channels_last).permute(0, 2, 3, 1)
    return rows.reshape(*rows.shape[:2], -1)


def _maps(rows: torch.Tensor, channels: int) -> torch.Tensor:
    """View (image, row, values) as maps (image, channel, height, width)."""
    return rows.view(*rows.shape[:2], -1, channels).permute(0, 3, 1, 2)


class _Fire(torch.autograd.Function):
    @staticmethod
    def forward(ctx, currents, firsts, fanouts, neurons):
        rows = _rows(currents.detach())
        potentials = torch.empty_like(rows)
        n, height, size = rows.shape
        width = size // neurons.channels // neurons.pool
        pooled = rows.new_empty((n, height // neurons.pool, width * neurons.channels))
        # Whole numbers below 2^24: exact in float32.
        counts = np.zeros((height, size), np.float32)
        _fire(rows.numpy(), firsts, neurons, potentials.numpy(), pooled.numpy(), counts)
        synops = (counts * fanouts.astype(np.float64)).sum()
        ctx.save_for_backward(potentials)
        ctx.firsts = firsts
        ctx.fanouts = fanouts
        ctx.neurons = neurons
        return _maps(pooled, neurons.channels), torch.tensor(synops, dtype=torch.float64)

    @staticmethod
    def backward(ctx, of_out, of_synops):
        (potentials,) = ctx.saved_tensors
        of_currents = torch.empty_like(potentials)
        _fire_backward(
            potentials.numpy(),
            ctx.firsts,
            ctx.fanouts,
            ctx.neurons,
            _rows(of_out).numpy(),
            np.float32(of_synops),
            of_currents.numpy(),
        )
        return _maps(of_currents, ctx.neurons.channels), None, None, None


def fire(
    currents: torch.Tensor,
    firsts: np.ndarray,
    fanouts: np.ndarray,
    pool: int,
    neurons: NeuronParameters,
    is_straight: bool = False,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the spikes of a layer's neurons, and the SynOps that they cause; differentiable.

    Args:
        currents: float32 (image, channel, height, width) or (image, neuron), on the processor. An
            image is a time step of a sample.
        firsts: int64 (sample + 1,), the first image of each sample, and the number of images. The
            neurons begin each sample anew.
        fanouts: float32 (height, width x channel) or (1, neuron), synapses of a spike.
        pool: 2 to average the spikes over 2x2 neurons as `AvgPool2d(2)`, 1 to leave them.
        is_straight: take the derivative of a ReLU as the surrogate.
    """
    is_flat = currents.dim() == 2
    maps = currents[:, :, None, None] if is_flat else currents
    of_layer = _Neurons(
        channels=maps.shape[1],
        pool=pool,
        threshold=np.float32(neurons.spike_threshold),
        lower=np.float32(neurons.min_v_mem or 0),
        is_bounded=neurons.min_v_mem is not None,
        initial=np.float32(neurons.initial_v_mem * neurons.spike_threshold),
        is_straight=is_straight,
    )
    spikes, synops = _Fire.apply(maps, firsts, fanouts, of_layer)
    return spikes.flatten(1) if is_flat else spikes, synops
