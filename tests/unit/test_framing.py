"""Placement, frames and time steps by hand, and against NumPy's histograms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dvs_snn.events.framing import (
    FLIPS,
    MAX_STEPS,
    ROTATIONS,
    PlacedEvents,
    Placement,
    accumulate,
    bin_steps,
    bin_steps_as_tutorial,
    counts,
    frames_by_count,
    frames_by_time,
    place,
    place_as_tutorial,
)
from dvs_snn.events.recording import EVENT_DTYPE, EventRecording
from dvs_snn.files.errors import StudyError
from dvs_snn.settings.frames import FrameRule


def _recording(t, x, y, size) -> EventRecording:
    events = np.zeros(len(t), dtype=EVENT_DTYPE)
    events["t"], events["x"], events["y"] = t, x, y
    events["p"] = np.arange(len(t)) % 2
    return EventRecording(events, size)


def _at(x: int, y: int, size: tuple[int, int], **placement) -> tuple[int, int] | None:
    """Return (column, row) of one event at (x, y), or None where it falls outside."""
    placed = place(_recording([0], [x], [y], size), Placement(**placement))
    assert placed.n_events + placed.n_outside == 1
    return (int(placed.column[0]), int(placed.row[0])) if placed.n_events else None


def _placed(t, row=None, column=None, first=None, last=None) -> PlacedEvents:
    t = np.asarray(t, dtype=np.int64)
    zeros = np.zeros(len(t), dtype=np.int64)
    return PlacedEvents(
        t=t,
        row=zeros if row is None else np.asarray(row),
        column=zeros if column is None else np.asarray(column),
        t_first=int(t[0]) if first is None else first,
        t_last=int(t[-1]) if last is None else last,
        n_outside=0,
    )


@pytest.mark.parametrize("corner", [(0, 0), (63, 0), (0, 63), (63, 63), (20, 50)])
def test_a_sensor_of_the_networks_size_is_laid_on_it_as_it_is(corner):
    assert _at(*corner, (64, 64)) == corner


@pytest.mark.parametrize(
    ("placement", "expected"),
    [
        ({"flip": "x"}, (60, 10)),
        ({"flip": "y"}, (3, 53)),
        ({"flip": "xy"}, (60, 53)),
        # y points down: what is left of the centre turns counter-clockwise to below it.
        ({"rotate": 90}, (10, 60)),
        ({"rotate": 180}, (60, 53)),
        ({"rotate": 270}, (53, 3)),
        # Flip first, then rotate: (60, 10) turns to (10, 3).
        ({"flip": "x", "rotate": 90}, (10, 3)),
    ],
)
def test_flips_and_turns_by_hand(placement, expected):
    assert _at(3, 10, (64, 64), **placement) == expected


@pytest.mark.parametrize("turns", ROTATIONS)
def test_turns_are_counter_clockwise_as_displayed(turns):
    """`np.rot90` turns an image counter-clockwise as it is displayed."""
    x, y = np.arange(40) % 8 + 20, np.arange(40) // 8 + 3
    recording = _recording(np.arange(40), x, y, (64, 64))
    image = counts(y, x)
    placed = place(recording, Placement(rotate=turns))
    np.testing.assert_array_equal(counts(placed.row, placed.column), np.rot90(image, turns // 90))


@pytest.mark.parametrize(
    ("x", "size", "zoom", "expected"),
    [
        # 128 pixels at 0.5 fill the network, two by two.
        (0, (128, 128), 0.5, 0),
        (1, (128, 128), 0.5, 0),
        (2, (128, 128), 0.5, 1),
        (127, (128, 128), 0.5, 63),
        # 34 pixels at 1.88: 63.92 network pixels; (0.5 - 17) x 1.88 + 32 = 0.98.
        (0, (34, 34), 1.88, 0),
        (1, (34, 34), 1.88, 2),
        (17, (34, 34), 1.88, 32),
        (33, (34, 34), 1.88, 63),
        # A pixel lies off the centre by half a pixel on even, by none on odd sizes.
        (0, (34, 34), 1.0, 15),
        (33, (34, 34), 1.0, 48),
        (17, (35, 35), 1.0, 32),
        (0, (35, 35), 1.0, 15),
        (34, (35, 35), 1.0, 49),
    ],
)
def test_zoom_is_about_the_two_centres(x, size, zoom, expected):
    assert _at(x, x, size, zoom=zoom) == (expected, expected)


def test_events_beside_the_network_are_dropped_and_counted():
    recording = _recording([5, 6, 7, 9], [31, 32, 95, 96], [50] * 4, (128, 128))
    placed = place(recording, Placement())
    # Columns -1, 0, 63 and 64; row 50 - 32.
    np.testing.assert_array_equal(placed.column, [0, 63])
    np.testing.assert_array_equal(placed.row, [18, 18])
    assert (placed.n_events, placed.n_outside) == (2, 2)
    # Its time goes on even where its first and last event are outside.
    assert (placed.t_first, placed.t_last) == (5, 9)
    assert placed.duration_s == pytest.approx(4e-6)


_SQUARES = st.integers(1, 64)


@st.composite
def _square_recordings(draw):
    size = draw(_SQUARES)
    n = draw(st.integers(1, 30))
    pixel = st.lists(st.integers(0, size - 1), min_size=n, max_size=n)
    return _recording(np.arange(n), draw(pixel), draw(pixel), (size, size))


def _again(placed: PlacedEvents) -> EventRecording:
    return _recording(placed.t, placed.column, placed.row, (64, 64))


@settings(max_examples=60, deadline=None)
@given(_square_recordings(), st.sampled_from(["x", "y", "xy"]))
def test_a_flip_done_twice_is_none_and_keeps_every_event(recording, flip):
    once = place(recording, Placement(flip=flip))
    plain = place(recording, Placement())
    assert once.n_outside == plain.n_outside == 0
    size = recording.sensor_size[0]
    events = recording.events
    flipped = _recording(
        events["t"],
        size - 1 - events["x"].astype(int) if "x" in flip else events["x"],
        size - 1 - events["y"].astype(int) if "y" in flip else events["y"],
        (size, size),
    )
    np.testing.assert_array_equal(place(flipped, Placement(flip=flip)).row, plain.row)
    np.testing.assert_array_equal(place(flipped, Placement(flip=flip)).column, plain.column)


@settings(max_examples=60, deadline=None)
@given(_square_recordings().filter(lambda r: r.sensor_size[0] % 2 == 0))
def test_four_quarter_turns_are_none(recording):
    plain = place(recording, Placement())
    turned = place(recording, Placement(rotate=90))
    for _ in range(3):
        turned = place(_again(turned), Placement(rotate=90))
    np.testing.assert_array_equal(turned.row, plain.row)
    np.testing.assert_array_equal(turned.column, plain.column)


@settings(max_examples=60, deadline=None)
@given(
    _square_recordings(),
    st.sampled_from(FLIPS),
    st.sampled_from(ROTATIONS),
    st.sampled_from([0.5, 0.7, 1.0, 1.88, 3.0]),
)
def test_every_event_is_placed_or_counted_outside(recording, flip, rotate, zoom):
    placed = place(recording, Placement(zoom, rotate, flip))
    assert placed.n_events + placed.n_outside == recording.n_events
    assert placed.row.size == 0 or (placed.row.min() >= 0 and placed.row.max() < 64)
    assert placed.column.size == 0 or (placed.column.min() >= 0 and placed.column.max() < 64)


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        (1, [1]),
        (999, [999]),
        (2999, [2999]),
        (3000, [3000]),
        (3999, [3000]),
        (4000, [3000, 1000]),
        (6000, [3000, 3000]),
        (9500, [3000, 3000, 3000]),
    ],
)
def test_the_tail_is_a_frame_from_1000_events_or_as_the_only_one(n, expected):
    placed = _placed(np.arange(n), np.arange(n) % 64, np.arange(n) // 64 % 64)
    frames = list(frames_by_count(placed, 3000, 1000))
    assert [frame.n_events for frame in frames] == expected
    assert [int(frame.pixels.sum()) for frame in frames] == expected
    assert [frame.t_start_us for frame in frames] == [3000 * i for i in range(len(expected))]
    ends = np.cumsum(expected) - 1
    assert [frame.t_end_us for frame in frames] == ends.tolist()
    assert all(f.pixels.shape == (1, 64, 64) and f.pixels.dtype == np.uint8 for f in frames)


def test_no_event_on_the_network_gives_no_frame():
    nothing = _placed([], first=0, last=10)
    assert list(frames_by_count(nothing, 3000, 1000)) == []
    assert list(frames_by_time(nothing, 1000)) == []


def test_frames_by_time_skip_empty_windows_and_keep_the_last_partial_one():
    placed = _placed([100, 101, 1099, 1100, 5000, 5050], first=100)
    frames = list(frames_by_time(placed, 1000))
    spans = [(frame.t_start_us, frame.t_end_us, frame.n_events) for frame in frames]
    assert spans == [(100, 1099, 3), (1100, 1100, 1), (5000, 5050, 2)]


def test_windows_start_with_the_recording_even_if_its_first_event_is_outside():
    placed = _placed([1500, 2100], first=900)
    assert [frame.n_events for frame in frames_by_time(placed, 1000)] == [1, 1]


def test_the_rule_chooses_how_frames_are_accumulated():
    placed = _placed(np.arange(10) * 1000)
    by_events = accumulate(placed, FrameRule("events", 4, 2, 5.0))
    by_time = accumulate(placed, FrameRule("time", 4, 2, 5.0))
    assert [frame.n_events for frame in by_events] == [4, 4, 2]
    assert [frame.n_events for frame in by_time] == [5, 5]


def test_counts_saturate_at_255_and_saturated_pixels_are_counted():
    column = np.repeat([3, 4, 5], [254, 255, 300])
    (frame,) = frames_by_count(_placed(np.arange(809), column=column), 3000, 1000)
    assert frame.pixels[0, 0, 3:6].tolist() == [254, 255, 255]
    assert (frame.n_saturated, frame.n_events) == (1, 809)


@st.composite
def _timed_events(draw):
    seed = draw(st.integers(0, 2**32 - 1))
    n = draw(st.integers(2, 200))
    rng = np.random.default_rng(seed)
    start, span = int(rng.integers(0, 10**6)), int(rng.integers(1, 120_000))
    t = np.sort(rng.integers(start, start + span, n))
    # Ties with the bins' edges have to be met too.
    t = np.sort(np.where(rng.random(n) < 0.3, t[0] + (t - t[0]) // 10_000 * 10_000, t))
    width, height = rng.integers(1, 90, 2)
    return t, rng.integers(0, width, n), rng.integers(0, height, n)


@settings(max_examples=60, deadline=None)
@given(_timed_events(), st.integers(0, 50))
def test_steps_hold_what_a_loop_over_events_puts_there(drawn, before):
    t, x, y = drawn
    placed = _placed(t, y % 64, x % 64, first=max(0, int(t[0]) - before), last=int(t[-1]) + 7)
    steps = bin_steps(placed, 10_000)
    assert steps.n_steps == (placed.t_last - placed.t_first) // 10_000 + 1
    expected = np.zeros((steps.n_steps, 1, 64, 64))
    for i in range(len(t)):
        expected[(t[i] - placed.t_first) // 10_000, 0, y[i] % 64, x[i] % 64] += 1
    dense = steps.dense(0, steps.n_steps)
    assert dense.dtype == np.float32
    np.testing.assert_array_equal(dense, expected)
    middle = steps.n_steps // 2
    np.testing.assert_array_equal(steps.dense(middle, steps.n_steps), expected[middle:])
    np.testing.assert_array_equal(steps.dense(0, middle), expected[:middle])
    np.testing.assert_array_equal(steps.pixel_counts(), expected.sum(axis=0))


def test_two_damaged_time_stamps_ask_for_no_memory():
    recording = _recording([0, 2**62], [1, 2], [1, 2], (128, 128))
    for bin_, placed in (
        (bin_steps, place(recording, Placement(1, 0, "none"))),
        (bin_steps_as_tutorial, place_as_tutorial(recording)),
    ):
        with pytest.raises(StudyError, match="time steps of 10 ms, expected at most 1048576"):
            bin_(placed, 10_000)
        assert bin_(placed, 2**43).n_steps <= MAX_STEPS


def test_the_last_partial_step_is_kept():
    steps = bin_steps(_placed([0, 9_999, 10_000, 20_000]), 10_000)
    assert steps.n_steps == 3
    assert steps.dense(0, 3).sum(axis=(1, 2, 3)).tolist() == [2, 1, 1]


@settings(max_examples=80, deadline=None)
@given(_timed_events())
def test_the_tutorials_binning_is_its_own_line(drawn):
    t, x, y = drawn
    recording = _recording(t, x, y, (90, 90))
    edges = np.arange(t.min(), t.max(), 10_000)
    placed = place_as_tutorial(recording)
    if len(edges) < 2:
        with pytest.raises(StudyError, match="shorter than two time steps"):
            bin_steps_as_tutorial(placed, 10_000)
        return
    expected, _ = np.histogramdd((t, x, y), bins=(edges, 64, 64))
    steps = bin_steps_as_tutorial(placed, 10_000)
    np.testing.assert_array_equal(steps.dense(0, steps.n_steps)[:, 0], expected)
    np.testing.assert_array_equal(steps.pixel_counts()[0], expected.sum(axis=0))
    assert steps.n_dropped == len(t) - expected.sum()
    assert placed.n_outside == 0


def test_a_recording_shaped_like_the_tutorials_a_gives_521_steps():
    rng = np.random.default_rng(0)
    n = 262_628
    t = np.sort(rng.integers(3_000, 3_000 + 5_215_000, n))
    t[0], t[-1] = 3_000, 3_000 + 5_215_000
    x, y = rng.integers(0, 128, (2, n))
    recording = _recording(t, x, y, (128, 128))
    steps = bin_steps_as_tutorial(place_as_tutorial(recording), 10_000)
    dense = steps.dense(0, steps.n_steps)
    assert dense.shape == (521, 1, 64, 64)
    bins = (np.arange(t.min(), t.max(), 10_000), 64, 64)
    np.testing.assert_array_equal(dense[:, 0], np.histogramdd((t, x, y), bins=bins)[0])
