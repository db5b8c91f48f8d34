"""The spiking network, computed spike by spike: a neuron without input costs nothing.

Each layer hands the next one a time step as a list of spikes. A spike that passes a weighted layer
adds its weights to the currents of the neurons that it reaches. The kernel doesn't visit a neuron
that no spike reaches, since it stays as it is; `_integrate` names the exceptions, restless neurons.

Neurons compute as in sinabs 3.1.3 (``sinabs.layers.functional.lif_forward_single`` with
``MultiSpike`` and ``MembraneSubtract``), in its order and in float32. In each step a neuron adds
the current to its potential v, fires n = trunc(v / threshold) spikes where v > 0, subtracts n x
threshold, and clips v at the lower bound. With a limit of one spike a step n is 0 or 1
(``SingleSpike``), and the rest of v waits for the next step.

Both engines agree to the spike where sums of weights are exact in float32. Sums of whole weights
(times a power of two) are, with pools over 2^n pixels. Elsewhere a sum may differ in its last bits,
since this engine adds the same products in another order than torch's convolutions. A neuron just
at its threshold may then fire one step sooner or later.
"""

import numba
import numpy as np

from dvs_snn.files.kernels import cached

CHUNK_BITS = 6
CHUNK = 1 << CHUNK_BITS
"""Neurons of a chunk: the kernel visits all of them if a spike reaches one. Each has a bit of a
64-bit word. No chunk spans two maps."""

DE_BRUIJN = np.uint64(0x03F79D71B4CB0A89)
BIT_NUMBER = np.empty(CHUNK, np.int64)
BIT_NUMBER[(DE_BRUIJN << np.arange(CHUNK, dtype=np.uint64)) >> np.uint64(58)] = np.arange(CHUNK)
"""Number of each bit of a chunk, by the six highest bits of `DE_BRUIJN` shifted by it."""


@cached
@numba.njit(nogil=True)
def _synops(stage, source, n, cell, value, fanout):
    """Count the SynOps of list `source` of `n` spikes, which no pool has divided yet."""
    cells, values, fanouts = cell[source], value[source], fanout[stage.reach_at :]
    synops = 0
    for i in range(n):
        synops += np.int64(values[i]) * fanouts[np.uint32(cells[i])]
    return synops


@cached
@numba.njit(nogil=True)
def _pool(
    stage, source, n, cell, channel, value, reach_first, reach_target, divisors, pooled, touched,
    cells,
):  # fmt: skip
    """Pass list `source` of `n` spikes through an average pool into the other list.

    The other list holds the channels of a cell one after the other. `pooled` and `touched` are
    working space, zero before and after. Returns the other list's length.
    """
    channels = stage.channels
    n_cells = 0
    for i in range(n):
        here = stage.reach_at + cell[source, i]
        for j in range(reach_first[here], reach_first[here + 1]):
            target = reach_target[j]
            cells[n_cells] = target
            n_cells += not touched[target]
            touched[target] = True
            pooled[stage.map_at + target * channels + channel[source, i]] += value[source, i]
    sink = 1 - source
    n_out = 0
    for i in range(n_cells):
        target = cells[i]
        touched[target] = False
        divisor = divisors[stage.divisor_at + target]
        begin = stage.map_at + target * channels
        for k in range(channels):
            total = pooled[begin + k]
            pooled[begin + k] = 0
            cell[sink, n_out] = target
            channel[sink, n_out] = k
            value[sink, n_out] = total / divisor
            n_out += total != 0
    return n_out


