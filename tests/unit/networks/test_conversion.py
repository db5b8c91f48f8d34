"""Weights and spiking networks in files: no pickle, whole, told when damaged."""

from pathlib import Path

import pytest
import torch

from dvs_snn.files.errors import StudyError
from dvs_snn.networks.architectures import build_network
from dvs_snn.networks.conversion import (
    convert,
    load_converted,
    load_weights,
    save_weights,
)
from dvs_snn.settings.conversion import NeuronParameters

torch.set_num_threads(1)


@pytest.fixture
def trained(tmp_path) -> Path:
    path = tmp_path / "weights.safetensors"
    save_weights(path, "sorbaro", build_network("sorbaro"), device="cpu", kept_epoch=3)
    return path


@pytest.mark.parametrize("neurons", [NeuronParameters(), NeuronParameters(0.5, None)])
def test_weights_round_trip_with_what_was_said_about_them_and_with_neurons(tmp_path, neurons):
    network = build_network("tutorial", 3).to(memory_format=torch.channels_last)
    path, converted = tmp_path / "weights.safetensors", tmp_path / "converted.safetensors"
    save_weights(path, "tutorial", network, device="a card", kept_epoch=2)
    name, loaded, about = load_weights(path)
    assert (name, about) == ("tutorial", {"device": "a card", "kept_epoch": 2})
    assert not loaded.training
    convert(path, neurons, converted)
    spiking = load_converted(converted)
    assert (spiking.name, spiking.neurons) == ("tutorial", neurons)
    for key, value in network.state_dict().items():
        assert torch.equal(loaded.state_dict()[key], value)
        assert torch.equal(spiking.cnn.state_dict()[key], value)
    assert load_weights(converted)[2]["kept_epoch"] == 2


def test_a_file_that_is_cut_missing_a_pickle_or_of_another_network_is_told(trained, tmp_path):
    trained.write_bytes(trained.read_bytes()[:900])
    out = tmp_path / "out.safetensors"
    with pytest.raises(StudyError, match=r"weights\.safetensors: can't be read as the weights"):
        convert(trained, NeuronParameters(), out)
    assert not out.exists()
    torch.save(build_network("sorbaro").state_dict(), tmp_path / "pickle.safetensors")
    for name in ("no", "pickle"):
        with pytest.raises(StudyError, match="delete the file and run again"):
            load_weights(tmp_path / f"{name}.safetensors")
    save_weights(trained, "tutorial", build_network("sorbaro"))
    with pytest.raises(StudyError, match=r"weights\.safetensors"):
        load_weights(trained)
