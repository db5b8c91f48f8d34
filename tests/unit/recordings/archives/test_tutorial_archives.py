"""The tutorial's quirks: its PNG frames by contiguous blocks, and its binning of videos."""

import struct
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jobs import quiet
from made_recordings import from_columns, timed_columns
from PIL import Image
from torchvision.datasets import ImageFolder

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.archives import tutorial_archives
from dvs_snn.recordings.archives.tutorial_archives import (
    ImportFramesJob,
    bin_steps_as_tutorial,
    block_split,
    place_as_tutorial,
    tutorial_frames,
)
from dvs_snn.recordings.frames import INDEX_COLUMNS, open_frames, read_index
from dvs_snn.settings.data import SplitShares


@settings(max_examples=60, deadline=None)
@given(st.integers(400, 20_000), st.floats(0.15, 0.4), st.floats(0.2, 0.4))
def test_blocks_are_contiguous_with_fifty_frames_dropped_at_each_border(n, test, validation):
    n_held, shares = round((n - round(n * test)) * validation) - 50, SplitShares(test, validation)
    assume(n_held >= 1)
    train, held, tested = block_split(n, shares).values()
    assert (train.start, tested.stop) == (0, n)
    assert held.start - train.stop == tested.start - held.stop == 50
    assert (len(held), len(tested)) == (n_held, round(n * test) - 25)


def _pngs(root: Path, n: int) -> Path:
    for digit in range(10):
        (root / str(digit)).mkdir(parents=True)
        for k in range(n):
            pixels = np.full((64, 64), digit, dtype=np.uint8)
            pixels[0, 0], pixels[0, 1] = k % 256, k // 256
            Image.fromarray(pixels).save(root / str(digit) / f"{k}.png", compress_level=0)
    return root


def test_frames_of_the_archive_are_stored_as_imagefolder_reads_them(tmp_path, monkeypatch):
    monkeypatch.setattr(tutorial_archives, "BORDER_FRAMES", 4)
    n, shares = 20, SplitShares(0.4, 0.5)
    root = _pngs(tmp_path / "made" / "train", n)
    with zipfile.ZipFile(tmp_path / "train.zip", "w") as archive:
        for png in sorted(root.rglob("*.png")):
            archive.write(png, png.relative_to(root.parent))
    paths = tmp_path / "frames.npy", tmp_path / "index.csv"
    archive = tmp_path / "train.zip"
    tutorial_archives.import_frames(ImportFramesJob(archive, shares, *paths), quiet())
    stored, index = open_frames(paths[0]), read_index(paths[1], list(INDEX_COLUMNS))
    assert (stored.shape[1:], stored.dtype) == ((1, 64, 64), np.uint8)
    # The order of names: 0, 1, 10, 11, ...
    samples = [Path(sample).name for sample, _ in ImageFolder(str(root)).samples]
    expected = [
        (f"{digit}/{samples[digit * n + k]}", digit, part)
        for digit in range(10)
        for part, block in block_split(n, shares).items()
        for k in block
    ]
    found = list(zip(index["recording"], index["label"], index["split"], strict=True))
    assert found == expected
    for pixels, row in zip(stored, index.itertuples(), strict=True):
        assert (pixels[0, 1:] == row.label).all()
        assert row.recording == f"{row.label}/{int(pixels[0, 0, 0])}.png"
        assert row.n_events == int(pixels.sum(dtype=np.int64))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "frames.npy", "index.csv", "made", "train.zip"
    ]  # fmt: skip


def _png_of(width: int, height: int) -> bytes:
    """A PNG image that says so much of itself and holds little."""
    content = b"\x89PNG\r\n\x1a\n"
    head = struct.pack(">LLBBBBB", width, height, 8, 2, 0, 0, 0)
    for kind, chunk in ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(99)))):
        checksum = struct.pack(">L", zlib.crc32(kind + chunk))
        content += struct.pack(">L", len(chunk)) + kind + chunk + checksum
    return content


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (_png_of(12_000, 12_000), "12000x12000 pixels"),
        (_png_of(64, 64), "unrecognized data|truncated|broken"),
    ],
)
@pytest.mark.filterwarnings("ignore:Image size:PIL.Image.DecompressionBombWarning")
def test_a_png_bomb_and_a_damaged_frame_are_told(tmp_path, monkeypatch, content, said):
    monkeypatch.setattr(tutorial_archives, "BORDER_FRAMES", 4)
    root = _pngs(tmp_path / "train", 20)
    (root / "3" / "0.png").write_bytes(content)
    tracemalloc.start()
    with pytest.raises(StudyError, match=f"frame '3/0.png' can't be read .*({said})"):
        list(tutorial_frames(root, SplitShares(0.4, 0.5), 3))
    assert tracemalloc.get_traced_memory()[1] < 20 * 2**20
    tracemalloc.stop()


@settings(max_examples=80, deadline=None)
@given(timed_columns())
def test_the_tutorials_binning_is_its_own_line(drawn):
    t, x, y = drawn
    recording = from_columns(t, x, y, sensor_size=(90, 90))
    edges = np.arange(t.min(), t.max(), 10_000)
    assume(len(edges) >= 2)
    laid = place_as_tutorial(recording)
    expected, _ = np.histogramdd((t, x, y), bins=(edges, 64, 64))
    steps = bin_steps_as_tutorial(laid, 10_000)
    np.testing.assert_array_equal(steps.dense(0, steps.n_steps)[:, 0], expected)
    np.testing.assert_array_equal(
        steps.dense(0, steps.n_steps).sum(axis=0)[0], expected.sum(axis=0)
    )
    assert steps.n_dropped == len(t) - expected.sum()
    assert laid.n_outside == 0
