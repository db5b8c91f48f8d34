"""The spiking network against a slow reference that walks every spike and every synapse."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
import pytest
import sinabs.hooks
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from torch import nn

from dvs_snn.events.steps import StepEvents
from dvs_snn.inference.engines import sinabs as inference
from dvs_snn.inference.engines.registry import run
from dvs_snn.inference.response import Response
from dvs_snn.networks import architectures as model
from dvs_snn.networks.conversion import Converted, rescale_first_layer, spiking_network
from dvs_snn.settings.conversion import NeuronParameters

torch.set_num_threads(1)


@contextmanager
def _offered(build: Callable[[], nn.Sequential], name: str) -> Iterator[str]:
    """Offer a network under `name` as if it stood in model.py, for the length of a test."""

    def made() -> nn.Sequential:
        return build()

    made.__name__ = name
    model.network(made)
    try:
        yield name
    finally:
        del model._NETWORKS[name]


def _steps(events: list[tuple[int, int, int]], n_steps: int) -> StepEvents:
    """Lay events (step, row, column) on time steps."""
    step, row, column = np.array(sorted(events), dtype=np.int64).reshape(-1, 3).T
    return StepEvents(step, row, column, n_steps, 0)


def _random_steps(rng: np.random.Generator, n_events: int, n_steps: int, spread=64) -> StepEvents:
    place = rng.integers(0, spread, (n_events, 2))
    events = [(int(rng.integers(n_steps)), int(r), int(c)) for r, c in place]
    # Some pixels fire more than once in a step.
    events += events[: n_events // 3] * 2
    return _steps(events, n_steps)


def _with_small_weights(network: nn.Sequential, rng: np.random.Generator, power: int):
    """Fill in whole weights times a power of two: every float32 sum is exact then."""
    with torch.no_grad():
        for part in network:
            if isinstance(part, nn.Conv2d | nn.Linear):
                weights = rng.integers(-3, 5, tuple(part.weight.shape)) * 2.0**power
                part.weight.copy_(torch.from_numpy(weights))
    return network


# --- The reference: plain Python, one spike and one synapse at a time. ---


def _pair(value) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else tuple(value)


def _pooled(spikes: dict, part: nn.AvgPool2d, shape: tuple) -> tuple[dict, tuple]:
    """Carry {place: [(spikes, weight)]} through a pool; a spike stays whole, its weight shrinks."""
    (kh, kw), (sh, sw), (ph, pw) = map(_pair, (part.kernel_size, part.stride, part.padding))
    channels, height, width = shape
    out_shape = (
        channels, (height + 2 * ph - kh) // sh + 1, (width + 2 * pw - kw) // sw + 1
    )  # fmt: skip
    pooled: dict = {}
    for (c, y, x), arriving in spikes.items():
        for i, j in product(range(out_shape[1]), range(out_shape[2])):
            if i * sh <= y + ph < i * sh + kh and j * sw <= x + pw < j * sw + kw:
                pooled.setdefault((c, i, j), []).extend((n, g / (kh * kw)) for n, g in arriving)
    return pooled, out_shape


def _through_conv(spikes: dict, part: nn.Conv2d, shape: tuple) -> tuple[dict, tuple, int]:
    weight = part.weight.detach().numpy()
    (kh, kw), (sh, sw), (ph, pw), (dh, dw) = map(
        _pair, (part.kernel_size, part.stride, part.padding, part.dilation)
    )
    _, height, width = shape
    out_shape = (
        part.out_channels,
        (height + 2 * ph - dh * (kh - 1) - 1) // sh + 1,
        (width + 2 * pw - dw * (kw - 1) - 1) // sw + 1,
    )
    ins, outs = part.in_channels // part.groups, part.out_channels // part.groups
    current: dict = {}
    synops = 0
    for (c, y, x), arriving in spikes.items():
        group = c // ins
        for o, i, j in product(range(group * outs, (group + 1) * outs), range(kh), range(kw)):
            row, rest_row = divmod(y + ph - i * dh, sh)
            column, rest_column = divmod(x + pw - j * dw, sw)
            if rest_row or rest_column:
                continue
            if not (0 <= row < out_shape[1] and 0 <= column < out_shape[2]):
                continue
            for n, gain in arriving:
                synops += n
                place = (o, row, column)
                value = n * gain * float(weight[o, c - group * ins, i, j])
                current[place] = current.get(place, 0.0) + value
    return current, out_shape, synops


def _through_linear(spikes: dict, part: nn.Linear, shape: tuple) -> tuple[dict, tuple, int]:
    weight = part.weight.detach().numpy()
    current: dict = {}
    synops = 0
    for place, arriving in spikes.items():
        index = int(np.ravel_multi_index(place, shape))
        for n, gain in arriving:
            for o in range(part.out_features):
                synops += n
                current[(o,)] = current.get((o,), 0.0) + n * gain * float(weight[o, index])
    return current, (part.out_features,), synops


@dataclass
class _Expected:
    spikes: np.ndarray
    synops: list[int]
    spikes_in: list[int]
    spikes_out: list[int]


def _reference(network: nn.Sequential, neurons: NeuronParameters, steps: StepEvents) -> _Expected:
    """Integrate and fire, step by step: add the currents, fire, subtract, clip once."""
    n_layers = sum(isinstance(part, nn.Conv2d | nn.Linear) for part in network)
    potentials: list[dict] = [{} for _ in range(n_layers)]
    synops, spikes_in, spikes_out = ([0] * n_layers for _ in range(3))
    answer = np.zeros((steps.n_steps, 10), dtype=np.int64)
    for now in range(steps.n_steps):
        spikes: dict = {}
        for step, row, column in zip(steps.step, steps.row, steps.column, strict=True):
            if step == now:
                spikes.setdefault((0, int(row), int(column)), []).append((1, 1.0))
        shape: tuple = (1, 64, 64)
        number = -1
        for part in network:
            if isinstance(part, nn.AvgPool2d):
                spikes, shape = _pooled(spikes, part, shape)
            elif isinstance(part, nn.Conv2d | nn.Linear):
                walk = _through_conv if isinstance(part, nn.Conv2d) else _through_linear
                number += 1
                if number == 0:
                    spikes_in[0] += int((steps.step == now).sum())
                current, shape, n = walk(spikes, part, shape)
                synops[number] += n
            elif isinstance(part, nn.ReLU):
                spikes = {}
                potential = potentials[number]
                for place, value in current.items():
                    potential[place] = potential.get(place, 0.0) + value
                for place, v in potential.items():
                    fired = int(v // neurons.spike_threshold) if v > 0 else 0
                    if fired:
                        v -= fired * neurons.spike_threshold
                        spikes[place] = [(fired, 1.0)]
                        spikes_out[number] += fired
                        if number + 1 < n_layers:
                            spikes_in[number + 1] += fired
                    if neurons.min_v_mem is not None:
                        v = max(v, neurons.min_v_mem)
                    potential[place] = v
        for (digit,), arriving in spikes.items():
            answer[now, digit] = sum(n for n, _ in arriving)
    return _Expected(answer, synops, spikes_in, spikes_out)


def _compare(response: Response, expected: _Expected) -> None:
    np.testing.assert_array_equal(response.spikes, expected.spikes)
    assert [layer.spikes_in for layer in response.layers] == expected.spikes_in
    assert [layer.spikes_out for layer in response.layers] == expected.spikes_out
    assert [layer.synops for layer in response.layers] == expected.synops
    assert response.synops == sum(expected.synops)
    assert response.synops_input == expected.synops[0]


# --- Random small networks. ---


@st.composite
def _pool(draw):
    # Windows of 2^n pixels, so that the mean is exact; strides may leave a remainder or overlap.
    kernel = draw(st.sampled_from([(2, 2), (1, 2), (2, 1), (4, 2), (4, 4)]))
    stride = draw(st.sampled_from([kernel, kernel, (2, 2), (1, 2), (3, 2)]))
    padding = draw(st.sampled_from([(0, 0), (0, 0), (kernel[0] // 2, kernel[1] // 2)]))
    return kernel, stride, padding


@st.composite
def _conv(draw, strides, paddings):
    return {
        "kernel_size": draw(st.tuples(st.integers(1, 4), st.integers(1, 4))),
        "stride": draw(st.tuples(strides, strides)),
        "padding": draw(st.tuples(paddings, paddings)),
        "dilation": draw(st.sampled_from([1, 1, (2, 1)])),
    }


@st.composite
def _architectures(draw) -> Callable[[], nn.Sequential]:
    """Draw a network and return what builds it."""
    first = draw(_conv(st.integers(2, 4), st.integers(0, 2)))
    second = draw(_conv(st.integers(1, 3), st.integers(0, 2)))
    groups = draw(st.integers(1, 2))
    channels = (2, groups * draw(st.integers(1, 2)))
    pools = [draw(st.none() | _pool()) for _ in range(3)]
    hidden = draw(st.none() | st.integers(1, 5))
    dropout = draw(st.booleans())

    def build() -> nn.Sequential:
        def pool(drawn):
            return [] if drawn is None else [nn.AvgPool2d(*drawn)]

        parts = [
            nn.Conv2d(1, channels[0], bias=False, **first),
            nn.ReLU(),
            *pool(pools[0]),
            *pool(pools[1]),
            nn.Conv2d(*channels, groups=groups, bias=False, **second),
            nn.ReLU(),
            *([nn.Dropout2d(0.5)] if dropout else []),
            *pool(pools[2]),
            nn.Flatten(),
        ]
        with torch.no_grad():
            n = prod(nn.Sequential(*parts)(torch.zeros(1, 1, 64, 64)).shape)
        for width in (hidden, 10):
            if width is not None:
                parts += [nn.Linear(n, width, bias=False), nn.ReLU()]
                n = width
        return nn.Sequential(*parts)

    return build


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(
    _architectures(),
    st.integers(0, 2**32 - 1),
    st.integers(-1, 0),
    st.sampled_from([(1.0, -5.0), (1.0, -1.0), (0.5, -0.25), (2.0, None)]),
    st.integers(1, 6),
)
def test_random_networks_do_what_a_walk_over_every_synapse_does(
    build, seed, power, neuron_values, n_steps
):
    try:
        build()
    except RuntimeError:
        assume(False)
    rng = np.random.default_rng(seed)
    neurons = NeuronParameters(*neuron_values)
    with _offered(build, "random_network") as name:
        cnn = _with_small_weights(model.build_network(name), rng, power).eval()
        steps = _random_steps(rng, 24, n_steps)
        (response,) = run(Converted(name, cnn, neurons), 1.0, [steps], 1)
        _compare(response, _reference(cnn, neurons, steps))


def _small() -> nn.Sequential:
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


def _small_with_biases() -> nn.Sequential:
    network = _small()
    network[0] = nn.Conv2d(1, 2, 5, stride=3, padding=1, bias=True)
    network[7] = nn.Linear(12, 10, bias=True)
    with torch.no_grad():
        network[0].bias.fill_(0.25)
        network[7].bias.fill_(0.5)
    return network


@pytest.fixture
def small() -> Iterator[Converted]:
    with _offered(_small, "small_network") as name:
        cnn = _with_small_weights(model.build_network(name), np.random.default_rng(3), -2)
        yield Converted(name, cnn.eval(), NeuronParameters())


@pytest.fixture(params=[_small, _small_with_biases])
def either(request) -> Iterator[Converted]:
    """With biases neurons go on firing after a recording's end: nothing of it may be counted."""
    with _offered(request.param, "either_network") as name:
        cnn = _with_small_weights(model.build_network(name), np.random.default_rng(3), -2)
        if request.param is _small_with_biases:
            cnn.load_state_dict(
                {k: v for k, v in _small_with_biases().state_dict().items() if "bias" in k},
                strict=False,
            )
        yield Converted(name, cnn.eval(), NeuronParameters())


