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
)
from walked_networks import assert_as_walked, walked

from dvs_snn.engines.engine import KINDS, engine_of
from dvs_snn.engines.kinds.sinabs import STEPS_AT_ONCE
from dvs_snn.files.registry import names
from dvs_snn.networks.spiking_network import SpikingNetwork
from dvs_snn.settings.network_settings import NeuronParameters

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


@pytest.mark.parametrize("timing", ["events", "steps"])
@pytest.mark.parametrize("engine", names(KINDS))
def test_an_engine_says_whether_it_counts_what_layers_do(engine, timing):
    steps = random_steps(np.random.default_rng(7), 20, 4)
    with made(small_network) as converted:
        (response,) = run(converted, 1.0, [steps], 1, engine, timing=timing)
    assert engine_of(engine).counts_layers == (response.layer_sums is not None)
