"""The spiking network in time steps, spike by spike: a neuron without input costs nothing.

Each layer hands the next one a time step as a list of spikes. A spike adds its weights to the
currents of the neurons that it reaches. A neuron that no spike reaches isn't visited, since it
stays as it is; `_fire` names the exceptions, restless neurons.

Neurons compute as in sinabs 3.1.3 (``sinabs.layers.functional.lif_forward_single`` with
``MultiSpike`` and ``MembraneSubtract``), in its order and in float32. In each step a neuron adds
the current to its potential v, fires n = trunc(v / threshold) spikes where v > 0, subtracts n x
threshold, and clips v at the lower bound.

Both engines agree to the spike where sums of weights are exact in float32, as those of whole
weights (times a power of two) are, with pools over 2^n pixels. `engines/verification.py` says what
happens elsewhere.
"""

from typing import NamedTuple

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


class Tables(NamedTuple):
    """A network as stages (pools and weighted layers) and their tables.

    A cell is one place of a map with all channels of one group. The spikes of input cell i reach
    the neurons of a list of runs: entries `reach_first[i]` to `reach_first[i + 1]` of the tables.

    Attributes:
        stages: `network.STAGE` (stage,).
        reach_first: int32 (input cell + 1,).
        reach_target: int32 (run,), where a run begins in the map of a group; of a pool, a cell of
            the map that comes out.
        reach_size, reach_kernel: int32 (run,), its neurons and where their weights begin in the
            kernel of an input channel; of a pool 1 and 0.
        reach_channel: int32 (input cell,), first channel of its group.
        channel_target, channel_kernel: int32 (input channel,), where the group of neurons that it
            reaches begins among the neurons of all stages, and where its kernel begins among the
            stage's weights.
        weights: float32, per stage (in channel, kernel row, kernel column reversed, out channel).
        fanout: int32 (neuron, 2), by layer those (group, row, column, channel) of its input:
            SynOps of a spike, and those at weights that aren't 0 in 8 bits.
        resting, potential: float32, of every neuron its current without spikes, which is its bias,
            and its membrane potential at the start.
        divisors: float32, per pool (group, height, width).
        shapes: int64 (weighted stage, 4), each one's map (group, height, width, channel).
        threshold, lower_bound: float32 (weighted stage,), of the membrane potential; infinite:
            none.
        input_shape: int64 (3,), channels, height and width of the input, one group of cells.
        capacity: int64, most spikes that arrive at a stage at once, by events.
    """

    stages: np.ndarray
    reach_first: np.ndarray
    reach_target: np.ndarray
    reach_size: np.ndarray
    reach_kernel: np.ndarray
    reach_channel: np.ndarray
    channel_target: np.ndarray
    channel_kernel: np.ndarray
    weights: np.ndarray
    fanout: np.ndarray
    resting: np.ndarray
    potential: np.ndarray
    divisors: np.ndarray
    shapes: np.ndarray
    threshold: np.ndarray
    lower_bound: np.ndarray
    input_shape: np.ndarray
    capacity: np.int64


class Events(NamedTuple):
    """The events of a recording (event,): uint32 time step, ascending; int32 place on the input,
    row by row, and channel.
    """

    step: np.ndarray
    cell: np.ndarray
    channel: np.ndarray


class Counts(NamedTuple):
    """What a recording causes, all int64: SynOps of each step, spikes of each neuron, and so on.

    Attributes:
        answer: (time, class), spikes of the output neurons.
        step_synops: (time,).
        layer_spikes, layer_synops, layer_nonzero: (weighted layer,), what arrives at each layer,
            before its pools; the last at weights that aren't 0 in 8 bits.
        neurons: (neuron,), or empty: not asked for.
    """

    answer: np.ndarray
    step_synops: np.ndarray
    layer_spikes: np.ndarray
    layer_synops: np.ndarray
    layer_nonzero: np.ndarray
    neurons: np.ndarray


