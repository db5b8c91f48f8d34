"""Recordings made of rows, of columns, or at random about a place that tells a digit."""

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from dvs_snn.recordings.placement import PlacedEvents
from dvs_snn.recordings.recording import EVENT_DTYPE, EventRecording


def from_rows(
    rows: Sequence[tuple], sensor_size: Sequence[int] = (128, 128), **more: object
) -> EventRecording:
    """Make a recording of (t, x, y, p) each, in order of time."""
    return EventRecording(np.array(rows, EVENT_DTYPE), sensor_size, **more)


def from_columns(
    t: ArrayLike,
    x: ArrayLike,
    y: ArrayLike = 0,
    p: ArrayLike = True,
    sensor_size: Sequence[int] = (128, 128),
) -> EventRecording:
    """Make a recording of columns, which need not be in order of time."""
    events = np.zeros(len(t), EVENT_DTYPE)
    events["t"], events["x"], events["y"], events["p"] = t, x, y, p
    return EventRecording(events[np.argsort(events["t"], kind="stable")], sensor_size)


def of_digit(
    digit: int, n: int, seed: int, width: int = 64, sensor_size: Sequence[int] = (64, 64)
) -> EventRecording:
    """Make `n` events in the six rows that tell the digit, over 40 to 100 ms."""
    rng = np.random.default_rng(seed)
    t = np.sort(rng.integers(0, 40_000 + 20_000 * (seed % 4), n))
    x, y = rng.integers(0, width, n), 6 * digit + rng.integers(0, 6, n)
    return from_columns(t, x, y, sensor_size=sensor_size)


@st.composite
def any_recording(
    draw: st.DrawFn, max_x: int, max_y: int, first: int = 2**20, gap: int = 2**20
) -> EventRecording:
    """Draw a recording whose first time and gaps are bounded; half of the gaps are small."""
    gaps = draw(
        st.lists(st.one_of(st.integers(0, 40), st.integers(0, gap)), min_size=0, max_size=30)
    )
    times = np.cumsum([draw(st.integers(0, first)), *gaps])
    rows = [
        (int(t), draw(st.integers(0, max_x)), draw(st.integers(0, max_y)), draw(st.booleans()))
        for t in times
    ]
    return from_rows(rows, (max_x + 1, max_y + 1))


def rows_of(recording: EventRecording) -> list[tuple]:
    """Return a recording's events as (t, x, y, p)."""
    return [tuple(row) for row in recording.events.tolist()]


def assert_same(found: EventRecording, expected: EventRecording) -> None:
    """Assert that one recording is the other, read in order of time."""
    assert found.events.dtype == EVENT_DTYPE
    assert rows_of(found) == rows_of(expected)
    assert found.sensor_size == expected.sensor_size
    assert found.has_polarity == expected.has_polarity


def on_network(
    t: ArrayLike,
    row: ArrayLike = 0,
    column: ArrayLike = 0,
    first: int | None = None,
    last: int | None = None,
) -> PlacedEvents:
    """Make events on the network, in the corner unless said otherwise; `first`, `last` in us."""
    t = np.asarray(t, dtype=np.int64)
    return PlacedEvents(
        t=t,
        row=np.full(len(t), row),
        column=np.full(len(t), column),
        t_first=int(t[0]) if first is None else first,
        t_last=int(t[-1]) if last is None else last,
        n_outside=0,
    )


@st.composite
def timed_columns(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw (t, x, y) of which some times stand on the edges of steps of 10 ms."""
    seed = draw(st.integers(0, 2**32 - 1))
    n = draw(st.integers(2, 200))
    rng = np.random.default_rng(seed)
    start, span = int(rng.integers(0, 10**6)), int(rng.integers(1, 120_000))
    t = np.sort(rng.integers(start, start + span, n))
    # Ties with the bins' edges have to be met too.
    t = np.sort(np.where(rng.random(n) < 0.3, t[0] + (t - t[0]) // 10_000 * 10_000, t))
    width, height = rng.integers(1, 90, 2)
    return t, rng.integers(0, width, n), rng.integers(0, height, n)