@cached
@numba.njit(nogil=True)
def _receive(
    stage, source, n, cell, channel, value, reach_first, reach_target, reach_size, reach_kernel,
    reach_channel, channel_target, channel_kernel, weights, current, touched,
):  # fmt: skip
    """Add the weights of list `source` of `n` spikes to currents; mark the chunks they touch."""
    begin = 0
    while begin < n:
        # The spikes of one cell reach the same neurons (of one group): those are fetched once.
        place = cell[source, begin]
        here = stage.reach_at + place
        first_channel = stage.channel_at + reach_channel[here]
        group_at = channel_target[first_channel + channel[source, begin]]
        end = begin + 1
        while (
            end < n
            and cell[source, end] == place
            and channel_target[first_channel + channel[source, end]] == group_at
        ):
            end += 1
        for j in range(reach_first[here], reach_first[here + 1]):
            size = reach_size[j]
            at = group_at + reach_target[j]
            for chunk in range(at >> CHUNK_BITS, ((at + size - 1) >> CHUNK_BITS) + 1):
                touched[chunk] = True
            reached = current[at : at + size]
            offset = stage.weight_at + reach_kernel[j]
            i = begin
            while i + 3 < end:
                # Four spikes for one pass over the currents, which is what takes the time.
                at0 = offset + channel_kernel[first_channel + channel[source, i]]
                at1 = offset + channel_kernel[first_channel + channel[source, i + 1]]
                at2 = offset + channel_kernel[first_channel + channel[source, i + 2]]
                at3 = offset + channel_kernel[first_channel + channel[source, i + 3]]
                n0, n1 = value[source, i], value[source, i + 1]
                n2, n3 = value[source, i + 2], value[source, i + 3]
                w0, w1 = weights[at0 : at0 + size], weights[at1 : at1 + size]
                w2, w3 = weights[at2 : at2 + size], weights[at3 : at3 + size]
                for x in range(size):
                    reached[x] += n0 * w0[x] + n1 * w1[x] + (n2 * w2[x] + n3 * w3[x])
                i += 4
            while i < end:
                at0 = offset + channel_kernel[first_channel + channel[source, i]]
                n0, w0 = value[source, i], weights[at0 : at0 + size]
                for x in range(size):
                    reached[x] += n0 * w0[x]
                i += 1
        begin = end


@cached
@numba.njit(nogil=True)
def _integrate(
    potential, current, at, spikes, threshold, lower_bound, is_bounded, max_spikes
):  # fmt: skip
    """Update a chunk of neurons by one step and clear their currents; write their spikes.

    Returns:
        A bit for each neuron that fired. And whether one is restless: rounding or the limit of
        spikes left it at the threshold, so it fires in the next step even if no spike reaches it.
    """
    zero = np.float32(0)
    fired = np.uint64(0)
    is_restless = False
    # Slices of constant length: numba compiles the loop without a remainder.
    v_mem, i_syn = potential[at : at + CHUNK], current[at : at + CHUNK]
    for i in range(CHUNK):
        v = v_mem[i] + i_syn[i]
        fires = v >= threshold
        # All are divided: with a condition the loop would not be vectorised as well.
        whole = min(np.floor(v / threshold), max_spikes)
        n = whole if fires else zero
        v -= n * threshold
        if is_bounded:
            # As sinabs writes it, rounding included. Clipping once more changes nothing, so
            # neurons that aren't visited keep the potential that sinabs gives them.
            v = max(v - lower_bound, zero) + lower_bound
        v_mem[i] = v
        i_syn[i] = zero
        spikes[i] = n
        fired |= np.uint64(fires) << np.uint64(i)
        is_restless |= v >= threshold
    return fired, is_restless


