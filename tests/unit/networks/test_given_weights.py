"""Weights that a user brings: taken to the bit if they fit, else told in one sentence."""

import tracemalloc
import zipfile

import pytest
import torch
from safetensors.torch import save_file
from small_networks import offered, small_network, small_network_with_biases
from torch import nn

from dvs_snn.files.errors import StudyError
from dvs_snn.networks.architectures import build_network
from dvs_snn.networks.conversion import load_weights, save_weights
from dvs_snn.networks.given_weights import MAX_BYTES, read_given

torch.set_num_threads(1)


@pytest.fixture
def network() -> nn.Sequential:
    torch.manual_seed(5)
    return build_network("tutorial").eval()


def _save(path, state: object) -> None:
    save_file(state, path) if path.suffix == ".safetensors" else torch.save(state, path)


def _told(path, state: object = None, name: str = "tutorial") -> str:
    """Save what a user might, and return the sentence that refuses it."""
    if state is not None:
        _save(path, state)
    with pytest.raises(StudyError) as caught:
        read_given(path, name)
    sentence = str(caught.value)
    assert sentence.startswith(f"{path}: ")
    assert "\n" not in sentence
    assert len(sentence) < 700
    return sentence.removeprefix(f"{path}: ")


@pytest.mark.parametrize("suffix", [".safetensors", ".pt", ".pth"])
def test_a_state_dict_gives_the_outputs_of_its_network_to_the_bit(tmp_path, network, suffix):
    path = tmp_path / f"mine{suffix}"
    _save(path, network.state_dict())
    taken = read_given(path, "tutorial")
    images = torch.rand(3, 1, 64, 64) * 9
    assert not taken.training
    assert torch.equal(taken(images), network(images))


def test_weights_must_have_an_output_for_each_class(tmp_path, network):
    other = build_network("tutorial", 3).eval()
    torch.save(other.state_dict(), tmp_path / "three.pt")
    images = torch.rand(3, 1, 64, 64) * 9
    assert torch.equal(read_given(tmp_path / "three.pt", "tutorial", 3)(images), other(images))
    told = _told(tmp_path / "three.pt")
    assert "has the shape 3 x 32, expected 10 x 32 of the network 'tutorial'" in told
    assert told.endswith("and data.classes to its outputs.")


def test_weights_of_a_study_and_of_the_old_format_of_torch_are_taken(tmp_path, network):
    save_weights(tmp_path / "own.safetensors", "tutorial", network, device="cpu")
    old = {"_use_new_zipfile_serialization": False}
    torch.save(network.state_dict(), tmp_path / "old.pt", **old)
    for name in ("own.safetensors", "old.pt"):
        found = read_given(tmp_path / name, "tutorial").state_dict()
        for key, value in network.state_dict().items():
            assert torch.equal(found[key], value)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_floats_become_float32(tmp_path, network, dtype):
    state = {key: value.to(dtype) for key, value in network.state_dict().items()}
    _save(tmp_path / "mine.pt", state)
    found = read_given(tmp_path / "mine.pt", "tutorial").state_dict()
    for key, value in state.items():
        assert found[key].dtype == torch.float32
        assert torch.equal(found[key], value.float())


def test_a_network_of_ones_own_with_biases_takes_them(tmp_path):
    with offered(small_network_with_biases, "biased") as name:
        state = build_network(name).state_dict()
        _save(tmp_path / "mine.pt", state)
        found = read_given(tmp_path / "mine.pt", name).state_dict()
    assert float(found["0.bias"][1]) == 0.25
    assert found.keys() == state.keys()


@pytest.mark.parametrize("suffix", [".safetensors", ".pt"])
def test_biases_of_a_network_that_has_none_are_told(tmp_path, suffix):
    with offered(small_network, "small") as name:
        told = _told(tmp_path / f"m{suffix}", small_network_with_biases().state_dict(), name)
    assert told == (
        "has biases (0.bias, 7.bias), but these layers of the network 'small' have none; train it "
        "with bias=False."
    )


def test_a_missing_layer_and_one_too_many_are_told(tmp_path, network):
    state = network.state_dict()
    last = state.pop("13.weight")
    told = _told(tmp_path / "m.safetensors", state)
    assert told.startswith("lacks 13.weight, expected of the network 'tutorial' just 0.weight, 3.")
    told = _told(tmp_path / "m.pt", {**state, "13.weight": last, "15.weight": last})
    assert told.startswith("has 15.weight, expected of the network 'tutorial' just 0.weight, 3.w")


@pytest.mark.parametrize("prefix", ["module.", "features."])
def test_names_with_a_prefix_are_told_with_the_expected_ones(tmp_path, network, prefix):
    state = {f"{prefix}{key}": value for key, value in network.state_dict().items()}
    told = _told(tmp_path / "m.pt", state)
    assert f"has {prefix}0.weight, {prefix}3.weight" in told
    assert "just 0.weight, 3.weight, 6.weight, 11.weight, 13.weight; rename or remove" in told


