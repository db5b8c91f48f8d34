"""One fixed recording in one fixed network, and an example worked out by hand: who counts what.

The recording and the network's weights are drawn from a fixed seed, so that anyone can count them
again. Sums of these weights are exact in float32. The recording has 16 steps, and no layer gets
2^24 SynOps, so sinabs' means over time are exact too: counts differ only where definitions do.
`benchmarks/counters.py` counts the same spikes with libraries that need packages of their own.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
import torch
from torch import nn

from dvs_snn.engines.kinds.own.layout import lay_out
from dvs_snn.files.randomness import generator
from dvs_snn.networks.architectures import build_network
from dvs_snn.networks.conversion import as_spiking, spiking_network
from dvs_snn.networks.geometry import Layer, Pool
from dvs_snn.networks.synops import LayerActivity, counted_activities, fanout_map
from dvs_snn.recordings.placement import NETWORK_SIZE
from dvs_snn.recordings.steps import StepEvents
from dvs_snn.settings.network_settings import NeuronParameters

SEED = 1
N_STEPS = 16
EVENTS_PER_STEP = 625
ALL = "all"
"""The whole network, beside its layers."""


@dataclass(frozen=True, eq=False)
class Audited:
    """A spiking network and the events whose SynOps are counted."""

    # A flat Sequential of sinabs, for one recording.
    network: nn.Sequential
    # float32 (time, 1, height, width), events per pixel and step.
    inputs: torch.Tensor
    # Those with weights, and of each what the study counts.
    layers: Sequence[Layer]
    activities: Sequence[LayerActivity]


@dataclass(frozen=True, eq=False)
class Arrival:
    """What arrives at one weighted layer."""

    # As geometry and in torch.
    layer: Layer
    module: nn.Module
    # (time, ...) whole numbers, before the pools.
    spikes: torch.Tensor
    # As the module receives them: pools have averaged them. And whole, as if they summed.
    values: torch.Tensor
    counts: torch.Tensor


def recording() -> Audited:
    """Return the fixed network and recording, counted by our engine.

    The weights of the tutorial's network are k/16, k drawn from -7 to 7 without 0: NeuroBench skips
    weights of 0, and trained weights of float32 hold none. An ellipse like a digit zero moves on a
    circle; a tenth of events is noise.
    """
    random, cnn = generator(SEED, "audit", "weights"), build_network("tutorial").eval()
    whole = [k for k in range(-7, 8) if k]
    with torch.no_grad():
        for weight in cnn.parameters():
            weight.copy_(torch.from_numpy(random.choice(whole, tuple(weight.shape)) / 16))
    converted = as_spiking("tutorial", cnn, NeuronParameters(1.0, -5.0))

    random, n = generator(SEED, "audit", "events"), N_STEPS * EVENTS_PER_STEP
    step = np.repeat(np.arange(N_STEPS), EVENTS_PER_STEP)
    turn = 2 * np.pi * step / N_STEPS
    angle, radius = random.uniform(0, 2 * np.pi, n), random.normal(17, 1.5, n)
    centre, noise = NETWORK_SIZE / 2, random.uniform(0, NETWORK_SIZE, (2, n))
    row = centre + 12 * np.sin(turn) + radius * np.sin(angle)
    column = centre + 12 * np.cos(turn) + 0.7 * radius * np.cos(angle)
    places = np.where(random.random(n) < 0.1, noise, [row, column])
    row, column = np.clip(places, 0, NETWORK_SIZE - 1).astype(np.int64)
    steps = StepEvents(step, row, column, N_STEPS, 0)

    (response,) = lay_out(converted).respond([steps])
    return Audited(
        network=spiking_network(converted, batch_size=1),
        inputs=torch.from_numpy(steps.dense(0, steps.n_steps)),
        layers=list(converted.layers),
        activities=response.layers,
    )


def example() -> Audited:
    """Return the example that `docs/synops.md` works out by hand: 6x6 pixels, one step.

    One event in a corner, one at an edge, two on one pixel inside; a convolution 3x3 whose weights
    are 1/2, a pool 2x2, and a linear layer to three neurons.
    """
    import sinabs.layers
    from sinabs.activation import MultiSpike

    conv, linear = nn.Conv2d(1, 1, 3, bias=False), nn.Linear(4, 3, bias=False)
    nn.init.constant_(conv.weight, 0.5)
    neurons = sinabs.layers.IAFSqueeze(batch_size=1, spike_fn=MultiSpike)
    inputs = torch.zeros(1, 1, 6, 6)
    inputs[0, 0, 0, 0], inputs[0, 0, 0, 2], inputs[0, 0, 2, 2] = 1, 1, 2
    pool = Pool((2, 2), (2, 2), (0, 0), (1, 2, 2), 4)
    layers = [
        Layer("conv1", "conv", (1, 6, 6), (1, 4, 4), (), weights=9, macs=144, kernel=(3, 3)),
        Layer("fc1", "linear", (1, 4, 4), (3,), (pool,), weights=12, macs=12),
    ]
    network = nn.Sequential(conv, neurons, nn.AvgPool2d(2), nn.Flatten(), linear)
    audited = Audited(network, inputs, layers, ())
    spikes = [arrival.spikes.sum(0).numpy() for arrival in arrivals(audited)]
    pairs = zip(spikes, layers, strict=True)
    synops = [int((arriving * fanout_map(layer)).sum()) for arriving, layer in pairs]
    # The spikes of the last layer reach no synapse, so they add no SynOps.
    sent = [*(int(each.sum()) for each in spikes), 0]
    activities = counted_activities(layers, sent, synops, synops)
    return Audited(network, inputs, layers, activities)


def reset(audited: Audited) -> None:
    """Bring all neurons of the network to zero state."""
    for part in audited.network:
        if hasattr(part, "reset_states"):
            part.reset_states()


def run(audited: Audited) -> None:
    """Run the network from zero state; hooks see what its layers do."""
    reset(audited)
    with torch.no_grad():
        audited.network(audited.inputs)


def arrivals(audited: Audited) -> list[Arrival]:
    """Run the network and return what arrives at each weighted layer."""
    import sinabs.layers

    found: list[Arrival] = []
    spikes, area = audited.inputs, 1

    def look(part: nn.Module, given: tuple[torch.Tensor], output: torch.Tensor) -> None:
        nonlocal spikes, area
        (values,) = given
        if isinstance(part, nn.AvgPool2d):
            area *= prod(np.broadcast_to(part.kernel_size, 2).tolist())
        elif isinstance(part, nn.Conv2d | nn.Linear):
            layer = audited.layers[len(found)]
            found.append(Arrival(layer, part, spikes, values, values * area))
        elif isinstance(part, sinabs.layers.StatefulLayer):
            spikes, area = output, 1

    handles = [part.register_forward_hook(look) for part in audited.network]
    run(audited)
    for handle in handles:
        handle.remove()
    return found


def by_layer(names: Iterable[str], synops: Iterable[float]) -> dict[str, float]:
    """Return the SynOps of each layer, and their sum as `all`."""
    found = dict(zip(names, synops, strict=True))
    return {**found, ALL: sum(found.values())}


def own_counts(make: Callable[[], Audited]) -> dict[str, dict[str, float]]:
    """Return the SynOps by counter and layer, of counters that need no further package.

    `make` is `recording` or `example`. Hooks of sinabs tell a mean over steps, and the statistics
    of its model one number alone.
    """
    import sinabs.hooks
    from sinabs.synopcounter import SNNAnalyzer

    audited = make()
    names = [layer.name for layer in audited.layers]
    sinabs.hooks.register_synops_hooks(audited.network)
    analyzer = SNNAnalyzer(audited.network)
    run(audited)
    per_step = audited.network.hook_data["synops_per_timestep"].values()
    statistics = analyzer.get_layer_statistics()["parameter"].values()
    return {
        "ours": by_layer(names, (one.synops for one in audited.activities)),
        "tutorial": by_layer(names, (one.synops_nominal for one in audited.activities)),
        "sinabs hooks": by_layer(names, (float(one) * len(audited.inputs) for one in per_step)),
        "sinabs layer statistics": by_layer(names, (float(one["synops"]) for one in statistics)),
        "sinabs model statistics": {ALL: float(analyzer.get_model_statistics()["synops"])},
    }
