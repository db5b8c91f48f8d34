"""Small networks of every kind, drawn or by hand, recordings for them, and what must be equal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import prod
from types import SimpleNamespace
from unittest import mock

import numpy as np
import torch
from hypothesis import assume
from hypothesis import strategies as st
from sinabs.layers import StatefulLayer
from torch import nn

from dvs_snn.engines.kinds import sinabs
from dvs_snn.engines.kinds.own.layout import lay_out
from dvs_snn.engines.response import Response
from dvs_snn.networks import architectures as model
from dvs_snn.networks.conversion import as_spiking
from dvs_snn.networks.spiking_network import SpikingNetwork
from dvs_snn.recordings.steps import StepEvents
from dvs_snn.settings.inference import InferenceSettings
from dvs_snn.settings.network_settings import NeuronParameters

ENGINES = ("own", "sinabs")
NEURONS = [(1.0, -5.0), (1.0, -1.0), (0.5, -0.25), (2.0, None), (3.0, -7.0)]
"""Thresholds and lower bounds of neurons that random networks have."""


@contextmanager
def offered(build: Callable[[], nn.Sequential], name: str) -> Iterator[str]:
    """Offer a network under `name` as if it stood in networks/kinds/, for the length of a test."""
    outer = model.load

    def load(package: str, asked: str, protocol: type) -> object:
        own = SimpleNamespace(build=lambda n_classes: build())
        return own if asked == name else outer(package, asked, protocol)

    with mock.patch.object(model, "load", load):
        yield name


@contextmanager
def made(
    build: Callable[[], nn.Sequential], neurons: NeuronParameters | None = None, seed=3, power=-2
) -> Iterator[SpikingNetwork]:
    """Offer a network with whole weights times a power of two."""
    with offered(build, "made_network") as name:
        cnn = with_small_weights(model.build_network(name), np.random.default_rng(seed), power)
        yield as_spiking(name, cnn, neurons or NeuronParameters())


def facts_of(network: SpikingNetwork) -> tuple:
    """All of a network but its name, to be compared."""
    parts = [
        (*part, part.weight.tolist(), None if part.bias is None else part.bias.tolist())
        for part in network.parts
    ]
    return network.initial, [(layer, *rest) for layer, _, _, *rest in parts]


def sinabs_spikes(network: nn.Sequential, steps: StepEvents) -> tuple[np.ndarray, list[np.ndarray]]:
    """Run sinabs' network from zero; return output spikes (time, class) and each layer's sums."""
    value, sums = torch.from_numpy(steps.dense(0, steps.n_steps)), []
    with torch.no_grad():
        for part in network:
            if isinstance(part, StatefulLayer):
                part.reset_states()
            value = part(value)
            if isinstance(part, StatefulLayer):
                sums.append(value.sum(0).to(torch.int64).numpy())
    return value.to(torch.int64).numpy(), sums


def steps_of(events: list[tuple[int, int, int]], n_steps: int) -> StepEvents:
    """Lay events (step, row, column) on time steps."""
    step, row, column = np.array(sorted(events), dtype=np.int64).reshape(-1, 3).T
    return StepEvents(step, row, column, n_steps, 0)


def random_steps(rng: np.random.Generator, n_events: int, n_steps: int, spread=64) -> StepEvents:
    place = rng.integers(0, spread, (n_events, 2))
    events = [(int(rng.integers(n_steps)), int(r), int(c)) for r, c in place]
    # Some pixels fire more than once in a step.
    events += events[: n_events // 3] * 2
    return steps_of(events, n_steps)


def with_small_weights(network: nn.Sequential, rng: np.random.Generator, power: int):
    """Fill in whole weights times a power of two: every float32 sum is exact then."""
    with torch.no_grad():
        for part in model.weighted(network):
            weights = rng.integers(-3, 5, tuple(part.weight.shape)) * 2.0**power
            part.weight.copy_(torch.from_numpy(weights))
    return network


def random_recordings(n: int = 7) -> list[StepEvents]:
    rng = np.random.default_rng(11)
    return [random_steps(rng, 60, int(length), 40) for length in rng.permutation(n) * 7 + 3]


def run(
    converted: SpikingNetwork,
    scale: float,
    recordings,
    batch_size: int,
    engine="own",
    threads=1,
    timing="steps",
) -> Iterator[Response]:
    """Run recordings through a network in memory by the engine of a name."""
    if engine == "own":
        return lay_out(converted.scaled(scale)).respond(recordings, threads, timing)
    settings = InferenceSettings(batch_size=batch_size, compute_threads=threads, timing=timing)
    return sinabs.run(converted.scaled(scale), recordings, settings)


def assert_same_response(found: Response, expected: Response) -> None:
    np.testing.assert_array_equal(found.spikes, expected.spikes)
    assert found.layers == expected.layers
    np.testing.assert_array_equal(found.step_synops, expected.step_synops)
    np.testing.assert_array_equal(found.layer_sums, expected.layer_sums)
    assert found.step_synops.sum() == found.synops


def small_network() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(1, 2, 5, stride=3, padding=1, bias=False),
        nn.ReLU(),
        nn.AvgPool2d(2),
        nn.Conv2d(2, 3, 3, stride=2, bias=False),
        nn.ReLU(),
        nn.AvgPool2d((2, 2), (2, 2)),
        nn.Flatten(),
        nn.Linear(12, 10, bias=False),
        nn.ReLU(),
    )


def counting_rows() -> nn.Sequential:
    """A network whose ten outputs each count half the events of a tenth of the rows."""
    network = nn.Sequential(nn.Flatten(), nn.Linear(4096, 10, bias=False), nn.ReLU())
    with torch.no_grad():
        network[1].weight.zero_()
        for digit in range(10):
            network[1].weight[digit, 384 * digit : 384 * (digit + 1)] = 0.5
    return network


def lively(name: str, seed: int, factor: float) -> nn.Sequential:
    """Build a network by its name, with `factor` times its weights, so that its neurons fire."""
    torch.manual_seed(seed)
    network = model.build_network(name).eval()
    with torch.no_grad():
        for part in model.weighted(network):
            part.weight.mul_(factor)
    return network


def small_network_with_biases() -> nn.Sequential:
    network = small_network()
    for number, bias in ((0, [0.25] * 2), (7, [0.5] * 10)):
        network[number].bias = nn.Parameter(torch.tensor(bias))
    return network


# Windows of 2^n pixels, so that the mean is exact; strides may leave a remainder or overlap.
EXACT_POOLS = (
    {"kernel_size": 2},
    {"kernel_size": (2, 1)},
    {"kernel_size": (1, 2), "stride": 2},
    {"kernel_size": 2, "padding": 1},
    {"kernel_size": 4, "stride": (1, 2)},
    {"kernel_size": (4, 2), "stride": (3, 2), "padding": (2, 1)},
)
ODD_POOLS = (
    {"kernel_size": 2, "stride": 1},
    {"kernel_size": 3, "stride": 2, "divisor_override": 4},
    {"kernel_size": (4, 1), "stride": (1, 3), "padding": (2, 0)},
)


@st.composite
def architectures(draw, is_odd: bool = False) -> Callable[[], nn.Sequential]:
    """Draw a network and return what builds it; odd ones have biases and pools of any divisor."""

    def conv(least_stride: int) -> dict[str, tuple[int, int]]:
        ranges = {"kernel_size": (1, 4), "stride": (least_stride, 3), "padding": (0, 2)}
        ranges["dilation"] = (1, 3)
        return {
            name: draw(st.tuples(st.integers(*ends), st.integers(*ends)))
            for name, ends in ranges.items()
        }

    first, second = conv(1 if is_odd else 2), conv(1)
    groups = draw(st.integers(1, 2))
    channels = (2 * groups, groups * draw(st.integers(1, 2)))
    kinds = st.none() | st.sampled_from((*EXACT_POOLS, *ODD_POOLS) if is_odd else EXACT_POOLS)
    pools = [draw(kinds) for _ in range(4)]
    hidden = draw(st.none() | st.integers(1, 5))
    bias, dropout = is_odd and draw(st.booleans()), draw(st.booleans())

    def build() -> nn.Sequential:
        before, *between, after = [[nn.AvgPool2d(**pool)] if pool else [] for pool in pools]
        parts = [
            *(before if is_odd else []),
            nn.Conv2d(1, channels[0], bias=bias, **first),
            nn.ReLU(),
            *(pool for drawn in between for pool in drawn),
            nn.Conv2d(*channels, groups=groups, bias=False, **second),
            nn.ReLU(),
            *([nn.Dropout2d(0.5)] if dropout else []),
            *after,
            nn.Flatten(),
        ]
        with torch.no_grad():
            n = prod(nn.Sequential(*parts)(torch.zeros(1, 1, 64, 64)).shape)
        for width in filter(None, (hidden, 10)):
            parts += [nn.Linear(n, width, bias=bias), nn.ReLU()]
            n = width
        return nn.Sequential(*parts)

    # Some drawn layers don't fit each other.
    try:
        build()
    except RuntimeError:
        assume(False)
    return build
