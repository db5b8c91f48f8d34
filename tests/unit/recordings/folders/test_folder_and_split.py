"""Folders of recordings, and which of them train, validate and test."""

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jobs import quiet
from made_recordings import from_columns

from dvs_snn.files.errors import StudyError
from dvs_snn.files.hashes import sha256_of
from dvs_snn.files.tables import write_table
from dvs_snn.recordings.folders.folder import list_folder, listing_digest
from dvs_snn.recordings.folders.split_table import find_symbol, open_recording, read_split
from dvs_snn.recordings.folders.splitting import split_folder, split_symbols
from dvs_snn.recordings.recording import write_recording
from dvs_snn.settings.data import PlacedRecordings, SplitShares

SHARES = SplitShares(0.2, 0.25)
WHERE = PlacedRecordings()


def _write(path: Path, seed: int = 0, n: int = 5) -> Path:
    rng = np.random.default_rng(seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = np.sort(rng.integers(0, 1000, n)), *rng.integers(0, 34, (2, n))
    write_recording(path, from_columns(*columns, sensor_size=(34, 34)))
    return path


def _tree(root: Path, classes=range(10), per_class: int = 10) -> Path:
    for number, name in enumerate(classes):
        for k in range(per_class):
            _write(root / str(name) / f"{k:05d}.npz", 100 * number + k)
    return root


def test_a_folder_is_listed_by_digit_and_name(tmp_path):
    _tree(tmp_path, (7, 2), 2)
    for name in ("notes.md", "._00000.npz", "B.AEDAT"):  # what macOS adds begins so
        (tmp_path / "2" / name).write_text("")
    for name in ("12", "３"):  # the latter a digit elsewhere, but no digit folder
        (tmp_path / name).mkdir()
    files = list_folder(tmp_path)
    assert [file.name for file in files] == [
        "2/00000.npz", "2/00001.npz", "2/B.AEDAT", "7/00000.npz", "7/00001.npz"
    ]  # fmt: skip
    assert [(file.label, file.symbol) for file in files[::4]] == [(2, "2/00000"), (7, "7/00001")]
    # A symbol is the drawn digit, whatever its scale.
    for name in ("a.b.npz", "mnist_3_scale16_0007_cut.npz"):
        (tmp_path / "12" / name).touch()
    (tmp_path / "12").rename(tmp_path / "0")
    assert [file.symbol for file in list_folder(tmp_path)[:2]] == ["0/a.b", "0/0007"]


def test_a_folder_of_other_classes_is_listed_in_their_order(tmp_path):
    _tree(tmp_path, ("car", "bus", "3", "Tram"), 1)
    (tmp_path / "train").touch()
    files = list_folder(tmp_path, ["tram", "car", "train", "bus"])
    assert [(file.label, file.symbol) for file in files] == [(1, "car/00000"), (3, "bus/00000")]
    with pytest.raises(StudyError, match="holds no class folder, expected .* of tram, train; data"):
        list_folder(tmp_path, ["tram", "train"])
    with pytest.raises(StudyError, match="nowhere: no such folder; .* a folder per class .car, bu"):
        list_folder(tmp_path / "nowhere", ["car", "bus"])


def test_a_class_of_too_few_symbols_is_told(tmp_path):
    classes = "bus", "car"
    with pytest.raises(StudyError, match="2 symbols of 2 classes .* with every class in it"):
        few = _tree(tmp_path / "few", classes, 1)
        split_folder(few, None, WHERE, SHARES, 1, quiet(), classes)


def test_a_folder_without_recordings_is_told(tmp_path):
    (tmp_path / "some/3").mkdir(parents=True)
    for root, expected in (
        ("none", "no such folder"),
        ("", "no digit folder"),
        ("some", "3: holds"),
    ):
        with pytest.raises(StudyError, match=expected):
            list_folder(tmp_path / root)


def test_the_digest_of_a_folder_changes_with_its_names_and_sizes(tmp_path):
    root = _tree(tmp_path, per_class=1)
    digests = [listing_digest(root), listing_digest(root)]
    for name, n in (("00000", 50), ("00009", 5)):
        _write(root / "3" / f"{name}.npz", n=n)
        digests.append(listing_digest(root))
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


def test_a_file_name_that_breaks_a_line_is_told(tmp_path):
    for name in ("a\nb", "a\udcffb"):
        root = _tree(tmp_path / ascii(name)[1:4], (2,), per_class=1)
        (root / "2" / f"{name}.npz").write_bytes(b"")
        with pytest.raises(StudyError, match="expected names without control") as error:
            list_folder(root)
        assert "\n" not in str(error.value)


def test_a_split_stays_as_it_is_through_its_table_odd_file_names_too(tmp_path):
    root = _tree(tmp_path / "data", (2, 3), 9)
    for seed, name in enumerate(('<s> "q"; $(id)', "Ä 数字, NA")):
        _write(root / "2" / f"{name}.npz", 900 + seed)
    split = split_folder(root, None, WHERE, SplitShares(0.3, 0.3), 1, quiet())
    assert "2/Ä 数字, NA.npz" in split["recording"].tolist()
    assert (split["n_events"] == 5).all()
    assert split["sha256"].tolist() == [sha256_of(Path(file)) for file in split["file"]]
    write_table(split, tmp_path / "split.csv", "split")
    pd.testing.assert_frame_equal(read_split(tmp_path / "split.csv"), split, check_dtype=False)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(8, 30), min_size=2, max_size=10), st.integers(0, 10**6), st.booleans())
