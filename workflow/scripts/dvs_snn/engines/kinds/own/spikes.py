"""The spiking network, one spike at a time: a slow reference, which tells what order is worth.

By events, the spikes of an event that reach a layer add up before its neurons fire. Here each
spike, the event's own too, is a wave of its own. Spikes wait in one queue, first in, first out. A
spike adds its weights to the neurons that it reaches; each of them fires, is reset and clipped at
once, as in `events`, and its spikes join the queue one by one.
"""

import numba
import numpy as np

from dvs_snn.files.kernels import cached


@cached
@numba.njit(nogil=True)
def walk_spikes(network, cell, channel, step, fanout, capacity, layer_spikes, layer_synops, synops):
    """Run one recording from rest, spike by spike; arguments and result as of `walk_events`."""
    stages, weights = network.stages, network.weights
    runs, n_layers = network.reach_first, len(network.shapes)
    bounds = np.where(np.isnan(network.lower_bound), -np.inf, network.lower_bound)
    bounds, thresholds = bounds.astype(np.float32), network.threshold
    layer_of = np.cumsum(stages.is_weighted) - stages.is_weighted
    potential = np.zeros(len(network.resting), np.float32)
    for s in np.flatnonzero(stages.is_weighted):
        begin = stages[s].map_at
        potential[begin : begin + stages[s].chunks * 64] = network.initial * thresholds[layer_of[s]]
    # Of each spike that waits: stage, place, channel.
    queue, values = np.empty((capacity, 3), np.int64), np.empty(capacity, np.float32)
    answer, n_answers, total = np.empty((1024, 4), np.int64), 0, 0
    for event in range(len(cell)):
        queue[0, 0], queue[0, 1], queue[0, 2], values[0] = 0, cell[event], channel[event], 1
        head, tail, before, answered = 0, 1, total, n_answers
        while head < tail:
            s, place, of_place = queue[head, 0], queue[head, 1], queue[head, 2]
            value, here, layer = values[head], stages[s].reach_at + place, layer_of[s]
            head += 1
            if s == 0 or stages[s - 1].is_weighted:
                layer_spikes[layer] += 1
                layer_synops[layer] += fanout[here]
                total += fanout[here]
            group = stages[s].channel_at + network.reach_channel[here] + of_place
            for run in range(runs[here], runs[here + 1]):
                # Of a pool a run is one cell, which passes the spike on; no neuron fires there.
                at, n_neurons, n_spikes = network.reach_target[run], 1, 1
                if stages[s].is_weighted:
                    at += network.channel_target[group]
                    n_neurons = network.reach_size[run]
                    weight_at = stages[s].weight_at + network.reach_kernel[run]
                    weight_at += network.channel_kernel[group]
                for x in range(n_neurons):
                    sent, place, of_place = np.float32(1), at, queue[head - 1, 2]
                    if stages[s].is_weighted:
                        v = max(potential[at + x] + value * weights[weight_at + x], bounds[layer])
                        n_spikes = np.int64(max(np.floor(v / thresholds[layer]), 0))
                        potential[at + x] = max(v - n_spikes * thresholds[layer], bounds[layer])
                        place, of_place = divmod(at + x - stages[s].map_at, stages[s].channels)
                    else:
                        sent = value / network.divisors[stages[s].divisor_at + at]
                    for _ in range(n_spikes):
                        if stages[s].is_weighted and layer == n_layers - 1:
                            if n_answers == len(answer):
                                answer = np.concatenate((answer, np.empty_like(answer)))
                            answer[n_answers, 0], answer[n_answers, 1] = event, of_place
                            answer[n_answers, 2] = 1
                            n_answers += 1
                            continue
                        if tail == len(queue):
                            queue = np.concatenate((queue, np.empty_like(queue)))
                            values = np.concatenate((values, np.empty_like(values)))
                        queue[tail, 0], queue[tail, 1], queue[tail, 2] = s + 1, place, of_place
                        values[tail] = sent
                        tail += 1
        answer[answered:n_answers, 3] = total
        synops[step[event]] += total - before
    return answer, n_answers
