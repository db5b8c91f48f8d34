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
def _arriving(stage, source, n, cell, value, fanout):
    """Count the spikes of list `source`, which no pool has divided yet, and their SynOps."""
    cells, values, fanouts = cell[source], value[source], fanout[stage.reach_at :]
    spikes = synops = 0
    for i in range(n):
        spikes += np.int64(values[i])
        synops += np.int64(values[i]) * fanouts[np.uint32(cells[i])]
    return spikes, synops


@cached
@numba.njit(nogil=True)
def _lowest(bits):
    """Return the number of the lowest bit that is set. numba has no function for it.

    The six highest bits of this constant, shifted by the bit, tell it (Leiserson, Prokop and
    Randall 1998).
    """
    lowest = bits & (~bits + np.uint64(1))
    return BIT_NUMBER[(lowest * DE_BRUIJN) >> np.uint64(58)]


@cached
@numba.njit(nogil=True)
def _pool(
    stage, source, n, cell, channel, value, reach_first, reach_target, divisors, pooled, filled,
    cells,
):  # fmt: skip
    """Pass list `source` of `n` spikes through an average pool into the other list.

    The other list holds the channels of a cell one after the other. `pooled` and `filled`, a bit
    for each channel of a cell, are working space, zero before and after. Returns the other list's
    length.
    """
    # numba tests no unsigned index for being negative.
    channels, map_at = np.uint64(stage.channels), np.uint64(stage.map_at)
    words = (channels + np.uint64(CHUNK - 1)) >> np.uint64(CHUNK_BITS)
    cell_in, channel_in, value_in = cell[source], channel[source], value[source]
    n_cells = 0
    for i in range(n):
        here = stage.reach_at + cell_in[i]
        number = np.uint64(channel_in[i])
        word, bit = number >> np.uint64(CHUNK_BITS), number & np.uint64(CHUNK - 1)
        for j in range(reach_first[here], reach_first[here + 1]):
            target = np.uint64(reach_target[j])
            is_new = True
            for k in range(words):
                is_new &= filled[target * words + k] == 0
            cells[n_cells] = target
            n_cells += is_new
            filled[target * words + word] |= np.uint64(1) << bit
            pooled[map_at + target * channels + number] += value_in[i]
    cell_out, channel_out, value_out = cell[1 - source], channel[1 - source], value[1 - source]
    n_out = 0
    for i in range(n_cells):
        target = np.uint64(cells[i])
        divisor = divisors[np.uint64(stage.divisor_at) + target]
        for k in range(words):
            bits = filled[target * words + k]
            filled[target * words + k] = 0
            while bits:
                number = (k << np.uint64(CHUNK_BITS)) + np.uint64(_lowest(bits))
                bits &= bits - np.uint64(1)
                at = map_at + target * channels + number
                cell_out[n_out] = target
                channel_out[n_out] = number
                value_out[n_out] = pooled[at] / divisor
                pooled[at] = 0
                n_out += 1
    return n_out


@cached
@numba.njit(nogil=True)
def _receive(
    stage, source, n, cell, channel, value, reach_first, reach_target, reach_size, reach_kernel,
    reach_channel, channel_target, channel_kernel, weights, current, touched,
):  # fmt: skip
    """Add the weights of list `source` of `n` spikes to currents; mark the chunks they touch."""
    cells, channels, values = cell[source], channel[source], value[source]
    begin = 0
    while begin < n:
        # The spikes of one cell reach the same neurons (of one group): those are fetched once.
        place = cells[begin]
        here = stage.reach_at + place
        first_channel = stage.channel_at + reach_channel[here]
        group_at = channel_target[first_channel + channels[begin]]
        end = begin + 1
        while (
            end < n
            and cells[end] == place
            and channel_target[first_channel + channels[end]] == group_at
        ):
            end += 1
        for j in range(reach_first[here], reach_first[here + 1]):
            size = np.int64(reach_size[j])
            at = np.int64(group_at + reach_target[j])
            # Whether a run crosses chunks can't be predicted, so its ends are marked in any case.
            for x in range(0, size, CHUNK):
                touched[np.uint64(at + x) >> np.uint64(CHUNK_BITS)] = True
            touched[np.uint64(at + size - 1) >> np.uint64(CHUNK_BITS)] = True
            reached = current[at : at + size]
            offset = stage.weight_at + reach_kernel[j]
            i = begin
            while i + 3 < end:
                # Four spikes for one pass over the currents, which is what takes the time.
                at0 = offset + channel_kernel[first_channel + channels[i]]
                at1 = offset + channel_kernel[first_channel + channels[i + 1]]
                at2 = offset + channel_kernel[first_channel + channels[i + 2]]
                at3 = offset + channel_kernel[first_channel + channels[i + 3]]
                n0, n1 = values[i], values[i + 1]
                n2, n3 = values[i + 2], values[i + 3]
                w0, w1 = weights[at0 : at0 + size], weights[at1 : at1 + size]
                w2, w3 = weights[at2 : at2 + size], weights[at3 : at3 + size]
                for x in range(size):
                    reached[x] += n0 * w0[x] + n1 * w1[x] + (n2 * w2[x] + n3 * w3[x])
                i += 4
            while i < end:
                at0 = offset + channel_kernel[first_channel + channels[i]]
                n0, w0 = values[i], weights[at0 : at0 + size]
                for x in range(size):
                    reached[x] += n0 * w0[x]
                i += 1
        begin = end


@cached
@numba.njit(nogil=True)
def _clip(v, lower_bound):
    """Clip a potential as sinabs writes it, rounding included.

    Clipping once more changes nothing. So neurons that aren't visited keep what sinabs gives them.
    """
    return max(v - lower_bound, np.float32(0)) + lower_bound


