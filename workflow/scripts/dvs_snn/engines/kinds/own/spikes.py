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
def walk_spikes(network, events, counts, capacity):
    """Run one recording from rest, spike by spike; arguments and result as of `walk_events`."""
    stages, runs, thresholds = network.stages, network.reach_first, network.threshold
    bounds, n_layers, potential = network.lower_bound, len(thresholds), network.potential.copy()
    layer_of = np.cumsum(stages.is_weighted) - stages.is_weighted
    # Of each spike that waits: stage, place, channel.
    queue, values = np.empty((capacity, 3), np.int64), np.empty(capacity, np.float32)
    answer, n_answers, total = np.empty((1024, 4), np.int64), 0, 0
    for event in range(len(events.cell)):
        queue[0, 0], queue[0, 1], queue[0, 2] = 0, events.cell[event], events.channel[event]
        values[0] = 1
        head, tail, before, answered = 0, 1, total, n_answers
        while head < tail:
            s, here = queue[head, 0], stages[queue[head, 0]].reach_at + queue[head, 1]
            stage, layer, value = stages[s], layer_of[s], values[head]
            if s == 0 or stages[s - 1].is_weighted:
                counts.layer_spikes[layer] += 1
                counts.layer_synops[layer] += network.fanout[here]
                total += network.fanout[here]
            group = stage.channel_at + network.reach_channel[here] + queue[head, 2]
            for run in range(runs[here], runs[here + 1]):
                # Of a pool a run is one cell, which passes the spike on; no neuron fires there.
                at, n_spikes, sent = network.reach_target[run], 1, np.float32(1)
                place, of_place = at, queue[head, 2]
                if stage.is_weighted:
                    at += network.channel_target[group]
                    kernel = network.reach_kernel[run] + network.channel_kernel[group]
                else:
                    sent = value / network.divisors[stage.divisor_at + at]
                for x in range(network.reach_size[run]):
                    if stage.is_weighted:
                        v = (
                            potential[at + x]
                            + value * network.weights[stage.weight_at + kernel + x]
                        )
                        n_spikes = np.int64(max(np.floor(v / thresholds[layer]), 0))
                        potential[at + x] = max(v - n_spikes * thresholds[layer], bounds[layer])
                        place, of_place = divmod(at + x - stage.map_at, stage.channels)
                    while tail + n_spikes > len(queue):
                        queue = np.concatenate((queue, queue))
                        values = np.concatenate((values, values))
                    for _ in range(n_spikes):
                        if stage.is_weighted and layer == n_layers - 1:
                            if n_answers == len(answer):
                                answer = np.concatenate((answer, answer))
                            answer[n_answers, 0], answer[n_answers, 1] = event, of_place
                            answer[n_answers, 2] = 1
                            n_answers += 1
                            continue
                        queue[tail, 0], queue[tail, 1], queue[tail, 2] = s + 1, place, of_place
                        values[tail] = sent
                        tail += 1
            head += 1
        answer[answered:n_answers, 3] = total
        counts.step_synops[events.step[event]] += total - before
    return answer, n_answers
