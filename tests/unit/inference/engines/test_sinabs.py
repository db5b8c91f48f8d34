"""The spiking network against a slow reference that walks every spike and every synapse."""

from collections.abc import Iterator

import numpy as np
import pytest
import sinabs.hooks
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_networks import (
    architectures,
    assert_same_response,
    assume_it_fits,
    offered,
    random_recordings,
    random_steps,
    run,
    small_network,
    small_network_with_biases,
    steps_of,
    with_small_weights,
)
from torch import nn
from walked_networks import assert_as_walked, walked

from dvs_snn.inference.engines import sinabs as inference
from dvs_snn.networks import architectures as model
from dvs_snn.networks.conversion import Converted, rescale_first_layer, spiking_network
from dvs_snn.settings.conversion import NeuronParameters

torch.set_num_threads(1)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(
    architectures(),
    st.integers(0, 2**32 - 1),
    st.integers(-1, 0),
    st.sampled_from([(1.0, -5.0), (1.0, -1.0), (0.5, -0.25), (2.0, None)]),
    st.integers(1, 6),
)
def test_random_networks_do_what_a_walk_over_every_synapse_does(
    build, seed, power, neuron_values, n_steps
):
    assume_it_fits(build)
    rng = np.random.default_rng(seed)
    neurons = NeuronParameters(*neuron_values)
    with offered(build, "random_network") as name:
        cnn = with_small_weights(model.build_network(name), rng, power).eval()
        steps = random_steps(rng, 24, n_steps)
        (response,) = run(Converted(name, cnn, neurons), 1.0, [steps], 1)
        assert_as_walked(response, walked(cnn, neurons, steps))


@pytest.fixture
def small() -> Iterator[Converted]:
    with offered(small_network, "small_network") as name:
        cnn = with_small_weights(model.build_network(name), np.random.default_rng(3), -2)
        yield Converted(name, cnn.eval(), NeuronParameters())


@pytest.fixture(params=[small_network, small_network_with_biases])
def either(request) -> Iterator[Converted]:
    """With biases neurons go on firing after a recording's end: nothing of it may be counted."""
    with offered(request.param, "either_network") as name:
        cnn = with_small_weights(model.build_network(name), np.random.default_rng(3), -2)
        if request.param is small_network_with_biases:
            cnn.load_state_dict(
                {k: v for k, v in small_network_with_biases().state_dict().items() if "bias" in k},
                strict=False,
            )
        yield Converted(name, cnn.eval(), NeuronParameters())


def test_several_spikes_in_one_step_by_hand():
    """One pixel, one weight: 2.5 of potential fires twice and keeps a half."""

    def build() -> nn.Sequential:
        return nn.Sequential(
            nn.Conv2d(1, 1, 64, bias=False), nn.ReLU(), nn.Flatten(),
            nn.Linear(1, 10, bias=False), nn.ReLU(),
        )  # fmt: skip

    with offered(build, "one_neuron") as name:
        cnn = model.build_network(name).eval()
        with torch.no_grad():
            cnn[0].weight.zero_()[0, 0, 7, 9] = 1.25
            cnn[3].weight.zero_()[4, 0] = 1.0
        steps = steps_of([(0, 7, 9), (0, 7, 9), (1, 7, 9), (1, 0, 0)], 3)
        (response,) = run(Converted(name, cnn, NeuronParameters()), 1.0, [steps], 1)
    assert response.spikes[:, 4].tolist() == [2, 1, 0]
    conv, linear = response.layers
    assert (conv.spikes_in, conv.spikes_out, conv.synops, conv.synops_nominal) == (4, 3, 4, 0)
    assert (linear.spikes_in, linear.spikes_out, linear.synops) == (3, 3, 30)
    assert (linear.fanout_nominal, linear.synops_nominal) == (10, 30)


