"""A laid out network: its scale to the bit, its file without pickle, its layers as they were."""

import zipfile
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_networks import (
    architectures,
    assert_same_response,
    offered,
    random_steps,
    run,
)
from torch import nn

from dvs_snn.engines.kinds.event import prepare
from dvs_snn.engines.kinds.event.kernels import Tables
from dvs_snn.engines.kinds.event.layout import lay_out
from dvs_snn.engines.kinds.event.network import (
    EventNetwork,
    load_event_network,
    save_event_network,
)
from dvs_snn.files.errors import StudyError
from dvs_snn.networks import architectures as model
from dvs_snn.networks.conversion import Converted, convert, rescale_layers
from dvs_snn.networks.conversion import save_weights as save
from dvs_snn.settings.conversion import NeuronParameters

torch.set_num_threads(1)


def _converted(name: str, seed: int = 1, neurons: NeuronParameters | None = None) -> Converted:
    torch.manual_seed(seed)
    return Converted(name, model.build_network(name).eval(), neurons or NeuronParameters())


def _identical(found: EventNetwork, expected: EventNetwork) -> None:
    """Compare every field, arrays by dtype and to the bit."""
    assert (found.name, found.layers) == (expected.name, expected.layers)
    for name, one, other in zip(Tables._fields, found.tables, expected.tables, strict=True):
        assert (one.dtype, one.shape) == (other.dtype, other.shape), name
        assert one.tobytes() == other.tobytes(), name


def _rescaled(converted: Converted, scale: float) -> EventNetwork:
    """Lay out a network whose first layer torch has rescaled."""
    cnn = model.build_network(converted.name)
    cnn.load_state_dict(converted.cnn.state_dict())
    return lay_out(replace(converted, cnn=rescale_layers(cnn.eval(), scale)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(
    architectures(is_odd=True),
    st.integers(0, 2**32 - 1),
    st.floats(0.01, 100) | st.sampled_from([0.1, 0.15, 0.68, 1.0, 1.47, 3.16, 10.0]),
)
def test_a_scale_is_that_of_torch_to_the_bit(build, seed, scale):
    with offered(build, "random_network") as name:
        converted = _converted(name, seed % 1000)
        network = lay_out(converted)
        _identical(network.scaled(scale), _rescaled(converted, scale))
        # The network itself stays as it was.
        _identical(network, lay_out(converted))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(
    architectures(is_odd=True),
    st.integers(0, 2**32 - 1),
    st.sampled_from([(1.0, -5.0), (0.3, None), (2.0, -0.25)]),
)
def test_any_network_round_trips(tmp_path_factory, build, seed, neuron_values):
    path = tmp_path_factory.mktemp("stored") / "network.events.npz"
    with offered(build, "random_network") as name:
        converted = _converted(name, seed % 1000, NeuronParameters(*neuron_values))
        network = lay_out(converted)
        save_event_network(network, path)
        loaded = load_event_network(path)
        _identical(loaded, network)
        assert list(loaded.layers) == model.describe_layers(name, converted.cnn)
        steps = [random_steps(np.random.default_rng(seed), 60, 6)]
        (found,) = loaded.scaled(2.0).respond(steps)
        (expected,) = run(converted, 2.0, steps, 1)
        assert_same_response(found, expected)


def test_the_layout_of_a_stored_network_is_no_pickle_and_the_same_bytes(tmp_path):
    trained, stored = tmp_path / "weights.safetensors", tmp_path / "1.safetensors"
    torch.manual_seed(4)
    save(trained, "tutorial", model.build_network("tutorial"))
    convert(trained, NeuronParameters(0.5, None), stored)
    paths = [tmp_path / "a.events.npz", tmp_path / "b.events.npz"]
    for path in paths:
        prepare(stored, path)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    with np.load(paths[0], allow_pickle=False) as file:
        assert {file[key].dtype.hasobject for key in file} == {False}
    network = load_event_network(paths[0])
    _identical(network, lay_out(_converted("tutorial", 4, NeuronParameters(0.5, None))))
    assert (network.tables.threshold == np.float32(0.5)).all()
    assert np.isnan(network.tables.lower_bound).all()
    assert network.layers[0].input_shape == (1, 64, 64)


def test_a_missing_or_truncated_file_and_those_of_another_kind_or_time_are_told(tmp_path):
    path = tmp_path / "1.npz"
    np.savez(tmp_path / "other.npz", weights=np.zeros(3))
    save(tmp_path / "weights.npz", "sorbaro", nn.Sequential(nn.Linear(2, 2)))
    network = lay_out(_converted("sorbaro"))
    save_event_network(network, path)
    whole, names = path.read_bytes(), []
    for share in (0.0, 0.001, 0.5, 0.999):
        names.append(f"{share}.npz")
        (tmp_path / names[-1]).write_bytes(whole[: int(len(whole) * share)])
    stages = network.tables.stages
    stages = stages.astype([(name, np.int32) for name in stages.dtype.names])
    save_event_network(network.changed(stages=stages), path)
    assert zipfile.is_zipfile(path)
    told = "npz: can't be read as a network of the .* expected what the convert rule wrote; delete"
    for name in ("no.npz", "other.npz", "weights.npz", "1.npz", *names):
        with pytest.raises(StudyError, match=told):
            load_event_network(tmp_path / name)