def _recordings(n: int = 7) -> list[StepEvents]:
    rng = np.random.default_rng(11)
    return [_random_steps(rng, 60, int(length), 40) for length in rng.permutation(n) * 7 + 3]


def _same(found: Response, expected: Response) -> None:
    np.testing.assert_array_equal(found.spikes, expected.spikes)
    assert found.layers == expected.layers


def test_several_spikes_in_one_step_by_hand():
    """One pixel, one weight: 2.5 of potential fires twice and keeps a half."""

    def build() -> nn.Sequential:
        return nn.Sequential(
            nn.Conv2d(1, 1, 64, bias=False), nn.ReLU(), nn.Flatten(),
            nn.Linear(1, 10, bias=False), nn.ReLU(),
        )  # fmt: skip

    with _offered(build, "one_neuron") as name:
        cnn = model.build_network(name).eval()
        with torch.no_grad():
            cnn[0].weight.zero_()[0, 0, 7, 9] = 1.25
            cnn[3].weight.zero_()[4, 0] = 1.0
        steps = _steps([(0, 7, 9), (0, 7, 9), (1, 7, 9), (1, 0, 0)], 3)
        (response,) = run(Converted(name, cnn, NeuronParameters()), 1.0, [steps], 1)
    assert response.spikes[:, 4].tolist() == [2, 1, 0]
    conv, linear = response.layers
    assert (conv.spikes_in, conv.spikes_out, conv.synops, conv.synops_nominal) == (4, 3, 4, 0)
    assert (linear.spikes_in, linear.spikes_out, linear.synops) == (3, 3, 30)
    assert (linear.fanout_nominal, linear.synops_nominal) == (10, 30)


