"""A scale for each layer, searched for on validation recordings by coordinate descent.

A factor on the spikes of a layer multiplies its weights and divides those of the next layer. The
search minimises 100 x error + `synops_weight` x ln(SynOps per 3,000 events) in our engine, in the
study's timing.

The choice of the operating point then sees recordings that the search has seen. So the accuracy
that the choice tells is slightly too good; that on test sets isn't.
"""

import functools
import math
from collections.abc import Callable

from dvs_snn.files.randomness import generator
from dvs_snn.settings.training_settings import SYNOPS_EVENTS, Method

METHOD = Method(reads="validation", is_taught=False, uses_gradients=False)

N_RECORDINGS = 400
"""Validation recordings that the search runs, drawn with the study's seed."""

STEPS = (-2, -1, 1, 2)
"""What one move may change an exponent by."""

LARGEST = 6
"""Exponents lie between -6 and 6, factors between 1/8 and 8."""

ROUNDS = 4
"""Most rounds over all layers, so that the search ends within a minute."""

Exponents = tuple[int, ...]


def descend(cost: Callable[[Exponents], float], n_layers: int) -> Exponents:
    """Go from all zeros, one layer at a time, to the exponents of the lowest cost on the way.

    A round takes the best move of every layer, if one costs less. The search ends after a round
    without a move, or after `ROUNDS`.
    """
    place = (0,) * n_layers
    for _ in range(ROUNDS):
        before = place
        for layer in range(n_layers):
            moves = [
                (*place[:layer], place[layer] + step, *place[layer + 1 :])
                for step in STEPS
                if abs(place[layer] + step) <= LARGEST
            ]
            # On a tie the network stays as it is.
            place = min([place, *moves], key=cost)
        if place == before:
            break
    return place


def layer_factors(exponents: Exponents) -> list[float]:
    """Return the factor on each layer's weights: of its own spikes, over that of those before."""
    pairs = zip((0, *exponents), exponents, strict=False)
    return [2 ** ((after - before) / 2) for before, after in pairs]


def make(model, material, task, progress):
    """Return `model` with the weights of its layers times the factors that the search finds."""
    from dvs_snn.engines.kinds.own.layout import lay_out
    from dvs_snn.networks.conversion import as_spiking, rescale_layers

    stored = material.recordings
    n = min(N_RECORDINGS, len(stored))
    rng = generator(task.seed, "recordings of the search")
    recordings = [stored[row] for row in sorted(rng.choice(len(stored), n, replace=False))]
    steps = [recording.steps for recording in recordings]
    n_events = sum(len(part.step) for part in steps)
    network = as_spiking(task.network, model, task.neurons)

    @functools.cache
    def cost(exponents: Exponents) -> float:
        wrong = synops = 0
        scaled = lay_out(network.scaled(*layer_factors(exponents)))
        responses = scaled.respond(steps, timing=task.timing)
        for response, recording in zip(responses, recordings, strict=True):
            wrong += response.predicted != recording.label
            synops += response.synops
        error = wrong / n
        per_frame = synops / n_events * SYNOPS_EVENTS
        progress.say(f"exponents {exponents}: error {error:.4f}, {per_frame:.4g} SynOps")
        return 100 * error + task.settings.synops_weight * math.log(per_frame)

    best = descend(cost, len(network.layers))
    progress.say(f"found exponents {best} after {cost.cache_info().currsize} networks")
    return rescale_layers(model, *layer_factors(best))