class State(NamedTuple):
    """What a step works in: potentials and currents by neuron, and two lists of spikes.

    A stage reads one list, `cell`, `channel`, `value` (list, spike), and writes the other one.
    `touched` marks chunks to visit. `filled` and `cells` serve pools, `counts` inputs;
    they are zero before and after a stage.
    """

    potential: np.ndarray
    current: np.ndarray
    touched: np.ndarray
    cell: np.ndarray
    channel: np.ndarray
    value: np.ndarray
    filled: np.ndarray
    cells: np.ndarray
    counts: np.ndarray


@cached
@numba.njit(nogil=True)
def _count_synops(network, stage, source, n, state):
    """Count the spikes of list `source`, which no pool has divided yet, and their SynOps.

    A spike makes a SynOp at each synapse that it really has: `fanout`, by `networks/synops.py`.
    """
    cells, channels, values = state.cell[source], state.channel[source], state.value[source]
    fanouts = network.fanout[stage.fanout_at :]
    spikes = synops = nonzero = 0
    for i in range(n):
        sent, here = np.int64(values[i]), np.uint32(cells[i] * stage.arriving + channels[i])
        spikes += sent
        synops += sent * fanouts[here, 0]
        nonzero += sent * fanouts[here, 1]
    return spikes, synops, nonzero


@cached
@numba.njit(nogil=True)
def _lowest(bits):
    """Return the number of the lowest bit that is set, for which numba has no function.

    Source: Leiserson, Prokop and Randall 1998.
    """
    lowest = bits & (~bits + np.uint64(1))
    return BIT_NUMBER[(lowest * DE_BRUIJN) >> np.uint64(58)]


