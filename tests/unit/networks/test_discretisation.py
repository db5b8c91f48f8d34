"""Networks of whole numbers: against sinabs' own discretisation, and to the spike in both forms."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import sinabs
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sinabs.layers import IAF
from small_networks import (
    architectures,
    lively,
    made,
    offered,
    random_steps,
    sinabs_spikes,
    small_network_with_biases,
)
from torch import nn

from dvs_snn.engines.kinds.own.layout import lay_out
from dvs_snn.files.errors import StudyError
from dvs_snn.networks import architectures as model
from dvs_snn.networks.conversion import as_spiking, spiking_network
from dvs_snn.networks.discretisation import LOWEST_STATE, discretise
from dvs_snn.networks.spiking_network import SpikingNetwork
from dvs_snn.recordings.steps import StepEvents
from dvs_snn.settings.network_settings import NeuronParameters

torch.set_num_threads(1)


def _converted(name: str, seed: int = 3, neurons=None, larger: float = 2.0) -> SpikingNetwork:
    return as_spiking(name, lively(name, seed, larger), neurons or NeuronParameters())


def _assert_both_forms_agree(converted: SpikingNetwork, scale: float, steps: StepEvents) -> int:
    """Run a network of whole numbers in both engines; return how many spikes its outputs gave."""
    whole = discretise(converted, scale)
    response = lay_out(whole).run(steps)
    expected, sums = sinabs_spikes(spiking_network(whole, 1), steps)
    np.testing.assert_array_equal(response.spikes, expected)
    assert [layer.spikes_out for layer in response.layers] == [each.sum() for each in sums]
    return int(expected.sum())


@pytest.fixture(scope="module")
def sinabs_discretize():
    """Load sinabs' module by its file: importing its package would try to install a driver."""
    path = Path(sinabs.__file__).parent / "backend" / "dynapcnn" / "discretize.py"
    spec = importlib.util.spec_from_file_location("sinabs_discretize", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("neurons", [(1.0, -5.0), (0.5, -1.0), (2.0, -40.0)])
@pytest.mark.parametrize("larger", [0.05, 1.0, 3.0])
def test_weights_thresholds_and_bounds_are_those_of_sinabs(sinabs_discretize, neurons, larger):
    converted = _converted("tutorial", neurons=NeuronParameters(*neurons), larger=larger)
    whole = discretise(converted, 1.5)
    for number, (part, rounded) in enumerate(zip(converted.parts, whole.parts, strict=True)):
        weight = torch.tensor(part.weight) * (1.5 if number == 0 else 1)
        weight /= 4 ** len(part.layer.pools)
        flat = weight.reshape(*weight.shape, *[1] * (4 - weight.dim()))
        conv = nn.Conv2d(flat.shape[1], flat.shape[0], flat.shape[2:], bias=False)
        conv.weight.data = flat
        spiking = IAF(spike_threshold=torch.tensor(neurons[0]), min_v_mem=neurons[1])
        conv, spiking = sinabs_discretize._discretize_conv_spk_(conv, spiking)
        assert np.array_equal(rounded.weight.ravel(), conv.weight.detach().ravel())
        assert rounded.threshold == int(spiking.spike_threshold)
        assert rounded.lower_bound == int(spiking.min_v_mem)


def test_states_without_a_bound_end_at_16_bits():
    whole = discretise(_converted("tutorial", neurons=NeuronParameters(1.0, None)), 1.0)
    assert {part.lower_bound for part in whole.parts} == {LOWEST_STATE} == {-32768}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(
    architectures(),
    st.integers(0, 2**32 - 1),
    st.sampled_from([(1.0, -5.0), (0.5, -0.25), (3.0, None)]),
)
def test_both_forms_of_any_network_agree_where_a_chip_has_its_pools(build, seed, neurons):
    torch.manual_seed(seed % 1000)
    with offered(build, "random_network") as name:
        cnn = model.build_network(name).eval()
        converted = as_spiking(name, cnn, NeuronParameters(*neurons))
        pads = any(isinstance(p, nn.AvgPool2d) and p.padding not in (0, (0, 0)) for p in cnn)
        steps = random_steps(np.random.default_rng(seed), 60, 6)
        if pads:
            with pytest.raises(StudyError, match="pads or has a divisor"):
                discretise(converted, 1.0)
        else:
            _assert_both_forms_agree(converted, 3.0, steps)


def test_biases_are_whole_too():
    with made(small_network_with_biases) as converted:
        for number, bias in ((0, 0.3), (2, 0.7)):
            converted.parts[number].bias[:] = bias
        biases = discretise(converted, 1.0).parts[2].bias
        np.testing.assert_array_equal(biases, biases.round())
        assert biases.min() > 1
        steps = random_steps(np.random.default_rng(1), 200, 9)
        assert _assert_both_forms_agree(converted, 1.0, steps) > 20
