"""Time steps, as a spiking network sees a recording."""

from dataclasses import dataclass

import numpy as np

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.placement import NETWORK_SHAPE, PlacedEvents, counts

MAX_STEPS = 2**20
"""Most time steps of a recording: three hours in steps of 10 ms. Without a limit, two damaged time
stamps could ask for any amount of memory."""


@dataclass(frozen=True, eq=False)
class StepEvents:
    """The events of a recording, each with the time step in which the network sees it.

    Attributes:
        step, row, column: (event,) of any integer dtype; `step` ascending.
        n_steps: number of time steps, empty ones included.
        n_dropped: events in no time step (the tutorial's binning drops those after its last edge).
        time: float64 (event,), the end of each event's microsecond, in steps since the start;
            None: of an event only its step is known.
        channel: (event,); None: all events in one channel.
        shape: of the network's input, (channel, height, width).
    """

    step: np.ndarray
    row: np.ndarray
    column: np.ndarray
    n_steps: int
    n_dropped: int
    time: np.ndarray | None = None
    channel: np.ndarray | None = None
    shape: tuple[int, int, int] = NETWORK_SHAPE

    @property
    def channels(self) -> np.ndarray:
        """The channel of each event, (event,)."""
        return np.zeros(len(self.step), np.uint8) if self.channel is None else self.channel

    def dense(self, start: int, stop: int) -> np.ndarray:
        """Return steps `start` to `stop` as float32 (time, channel, height, width) event counts."""
        first, last = np.searchsorted(self.step, [start, stop])
        part = slice(first, last)
        step = self.step[part].astype(np.int64) - start
        return counts(
            step,
            self.channels[part],
            self.row[part],
            self.column[part],
            shape=(stop - start, *self.shape),
        ).astype(np.float32)


def bin_steps(placed: PlacedEvents, step_us: int) -> StepEvents:
    """Bin placed events into steps of `step_us` from the recording's first moment.

    The last partial step is kept; it takes what comes after the recording's last moment.
    """
    n_steps = checked_steps(placed, step_us)
    since_first = placed.t - placed.t_first
    return StepEvents(
        step=np.minimum(since_first // step_us, n_steps - 1),
        row=placed.row,
        column=placed.column,
        n_steps=n_steps,
        n_dropped=0,
        time=np.minimum((since_first + 1) / step_us, n_steps),
        channel=placed.channel,
        shape=placed.shape,
    )


def checked_steps(placed: PlacedEvents, step_us: int) -> int:
    """Count the time steps of a recording; StudyError if they are more than `MAX_STEPS`."""
    n_steps = (placed.t_last - placed.t_first) // step_us + 1
    if n_steps > MAX_STEPS:
        raise StudyError(
            f"a recording of {placed.duration_s:.4f} s has {n_steps} time steps of "
            f"{step_us / 1000:g} ms, expected at most {MAX_STEPS}; cut it into shorter ones, or "
            "lengthen inference.step_ms."
        )
    return n_steps
