"""The frame store: written one frame at a time, read as a memory map, whole or absent."""

import numpy as np
import pytest

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.frames import Frame
from dvs_snn.recordings.store.frame_store import (
    INDEX_COLUMNS,
    frame_writer,
    open_frames,
    read_index,
    split_rows,
)


def _frames(n: int) -> list[Frame]:
    rng = np.random.default_rng(0)
    return [
        Frame(rng.integers(0, 256, (1, 64, 64)).astype(np.uint8), 10 * i, 10 * i + 9, 7 * i, i)
        for i in range(n)
    ]


def _write(folder, frames, splits=("train",)):
    paths = folder / "frames.npy", folder / "index.csv"
    with frame_writer(*paths) as writer:
        for i, frame in enumerate(frames):
            writer.append(frame, f"r/{i}", f"0/{i:04d}", i % 10, splits[i % len(splits)])
    return paths


def test_what_is_written_is_read(tmp_path):
    n = 11
    frames = _frames(n)
    array, index = _write(tmp_path, frames)
    stored = open_frames(array)
    assert isinstance(stored.base, np.memmap)
    assert (stored.shape, stored.dtype) == ((n, 1, 64, 64), np.uint8)
    np.testing.assert_array_equal(stored, np.stack([frame.pixels for frame in frames]))
    # Any NumPy reads it: its header has the final number of frames.
    np.testing.assert_array_equal(np.load(array), stored)
    table = read_index(index)
    assert tuple(table.columns) == tuple(INDEX_COLUMNS)
    assert table["recording"].tolist() == [f"r/{i}" for i in range(n)]
    # A symbol such as 0/0003 stays text.
    assert table["symbol"].tolist() == [f"0/{i:04d}" for i in range(n)]
    assert table["t_end_us"].tolist() == [frame.t_end_us for frame in frames]
    assert table["n_saturated"].tolist() == list(range(n))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["frames.npy", "index.csv"]


def test_rows_of_a_split_and_empty_cells_of_frames_without_times(tmp_path):
    frames = [*_frames(6), Frame(np.zeros((1, 64, 64), dtype=np.uint8), -1, -1, 0, 0)]
    _, index = _write(tmp_path, frames, ("train", "test", "train"))
    table = read_index(index, ["label", "split"])
    assert set(table.columns) == {"label", "split"}
    np.testing.assert_array_equal(split_rows(table, "train"), [0, 2, 3, 5, 6])
    np.testing.assert_array_equal(split_rows(table, "test"), [1, 4])
    assert len(split_rows(table, "validation")) == 0
    assert read_index(index)["t_start_us"].isna().tolist() == [False] * 6 + [True]
    assert ",train,,,0,0" in index.read_text()


def test_nothing_is_left_when_writing_fails(tmp_path):
    with (
        pytest.raises(RuntimeError, match="half"),
        frame_writer(tmp_path / "frames.npy", tmp_path / "index.csv") as writer,
    ):
        writer.append(_frames(1)[0], "r", "s", 0, "train")
        raise RuntimeError("half way")
    assert list(tmp_path.iterdir()) == []


def test_a_store_without_frames_or_of_others_is_told(tmp_path):
    with pytest.raises(StudyError, match="no recording gave a frame"):
        _write(tmp_path, [])
    assert list(tmp_path.iterdir()) == []
    np.save(tmp_path / "frames.npy", np.zeros((3, 64, 64), np.uint8))
    with pytest.raises(StudyError, match="frames.npy: .*delete it and run again"):
        open_frames(tmp_path / "frames.npy")
