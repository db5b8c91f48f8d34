"""Frames by number and by time, by hand; their store, whole or absent."""

import numpy as np
import pytest
from made_recordings import on_network
from scipy import stats

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.frames import (
    INDEX_COLUMNS,
    Frame,
    FrameRule,
    accumulate,
    frame_writer,
    open_frames,
    read_index,
    split_rows,
    training_rule,
)

RULE = FrameRule("events", 3000, 1000, 50.0)
EACH_MS = FrameRule("time", 3000, 1000, 1.0)


@pytest.mark.parametrize(
    ("n", "expected"),
    [(1, [1]), (2999, [2999]), (3999, [3000]), (4000, [3000, 1000]), (9500, [3000] * 3)],
)
def test_the_tail_is_a_frame_from_1000_events_or_as_the_only_one(n, expected):
    placed = on_network(np.arange(n), np.arange(n) % 64, np.arange(n) // 64 % 64)
    frames = list(accumulate(placed, RULE))
    assert [frame.n_events for frame in frames] == expected
    assert [int(frame.pixels.sum()) for frame in frames] == expected
    ends = np.cumsum(expected) - 1
    assert [frame.t_end_us for frame in frames] == ends.tolist()
    assert all(f.pixels.shape == (1, 64, 64) and f.pixels.dtype == np.uint8 for f in frames)


def test_frames_by_time_skip_empty_windows_and_a_tail_below_a_third():
    placed = on_network([100, 101, 1099, 1100, 5000, 5050], first=100)
    frames = list(accumulate(placed, EACH_MS))
    ends = [(frame.t_end_us, frame.n_events) for frame in frames]
    assert ends == [(1099, 3), (1100, 1), (5050, 2)]
    # Windows start with the recording, even if its first event is outside.
    for last, expected in ((2100, [1]), (2232, [1]), (2234, [1, 1])):
        placed = on_network([1500, last], first=900)
        assert [frame.n_events for frame in accumulate(placed, EACH_MS)] == expected
    assert len(list(accumulate(on_network([1500], first=1490), EACH_MS))) == 1
    for rule in (RULE, EACH_MS):
        assert list(accumulate(on_network([], first=0, last=10), rule)) == []


def test_counts_saturate_at_255_and_saturated_pixels_are_counted():
    column = np.repeat([3, 4, 5], [254, 255, 300])
    (frame,) = accumulate(on_network(np.arange(809), column=column), RULE)
    assert frame.pixels[0, 0, 3:6].tolist() == [254, 255, 255]
    assert (frame.n_saturated, frame.n_events) == (1, 809)


def test_a_training_frame_holds_as_many_events_as_are_drawn_evenly_on_a_logarithmic_axis():
    rng = np.random.default_rng(1)
    rules = [training_rule(RULE, [700, 3000], rng) for _ in range(2000)]
    events = np.array([rule.events for rule in rules])
    assert events.min() >= 700
    assert events.max() <= 3000
    shares = np.log(events / 700) / np.log(3000 / 700)
    assert stats.kstest(shares, "uniform").pvalue > 1e-3
    # A tail is a frame from 1,000 events on, but never longer than the frames before it.
    assert all(rule.min_events == min(1000, rule.events) for rule in rules)
    # Without limits or with frames of a time the study's rule stands.
    assert training_rule(RULE, None, rng) is RULE
    assert training_rule(EACH_MS, [700, 3000], rng) is EACH_MS


def frames_of(n: int) -> list[Frame]:
    pixels = np.random.default_rng(0).integers(0, 256, (n, 1, 64, 64)).astype(np.uint8)
    return [Frame(pixels[i], 10 * i + 9, 7 * i, i) for i in range(n)]


def written(folder, frames, splits=("train",)):
    paths = folder / "frames.npy", folder / "index.csv"
    with frame_writer(*paths) as add:
        for i, frame in enumerate(frames):
            add(frame, f"r/{i}", f"0/{i:04d}", i % 10, splits[i % len(splits)])
    return paths


def test_what_is_written_is_read(tmp_path):
    frames = frames_of(7)
    array, index = written(tmp_path, frames, ("train", "test", "train"))
    stored, table = open_frames(array), read_index(index, list(INDEX_COLUMNS))
    assert isinstance(stored.base, np.memmap)
    np.testing.assert_array_equal(stored, np.stack([frame.pixels for frame in frames]))
    # Any NumPy reads it: its header has the final number of frames.
    np.testing.assert_array_equal(np.load(array), stored)
    assert tuple(table.columns) == tuple(INDEX_COLUMNS)
    # A symbol such as 0/0003 stays text.
    assert table["symbol"].tolist() == [f"0/{i:04d}" for i in range(7)]
    assert table["n_events"].tolist() == [0, 7, 14, 21, 28, 35, 42]
    assert table["n_saturated"].tolist() == [0, 1, 2, 3, 4, 5, 6]
    some = read_index(index, ["label", "split"])
    assert set(some.columns) == {"label", "split"}
    np.testing.assert_array_equal(split_rows(some, "train"), [0, 2, 3, 5, 6])
    assert len(split_rows(some, "validation")) == 0


def test_no_store_is_left_without_frames_or_when_writing_fails_and_another_is_told(tmp_path):
    with pytest.raises(StudyError, match="no recording gave a frame"):
        written(tmp_path, [])
    with pytest.raises(AttributeError):
        written(tmp_path, [*frames_of(1), None])
    assert list(tmp_path.iterdir()) == []
    np.save(tmp_path / "frames.npy", np.zeros((3, 64, 64), np.uint8))
    with pytest.raises(StudyError, match="frames.npy: .*delete it and run again"):
        open_frames(tmp_path / "frames.npy")