@cached
@numba.njit(nogil=True)
def _pool(network, stage, source, n, state):
    """Pass list `source` of `n` spikes through an average pool; return the other list's length.

    The other list holds the channels of a cell one after the other, `filled` a bit for each.
    """
    reach_first, reach_target = network.reach_first, network.reach_target
    pooled, filled, cells = state.current, state.filled, state.cells
    # numba tests no unsigned index for being negative.
    channels, map_at = np.uint64(stage.channels), np.uint64(stage.map_at)
    words = (channels + np.uint64(CHUNK - 1)) >> np.uint64(CHUNK_BITS)
    cell_in, channel_in, value_in = state.cell[source], state.channel[source], state.value[source]
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
    sink = 1 - source
    cell_out, channel_out, value_out = state.cell[sink], state.channel[sink], state.value[sink]
    n_out = 0
    for i in range(n_cells):
        target = np.uint64(cells[i])
        divisor = network.divisors[np.uint64(stage.divisor_at) + target]
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
def _receive(network, stage, source, n, state):
    """Add the weights of list `source` of `n` spikes to currents; mark the chunks they touch."""
    cells, channels, values = state.cell[source], state.channel[source], state.value[source]
    channel_target, channel_kernel = network.channel_target, network.channel_kernel
    weights, current, touched = network.weights, state.current, state.touched
    begin = 0
    while begin < n:
        # The spikes of one cell reach the same neurons (of one group): those are fetched once.
        place = cells[begin]
        here = stage.reach_at + place
        first_channel = stage.channel_at + network.reach_channel[here]
        group_at = channel_target[first_channel + channels[begin]]
        end = begin + 1
        while (
            end < n
            and cells[end] == place
            and channel_target[first_channel + channels[end]] == group_at
        ):
            end += 1
        for j in range(network.reach_first[here], network.reach_first[here + 1]):
            size = np.int64(network.reach_size[j])
            at = np.int64(group_at + network.reach_target[j])
            # Whether a run crosses chunks can't be predicted, so its ends are marked in any case.
            for x in range(0, size, CHUNK):
                touched[np.uint64(at + x) >> np.uint64(CHUNK_BITS)] = True
            touched[np.uint64(at + size - 1) >> np.uint64(CHUNK_BITS)] = True
            reached = current[at : at + size]
            offset = stage.weight_at + network.reach_kernel[j]
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
    is_bounded = lower_bound > -np.inf
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
def _fire(network, stage, layer, sink, state, total):
    """Update the neurons of touched chunks; write spikes into list `sink`; return its length.

    The processor can't predict which neurons fire. So neither this function nor `_pool` branches
    for each neuron. A neuron is restless, and visited in the next step in any case, if rounding
    leaves it at the threshold.
    """
    potential, current, touched = state.potential, state.current, state.touched
    cell, channel, value = state.cell[sink], state.channel[sink], state.value[sink]
    threshold, lower_bound = network.threshold[layer], network.lower_bound[layer]
    channels = np.uint32(stage.channels)
    is_bounded = lower_bound > -np.inf
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
                current[i] = network.resting[i]
        while fired:
            neuron = np.uint64(at + _lowest(fired))
            fired &= fired - np.uint64(1)
            v = potential[neuron]
            spikes = np.floor(v / threshold)
            v -= spikes * threshold
            if is_bounded:
                v = _clip(v, lower_bound)
            potential[neuron] = v
            is_restless |= v >= threshold
            # Division of 32-bit unsigned numbers takes half the time.
            number = np.uint32(neuron - np.uint64(stage.map_at))
            place = np.uint32(number // channels)
            cell[n_out] = place
            channel[n_out] = number - np.uint32(place * channels)
            value[n_out] = spikes
            if is_counted:
                total[neuron] += np.int64(spikes)
            n_out += 1
        touched[chunk] = is_restless or stage.always
    return n_out


@cached
@numba.njit(nogil=True)
def _at_rest(network):
    """Return the state before the first event of a recording."""
    n_neurons, n_inputs = len(network.resting), network.input_shape.prod()
    largest = max(n_inputs, network.stages.chunks.max() * CHUNK)
    state = State(
        potential=network.potential.copy(),
        current=network.resting.copy(),
        touched=np.zeros(n_neurons >> CHUNK_BITS, np.bool_),
        cell=np.empty((2, largest), np.int32),
        channel=np.empty((2, largest), np.int32),
        value=np.empty((2, largest), np.float32),
        filled=np.zeros(largest, np.uint64),
        cells=np.empty(largest, np.int32),
        counts=np.zeros(n_inputs, np.int64),
    )
    for stage in network.stages:
        first = stage.map_at >> CHUNK_BITS
        for chunk in range(first, first + stage.chunks):
            state.touched[chunk] = stage.always
    return state


@cached
@numba.njit(nogil=True)
def _see(network, events, first, now, state):
    """List the events of step `now`, from event `first` on; return the list's length, the next."""
    counts, cells, channels = state.counts, state.cell[0], state.channel[0]
    n_channels = network.input_shape[0]
    n, event = 0, first
    while event < len(events.step) and events.step[event] == now:
        place = events.cell[event] * n_channels + events.channel[event]
        if counts[place] == 0:
            cells[n] = events.cell[event]
            channels[n] = events.channel[event]
            n += 1
        counts[place] += 1
        event += 1
    for i in range(n):
        place = cells[i] * n_channels + channels[i]
        state.value[0, i] = counts[place]
        counts[place] = 0
    return n, event


@cached
@numba.njit(nogil=True)
def walk_steps(network, events, counts):
    """Run one recording of `Events` from rest, step by step; fill in `Counts` of zeros."""
    state, stages = _at_rest(network), network.stages
    event = 0
    for now in range(len(counts.answer)):
        n, event = _see(network, events, event, now, state)
        # Not a literal 0, for which numba would compile all functions once more.
        source, layer = np.int64(0), 0
        for s in range(len(stages)):
            stage = stages[s]
            if s == 0 or stages[s - 1].is_weighted:
                spikes, synops, nonzero = _count_synops(network, stage, source, n, state)
                counts.layer_spikes[layer] += spikes
                counts.layer_synops[layer] += synops
                counts.layer_nonzero[layer] += nonzero
                counts.step_synops[now] += synops
            if stage.is_weighted:
                _receive(network, stage, source, n, state)
                n = _fire(network, stage, layer, 1 - source, state, counts.neurons)
                layer += 1
            else:
                n = _pool(network, stage, source, n, state)
            source = 1 - source
        for i in range(n):
            counts.answer[now, state.channel[source, i]] += np.int64(state.value[source, i])
