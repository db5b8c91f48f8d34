"""From events to what a network sees: placement, frames by accumulation, time steps."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dvs_snn.events.recording import EventRecording
from dvs_snn.files.errors import StudyError
from dvs_snn.settings.frames import FrameRule

NETWORK_SIZE = 64
MAX_STEPS = 2**20
"""Most time steps of a recording, three hours of 10 ms: two damaged time stamps would otherwise
ask for any memory."""
EVENTS_AT_ONCE = 100_000
"""Events that are counted at once: what counting needs doesn't grow with the recording."""
FLIPS = ("none", "x", "y", "xy")
ROTATIONS = (0, 90, 180, 270)


@dataclass(frozen=True)
class Placement:
    """How sensor pixels are laid on the 64x64 network, about the two centres.

    Attributes:
        zoom: network pixels per sensor pixel.
        rotate: degrees, counter-clockwise as displayed (y down).
        flip: ``none``, ``x`` (left-right), ``y`` (top-bottom) or ``xy``; done first.
    """

    zoom: float = 1.0
    rotate: int = 0
    flip: str = "none"


@dataclass(frozen=True, eq=False)
class PlacedEvents:
    """The events of one recording in network coordinates.

    Attributes:
        t: int64 (event,), microseconds, ascending.
        row, column: (event,) of any integer dtype, index of the height and of the width axis.
        t_first, t_last: microseconds of the recording's first and last event, placed or not.
        n_outside: events of the recording that fall outside the network and are dropped.
    """

    t: np.ndarray
    row: np.ndarray
    column: np.ndarray
    t_first: int
    t_last: int
    n_outside: int

    @property
    def n_events(self) -> int:
        """Number of events on the network."""
        return len(self.t)

    @property
    def duration_s(self) -> float:
        """Seconds between the recording's first and last event."""
        return (self.t_last - self.t_first) * 1e-6


