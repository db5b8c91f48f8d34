"""Bad tables and weights: the user's, and what the study itself wrote."""

from pathlib import Path

import pandas as pd
import pytest
import torch
from bounds import fuzz, refused
from damage import damaged, junk, names
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file
from small_networks import offered, small_network

from dvs_snn.files.tables import schema, write_table
from dvs_snn.networks.architectures import build_network
from dvs_snn.networks.conversion import load_weights, save_weights
from dvs_snn.networks.given_weights import read_given
from dvs_snn.recordings.folders.split_table import read_split
from dvs_snn.recordings.frames import read_index
from dvs_snn.settings.data import DIGITS
from dvs_snn.settings.recordings import RECORDING_COLUMNS, read_recordings_table

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


def _files(folder: Path) -> dict:
    """Write a sound file of each kind -> its reader."""
    row = dict.fromkeys(schema("split"), 1) | {"split": "test", "symbol": "3/test-1"}
    table = pd.DataFrame([row | {"recording": name} for name in ("NA", "a,b", "c")])
    write_table(table, folder / "split.csv", "split")
    index = table[["recording", "symbol", "label", "split", "n_events"]]
    index = index.assign(t_start_us=1, t_end_us=4, n_saturated=0)
    index.to_csv(folder / "index.csv", index=False)
    torch.manual_seed(1)
    about = {"spike_threshold": 1.0, "min_v_mem": -5.0}
    save_weights(folder / "own.safetensors", "tutorial", build_network("tutorial"), **about)
    state = small_network().state_dict()
    save_file(state, folder / "mine.safetensors")
    torch.save(state, folder / "mine.pt")
    # As torch wrote it before 1.6: no ZIP archive.
    torch.save(state, folder / "mine.pth", _use_new_zipfile_serialization=False)
    return {
        "split.csv": read_split, "index.csv": read_index, "own.safetensors": load_weights,
        "mine.safetensors": taken, "mine.pt": taken, "mine.pth": taken,
    }  # fmt: skip


KINDS = "split.csv index.csv own.safetensors mine.safetensors mine.pt mine.pth".split()


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files(tmp_path, kind):
    reader, path = _files(tmp_path)[kind], tmp_path / kind
    sound = path.read_bytes()

    @fuzz
    @given(content=st.one_of(damaged([sound]), junk))
    def check(content):
        # Not written in place: the file may be mapped still.
        path.unlink(missing_ok=True)
        path.write_bytes(content)
        refused(f"{kind} damaged", reader, path)

    with offered(small_network, "small"):
        reader(path)
        check()
