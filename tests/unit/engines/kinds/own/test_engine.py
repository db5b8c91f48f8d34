"""Our engine against sinabs, to the spike; its scale to the bit."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_networks import (
    NEURONS,
    architectures,
    assert_same_response,
    made,
    offered,
    random_steps,
    run,
    small_network,
    small_network_with_biases,
    steps_of,
    with_small_weights,
)
from torch import nn

from dvs_snn.engines.kinds.own import EventNetwork
from dvs_snn.engines.kinds.own.layout import lay_out
from dvs_snn.engines.kinds.own.walk import LANES, Tables, walk
from dvs_snn.networks import architectures as model
from dvs_snn.networks.conversion import as_spiking, rescale_layers
from dvs_snn.networks.spiking_network import SpikingNetwork
from dvs_snn.recordings.steps import StepEvents
from dvs_snn.settings.network_settings import NeuronParameters

torch.set_num_threads(1)


def _one_layer() -> nn.Sequential:
    return nn.Sequential(nn.Flatten(), nn.Linear(4096, 10, bias=False), nn.ReLU())


def _both(converted: SpikingNetwork, scale: float, recordings: list[StepEvents]):
    """Yield what both engines answer, side by side."""
    yield from zip(
        run(converted, scale, recordings, 4, "own"),
        run(converted, scale, recordings, 4, "sinabs"),
        strict=True,
    )


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(
    architectures() | architectures(is_odd=True),
    st.integers(0, 2**32 - 1),
    st.sampled_from(NEURONS),
    st.integers(1, 8),
    st.sampled_from([0.25, 1.0, 2.0]),
)
def test_random_networks_agree_with_sinabs_to_the_spike(build, seed, neuron_values, n_steps, scale):
    rng = np.random.default_rng(seed)
    with made(build, NeuronParameters(*neuron_values), seed, -1) as converted:
        for part in converted.parts:
            if (bias := part.bias) is not None:
                bias[:] = rng.integers(-2, 3, bias.shape) / 4
        # The last of three is empty; the first ends in empty steps.
        recordings = [
            replace(random_steps(rng, 40, n_steps), n_steps=n_steps + 2),
            random_steps(rng, 200, n_steps),
            steps_of([], n_steps),
        ]
        for event, sinabs in _both(converted, scale, recordings):
            assert_same_response(event, sinabs)


@pytest.mark.parametrize("n_classes", [2, 3, LANES, LANES + 1, 64, 65, 100])
def test_networks_of_any_number_of_classes_agree_with_sinabs(n_classes):
    rng = np.random.default_rng(n_classes)
    network = with_small_weights(model.build_network("tutorial", n_classes), rng, -1)
    converted = as_spiking("tutorial", network, NeuronParameters())
    recordings = [random_steps(rng, 400, 6), random_steps(rng, 400, 4)]
    for event, sinabs in _both(converted, 1.0, recordings):
        assert event.spikes.shape[1] == n_classes
        assert all(layer.spikes_out > 0 for layer in event.layers)
        assert_same_response(event, sinabs)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.floats(-3, 3, width=32), min_size=3, max_size=3),
    st.floats(0.0625, 3, width=32),
    st.none() | st.floats(-4, -0.0625, width=32),
    st.lists(st.none() | st.tuples(st.integers(0, 2), st.integers(1, 40)), min_size=1, max_size=25),
)
def test_a_neuron_rounds_just_as_that_of_sinabs(weights, threshold, lower_bound, pulses):
    """One pixel a step: no order of summation is left, and every bit of the potential counts."""
    with made(_one_layer, NeuronParameters(threshold, lower_bound)) as converted:
        weight = converted.parts[0].weight
        weight[:, 3:] = 0
        weight[:, :3] = np.float32(weights) * (np.arange(1, 11, dtype=np.float32) / 7)[:, None]
        events = [
            (step, 0, pixel)
            for step, pulse in enumerate(pulses)
            for pixel in ([pulse[0]] * pulse[1] if pulse else [])
        ]
        for event, sinabs in _both(converted, 1.0, [steps_of(events, len(pulses) + 3)]):
            assert_same_response(event, sinabs)


@pytest.mark.parametrize(
    ("weight", "threshold", "lower_bound", "expected"),
    [
        # Just below the threshold; the clip at -5 rounds it up, so that it fires without input.
        (1 - 2**-24, 1.0, -5.0, [0, 1, 0, 0]),
        (1 - 2**-24, 1.0, None, [0, 0, 0, 0]),
        # 24017 thresholds round to below what was there, and leave one more.
        (9310.6083984375, 0.3876512944698334, -7.066380500793457, [24017, 1, 0, 0]),
        (9310.6083984375, 0.3876512944698334, None, [24017, 1, 0, 0]),
    ],
)
def test_a_neuron_that_rounding_lifts_fires_without_input(weight, threshold, lower_bound, expected):
    with made(_one_layer, NeuronParameters(threshold, lower_bound)) as converted:
        converted.parts[0].weight[:] = 0
        converted.parts[0].weight[3, 0] = weight
        for event, sinabs in _both(converted, 1.0, [steps_of([(0, 0, 0)], 4)]):
            assert sinabs.spikes[:, 3].tolist() == expected
            assert_same_response(event, sinabs)


@pytest.fixture(params=[small_network, small_network_with_biases])
def converted(request):
    with made(request.param) as network:
        yield network


def test_events_in_any_order_within_a_step_and_of_any_integers_answer_alike(converted):
    """Nothing is compiled anew for arrays of another kind."""
    steps = random_steps(np.random.default_rng(5), 300, 3, 40)
    (expected,) = run(converted, 1.0, [steps], 1)
    compiled = list(walk.signatures)
    order = np.lexsort((np.random.default_rng(6).random(len(steps.step)), steps.step))
    shuffled = replace(steps, row=steps.row[order], column=steps.column[order])
    kinds = steps.step.astype(np.int32), steps.row.astype(np.int32), np.repeat(steps.column, 2)[::2]
    views = StepEvents(*kinds, 3, 0)
    views.step.flags.writeable = False
    unsigned = replace(views, step=steps.step.astype(np.uint32))
    for response in run(converted, 1.0, [shuffled, views, unsigned], 1):
        assert_same_response(response, expected)
    assert walk.signatures == compiled
    assert len(compiled) == 1


def test_events_beside_the_network_and_steps_out_of_order_are_refused(converted):
    for event in [(0, 64, 0), (0, 0, 64), (0, -1, 0), (0, 3, -1), (3, 0, 0), (-1, 0, 0)]:
        with pytest.raises(ValueError, match="64, 64"):
            list(run(converted, 1.0, [steps_of([event], 3)], 1))
    zero = np.zeros(2, dtype=np.int64)
    for kind in (np.int64, np.uint32):
        step = np.array([1, 0], dtype=kind)
        with pytest.raises(ValueError, match="ascending"):
            list(run(converted, 1.0, [StepEvents(step, zero, zero, 3, 0)], 1))


def _identical(network: EventNetwork, expected: EventNetwork) -> None:
    """Compare every field, arrays by dtype and to the bit."""
    assert network.layers == expected.layers
    for name, table, exact in zip(Tables._fields, network.tables, expected.tables, strict=True):
        assert (table.dtype, table.shape) == (exact.dtype, exact.shape), name
        assert table.tobytes() == exact.tobytes(), name


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(
    architectures(is_odd=True),
    st.integers(0, 999),
    st.sampled_from([(1.0, -5.0), (0.3, None), (2.0, -0.25)]),
    st.floats(0.01, 100) | st.sampled_from([0.1, 0.68, 1.0, 2.0, 10.0]),
)
def test_the_scale_of_a_network_is_that_of_torch_to_the_bit(build, seed, neuron_values, scale):
    with offered(build, "random_network") as name:
        torch.manual_seed(seed)
        cnn, neurons = model.build_network(name).eval(), NeuronParameters(*neuron_values)
        converted = as_spiking(name, cnn, neurons)
        network = lay_out(converted)
        assert list(network.layers) == model.describe_layers(name, cnn)
        scaled = lay_out(converted.scaled(scale))
        _identical(scaled, lay_out(as_spiking(name, rescale_layers(cnn, scale), neurons)))
        # The network itself stays as it was.
        _identical(network, lay_out(converted))
