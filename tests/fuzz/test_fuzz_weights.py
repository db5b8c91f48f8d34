"""Files of given weights, damaged: taken or refused, and what is taken is finite."""

import pytest
import torch
from bounds import fuzz, refused
from damage import damaged, junk
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file
from small_networks import offered, small_network

from dvs_snn.networks.given_weights import read_given

KINDS = {
    ".safetensors": save_file,
    ".pt": torch.save,
    # As torch wrote it before 1.6: no ZIP archive.
    ".pth": lambda state, path: torch.save(state, path, _use_new_zipfile_serialization=False),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("weights")
    with offered(small_network, "small"):
        for suffix, save in KINDS.items():
            save(small_network().state_dict(), made / f"sound{suffix}")
            take(made / f"sound{suffix}")
        yield made


def take(path) -> None:
    weights = read_given(path, "small").state_dict()
    assert all(torch.isfinite(one).all() for one in weights.values())


@pytest.mark.parametrize("suffix", KINDS)
@fuzz
@given(data=st.data())
def test_damaged_weights(folder, suffix, data):
    sound = (folder / f"sound{suffix}").read_bytes()
    path = folder / f"bad{suffix}"
    # Not written in place: the file may be mapped still.
    path.unlink(missing_ok=True)
    path.write_bytes(data.draw(st.one_of(damaged([sound]), damaged([sound]), junk)))
    refused(f"weights {suffix} damaged", take, path)