def test_a_wrong_shape_is_told_with_the_layer(tmp_path, network):
    state = network.state_dict()
    state["3.weight"] = torch.zeros(32, 8, 5, 5)
    assert _told(tmp_path / "m.safetensors", state) == (
        "3.weight has the shape 32 x 8 x 5 x 5, expected 32 x 8 x 3 x 3 of the network 'tutorial'; "
        "set model.name to its network and data.classes to its outputs."
    )
    # It claims more values than any memory holds, and is refused before one is looked at.
    state["3.weight"] = torch.zeros(1).expand(10**12)
    assert "has the shape 1000000000000, expected" in _told(tmp_path / "m.pt", state)
    state["3.weight"] = torch.tensor(1.0)
    assert "has the shape a single number, expected" in _told(tmp_path / "m.pt", state)


@pytest.mark.parametrize(
    ("value", "dtype"),
    [(float("nan"), torch.float32), (float("inf"), torch.float16), (1e300, torch.float64)],
)
def test_values_that_are_no_finite_float32_are_told(tmp_path, network, value, dtype):
    state = {key: one.to(dtype) for key, one in network.state_dict().items()}
    state["13.weight"][2, 3] = value
    told = _told(tmp_path / "m.pt", state)
    assert told.startswith("13.weight holds 1 of 320 values that are NaN, infinite or beyond flo")


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (
            lambda weights: weights.to(torch.int8),
            "holds torch.int8, expected plain numbers of",
        ),
        (lambda weights: weights.to(torch.complex64), "holds torch.complex64, expected"),
        (lambda weights: weights.bool(), "holds torch.bool, expected"),
        (lambda weights: weights.to_sparse(), "holds a torch.sparse_coo tensor on cpu"),
        (lambda weights: weights.to("meta"), "holds a torch.strided tensor on meta"),
    ],
)
def test_other_kinds_of_numbers_are_told(tmp_path, network, change, found):
    state = network.state_dict()
    state["0.weight"] = change(state["0.weight"])
    assert found in _told(tmp_path / "m.pt", state)


def test_a_whole_network_is_refused_and_its_code_does_not_run(tmp_path, network):
    told = _told(tmp_path / "m.pt", network)
    assert told.startswith("can't be read as tensors alone (Weights only load failed), expected a")
    assert told.endswith("write one with torch.save(network.state_dict(), 'weights.pt').")
    # A pickle that would make a file.
    mark = tmp_path / "ran"
    path = tmp_path / "evil.pt"
    torch.save(_Evil(str(mark)), path)
    assert "can't be read as tensors alone" in _told(path)
    assert not mark.exists()


class _Evil:
    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple:
        return open, (self.path, "w")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ({"epoch": 3, "state_dict": {}}, "holds epoch (int), expected tensors alone; write"),
        ({"state_dict": {}}, "is a checkpoint that holds state_dict (dict), expected tensors"),
        ({"model\nodd": {}}, "is a checkpoint that holds model\\nodd (dict)"),
        ([1], "holds a list, expected the tensors of a state dict by name"),
        (torch.zeros(3), "holds a Tensor, expected the tensors of a state dict by name"),
        ({}, "lacks 0.weight, 3.weight, 6.weight, 11.weight, 13.weight, expected of the netw"),
        ({0: torch.zeros(3)}, "and has 0, expected of the network"),
    ],
)
def test_what_is_no_state_dict_alone_is_told(tmp_path, content, found):
    assert found in _told(tmp_path / "m.pt", content)


@pytest.mark.parametrize("suffix", [".safetensors", ".pt"])
@pytest.mark.parametrize("content", [b"", b"no weights", bytes(4000), b"PK\x03\x04" + bytes(99)])
def test_a_file_of_something_else_is_told(tmp_path, suffix, content):
    path = tmp_path / f"m{suffix}"
    path.write_bytes(content)
    assert _told(path).startswith("can't be read as tensors alone (")


def test_a_file_that_is_too_large_is_refused_unread(tmp_path):
    path = tmp_path / "m.safetensors"
    with open(path, "wb") as file:
        file.truncate(MAX_BYTES + 10**6)
    assert _told(path).startswith("has 101 MB, expected 100 MB at most; save the weights alone")
    with zipfile.ZipFile(tmp_path / "m.pt", "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("m/data/0", "w") as member:
            for _ in range(102):
                member.write(bytes(10**6))
    assert (tmp_path / "m.pt").stat().st_size < 10**6
    assert _told(tmp_path / "m.pt").startswith("has 102 MB unpacked, expected 100 MB at most")


def test_a_length_that_lies_asks_for_no_memory(tmp_path):
    # A pickle whose first entry is a text of 2 GB.
    path = tmp_path / "m.pt"
    path.write_bytes(b"\x80\x02X\xff\xff\xff\x7fabc")
    tracemalloc.start()
    told = _told(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert told.startswith("can't be read as tensors alone (")
    assert peak < 50 * 10**6


def test_a_file_that_went_away_is_told(tmp_path):
    assert "can't be read as tensors alone (No such file or directory)" in _told(tmp_path / "m.pt")


def test_what_was_taken_is_stored_as_a_trained_network_is(tmp_path, network):
    _save(tmp_path / "mine.pt", network.state_dict())
    path = tmp_path / "weights.safetensors"
    save_weights(path, "tutorial", read_given(tmp_path / "mine.pt", "tutorial"), given={"n": 1})
    name, loaded, about = load_weights(path)
    assert (name, about) == ("tutorial", {"given": {"n": 1}})
    for key, value in network.state_dict().items():
        assert torch.equal(loaded.state_dict()[key], value)
