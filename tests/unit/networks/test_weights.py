"""Weights in files: the study's own, and those that a user brings, taken to the bit if they fit."""

import pytest
import torch
from safetensors.torch import save_file
from small_networks import facts_of, offered, small_network_with_biases
from torch import nn

from dvs_snn.files.errors import StudyError
from dvs_snn.networks.architectures import build_network
from dvs_snn.networks.conversion import ConvertJob, as_spiking, convert, load_weights, save_weights
from dvs_snn.networks.given_weights import read_given
from dvs_snn.networks.spiking_network import load_spiking
from dvs_snn.settings.network_settings import NeuronParameters

torch.set_num_threads(1)


@pytest.mark.parametrize("neurons", [NeuronParameters(), NeuronParameters(0.5, None)])
def test_weights_round_trip_with_what_was_said_about_them_and_with_neurons(tmp_path, neurons):
    network = build_network("tutorial", 3).to(memory_format=torch.channels_last)
    path, converted = tmp_path / "weights.safetensors", tmp_path / "converted.safetensors"
    save_weights(path, "tutorial", network, device="a card", kept_epoch=2)
    name, loaded, about = load_weights(path)
    assert (name, about) == ("tutorial", {"device": "a card", "kept_epoch": 2})
    assert not loaded.training
    convert(ConvertJob(path, neurons, converted))
    for key, value in network.state_dict().items():
        assert torch.equal(loaded.state_dict()[key], value)
    spiking, expected = load_spiking(converted), as_spiking("tutorial", network, neurons)
    assert (spiking.name, facts_of(spiking)) == ("tutorial", facts_of(expected))


# --- weights that a user brings ---


@pytest.fixture
def network() -> nn.Sequential:
    torch.manual_seed(5)
    return build_network("tutorial").eval()


def _told(path, state: object = None) -> str:
    """Save what a user might, and return the sentence that refuses it."""
    if state is not None:
        torch.save(state, path)
    with pytest.raises(StudyError) as caught:
        read_given(path, "tutorial")
    sentence = str(caught.value)
    assert sentence.startswith(f"{path}: ")
    assert "\n" not in sentence
    assert len(sentence) < 1000
    return sentence.removeprefix(f"{path}: ")


SAVED = {
    "m.safetensors": save_file,
    "m.pt": torch.save,
    # As torch wrote it before 1.6: no ZIP archive.
    "old.pth": lambda state, path: torch.save(state, path, _use_new_zipfile_serialization=False),
}


@pytest.mark.parametrize("name", SAVED)
def test_a_state_dict_gives_the_outputs_of_its_network_to_the_bit(tmp_path, network, name):
    SAVED[name](network.state_dict(), tmp_path / name)
    taken = read_given(tmp_path / name, "tutorial")
    images = torch.rand(3, 1, 64, 64) * 9
    assert not taken.training
    assert torch.equal(taken(images), network(images))
    # What was taken is stored as a trained network is, and can be given in its turn.
    save_weights(tmp_path / "again.safetensors", "tutorial", taken, given={"n": 1})
    again = read_given(tmp_path / "again.safetensors", "tutorial")
    assert torch.equal(again(images), taken(images))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
def test_other_floats_become_float32(tmp_path, network, dtype):
    state = {key: value.to(dtype) for key, value in network.state_dict().items()}
    torch.save(state, tmp_path / "m.pt")
    for key, value in read_given(tmp_path / "m.pt", "tutorial").state_dict().items():
        assert value.dtype == torch.float32
        assert torch.equal(value, state[key].float())
    # What is no finite float32 is told.
    state["13.weight"][2, 3] = 1e300 if dtype == torch.float64 else float("inf")
    assert _told(tmp_path / "m.pt", state).startswith("13.weight has values that are NaN, infinite")


def test_a_network_of_ones_own_takes_its_biases_and_other_classes(tmp_path):
    with offered(small_network_with_biases, "biased") as name:
        torch.save(build_network(name).state_dict(), tmp_path / "m.pt")
        assert read_given(tmp_path / "m.pt", name)[0].bias[1].item() == 0.25
    three = build_network("tutorial", 3)
    torch.save(three.state_dict(), tmp_path / "three.pt")
    taken = read_given(tmp_path / "three.pt", "tutorial", 3)
    assert torch.equal(taken[13].weight, three[13].weight)
    told = _told(tmp_path / "three.pt")
    assert "size mismatch for 13.weight: copying a param with shape torch.Size([3, 32])" in told
    assert "or set model.name to its network and data.classes to its outputs." in told


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"epoch": 3, "optimizer": {}}, 'Unexpected key(s) in state_dict: "epoch", "optimizer"'),
        ({"odd\nname": torch.tensor(1.0)}, 'Unexpected key(s) in state_dict: "odd name"'),
        ({0: torch.zeros(3)}, "'int' object has no attribute"),
        # It claims more values than any memory holds, and is refused before one is looked at.
        ({"3.weight": torch.zeros(1).expand(10**12)}, "shape torch.Size([1000000000000])"),
    ],
)
def test_tensors_of_other_names_and_shapes_are_told(tmp_path, network, change, found):
    assert found in _told(tmp_path / "m.pt", {**network.state_dict(), **change})


class _Evil:
    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple:
        return open, (self.path, "w")


def test_code_in_a_file_does_not_run(tmp_path, network):
    told = _told(tmp_path / "m.pt", network)
    assert "of the network 'tutorial' (Weights only load failed" in told
    # A pickle that would make a file.
    assert "Weights only load" in _told(tmp_path / "evil.pt", _Evil(str(tmp_path / "ran")))
    assert not (tmp_path / "ran").exists()


def test_a_file_of_something_else_or_none_is_told(tmp_path):
    for suffix in (".safetensors", ".pt"):
        path = tmp_path / f"m{suffix}"
        assert "can't be taken as the weights of the network 'tutorial' (No such" in _told(path)
        for content in (b"", bytes(4000), b"PK\x03\x04" + bytes(99)):
            path.write_bytes(content)
            assert _told(path).startswith("can't be taken as the weights")
    for state in ([1], torch.zeros(3)):
        assert _told(tmp_path / "m.pt", state).startswith("can't be taken as the weights")