def test_every_part_has_every_digit_and_each_symbol_one_part(sizes, seed, with_test):
    labels = {f"{d}/{k:04d}": d for d, size in enumerate(sizes) for k in range(size)}
    shares = SplitShares(0.25, 0.25)
    parts = split_symbols(labels, shares, seed, with_test)
    assert set(parts) == set(labels)
    names = {"train", "validation"} | ({"test"} if with_test else set())
    counts = Counter((labels[symbol], part) for symbol, part in parts.items())
    assert set(counts) == {(digit, name) for digit in range(len(sizes)) for name in names}
    # Stratified: a digit's share of a part is its share of all, to a symbol.
    for digit, size in enumerate(sizes):
        if with_test:
            assert abs(counts[digit, "test"] - size * 0.25) <= 1.0 + 1e-9
    # The order in which symbols are listed doesn't matter.
    assert split_symbols(dict(reversed(labels.items())), shares, seed, with_test) == parts


def test_the_thousand_symbols_of_mnist_dvs_are_split_as_in_the_paper():
    """800 of each digit train, of which 80 validate, and 200 test (Sorbaro et al. 2020)."""
    labels = {f"{d}/{k:04d}": d for d in range(10) for k in range(1, 1001)}
    parts = split_symbols(labels, SplitShares(0.2, 0.1), 1)
    counts = Counter((labels[symbol], part) for symbol, part in parts.items())
    sizes = {"train": 720, "validation": 80, "test": 200}
    assert counts == {(d, part): n for d in range(10) for part, n in sizes.items()}


def test_a_folder_of_its_own_tests_and_the_other_only_trains_and_validates(tmp_path):
    roots = _tree(tmp_path / "a", per_class=9), _tree(tmp_path / "b", per_class=2)
    for digit in range(10):  # one symbol at two scales stays together
        for scale in ("04", "16"):
            _write(roots[0] / f"{digit}/mnist_{digit}_scale{scale}_0000.npz", int(scale) + 900)
    table = split_folder(*roots, WHERE, SHARES, 1, quiet())
    counts = Counter(table.drop_duplicates("symbol")["split"])
    assert counts == {"train": 75, "validation": 25, "test": 20}
    assert (table.groupby("symbol")["split"].nunique() == 1).all()
    test = table[table["split"] == "test"]
    assert test["file"].str.startswith(str(tmp_path / "b")).all()
    # The two folders may use the same names for different symbols.
    assert table["recording"].is_unique


def test_a_file_that_changed_since_the_split_is_told(tmp_path):
    path = _write(tmp_path / "a.npz")
    table = pd.DataFrame({"file": [str(path)], "sha256": [sha256_of(path)]})
    (row,) = table.assign(sensor_width=40, sensor_height=50, time_unit="").itertuples()
    assert open_recording(row).n_events == 5
    assert open_recording(row).sensor_size == (40, 50)
    assert open_recording(row, (60, 70)).sensor_size == (60, 70)
    _write(path, seed=1)
    with pytest.raises(StudyError, match=r"a\.npz: its sha256 .* expected .*--forcerun split"):
        open_recording(row)


def test_a_test_symbol_of_any_class_is_found_by_name_or_number_in_both_folders():
    symbols = "3/a", "3/b", "3/b", "3/c", "5/d", "car/a", "test/car/b", "test/bus/c", "test/test/d"
    parts = "train", "test", "test", "test", "validation", "train", "test", "test", "test"
    split = pd.DataFrame({"recording": range(9), "symbol": symbols, "split": parts})
    for symbol, recording in {
        "3/test-1": 1, "3/test-2": 3, "3/b": 1, "3/c": 3,
        "car/test-1": 6, "bus/test-1": 7, "test/test-1": 8,
    }.items():  # fmt: skip
        assert find_symbol(split, symbol)["recording"] == recording
    for symbol in ("3/test-0", "3/test-3", "3/z", "5/d"):
        with pytest.raises(StudyError, match=f"'{symbol}' of the recordings table is no test sym"):
            find_symbol(split, symbol)