def test_the_lower_bound_is_clipped_once_per_step():
    def build() -> nn.Sequential:
        return nn.Sequential(nn.Flatten(), nn.Linear(4096, 10, bias=False), nn.ReLU())

    with _offered(build, "bounded_network") as name:
        cnn = model.build_network(name).eval()
        with torch.no_grad():
            cnn[1].weight.zero_()[0, :2] = torch.tensor([-4.0, 3.0])
        # Within a step -12 + 3 x 4 = 0 is never clipped; -8 in the second is, to -5.
        steps = _steps([(0, 0, 0)] * 3 + [(0, 0, 1)] * 4 + [(1, 0, 0)] * 2 + [(2, 0, 1)] * 2, 3)
        (response,) = run(Converted(name, cnn, NeuronParameters(1.0, -5.0)), 1.0, [steps], 1)
        assert response.spikes[:, 0].tolist() == [0, 0, 1]
        (response,) = run(Converted(name, cnn, NeuronParameters(1.0, None)), 1.0, [steps], 1)
        assert response.spikes[:, 0].tolist() == [0, 0, 0]


@pytest.mark.parametrize("batch_size", [2, 3, 7, 50])
def test_batches_of_recordings_of_different_length_answer_as_one_at_a_time(either, batch_size):
    recordings = _recordings()
    alone = [next(run(either, 1.0, [steps], 1)) for steps in recordings]
    assert sum(response.spikes.sum() for response in alone) > 20
    for found, expected, steps in zip(
        run(either, 1.0, recordings, batch_size), alone, recordings, strict=True
    ):
        assert len(found.spikes) == steps.n_steps
        _same(found, expected)


