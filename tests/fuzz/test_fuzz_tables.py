"""Bad tables and weights of the user's."""

from pathlib import Path

import pytest
import torch
from bounds import fuzz, refused
from damage import damaged, junk, names
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file
from small_networks import offered, small_network

from dvs_snn.networks.given_weights import read_given
from dvs_snn.settings.data import DIGITS
from dvs_snn.settings.recordings_table import RECORDING_COLUMNS, read_recordings_table

SOURCES = st.sampled_from(["simulated", "folder", "tutorial"])

cells = st.one_of(
    names,
    st.sampled_from(["", "A", "3/0001", "3/test-1", "5", "-1", "nan", "inf", "1e400", "90", "xy",
                     "9" * 5000, "0.5", "digits-videos.zip/A.npz", "digits-videos.zip/../../x",
                     "1_0", "１", "0x10", "\"", "\t"]),
)  # fmt: skip


def listed(path: Path, source: str) -> None:
    """Read a list of recordings; what stands in paths and wildcards is plain afterwards."""
    for row in read_recordings_table(path, source):
        assert row.recording.isascii()
        assert not set(row.recording) & set("/\\ \n\t;<>&'\"$`{}~")
        assert row.label is None or row.label in DIGITS


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tables")


@fuzz
@given(
    rows=st.lists(st.lists(cells, min_size=10, max_size=12), min_size=1, max_size=4),
    source=SOURCES,
)
def test_lists_of_recordings_with_odd_cells(folder, rows, source):
    text = "\n".join("\t".join(cells) for cells in [RECORDING_COLUMNS, *rows])
    (folder / "mine.tsv").write_text(text, encoding="utf-8", errors="surrogatepass")
    refused("recordings.tsv of odd cells", listed, folder / "mine.tsv", source)


def taken(path: Path) -> None:
    """Take weights of the user's; what is taken is finite."""
    weights = read_given(path, "small").state_dict().values()
    assert all(torch.isfinite(weight).all() for weight in weights)


@pytest.mark.parametrize("kind", ["safetensors", "pt", "pth"])
def test_damaged_weights(tmp_path, kind):
    torch.manual_seed(1)
    path, state = tmp_path / f"mine.{kind}", small_network().state_dict()
    if kind == "safetensors":
        save_file(state, path)
    else:  # .pth as torch wrote it before 1.6: no ZIP archive
        torch.save(state, path, _use_new_zipfile_serialization=kind == "pt")
    sound = path.read_bytes()

    @fuzz
    @given(content=st.one_of(damaged([sound]), junk))
    def check(content):
        # Not written in place: the file may be mapped still.
        path.unlink(missing_ok=True)
        path.write_bytes(content)
        refused(f"{kind} damaged", taken, path)

    with offered(small_network, "small"):
        taken(path)
        check()