def place(recording: EventRecording, placement: Placement) -> PlacedEvents:
    """Lay a recording on the network: flip, rotate, zoom about the centres, then floor.

    ON and OFF events are treated alike: they add up in the one channel.
    """
    events = recording.events
    width, height = recording.sensor_size
    # A pixel is the unit square around its centre, so that a flip maps pixels onto pixels.
    u, along_u = np.arange(width) + 0.5 - width / 2, events["x"]
    v, along_v = np.arange(height) + 0.5 - height / 2, events["y"]
    if "x" in placement.flip:
        u = -u
    if "y" in placement.flip:
        v = -v
    for _ in range(placement.rotate // 90):
        u, v = v, -u
        along_u, along_v = along_v, along_u

    def cell_of(position: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        cell = np.floor(position * placement.zoom + NETWORK_SIZE / 2)
        inside = (cell >= 0) & (cell < NETWORK_SIZE)
        return np.where(inside, cell, 0).astype(np.uint8), inside

    # Few sensor pixels, many events: what a pixel's place is on the network is computed once.
    column_of, is_column = cell_of(u)
    row_of, is_row = cell_of(v)
    inside = is_column[along_u] & is_row[along_v]
    return PlacedEvents(
        t=events["t"][inside],
        row=row_of[along_v[inside]],
        column=column_of[along_u[inside]],
        t_first=int(events["t"][0]),
        t_last=int(events["t"][-1]),
        n_outside=int(len(events) - inside.sum()),
    )


def place_as_tutorial(recording: EventRecording) -> PlacedEvents:
    """Lay a recording on the network by the tutorial's own histogram.

    64 equal bins over the *range of the data* in x and in y; x is the third axis and y the
    fourth: (time, 1, x, y), as ``np.histogramdd((t, x, y), ...)`` gives it.
    """
    events = recording.events

    def bin_index(values: np.ndarray) -> np.ndarray:
        edges = np.histogram_bin_edges(values.astype(np.float64), bins=NETWORK_SIZE)
        # The last bin of NumPy's histograms includes its right edge.
        index = np.searchsorted(edges, values, side="right") - 1
        return np.where(values == edges[-1], NETWORK_SIZE - 1, index).astype(np.int64)

    return PlacedEvents(
        t=events["t"],
        row=bin_index(events["x"]),
        column=bin_index(events["y"]),
        t_first=int(events["t"][0]),
        t_last=int(events["t"][-1]),
        n_outside=0,
    )


def counts(row: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Count events per pixel, some at a time. Returns int64 (height, width)."""
    found = np.zeros(NETWORK_SIZE**2, dtype=np.int64)
    for start in range(0, len(row), EVENTS_AT_ONCE):
        some = slice(start, start + EVENTS_AT_ONCE)
        flat = row[some].astype(np.int64) * NETWORK_SIZE + column[some]
        found += np.bincount(flat, minlength=NETWORK_SIZE**2)
    return found.reshape(NETWORK_SIZE, NETWORK_SIZE)


@dataclass(frozen=True, eq=False)
class Frame:
    """One accumulated frame.

    Attributes:
        pixels: uint8 (1, height, width), events per pixel, saturated at 255.
        t_start_us, t_end_us: time of its first and last event.
        n_events: events accumulated, saturated or not.
        n_saturated: pixels that held more than 255 events.
    """

    pixels: np.ndarray
    t_start_us: int
    t_end_us: int
    n_events: int
    n_saturated: int


def _frame(placed: PlacedEvents, start: int, stop: int) -> Frame:
    count = counts(placed.row[start:stop], placed.column[start:stop])
    return Frame(
        pixels=np.minimum(count, 255).astype(np.uint8)[None],
        t_start_us=int(placed.t[start]),
        t_end_us=int(placed.t[stop - 1]),
        n_events=stop - start,
        n_saturated=int((count > 255).sum()),
    )


def frames_by_count(placed: PlacedEvents, n_events: int, n_tail: int) -> Iterator[Frame]:
    """Yield frames of `n_events` events each.

    The tail is a frame if it holds at least `n_tail` events or is the recording's only one.
    """
    total = placed.n_events
    for start in range(0, total, n_events):
        stop = min(start + n_events, total)
        if stop - start == n_events or stop - start >= n_tail or start == 0:
            yield _frame(placed, start, stop)


def frames_by_time(placed: PlacedEvents, window_us: int) -> Iterator[Frame]:
    """Yield a frame per `window_us` from the recording's first event; empty windows are skipped.

    The last partial window is kept.
    """
    if not placed.n_events:
        return
    window = (placed.t - placed.t_first) // window_us
    starts = np.flatnonzero(np.diff(window, prepend=window[0] - 1))
    for start, stop in zip(starts, [*starts[1:], len(window)], strict=True):
        yield _frame(placed, int(start), int(stop))


def accumulate(placed: PlacedEvents, rule: FrameRule) -> Iterator[Frame]:
    """Yield the frames of a recording by `rule`."""
    if rule.by == "events":
        return frames_by_count(placed, rule.events, rule.min_events)
    return frames_by_time(placed, round(rule.window_ms * 1000))


@dataclass(frozen=True, eq=False)
class StepEvents:
    """The events of a recording, each with the time step in which the network sees it.

    Attributes:
        step, row, column: (event,) of any integer dtype; `step` ascending.
        n_steps: number of time steps, empty ones included.
        n_dropped: events that no time step holds (the tutorial's binning drops its last).
    """

    step: np.ndarray
    row: np.ndarray
    column: np.ndarray
    n_steps: int
    n_dropped: int

    def dense(self, start: int, stop: int) -> np.ndarray:
        """Return steps `start` to `stop` as float32 (time, 1, height, width) event counts."""
        first, last = np.searchsorted(self.step, [start, stop])
        step, row, column = (
            values[first:last].astype(np.int64) for values in (self.step, self.row, self.column)
        )
        flat = (step - start) * NETWORK_SIZE**2 + row * NETWORK_SIZE + column
        steps = np.bincount(flat, minlength=(stop - start) * NETWORK_SIZE**2)
        shape = (stop - start, 1, NETWORK_SIZE, NETWORK_SIZE)
        return steps.reshape(shape).astype(np.float32)

    def pixel_counts(self) -> np.ndarray:
        """Return int64 (1, height, width): events per pixel over all steps."""
        return counts(self.row, self.column)[None]


def bin_steps(placed: PlacedEvents, step_us: int) -> StepEvents:
    """Bin placed events into steps of `step_us` from the recording's first event.

    The last partial step is kept.

    Raises:
        StudyError: the recording has more steps than :data:`MAX_STEPS`.
    """
    return StepEvents(
        step=(placed.t - placed.t_first) // step_us,
        row=placed.row,
        column=placed.column,
        n_steps=_checked_steps(placed, step_us),
        n_dropped=0,
    )


def _checked_steps(placed: PlacedEvents, step_us: int) -> int:
    """Count the time steps from the first event to the last; raise if they are too many."""
    n_steps = (placed.t_last - placed.t_first) // step_us + 1
    if n_steps > MAX_STEPS:
        raise StudyError(
            f"a recording of {placed.duration_s:.4f} s has {n_steps} time steps of "
            f"{step_us / 1000:g} ms, expected at most {MAX_STEPS}; cut it into shorter ones, or "
            "lengthen inference.step_ms."
        )
    return n_steps


def bin_steps_as_tutorial(placed: PlacedEvents, step_us: int) -> StepEvents:
    """Bin as ``np.arange(t.min(), t.max(), step)`` does: what follows the last edge is dropped.

    As in NumPy's histograms, an event on the very last edge counts in the last bin.
    """
    _checked_steps(placed, step_us)
    edges = np.arange(placed.t_first, placed.t_last, step_us)
    n_steps = len(edges) - 1
    if n_steps < 1:
        raise StudyError(
            f"a recording of {placed.duration_s:.4f} s is shorter than two time steps of "
            f"{step_us / 1000:g} ms, which the tutorial's binning needs; use a longer recording."
        )
    step = (placed.t - placed.t_first) // step_us
    step = np.where(placed.t == edges[-1], n_steps - 1, step)
    kept = step < n_steps
    return StepEvents(
        step=step[kept],
        row=placed.row[kept],
        column=placed.column[kept],
        n_steps=n_steps,
        n_dropped=int((~kept).sum()),
    )
