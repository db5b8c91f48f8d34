"""The spiking network, one event at a time: each event is a wave that runs through all layers.

A neuron gets the sum of what arrives in a wave. Then it fires floor(v / threshold) spikes as in
`steps`. So does sinabs, fed one event a step. A neuron that no spike reaches stays as it is.

Spikes of an event lie close together. So a wave visits, in each row of a map, the neurons from the
first to the last one that it reached.

One function, without slices and arrays of its own in the loop: numba counts references to each with
an atomic operation, which takes longer than the work on a few neurons. Indices are unsigned, since
numba tests those for no sign.
"""

import numba
import numpy as np

from dvs_snn.files.kernels import cached

U = np.uint64
NO_ROW = np.uint64(2**63)
GATHER = np.uint64(0x0102040810204080)
"""Times a word of eight bytes that are 0 or 1, its highest byte has a bit for each of them."""
LOWEST = np.array([max(0, (bits & -bits).bit_length() - 1) for bits in range(256)], np.uint8)
"""Number of the lowest bit that is set in a byte."""


@cached
@numba.njit(nogil=True)
def walk_events(network, events, counts):
    """Run one recording from rest, event by event; fill in `counts` but for `answer`, `neurons`.

    The network has no biases.

    Returns:
        int64, four numbers for each time that an output neuron fires: the event, the neuron, its
        spikes, and all SynOps so far.
    """
    (step, cell, channel), capacity = events, network.capacity
    stages, shapes, fanout = network.stages, network.shapes, network.fanout
    reach_first, reach_target = network.reach_first, network.reach_target
    reach_size, reach_kernel = network.reach_size, network.reach_kernel
    reach_channel, channel_target = network.reach_channel, network.channel_target
    channel_kernel, weights, divisors = network.channel_kernel, network.weights, network.divisors
    _, step_synops, layer_spikes, layer_synops, layer_nonzero, _ = counts
    n_layers = len(shapes)
    row_sizes = (shapes[:, 2] * shapes[:, 3]).astype(np.uint32)
    bounds, thresholds = network.lower_bound, network.threshold
    potential, n_rows = network.potential.copy(), (shapes[:, 0] * shapes[:, 1]).max()
    # Spikes that arrive at a stage and that leave it: place, channel, number.
    cells = np.empty((2, capacity), np.int32)
    channels = np.empty((2, capacity), np.int32)
    values = np.empty((2, capacity), np.float32)
    # The neurons of each row that a wave reached; which of a row fire, and words that hold one.
    first, stop = np.full(n_rows, NO_ROW, U), np.zeros(n_rows, U)
    fires = np.zeros((np.int64(row_sizes.max()) + 7) // 8 * 8, np.uint8)
    words = fires.view(U)
    firing = np.empty(len(words) + 1, np.int64)
    answers, total = [], 0
    for event in range(len(cell)):
        source, n, layer, is_first, before = U(0), U(1), U(0), True, total
        cells[source, 0], channels[source, 0], values[source, 0] = cell[event], channel[event], 1
        for stage in stages:
            if n == 0:
                break
            reach_at, map_at, n_out, sink = U(stage.reach_at), U(stage.map_at), U(0), U(1) - source
            if is_first:
                n_spikes = n_synops = n_nonzero = 0
                fanout_at, arriving = U(stage.fanout_at), U(stage.arriving)
                for i in range(n):
                    spikes = np.int64(values[source, i])
                    n_spikes += spikes
                    here = fanout_at + U(cells[source, i]) * arriving + U(channels[source, i])
                    n_synops += spikes * fanout[here, 0]
                    n_nonzero += spikes * fanout[here, 1]
                layer_spikes[layer] += n_spikes
                layer_synops[layer] += n_synops
                layer_nonzero[layer] += n_nonzero
                total += n_synops
            is_first = stage.is_weighted == 1
            if not is_first:
                for i in range(n):
                    here = reach_at + U(cells[source, i])
                    for j in range(U(reach_first[here]), U(reach_first[here + U(1)])):
                        cells[sink, n_out] = reach_target[j]
                        channels[sink, n_out] = channels[source, i]
                        divisor = divisors[U(stage.divisor_at) + U(reach_target[j])]
                        values[sink, n_out] = values[source, i] / divisor
                        n_out += U(1)
                source, n = sink, n_out
                continue
            row_size, begin, first_row, last_row = row_sizes[layer], U(0), NO_ROW, U(0)
            while begin < n:
                # The spikes of one place reach the same neurons (of one group).
                place = cells[source, begin]
                here = reach_at + U(place)
                group = U(stage.channel_at) + U(reach_channel[here])
                group_at = channel_target[group + U(channels[source, begin])]
                end = begin + U(1)
                while (
                    end < n
                    and cells[source, end] == place
                    and channel_target[group + U(channels[source, end])] == group_at
                ):
                    end += U(1)
                for j in range(U(reach_first[here]), U(reach_first[here + U(1)])):
                    size, at = U(reach_size[j]), U(group_at) + U(reach_target[j])
                    row = U(np.uint32(at - map_at) // row_size)
                    first_row, last_row = min(first_row, row), max(last_row, row)
                    first[row], stop[row] = min(first[row], at), max(stop[row], at + size)
                    offset = U(stage.weight_at) + U(reach_kernel[j])
                    i = begin
                    while i + U(1) < end:
                        at0 = offset + U(channel_kernel[group + U(channels[source, i])])
                        at1 = offset + U(channel_kernel[group + U(channels[source, i + U(1)])])
                        n0, n1 = values[source, i], values[source, i + U(1)]
                        for x in range(size):
                            potential[at + x] += n0 * weights[at0 + x] + n1 * weights[at1 + x]
                        i += U(2)
                    if i < end:
                        at0 = offset + U(channel_kernel[group + U(channels[source, i])])
                        n0 = values[source, i]
                        for x in range(size):
                            potential[at + x] += n0 * weights[at0 + x]
                begin = end
            threshold, bound, of_cell = thresholds[layer], bounds[layer], np.uint32(stage.channels)
            for row in range(first_row, last_row + U(1)):
                at, size = first[row], stop[row] - first[row]
                if stop[row] == 0:
                    continue
                first[row], stop[row] = NO_ROW, U(0)
                for x in range(size):
                    v = max(potential[at + x], bound)
                    potential[at + x] = v
                    fires[x] = v >= threshold
                # No branch for each neuron: the processor can't predict which ones fire.
                n_firing = U(0)
                for k in range((size + U(7)) >> U(3)):
                    firing[n_firing] = k
                    n_firing += U(words[k] != 0)
                for k in range(n_firing):
                    word = U(firing[k])
                    bits = (words[word] * GATHER) >> U(56)
                    words[word] = 0
                    while bits:
                        neuron = at + (word << U(3)) + U(LOWEST[bits])
                        bits &= bits - U(1)
                        v = potential[neuron]
                        spikes = np.float32(1) if v < 2 * threshold else np.floor(v / threshold)
                        potential[neuron] = max(v - spikes * threshold, bound)
                        number = np.uint32(neuron - map_at)
                        place = np.uint32(number // of_cell)
                        cells[sink, n_out] = place
                        channels[sink, n_out] = number - place * of_cell
                        values[sink, n_out] = spikes
                        n_out += U(1)
            source, n = sink, n_out
            layer += U(1)
        step_synops[step[event]] += total - before
        if layer == n_layers:
            for i in range(n):
                spikes = np.int64(values[source, i])
                answers.extend((np.int64(event), np.int64(channels[source, i]), spikes, total))
    return np.array(answers)


@cached
@numba.njit(nogil=True)
def walk_spikes(network, events, counts):
    """Run one recording from rest, each spike a wave of its own; the rest as in `walk_events`.

    A slow reference, which tells what order is worth. Spikes wait in one queue, first in, first
    out. Each neuron that one reaches fires, is reset and clipped at once, and its spikes join the
    queue one by one.
    """
    stages, runs, thresholds = network.stages, network.reach_first, network.threshold
    bounds, n_layers, potential = network.lower_bound, len(thresholds), network.potential.copy()
    layer_of = np.cumsum(stages.is_weighted) - stages.is_weighted
    answers, total = [], 0
    for event in range(len(events.cell)):
        # Each spike that waits: stage, place, channel, and its share behind average pools.
        queue = [(0, np.int64(events.cell[event]), np.int64(events.channel[event]), np.float32(1))]
        head, before, answered = 0, total, len(answers)
        while head < len(queue):
            s, cell, channel, value = queue[head]
            head += 1
            stage, layer, here = stages[s], layer_of[s], stages[s].reach_at + cell
            if s == 0 or stages[s - 1].is_weighted:
                counts.layer_spikes[layer] += 1
                synops, nonzero = network.fanout[stage.fanout_at + cell * stage.arriving + channel]
                counts.layer_synops[layer] += synops
                counts.layer_nonzero[layer] += nonzero
                total += synops
            for run in range(runs[here], runs[here + 1]):
                at = np.int64(network.reach_target[run])
                if not stage.is_weighted:
                    # A run is one cell, which passes the spike on.
                    share = value / network.divisors[stage.divisor_at + at]
                    queue.append((s + 1, at, channel, np.float32(share)))
                    continue
                group = stage.channel_at + network.reach_channel[here] + channel
                at += network.channel_target[group]
                kernel = network.reach_kernel[run] + network.channel_kernel[group]
                for x in range(network.reach_size[run]):
                    v = potential[at + x] + value * network.weights[stage.weight_at + kernel + x]
                    n_spikes = np.int64(max(np.floor(v / thresholds[layer]), 0))
                    potential[at + x] = max(v - n_spikes * thresholds[layer], bounds[layer])
                    place, of_place = divmod(at + x - stage.map_at, stage.channels)
                    for _ in range(n_spikes):
                        if layer == n_layers - 1:
                            answers.extend((np.int64(event), of_place, 1, 0))
                        else:
                            queue.append((s + 1, place, of_place, np.float32(1)))
        for number in range(answered, len(answers), 4):
            answers[number + 3] = total
        counts.step_synops[events.step[event]] += total - before
    return np.array(answers)
