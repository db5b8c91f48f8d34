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
                counts.layer_synops[layer] += network.fanout[here]
                total += network.fanout[here]
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
