"""Six quantities that describe a recording, to compare simulated recordings with real ones.

The real ones are three recordings of MNIST-DVS (Serrano-Gotarredona & Linares-Barranco 2015,
Front. Neurosci. 9:481): a digit that moves along a slow closed figure on a 75 Hz monitor, in
three sizes, which the data set calls scales. One function, :func:`measure`, measures real and
simulated recordings.

The range of the path and the strength of the 75 Hz line grow with the length of a recording. So
compare recordings of the same length, which show the same part of the path.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import signal

from dvs_snn.files.errors import StudyError
from dvs_snn.files.tables import schema
from dvs_snn.recordings.recording import EventRecording

PX_PER_MNIST_PX = {4: 1.1, 8: 2.2, 16: 4.2}
"""Sensor pixels per MNIST pixel at each size of MNIST-DVS, as measured on the digits' edges."""

IMAGE_SIDE_MNIST_PX = 28
"""Side of a whole MNIST image; nothing of the digit can lie outside."""

BOX_SIDE_MNIST_PX = 24
"""Side of the digit's box. MNIST's digits fill 20x20 pixels. The 2 more on each side allow for the
blur, and for digits that are centred by their mass, not by their extent."""

WINDOW_MS = 2000 / 75
"""Window of the path: two refreshes of the 75 Hz monitor, so that windows don't beat with it. A
round of the path lasts about a second, so the digit hardly moves within a window."""

MIN_WINDOW_EVENTS = 10
"""Least events of a window with a centre: a window of noise alone would stretch the path."""

BIN_MS = 1.0
"""Bin of the event rate whose spectrum is taken."""

LINE_BAND_HZ = (70.0, 80.0)
"""Where the monitor's refresh is looked for (75 Hz)."""

FLOOR_FROM_HZ = 20.0
"""Above this frequency lies the noise floor; below it, the rate follows the digit's motion."""

MIN_DURATION_S = 0.1
"""Shortest recording whose spectrum has a frequency inside the band of the line."""

PATH_PERIOD_S = 1.2
"""Time of one round of the slower axis (x) of the path."""


_MAX_ROUNDS = 20
_ROUNDING = 1e-9  # so that a value on the edge of its tolerance is inside


@dataclass(frozen=True)
class Quantities:
    """The six quantities of one recording.

    Attributes:
        event_rate_keps: events per second between the first event and the last, in 1000/s.
        on_share: share of ON events, 0 to 1; nan without polarity.
        line_ratio: strength of the 75 Hz line: the largest power of the event rate in
            :data:`LINE_BAND_HZ` over the median power above :data:`FLOOR_FROM_HZ`; see
            :func:`rate_spectrum`. Nan if that median is 0.
        box_share: share of the events inside the digit's box, 0 to 1. The box is a square of
            :data:`BOX_SIDE_MNIST_PX` MNIST pixels about the digit's centre at that moment. Outside
            are the sensor's noise and its hot pixels.
        centroid_range_x_px, centroid_range_y_px: largest minus smallest coordinate of the digit's
            centre, in sensor pixels; see :func:`centroid_path`. The scatter of the centres widens
            it by about a pixel, alike in real and simulated recordings of one event rate.
    """

    event_rate_keps: float
    on_share: float
    line_ratio: float
    box_share: float
    centroid_range_x_px: float
    centroid_range_y_px: float


UNITS = {
    "event_rate_keps": "k events/s",
    "on_share": "fraction",
    "line_ratio": "ratio of powers",
    "box_share": "fraction",
    "centroid_range_x_px": "px",
    "centroid_range_y_px": "px",
}


@dataclass(frozen=True)
class Tolerance:
    """How far a simulated value may lie from the real one.

    Attributes:
        kind: ``relative`` (share of the real value), ``absolute`` (in its unit) or ``factor``.
        size: 0.15 is 15 % if relative; a factor is above 1.
    """

    kind: str
    size: float

    def __str__(self) -> str:
        if self.kind == "relative":
            return f"±{100 * self.size:g} %"
        return f"±{self.size:g}" if self.kind == "absolute" else f"factor {self.size:g}"

    def accepts(self, real: float, ours: float) -> bool:
        """Return whether `ours` lies within the tolerance about `real`; nan never does."""
        if self.kind == "factor":
            inside = real / self.size - _ROUNDING <= ours <= real * self.size + _ROUNDING
        else:
            allowed = self.size * abs(real) if self.kind == "relative" else self.size
            inside = abs(ours - real) <= allowed + _ROUNDING
        return bool(inside)


