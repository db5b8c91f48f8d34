"""Both engines against a slow reference that walks every spike and every synapse, and by hand."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_networks import (
    ENGINES,
    NEURONS,
    architectures,
    assert_same_response,
    made,
    random_recordings,
    random_steps,
    run,
    small_network,
    small_network_with_biases,
    steps_of,
)
from torch import nn
from walked_networks import assert_as_walked, walked

from dvs_snn.engines.kinds.sinabs import STEPS_AT_ONCE
from dvs_snn.networks.spiking import SpikingNetwork
from dvs_snn.settings.conversion import NeuronParameters

torch.set_num_threads(1)


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(
    build=architectures(),
    seed=st.integers(0, 2**32 - 1),
    power=st.integers(-1, 0),
    neuron_values=st.sampled_from(NEURONS),
    n_steps=st.integers(1, 6),
)
def test_random_networks_do_what_a_walk_over_every_synapse_does(
    engine, build, seed, power, neuron_values, n_steps
):
    steps = random_steps(np.random.default_rng(seed), 24, n_steps)
    with made(build, NeuronParameters(*neuron_values), seed, power) as converted:
        (response,) = run(converted, 1.0, [steps], 1, engine)
        assert_as_walked(response, walked(converted, steps))


@pytest.fixture(params=[small_network, small_network_with_biases])
def either(request) -> Iterator[SpikingNetwork]:
    """With biases neurons go on firing after a recording's end: nothing of it may be counted."""
    with made(request.param) as converted:
        yield converted


@pytest.mark.parametrize("engine", ENGINES)
def test_several_spikes_in_one_step_by_hand(engine):
    """One pixel, one weight: 2.5 of potential fires twice and keeps a half."""

    def build() -> nn.Sequential:
        return nn.Sequential(
            nn.Conv2d(1, 1, 64, bias=False), nn.ReLU(), nn.Flatten(),
            nn.Linear(1, 10, bias=False), nn.ReLU(),
        )  # fmt: skip

    with made(build) as converted:
        first, second = converted.weights
        first[:], second[:] = 0, 0
        first[0, 0, 7, 9], second[4, 0] = 1.25, 1.0
        steps = steps_of([(0, 7, 9), (0, 7, 9), (1, 7, 9), (1, 0, 0)], 3)
        nothing = steps_of([], 4)
        response, silent = run(converted, 1.0, [steps, nothing], 1, engine)
    assert response.spikes[:, 4].tolist() == [2, 1, 0]
    conv, linear = response.layers
    assert (conv.spikes_in, conv.spikes_out, conv.synops, conv.synops_nominal) == (4, 3, 4, 0)
    assert (linear.spikes_in, linear.spikes_out, linear.synops) == (3, 3, 30)
    assert (linear.fanout_nominal, linear.synops_nominal) == (10, 30)
    assert (silent.spikes.shape, silent.spikes.sum(), silent.synops) == ((4, 10), 0, 0)


@pytest.mark.parametrize(
    ("engine", "batch_size", "threads"),
    [("own", 1, 1), ("own", 1, 5), ("sinabs", 2, 1), ("sinabs", 3, 1), ("sinabs", 50, 1)],
)
def test_recordings_of_different_length_in_any_order_answer_as_one_at_a_time(
    engine, either, batch_size, threads
):
    recordings = random_recordings()
    assert max(steps.n_steps for steps in recordings) > STEPS_AT_ONCE
    alone = [next(run(either, 1.0, [steps], 1)) for steps in recordings]
    assert sum(response.spikes.sum() for response in alone) > 20
    order = [4, 0, 6, 2, 2, 5, 1, 3]
    shuffled = [recordings[i] for i in order]
    answers = run(either, 1.0, shuffled, batch_size, engine, threads)
    for i, response in zip(order, answers, strict=True):
        assert len(response.spikes) == recordings[i].n_steps
        assert_same_response(response, alone[i])