@cached
@numba.njit(nogil=True)
def _fire(
    stage, sink, cell, channel, value, threshold, lower_bound, max_spikes, resting, current,
    potential, spikes, total, touched,
):  # fmt: skip
    """Update the neurons of touched chunks; write spikes into list `sink`; return its length.

    The processor can't predict which neurons fire. So neither this function nor `_pool` branches
    for each neuron.
    """
    channels = np.uint32(stage.channels)
    is_bounded = not np.isnan(lower_bound)
    n_out = 0
    first = stage.map_at >> CHUNK_BITS
    for chunk in range(first, first + stage.chunks):
        if not touched[chunk]:
            continue
        at = chunk << CHUNK_BITS
        fired, is_restless = _integrate(
            potential, current, at, spikes, threshold, lower_bound, is_bounded, max_spikes
        )
        touched[chunk] = is_restless
        if stage.always:
            touched[chunk] = True
            for i in range(at, at + CHUNK):
                current[i] = resting[i]
        while fired:
            # numba has no function for the number of the lowest bit. The six highest bits of this
            # constant, shifted by it, tell it (Leiserson, Prokop and Randall 1998).
            lowest = fired & (~fired + np.uint64(1))
            fired ^= lowest
            i = BIT_NUMBER[(lowest * DE_BRUIJN) >> np.uint64(58)]
            # Division of 32-bit unsigned numbers takes half the time.
            number = np.uint32(at - stage.map_at + i)
            place = np.uint32(number // channels)
            cell[sink, n_out] = place
            channel[sink, n_out] = number - np.uint32(place * channels)
            value[sink, n_out] = spikes[i]
            total[at + i] += np.int64(spikes[i])
            n_out += 1
    return n_out


@cached
@numba.njit(nogil=True)
def walk_steps(
    step, row, column, stages, reach_first, reach_target, reach_size, reach_kernel, reach_channel,
    channel_target, channel_kernel, weights, resting, divisors, threshold, lower_bound, max_spikes,
    initial, largest_map, fanout, counts, total, step_synops, answer,
):  # fmt: skip
    """Walk all steps; add spikes to `total` (neuron) and `answer` (time, class).

    `step_synops` (time,) gets the SynOps that the events and spikes of each step cause. `counts`
    (height, width) is working space, zero before and after.
    """
    current = resting.copy()
    potential = np.zeros(len(resting), np.float32)
    spikes = np.empty(CHUNK, np.float32)
    cell, channel = np.empty((2, largest_map), np.int32), np.empty((2, largest_map), np.int32)
    value = np.empty((2, largest_map), np.float32)
    touched = np.zeros(len(resting) >> CHUNK_BITS, np.bool_)
    touched_cells, cells = np.zeros(largest_map, np.bool_), np.empty(largest_map, np.int32)
    layer = 0
    for s in range(len(stages)):
        stage = stages[s]
        if stage.is_weighted:
            begin = stage.map_at
            potential[begin : begin + stage.chunks * CHUNK] = initial * threshold[layer]
            layer += 1
        if stage.always:
            first = stage.map_at >> CHUNK_BITS
            touched[first : first + stage.chunks] = True
    flat_counts = counts.ravel()
    event = 0
    for now in range(len(answer)):
        n = 0
        start = event
        while event < len(step) and step[event] == now:
            if counts[row[event], column[event]] == 0:
                cell[0, n], channel[0, n] = row[event] * counts.shape[1] + column[event], 0
                n += 1
            counts[row[event], column[event]] += 1
            event += 1
        for i in range(n):
            value[0, i] = flat_counts[cell[0, i]]
        for i in range(start, event):
            counts[row[i], column[i]] = 0
        source, layer = 0, 0
        for s in range(len(stages)):
            stage = stages[s]
            if s == 0 or stages[s - 1].is_weighted:
                step_synops[now] += _synops(stage, source, n, cell, value, fanout)
            if stage.is_weighted:
                _receive(
                    stage, source, n, cell, channel, value, reach_first, reach_target, reach_size,
                    reach_kernel, reach_channel, channel_target, channel_kernel, weights, current,
                    touched,
                )  # fmt: skip
                n = _fire(
                    stage, 1 - source, cell, channel, value, threshold[layer], lower_bound[layer],
                    max_spikes, resting, current, potential, spikes, total, touched,
                )  # fmt: skip
                layer += 1
            else:
                n = _pool(
                    stage, source, n, cell, channel, value, reach_first, reach_target, divisors,
                    current, touched_cells, cells,
                )  # fmt: skip
            source = 1 - source
        for i in range(n):
            answer[now, channel[source, i]] += np.int64(value[source, i])