@cached
@numba.njit(nogil=True)
def _integrate(potential, current, at, threshold, lower_bound):
    """Add a step's currents to the potentials of a chunk of neurons, and clear the currents.

    Returns:
        A bit for each neuron that fires, whose potential isn't clipped yet. And whether rounding
        lifted another one to the threshold: it fires in the next step even if no spike reaches it.
    """
    fired = np.uint64(0)
    is_restless = False
    is_bounded = not np.isnan(lower_bound)
    # Slices of constant length: numba compiles the loop without a remainder.
    v_mem, i_syn = potential[at : at + CHUNK], current[at : at + CHUNK]
    for i in range(CHUNK):
        v = v_mem[i] + i_syn[i]
        fires = v >= threshold
        if is_bounded:
            v = v if fires else _clip(v, lower_bound)
        v_mem[i] = v
        i_syn[i] = 0
        fired |= np.uint64(fires) << np.uint64(i)
        is_restless |= (not fires) & (v >= threshold)
    return fired, is_restless


@cached
@numba.njit(nogil=True)
def _fire(
    stage, sink, cell, channel, value, threshold, lower_bound, max_spikes, resting, current,
    potential, total, touched,
):  # fmt: skip
    """Update the neurons of touched chunks; write spikes into list `sink`; return its length.

    The processor can't predict which neurons fire. So neither this function nor `_pool` branches
    for each neuron. A neuron is restless, and visited in the next step in any case, if rounding or
    the limit of spikes leaves it at the threshold.
    """
    channels = np.uint32(stage.channels)
    is_bounded = not np.isnan(lower_bound)
    is_counted = len(total) > 0
    n_out = 0
    first = stage.map_at >> CHUNK_BITS
    for chunk in range(first, first + stage.chunks):
        if not touched[chunk]:
            continue
        at = chunk << CHUNK_BITS
        fired, is_restless = _integrate(potential, current, at, threshold, lower_bound)
        if stage.always:
            for i in range(at, at + CHUNK):
                current[i] = resting[i]
        while fired:
            neuron = np.uint64(at + _lowest(fired))
            fired &= fired - np.uint64(1)
            v = potential[neuron]
            spikes = min(np.floor(v / threshold), max_spikes)
            v -= spikes * threshold
            if is_bounded:
                v = _clip(v, lower_bound)
            potential[neuron] = v
            is_restless |= v >= threshold
            # Division of 32-bit unsigned numbers takes half the time.
            number = np.uint32(neuron - np.uint64(stage.map_at))
            place = np.uint32(number // channels)
            cell[sink, n_out] = place
            channel[sink, n_out] = number - np.uint32(place * channels)
            value[sink, n_out] = spikes
            if is_counted:
                total[neuron] += np.int64(spikes)
            n_out += 1
        touched[chunk] = is_restless or stage.always
    return n_out


@cached
@numba.njit(nogil=True)
def walk_steps(
    step, row, column, stages, reach_first, reach_target, reach_size, reach_kernel, reach_channel,
    channel_target, channel_kernel, weights, resting, divisors, threshold, lower_bound, max_spikes,
    initial, largest_map, fanout, counts, total, layer_spikes, layer_synops, step_synops, answer,
):  # fmt: skip
    """Walk all steps; add spikes to `answer` (time, class) and, if not empty, `total` (neuron).

    `layer_spikes` and `layer_synops` (weighted layer,) get the events or spikes that arrive at each
    layer, before its pools, and the SynOps that they cause; `step_synops` (time,) gets the SynOps
    of each step. `counts` (height, width) is working space, zero before and after.
    """
    current = resting.copy()
    potential = np.zeros(len(resting), np.float32)
    cell, channel = np.empty((2, largest_map), np.int32), np.empty((2, largest_map), np.int32)
    value = np.empty((2, largest_map), np.float32)
    touched = np.zeros(len(resting) >> CHUNK_BITS, np.bool_)
    filled, cells = np.zeros(largest_map, np.uint64), np.empty(largest_map, np.int32)
    layer = 0
    for s in range(len(stages)):
        stage = stages[s]
        if stage.is_weighted:
            # Assigning to a slice takes a second more to compile.
            for i in range(stage.map_at, stage.map_at + stage.chunks * CHUNK):
                potential[i] = initial * threshold[layer]
                touched[i >> CHUNK_BITS] = stage.always
            layer += 1
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
        # Not a literal 0, for which numba would compile all functions once more.
        source, layer = np.int64(0), 0
        for s in range(len(stages)):
            stage = stages[s]
            if s == 0 or stages[s - 1].is_weighted:
                spikes, synops = _arriving(stage, source, n, cell, value, fanout)
                layer_spikes[layer] += spikes
                layer_synops[layer] += synops
                step_synops[now] += synops
            if stage.is_weighted:
                _receive(
                    stage, source, n, cell, channel, value, reach_first, reach_target, reach_size,
                    reach_kernel, reach_channel, channel_target, channel_kernel, weights, current,
                    touched,
                )  # fmt: skip
                n = _fire(
                    stage, 1 - source, cell, channel, value, threshold[layer], lower_bound[layer],
                    max_spikes, resting, current, potential, total, touched,
                )  # fmt: skip
                layer += 1
            else:
                n = _pool(
                    stage, source, n, cell, channel, value, reach_first, reach_target, divisors,
                    current, filled, cells,
                )  # fmt: skip
            source = 1 - source
        for i in range(n):
            answer[now, channel[source, i]] += np.int64(value[source, i])
