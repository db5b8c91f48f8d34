"""Bad tables and stored arrays: the user's list of recordings, and what the study itself wrote."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from bounds import fuzz, refused
from damage import damaged, names, npy, plain_npy, zipped
from hypothesis import given
from hypothesis import strategies as st

from dvs_snn.datasets.frame_store import read_index
from dvs_snn.datasets.samples import BinnedRecording
from dvs_snn.datasets.step_store import open_steps, store_steps
from dvs_snn.events.steps import StepEvents
from dvs_snn.files.arrays import open_array
from dvs_snn.files.hashes import check, seal
from dvs_snn.files.tables import read_table, write_table
from dvs_snn.networks.architectures import build_network
from dvs_snn.networks.conversion import load_weights, save_weights
from dvs_snn.settings.recordings import RECORDING_COLUMNS, read_recordings_table
from dvs_snn.simulation.symbols import Symbols, read_symbols, write_symbols
from dvs_snn.sources.split_table import SPLIT_COLUMNS, read_split
from dvs_snn.sources.symbol_lookup import find_symbol

ROOT = Path(__file__).parents[2]
TABLES = [path.read_bytes() for path in sorted((ROOT / "workflow/data").glob("recordings*.tsv"))]

cells = st.one_of(
    names,
    st.sampled_from(["", "A", "3/0001", "3/test-1", "5", "-1", "nan", "inf", "1e400", "90", "xy",
                     "9" * 5000, "0.5", "digits-videos.zip/A.npz", "digits-videos.zip/../../x",
                     "1_0", "１", "0x10", "\"", "\t"]),
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tables")


def listed(path: Path, source: str) -> None:
    """Read a list of recordings; what stands in paths and wildcards is plain afterwards."""
    for row in read_recordings_table(path, source):
        assert row["recording"].isascii()
        assert not set(row["recording"]) & set("/\\ \n\t;<>&'\"$`{}~")
        assert row["label"] is None or 0 <= row["label"] <= 9


@fuzz
@given(
    rows=st.lists(st.lists(cells, min_size=10, max_size=12), min_size=1, max_size=4),
    source=st.sampled_from(["simulated", "folder", "tutorial"]),
)
def test_lists_of_recordings_with_odd_cells(folder, rows, source):
    path = folder / "mine.tsv"
    text = "\n".join("\t".join(cells) for cells in [RECORDING_COLUMNS, *rows])
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    refused("recordings.tsv of odd cells", listed, path, source)


@fuzz
@given(content=damaged(TABLES), source=st.sampled_from(["simulated", "folder", "tutorial"]))
def test_damaged_lists_of_recordings(folder, content, source):
    (folder / "mine.tsv").write_bytes(content)
    refused("recordings.tsv damaged", listed, folder / "mine.tsv", source)


# --- What the study wrote, altered since. ---

PLACED = [name for name, column in SPLIT_COLUMNS.items() if column.unit.endswith("pixels")]
PLACED += ["size_told", "time_unit", "n_outside"]


def _split(path: Path) -> None:
    split = read_split(path)
    for symbol in ("3/test-1", "3/0001"):
        find_symbol(split, symbol)


def _table(path: Path) -> None:
    read_table(path, SPLIT_COLUMNS)


def _steps(path: Path) -> None:
    for recording in open_steps(path.with_suffix(".npy"), path.with_suffix(".csv")):
        assert len(recording.steps.step) <= 10**6


def _array(path: Path) -> None:
    open_array(path, np.uint8, (1, 64, 64))


def _stored(folder: Path) -> dict[str, tuple]:
    """Kind -> reader and sound files."""
    table = pd.DataFrame(
        {"recording": ["NA", "a,b", "c"], "file": ["a", "b\"c", "d"], "symbol": ["3/0001"] * 3,
         "label": [3, 3, 1], "split": ["test", "train", "validation"], "scene": [""] * 3,
         "n_events": [1, 2, 3], "duration_s": [0.1, 0.2, 0.3], "on_share": [0.5, None, 1],
         "n_resorted": [0, 1, 2], "sha256": ["0" * 64] * 3, **{key: [1, 2, 3] for key in PLACED}}
    )  # fmt: skip
    write_table(table, folder / "split.csv", SPLIT_COLUMNS)
    sparse = f"{','.join(SPLIT_COLUMNS)}\nNA{',' * (len(SPLIT_COLUMNS) - 1)}\n".encode()
    times = {"t_start_us": [1, None, 3], "t_end_us": [4, None, 6]}
    index = table[["recording", "symbol", "label", "split", "n_events"]].assign(
        **{name: pd.array(values, "Int64") for name, values in times.items()}, n_saturated=0
    )
    index.to_csv(folder / "index.csv", index=False)
    step = np.arange(30) // 3
    binned = StepEvents(step, step, step, 11, 0)
    store_steps(
        [BinnedRecording(name, "3/1", 3, "0" * 64, binned, 0, 0.1) for name in ("a", "b")],
        folder / "sound.npy", folder / "sound.csv",
    )  # fmt: skip
    images = np.arange(3 * 784, dtype=np.uint64).astype(np.uint8).reshape(3, 28, 28)
    symbols = Symbols(images, ("3/0001", "3/0002", "4/0001"), ("test", "train", "validation"))
    write_symbols(symbols, folder / "symbols.npz")
    torch.manual_seed(1)
    model = build_network("tutorial")
    about = {"spike_threshold": 1.0, "min_v_mem": -5.0}
    save_weights(folder / "weights.safetensors", "tutorial", model, **about)
    return {
        "split.csv": (_split, [(folder / "split.csv").read_bytes()]),
        "table": (_table, [(folder / "split.csv").read_bytes(), sparse]),
        "index.csv": (read_index, [(folder / "index.csv").read_bytes()]),
        "frames.npy": (_array, [plain_npy(np.zeros((5, 1, 64, 64), np.uint8))]),
        "symbols.npz": (read_symbols, [(folder / "symbols.npz").read_bytes()]),
        "weights": (load_weights, [(folder / "weights.safetensors").read_bytes()]),
    }


@pytest.fixture(scope="module")
def stored(folder):
    made = _stored(folder)
    for name, (reader, contents) in made.items():
        path = folder / f"bad-{name}"
        path.write_bytes(contents[0])
        reader(path)
    return made


KINDS = ["split.csv", "table", "index.csv", "frames.npy", "symbols.npz", "weights"]


@pytest.mark.parametrize("kind", KINDS)
@fuzz
@given(data=st.data())
def test_damaged_files_of_the_study(folder, stored, kind, data):
    reader, sound = stored[kind]
    path = folder / f"bad-{kind}"
    # Not written in place: an array may be mapped still.
    path.unlink(missing_ok=True)
    path.write_bytes(data.draw(damaged(sound)))
    refused(f"own {kind} damaged", reader, path)


@pytest.mark.parametrize("part", [".csv", ".npy"])
@fuzz
@given(data=st.data())
def test_damaged_time_steps(folder, stored, part, data):
    for suffix in (".csv", ".npy"):
        content = (folder / f"sound{suffix}").read_bytes()
        path = folder / f"bad{suffix}"
        path.unlink(missing_ok=True)
        path.write_bytes(data.draw(damaged([content])) if suffix == part else content)
    refused(f"own steps{part} damaged", _steps, folder / "bad.csv")


@fuzz
@given(content=npy())
def test_arrays_whose_headers_lie(folder, content):
    path = folder / "lie.npy"
    path.unlink(missing_ok=True)
    path.write_bytes(content)
    refused("own .npy of lying headers", _array, path)


def _as_in_a_job(path: Path) -> None:
    check([path])
    read_symbols(path)


@fuzz
@given(lies=st.dictionaries(st.sampled_from(["images", "names", "parts"]), npy(), min_size=1))
def test_symbols_whose_headers_lie(folder, lies):
    """Its reader takes as much memory as an own file asks for: the job has found it altered."""
    sound = {"images": np.zeros((1, 28, 28), "u1"), "names": np.array(["0/1"])}
    members = {key: plain_npy(value) for key, value in {**sound, "parts": sound["names"]}.items()}
    path = folder / "lie.npz"
    path.write_bytes(zipped([(f"{key}.npy", value) for key, value in members.items()]))
    seal([path])
    path.write_bytes(zipped([(f"{key}.npy", value) for key, value in {**members, **lies}.items()]))
    assert refused("own .npz of lying headers", _as_in_a_job, path)
