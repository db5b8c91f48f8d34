"""Events per second over time, and whether the light or a screen flickered."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import gamma

from dvs_snn.events.recording import EventRecording
from dvs_snn.realism.quantities import FLOOR_FROM_HZ, MIN_DURATION_S, rate_spectrum

MOST_BINS = 400
"""A bin is 10 ms wide, or 20, 50, 100 and so on where a recording would have more of them."""

LONGEST_S = 16.0
"""A spectrum is of so much of a recording's beginning: a flicker doesn't come and go."""

LINES_FROM_HZ = 40.0
"""Lamps and screens flicker faster; below, the rate follows what moves."""

AROUND = 2.0
FEWEST_AROUND = 20
"""A line stands above the median of the frequencies within this factor of its own, and of so many
at least: of few, chance would make the median small."""

CHANCE = 1e-5
"""Chance that even noise reaches a line's height, if its median were known. The median of the few
frequencies of a short recording isn't: of 8,000 recordings of noise of 0.1 s, 6 showed a line."""

LEAST_HEIGHT = 3.0
"""Least height of a line over that median. The mean spectrum of 100 real recordings of N-MNIST,
which have none, reaches 1.7; single recordings of MNIST-DVS, filmed off a screen, 25 to 230."""


@dataclass(frozen=True, eq=False)
class Rate:
    """Events per second over the time since the first event, a mean over recordings.

    Attributes:
        edges_s: float64 (bin + 1,).
        on, off: float64 (bin,), events per second. Without polarity every event counts as ON.
        has_polarity: whether any recording tells it.
    """

    edges_s: np.ndarray
    on: np.ndarray
    off: np.ndarray
    has_polarity: bool


class RateCounter:
    """Adds recordings up to their mean rate."""

    def __init__(self, longest_s: float) -> None:
        """Choose bins for recordings of up to `longest_s`."""
        longest_us = max(round(longest_s * 1e6), 1)
        widths = (n * 10**decade for decade in itertools.count(4) for n in (1, 2, 5))
        self._width_us = next(width for width in widths if longest_us <= MOST_BINS * width)
        n_bins = longest_us // self._width_us + 1
        self._counts = np.zeros((2, n_bins), np.int64)
        self._covered_us = np.zeros(n_bins, np.int64)
        self._has_polarity = False

    def add(self, recording: EventRecording) -> None:
        """Count the events of a recording, which may not be longer than was said."""
        events, width = recording.events, self._width_us
        place = (events["t"] - events["t"][0]) // width
        for own, chosen in zip(self._counts, (events["p"], ~events["p"]), strict=True):
            own += np.bincount(place[chosen], minlength=len(own))
        duration = int(events["t"][-1] - events["t"][0])
        self._covered_us += (duration - np.arange(len(self._covered_us)) * width).clip(0, width)
        self._has_polarity |= recording.has_polarity

    def rate(self) -> Rate:
        """Return events over the seconds that recordings lasted within each bin."""
        # Less than half a bin would make a rate of chance.
        kept = max(int((self._covered_us >= self._width_us / 2).sum()), 1)
        on, off = self._counts[:, :kept] / (self._covered_us[:kept].clip(min=1) / 1e6)
        return Rate(np.arange(kept + 1) * self._width_us / 1e6, on, off, self._has_polarity)


@dataclass(frozen=True)
class Flicker:
    """The highest line of the event rate's spectrum.

    Attributes:
        peak_hz: its frequency; known within `resolution_hz`.
        height: over the median power around it.
        is_line: whether noise is unlikely to reach that height.
        seconds: of each recording that were read.
    """

    peak_hz: float
    resolution_hz: float
    height: float
    is_line: bool
    seconds: float


class FlickerMeter:
    """Averages the spectra of recordings, all cut to one length."""

    def __init__(self, durations_s: Sequence[float]) -> None:
        """Choose the length by the recordings to come: most of them have it."""
        long = [seconds for seconds in durations_s if seconds >= MIN_DURATION_S]
        self.seconds = min(float(np.quantile(long, 0.1)), LONGEST_S) if long else 0.0
        self._spectra: list[np.ndarray] = []
        self._hz = np.zeros(0)

    def add(self, recording: EventRecording) -> None:
        """Add the spectrum of a recording; too short a one, or one without any change, has none."""
        if not self.seconds or recording.duration_s < self.seconds:
            return
        self._hz, power = rate_spectrum(_cut(recording, self.seconds))
        total = power[self._hz > FLOOR_FROM_HZ].mean()
        if total > 0:
            self._spectra.append(power / total)

    def flicker(self) -> Flicker | None:
        """Return the highest line; None if no recording is long enough."""
        if not self._spectra:
            return None
        return highest_line(self._hz, np.mean(self._spectra, axis=0), len(self._spectra))


def _cut(recording: EventRecording, seconds: float) -> EventRecording:
    """Return a recording's first `seconds`, which it lasts at least."""
    events = recording.events
    end = events["t"][0] + round(seconds * 1e6)
    stop = int(np.searchsorted(events["t"], end, side="right"))
    # A spectrum reaches to the last event, which it doesn't count: so one stands where time ends.
    events = np.append(events[:stop], events[stop - 1 : stop])
    events["t"][-1] = end
    return replace(recording, events=events)


def highest_line(hz: np.ndarray, power: np.ndarray, n_spectra: int) -> Flicker:
    """Return the frequency that stands highest above those around it.

    The power of noise is exponentially distributed, and its mean over several spectra by a gamma
    distribution; so a line has to be higher than noise gets in all frequencies together.

    Args:
        hz: (frequency,), ascending from 0 in equal steps.
        power: (frequency,), mean of `n_spectra` spectra of one length.
    """
    places = np.flatnonzero(hz >= LINES_FROM_HZ)
    floor_from = int(np.searchsorted(hz, FLOOR_FROM_HZ))
    heights = np.zeros(len(places))
    for number, place in enumerate(places):
        first = max(int(np.searchsorted(hz, hz[place] / AROUND)), floor_from)
        last = int(np.searchsorted(hz, hz[place] * AROUND, side="right"))
        last = max(last, first + FEWEST_AROUND)
        first = min(first, max(len(hz) - FEWEST_AROUND, floor_from))
        median = np.median(power[first:last])
        heights[number] = power[place] / median if median > 0 else 0.0
    best = int(np.argmax(heights))
    by_chance = gamma.isf(CHANCE / len(places), n_spectra) / gamma.median(n_spectra)
    return Flicker(
        peak_hz=float(hz[places[best]]),
        resolution_hz=float(hz[1]),
        height=float(heights[best]),
        is_line=bool(heights[best] > max(by_chance, LEAST_HEIGHT)),
        seconds=float(1 / hz[1]),
    )