def test_the_lower_bound_is_clipped_once_per_step():
    def build() -> nn.Sequential:
        return nn.Sequential(nn.Flatten(), nn.Linear(4096, 10, bias=False), nn.ReLU())

    with offered(build, "bounded_network") as name:
        cnn = model.build_network(name).eval()
        with torch.no_grad():
            cnn[1].weight.zero_()[0, :2] = torch.tensor([-4.0, 3.0])
        # Within a step -12 + 3 x 4 = 0 is never clipped; -8 in the second is, to -5.
        steps = steps_of([(0, 0, 0)] * 3 + [(0, 0, 1)] * 4 + [(1, 0, 0)] * 2 + [(2, 0, 1)] * 2, 3)
        (response,) = run(Converted(name, cnn, NeuronParameters(1.0, -5.0)), 1.0, [steps], 1)
        assert response.spikes[:, 0].tolist() == [0, 0, 1]
        (response,) = run(Converted(name, cnn, NeuronParameters(1.0, None)), 1.0, [steps], 1)
        assert response.spikes[:, 0].tolist() == [0, 0, 0]


@pytest.mark.parametrize("batch_size", [2, 3, 7, 50])
def test_batches_of_recordings_of_different_length_answer_as_one_at_a_time(either, batch_size):
    recordings = random_recordings()
    alone = [next(run(either, 1.0, [steps], 1)) for steps in recordings]
    assert sum(response.spikes.sum() for response in alone) > 20
    for found, expected, steps in zip(
        run(either, 1.0, recordings, batch_size), alone, recordings, strict=True
    ):
        assert len(found.spikes) == steps.n_steps
        assert_same_response(found, expected)


def test_state_never_leaks_from_one_recording_to_another(either):
    recordings = random_recordings()
    expected = list(run(either, 1.0, recordings, 3))
    order = [4, 0, 6, 2, 2, 5, 1, 3]
    for i, found in zip(order, run(either, 1.0, [recordings[i] for i in order], 3), strict=True):
        assert_same_response(found, expected[i])


@pytest.mark.parametrize("at_once", [1, 2, 7, 1000])
def test_answers_do_not_depend_on_how_many_steps_run_at_once(either, monkeypatch, at_once):
    recordings = random_recordings()
    expected = list(run(either, 1.0, recordings, 4))
    monkeypatch.setattr(inference, "STEPS_AT_ONCE", at_once)
    for found, one in zip(run(either, 1.0, recordings, 4), expected, strict=True):
        assert_same_response(found, one)


def test_a_recording_without_events_is_silent(small):
    nothing = steps_of([], 4)
    (response,) = run(small, 1.0, [nothing], 1)
    assert response.spikes.shape == (4, 10)
    assert (response.spikes.sum(), response.synops) == (0, 0)


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_a_scale_is_a_factor_on_the_first_weights_alone(small, scale):
    recordings = random_recordings(3)
    by_hand = model.build_network(small.name)
    by_hand.load_state_dict(small.cnn.state_dict())
    before = {key: value.clone() for key, value in small.cnn.state_dict().items()}
    with torch.no_grad():
        by_hand[0].weight.mul_(scale)
    scaled = Converted(small.name, by_hand.eval(), small.neurons)
    for found, expected in zip(
        run(small, scale, recordings, 2), run(scaled, 1.0, recordings, 2), strict=True
    ):
        assert_same_response(found, expected)
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

    with offered(build, "dropout_network") as name:
        rng = np.random.default_rng(0)
        cnn = with_small_weights(model.build_network(name), rng, -1)
        steps = random_steps(rng, 100, 4)
        # Even a network that is left in training mode.
        (first,) = run(Converted(name, cnn.train(), NeuronParameters()), 1.0, [steps], 1)
        (second,) = run(Converted(name, cnn.eval(), NeuronParameters()), 1.0, [steps], 1)
        assert_same_response(first, second)
        assert_as_walked(first, walked(cnn, NeuronParameters(), steps))


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
    with offered(_whole_pools, "whole_pools") as name:
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
        steps = random_steps(np.random.default_rng(2), 400, 12)
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
    steps = random_steps(np.random.default_rng(4), 300, 30)
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