def test_state_never_leaks_from_one_recording_to_another(either):
    recordings = _recordings()
    expected = list(run(either, 1.0, recordings, 3))
    order = [4, 0, 6, 2, 2, 5, 1, 3]
    for i, found in zip(order, run(either, 1.0, [recordings[i] for i in order], 3), strict=True):
        _same(found, expected[i])


@pytest.mark.parametrize("at_once", [1, 2, 7, 1000])
def test_answers_do_not_depend_on_how_many_steps_run_at_once(either, monkeypatch, at_once):
    recordings = _recordings()
    expected = list(run(either, 1.0, recordings, 4))
    monkeypatch.setattr(inference, "STEPS_AT_ONCE", at_once)
    for found, one in zip(run(either, 1.0, recordings, 4), expected, strict=True):
        _same(found, one)


def test_a_recording_without_events_is_silent(small):
    nothing = _steps([], 4)
    (response,) = run(small, 1.0, [nothing], 1)
    assert response.spikes.shape == (4, 10)
    assert (response.spikes.sum(), response.synops) == (0, 0)


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_a_scale_is_a_factor_on_the_first_weights_alone(small, scale):
    recordings = _recordings(3)
    by_hand = model.build_network(small.name)
    by_hand.load_state_dict(small.cnn.state_dict())
    before = {key: value.clone() for key, value in small.cnn.state_dict().items()}
    with torch.no_grad():
        by_hand[0].weight.mul_(scale)
    scaled = Converted(small.name, by_hand.eval(), small.neurons)
    for found, expected in zip(
        run(small, scale, recordings, 2), run(scaled, 1.0, recordings, 2), strict=True
    ):
        _same(found, expected)
    # The stored network itself isn't touched: scales may be run one after another.
    for key, value in small.cnn.state_dict().items():
        assert torch.equal(value, before[key])
    again = rescale_first_layer(model.build_network(small.name), 0.0)
    assert not again[0].weight.any()
    assert again[3].weight.any()