TOLERANCES = {
    "event_rate_keps": Tolerance("relative", 0.15),
    "on_share": Tolerance("absolute", 0.03),
    "line_ratio": Tolerance("factor", 2),
    "box_share": Tolerance("absolute", 0.03),
    "centroid_range_x_px": Tolerance("relative", 0.30),
    "centroid_range_y_px": Tolerance("relative", 0.30),
}
"""A quantity within its tolerance counts as reproduced.

The rate sets the power that a network draws, so its tolerance is the narrowest. The shares of two
real sizes differ by about 0.03. The line of a single recording scatters by a factor: pieces of
0.2 s of the real size 4 have 9 to 57. The real recordings show at most two rounds of the path.
"""


def rate_spectrum(recording: EventRecording) -> tuple[np.ndarray, np.ndarray]:
    """Return the power spectrum of the event rate.

    Events in bins of :data:`BIN_MS` from the first event on (a partial last bin is dropped: its
    rate would be too low), mean removed, Hann window.

    Returns:
        frequency_hz, power: float64 (frequency,), from 0 to 500 Hz; power in (k events/s)^2/Hz,
        two-sided.

    Raises:
        StudyError: if the recording is shorter than :data:`MIN_DURATION_S`.
    """
    if recording.duration_s < MIN_DURATION_S:
        raise StudyError(
            f"a recording of {recording.duration_s:g} s is too short for a spectrum, expected at "
            f"least {MIN_DURATION_S:g} s; use a longer recording"
        )
    times = recording.events["t"] - recording.events["t"][0]
    bin_us = round(BIN_MS * 1000)
    n_bins = int(times[-1]) // bin_us
    rate_keps = np.bincount(times // bin_us, minlength=n_bins)[:n_bins] / BIN_MS
    hann = signal.windows.hann(n_bins, sym=False)
    amplitude = np.fft.rfft((rate_keps - rate_keps.mean()) * hann)
    bin_s = BIN_MS / 1000
    return np.fft.rfftfreq(n_bins, bin_s), np.abs(amplitude) ** 2 * bin_s / np.sum(hann**2)


def line_ratio(frequency_hz: np.ndarray, power: np.ndarray) -> float:
    """Return the largest power in the band of the 75 Hz line over the median power of the floor.

    Both arrays are as :func:`rate_spectrum` returns them. Nan if the median is 0.
    """
    low, high = LINE_BAND_HZ
    line = power[(frequency_hz >= low) & (frequency_hz <= high)].max()
    floor = np.median(power[frequency_hz > FLOOR_FROM_HZ])
    return float(line / floor) if floor > 0 else math.nan


def centroid_path(
    recording: EventRecording, window_ms: float = WINDOW_MS, image_side_px: float = math.inf
) -> pd.DataFrame:
    """Return where the centre of the digit is over time.

    The centre is the mean of a window's events within a square of `image_side_px` about that
    centre. Iteration finds it, starting from the median. Noise far from the digit has no weight,
    and a mean is finer than a median, which is a whole pixel.

    Args:
        window_ms: aimed-at length of a window; the windows divide the recording evenly.
        image_side_px: side of the square, in sensor pixels; without it every event counts.

    Returns:
        One row a window: `t_ms` (its middle, from the first event), `x_px`, `y_px` (centres of
        pixels are whole numbers; nan if the window has fewer than :data:`MIN_WINDOW_EVENTS`
        events), `n_events` (all of the window).
    """
    events = recording.events
    window, n_windows = _windows(recording, window_ms)
    x, y = events["x"].astype(np.float64), events["y"].astype(np.float64)
    medians = pd.DataFrame({"x": x, "y": y}).groupby(window).median().reindex(range(n_windows))
    centre_x, centre_y = medians["x"].to_numpy(), medians["y"].to_numpy()
    for i in range(_MAX_ROUNDS):
        # The median may lie on an edge of the digit; a square of twice the side still holds it all.
        side = image_side_px if i else 2 * image_side_px
        inside = _in_square(x, y, centre_x[window], centre_y[window], side)
        n_inside = np.bincount(window[inside], minlength=n_windows)
        before = centre_x, centre_y
        sums = (np.bincount(window, values * inside, n_windows) for values in (x, y))
        # A square between two clusters may be empty: its centre stays.
        centre_x, centre_y = (
            np.divide(total, n_inside, out=old.copy(), where=n_inside > 0)
            for total, old in zip(sums, before, strict=True)
        )
        if i and np.array_equal(before, (centre_x, centre_y), equal_nan=True):
            break
    n_events = np.bincount(window, minlength=n_windows)
    counted = n_events >= MIN_WINDOW_EVENTS
    window_length_ms = (int(events["t"][-1] - events["t"][0]) + 1) / 1000 / n_windows
    return pd.DataFrame(
        {
            "t_ms": (np.arange(n_windows) + 0.5) * window_length_ms,
            "x_px": np.where(counted, centre_x, math.nan),
            "y_px": np.where(counted, centre_y, math.nan),
            "n_events": n_events,
        }
    )


def measure(recording: EventRecording, size: int) -> Quantities:
    """Measure a recording, real or simulated.

    The digit's box moves with the digit. A window too empty for a centre takes its neighbours'.

    Args:
        size: of the digit in MNIST-DVS, a key of :data:`PX_PER_MNIST_PX`.

    Raises:
        StudyError: if the recording is shorter than :data:`MIN_DURATION_S` or too empty for any
            centre.
    """
    path = centroid_path(recording, WINDOW_MS, IMAGE_SIDE_MNIST_PX * PX_PER_MNIST_PX[size])
    line = line_ratio(*rate_spectrum(recording))
    found = path.dropna()
    if found.empty:
        raise StudyError(
            f"a recording of {recording.n_events} events in {recording.duration_s:g} s has no "
            f"window of {WINDOW_MS:.1f} ms with {MIN_WINDOW_EVENTS} events, expected at least one; "
            "use a recording with more events"
        )
    events = recording.events
    window, _ = _windows(recording, WINDOW_MS)
    centre_x, centre_y = (
        np.interp(path["t_ms"], found["t_ms"], found[axis])[window] for axis in ("x_px", "y_px")
    )
    side = BOX_SIDE_MNIST_PX * PX_PER_MNIST_PX[size]
    in_box = _in_square(events["x"], events["y"], centre_x, centre_y, side)
    return Quantities(
        event_rate_keps=recording.n_events / recording.duration_s / 1000,
        on_share=recording.on_share,
        line_ratio=line,
        box_share=float(in_box.mean()),
        centroid_range_x_px=float(np.ptp(found["x_px"])),
        centroid_range_y_px=float(np.ptp(found["y_px"])),
    )


def by_scale(simulated: Mapping[int, Sequence[Quantities]]) -> dict[int, pd.DataFrame]:
    """Return the quantities of each scale: a row a recording, a float64 column a quantity."""
    return {
        scale: pd.DataFrame(of_scale, columns=list(UNITS), dtype=np.float64)
        for scale, of_scale in simulated.items()
    }


def calibration_table(
    real: pd.DataFrame, simulated: Mapping[int, Sequence[Quantities]]
) -> pd.DataFrame:
    """Return ``calibration.csv``: each real quantity beside the simulated recordings'.

    `ours` is the median over the simulated recordings of a size; `ours_low` and `ours_high` are
    their 5th and 95th percentile (the spread between symbols, no confidence interval). `n` counts
    the recordings whose quantity isn't nan. The verdict is on the median: `reproduced` within the
    quantity's tolerance (:data:`TOLERANCES`), else `differs`; `not comparable` where nothing was
    simulated.

    Args:
        real: as :func:`read_real_quantities` returns it.
        simulated: scale -> quantities of the recordings simulated at it.

    Returns:
        One row per row of `real`, with the columns of the table `calibration`.
    """
    measured = by_scale(simulated)
    rows = []
    for row in real.itertuples():
        values = measured[row.scale][row.quantity].dropna() if row.scale in measured else []
        low, ours, high = np.percentile(values, [5, 50, 95]) if len(values) else [math.nan] * 3
        tolerance = TOLERANCES[row.quantity]
        verdict, why = _judge(row, tolerance, ours)
        rows.append(
            (row.scale, row.quantity, UNITS[row.quantity], row.value, row.n, ours, low, high,
             len(values), str(tolerance), verdict, why)
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(schema("calibration")))


def _judge(row: tuple, tolerance: Tolerance, ours: float) -> tuple[str, str]:
    """Return the verdict on a row of `real`, and a note on it, empty if there is none."""
    if math.isnan(ours):
        return "not comparable", "no simulated recording at this scale"
    reproduced = tolerance.accepts(row.value, ours)
    reasons = []
    if not reproduced:
        if tolerance.kind == "absolute":
            reasons.append(f"ours minus real is {ours - row.value:+.3f}")
        else:
            reasons.append(f"ours is {ours / row.value:.2f} times the real value")
    if row.quantity.startswith("centroid_range") and row.duration_s < PATH_PERIOD_S:
        reasons.append(
            f"the real excerpt of {row.duration_s:g} s shows a part of the path only; "
            "which part sets the range"
        )
    return "reproduced" if reproduced else "differs", "; ".join(reasons)


def _windows(recording: EventRecording, window_ms: float) -> tuple[np.ndarray, int]:
    """Return each event's window, int64 (event,), and how many windows there are."""
    times = recording.events["t"] - recording.events["t"][0]
    length_us = int(times[-1]) + 1
    n_windows = max(1, round(length_us / (window_ms * 1000)))
    return times * n_windows // length_us, n_windows


def _in_square(
    x: np.ndarray, y: np.ndarray, centre_x: np.ndarray, centre_y: np.ndarray, side: float
) -> np.ndarray:
    """Return which points lie in a square about their centre, bool (point,); all arrays alike."""
    return (np.abs(x - centre_x) <= side / 2) & (np.abs(y - centre_y) <= side / 2)