def test_dropout_never_drops_a_spike():
    def build() -> nn.Sequential:
        return nn.Sequential(
            nn.Conv2d(1, 4, 8, stride=8, bias=False), nn.ReLU(), nn.Dropout2d(0.9),
            nn.Flatten(), nn.Linear(256, 10, bias=False), nn.ReLU(),
        )  # fmt: skip

    with _offered(build, "dropout_network") as name:
        rng = np.random.default_rng(0)
        cnn = _with_small_weights(model.build_network(name), rng, -1)
        steps = _random_steps(rng, 100, 4)
        # Even a network that is left in training mode.
        (first,) = run(Converted(name, cnn.train(), NeuronParameters()), 1.0, [steps], 1)
        (second,) = run(Converted(name, cnn.eval(), NeuronParameters()), 1.0, [steps], 1)
        _same(first, second)
        _compare(first, _reference(cnn, NeuronParameters(), steps))


def _whole_pools() -> nn.Sequential:
    """A network on which sinabs' own hooks count right: square pools without a remainder."""
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, bias=False),
        nn.ReLU(),
        nn.AvgPool2d(2, 2),
        nn.Conv2d(4, 6, 4, padding=1, stride=1, groups=2, bias=False),
        nn.ReLU(),
        nn.AvgPool2d(2, 2),
        nn.Conv2d(6, 4, 3, stride=2, padding=1, bias=False),
        nn.ReLU(),
        nn.AvgPool2d(2, 2),
        nn.Flatten(),
        nn.Linear(64, 12, bias=False),
        nn.ReLU(),
        nn.Linear(12, 10, bias=False),
        nn.ReLU(),
    )


@pytest.mark.parametrize("scale", [1.0, 3.0])
def test_sinabs_hooks_count_the_same_where_they_are_right(scale):
    with _offered(_whole_pools, "whole_pools") as name:
        torch.manual_seed(5)
        cnn = model.build_network(name).eval()
        with torch.no_grad():
            for part in cnn:
                if isinstance(part, nn.Conv2d | nn.Linear):
                    part.weight.abs_().mul_(4)
        # 31 pooled rows need 30 to have no remainder: conv2 with padding 1 gives 30.
        assert [layer.output_shape for layer in model.describe_layers(name, cnn)][:3] == [
            (4, 62, 62), (6, 30, 30), (4, 8, 8)
        ]  # fmt: skip
        converted = Converted(name, cnn, NeuronParameters())
        steps = _random_steps(np.random.default_rng(2), 400, 12)
        (response,) = run(converted, scale, [steps], 1)
        network = spiking_network(converted, scale, 1)
        sinabs.hooks.register_synops_hooks(network)
        with torch.no_grad():
            spikes = network(torch.from_numpy(steps.dense(0, 12)))
    np.testing.assert_array_equal(response.spikes, spikes.numpy())
    per_step = network.hook_data["synops_per_timestep"]
    found = [layer.synops for layer in response.layers]
    assert found == pytest.approx([float(value) * 12 for value in per_step.values()], rel=1e-5)
    assert min(found) > 0


def test_the_whole_tutorial_network_counts_what_its_layers_spike():
    """Spikes of sinabs' own layers, one at a time, over the exact fan-outs."""
    from dvs_snn.networks.synops import fanout_map

    torch.manual_seed(0)
    cnn = model.build_network("tutorial").eval()
    with torch.no_grad():
        for part in cnn:
            if isinstance(part, nn.Conv2d | nn.Linear):
                part.weight.abs_().mul_(4)
    converted = Converted("tutorial", cnn, NeuronParameters())
    steps = _random_steps(np.random.default_rng(4), 300, 30)
    (response,) = run(converted, 1.0, [steps], 1)
    network = spiking_network(converted, 1.0, 1)
    arriving, caught = [steps.pixel_counts()], {}
    for index, part in enumerate(network):
        if isinstance(part, sinabs.layers.StatefulLayer):
            part.register_forward_hook(
                lambda _, __, out, index=index: caught.__setitem__(index, out.sum(0))
            )
    with torch.no_grad():
        network(torch.from_numpy(steps.dense(0, 30)))
    arriving += [caught[index].numpy().astype(np.int64) for index in sorted(caught)]
    layers = model.describe_layers("tutorial", cnn)
    for layer, activity, spikes in zip(layers, response.layers, arriving, strict=False):
        assert activity.synops == int((fanout_map(layer) * spikes).sum())
        assert activity.spikes_in == int(spikes.sum())
        assert activity.synops > 0
