"""The calibration: six quantities of simulated zeros beside those of real recordings.

The real ones are three recordings of MNIST-DVS (Serrano-Gotarredona & Linares-Barranco 2015, Front.
Neurosci. 9:481): a zero that moves along a slow closed figure on a 75 Hz monitor, in three sizes,
which the data set calls scales. The range of the path and the strength of the 75 Hz line grow with
the length of a recording. So simulated recordings are as long as the real ones and show the same
part of the path.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import signal

from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Progress
from dvs_snn.files.randomness import generator
from dvs_snn.files.tables import read_shipped, schema, write_table
from dvs_snn.recordings.recording import EventRecording
from dvs_snn.settings.simulation import SceneSettings
from dvs_snn.simulation.symbols import Symbols, read_symbols
from dvs_snn.simulation.takes import make_recording, nominal_conditions, nominal_sensor

SCENE = "mnist-dvs"
REAL_COLUMNS = ("scale", "quantity", "value", "n", "duration_s", "source", "licence")

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

UNITS = {
    # Between the first event and the last.
    "event_rate_keps": "k events/s",
    # Nan without polarity.
    "on_share": "fraction",
    # Strength of the 75 Hz line: see `line_ratio`.
    "line_ratio": "ratio of powers",
    # Events inside the digit's box, a square of `BOX_SIDE_MNIST_PX` about its centre at that
    # moment. Outside are the sensor's noise and its hot pixels.
    "box_share": "fraction",
    # Largest minus smallest coordinate of the digit's centre, in sensor pixels. The scatter of the
    # centres widens it by about a pixel, alike in real and simulated recordings of one event rate.
    "centroid_range_x_px": "px",
    "centroid_range_y_px": "px",
}
"""The unit of each quantity."""


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

    def band(self, real: float) -> tuple[float, float]:
        """Return the smallest and the largest value within the tolerance about `real`."""
        if self.kind == "factor":
            return real / self.size, real * self.size
        reach = self.size * abs(real) if self.kind == "relative" else self.size
        return real - reach, real + reach

    def accepts(self, real: float, ours: float) -> bool:
        """Return whether `ours` lies within the tolerance about `real`; nan never does."""
        low, high = self.band(real)
        return bool(low - _ROUNDING <= ours <= high + _ROUNDING)


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

    Events in bins of `BIN_MS` from the first event on (a partial last bin is dropped: its rate
    would be too low), mean removed, Hann window.

    Returns:
        frequency_hz, power: float64 (frequency,), from 0 to 500 Hz; power in (k events/s)^2/Hz,
        two-sided.

    Raises:
        StudyError: if the recording is shorter than `MIN_DURATION_S`.
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

    Both arrays are as `rate_spectrum` returns them. Nan if the median is 0.
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
        pixels are whole numbers; nan if the window has fewer than `MIN_WINDOW_EVENTS` events),
        `n_events` (all of the window).
    """
    events = recording.events
    window, n_windows = _windows(recording, window_ms)
    x, y = events["x"].astype(np.float64), events["y"].astype(np.float64)
    medians = pd.DataFrame({"x": x, "y": y}).groupby(window).median().reindex(range(n_windows))
    centre_x, centre_y = medians["x"].to_numpy(), medians["y"].to_numpy()
    for i in range(_MAX_ROUNDS):
        # The median may lie on an edge of the digit; a square of twice the side still holds it all.
        side = image_side_px if i else 2 * image_side_px
        inside = _in_square(x - centre_x[window], y - centre_y[window], side)
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
    window_length_ms = (int(events["t"][-1] - events["t"][0]) + 1) / 1000 / n_windows
    path = pd.DataFrame({"t_ms": (np.arange(n_windows) + 0.5) * window_length_ms})
    path = path.assign(x_px=centre_x, y_px=centre_y, n_events=n_events)
    path.loc[n_events < MIN_WINDOW_EVENTS, ["x_px", "y_px"]] = math.nan
    return path


def _windows(recording: EventRecording, window_ms: float) -> tuple[np.ndarray, int]:
    """Return each event's window, int64 (event,), and how many windows there are."""
    times = recording.events["t"] - recording.events["t"][0]
    length_us = int(times[-1]) + 1
    n_windows = max(1, round(length_us / (window_ms * 1000)))
    return times * n_windows // length_us, n_windows


def _in_square(dx: np.ndarray, dy: np.ndarray, side: float) -> np.ndarray:
    """Return which points lie in a square, by their distances from its centre."""
    return (np.abs(dx) <= side / 2) & (np.abs(dy) <= side / 2)


def measure(recording: EventRecording, size: int) -> dict[str, float]:
    """Measure a recording, real or simulated: the quantities of `UNITS`.

    The digit's box moves with the digit. A window too empty for a centre takes its neighbours'.

    Args:
        size: of the digit in MNIST-DVS, a key of `PX_PER_MNIST_PX`.

    Raises:
        StudyError: the recording is shorter than `MIN_DURATION_S`, or too empty for any centre.
    """
    path = centroid_path(recording, WINDOW_MS, IMAGE_SIDE_MNIST_PX * PX_PER_MNIST_PX[size])
    line = line_ratio(*rate_spectrum(recording))
    known = path.dropna()
    if known.empty:
        raise StudyError(
            f"a recording of {recording.n_events} events in {recording.duration_s:g} s has no "
            f"window of {WINDOW_MS:.1f} ms with {MIN_WINDOW_EVENTS} events, expected at least one; "
            "use a recording with more events"
        )
    window, _ = _windows(recording, WINDOW_MS)
    dx, dy = (
        recording.events[axis] - np.interp(path["t_ms"], known["t_ms"], known[f"{axis}_px"])[window]
        for axis in "xy"
    )
    in_box = _in_square(dx, dy, BOX_SIDE_MNIST_PX * PX_PER_MNIST_PX[size])
    return {
        "event_rate_keps": recording.n_events / recording.duration_s / 1000,
        "on_share": recording.on_share,
        "line_ratio": line,
        "box_share": float(in_box.mean()),
        "centroid_range_x_px": float(np.ptp(known["x_px"])),
        "centroid_range_y_px": float(np.ptp(known["y_px"])),
    }


def read_real_quantities(path: Path) -> pd.DataFrame:
    """Read `REAL_COLUMNS` of real MNIST-DVS recordings; StudyError if the file lacks any."""
    table = read_shipped(path, REAL_COLUMNS)
    for column, known in (("quantity", UNITS), ("scale", PX_PER_MNIST_PX)):
        unknown = [value for value in table[column].unique() if value not in known]
        if unknown:
            raise StudyError(
                f"{path}: {column} {unknown[0]}, expected one of {', '.join(map(str, known))}; "
                "correct the row"
            )
    return table


def zeros_of(symbols: Symbols) -> list[str]:
    """Return the test symbols that show a zero."""
    return [symbol for symbol in symbols.part("test") if symbols.label(symbol) == 0]


def measured_zeros(
    symbols: Symbols,
    zeros: Sequence[str],
    settings: SceneSettings,
    real: pd.DataFrame,
    seed: int,
    advance: Callable[[int], object] = lambda n: None,
) -> dict[int, pd.DataFrame]:
    """Simulate zeros at each scale of the real recordings, and measure them.

    They are as long as the real ones, and also start at the beginning of the path.

    Returns:
        Of each scale the quantities, a row a zero.
    """
    sensor = nominal_sensor(settings, SCENE, seed)
    measured = {}
    for size, duration_s in real.groupby("scale")["duration_s"].first().items():
        nominal = nominal_conditions(settings, SCENE, size)
        conditions = replace(nominal, duration_s=duration_s, phase=0.0)
        rows = []
        for symbol in zeros:
            rng = generator(seed, "calibration", size, symbol)
            recording = make_recording(symbols.image(symbol), conditions, sensor, rng)
            rows.append(measure(recording, size))
            advance(1)
        measured[size] = pd.DataFrame(rows, columns=list(UNITS), dtype=np.float64)
    return measured


def calibrate(
    symbols: Path,
    real: Path,
    mnist_dvs: SceneSettings,
    study_seed: int,
    table: Path,
    progress: Progress,
) -> None:
    """Write ``calibration.csv``: simulated zeros beside the shipped figures of `real` ones."""
    drawn, quantities = read_symbols(symbols), read_real_quantities(real)
    zeros = zeros_of(drawn)
    with progress.bar(len(zeros) * quantities["scale"].nunique(), "recording", "zeros") as bar:
        measured = measured_zeros(drawn, zeros, mnist_dvs, quantities, study_seed, bar.advance)
    write_table(calibration_table(quantities, measured), table, "calibration")


def calibration_table(real: pd.DataFrame, simulated: Mapping[int, pd.DataFrame]) -> pd.DataFrame:
    """Return ``calibration.csv``: each real quantity beside the simulated recordings'.

    `ours` is the median over the simulated recordings of a size; `ours_low` and `ours_high` are
    their 5th and 95th percentile (the spread between symbols, no confidence interval). `n` counts
    the recordings whose quantity isn't nan. The verdict is on the median: `reproduced` within the
    quantity's tolerance, else `differs`; `not comparable` where nothing was simulated.

    Args:
        real: `REAL_COLUMNS`.
        simulated: scale -> quantities of the recordings simulated at it, a row each.
    """
    rows = []
    for row in real.itertuples():
        values = simulated[row.scale][row.quantity].dropna() if row.scale in simulated else []
        low, ours, high = np.percentile(values, [5, 50, 95]) if len(values) else [math.nan] * 3
        verdict, why = _judged(row, ours)
        simulation = (ours, low, high, len(values), str(TOLERANCES[row.quantity]), verdict, why)
        rows.append((row.scale, row.quantity, UNITS[row.quantity], row.value, row.n, *simulation))
    return pd.DataFrame(rows, columns=schema("calibration"))


def _judged(row: tuple, ours: float) -> tuple[str, str]:
    """Return the verdict on a row of `real`, and a note on it, empty if there is none."""
    if math.isnan(ours):
        return "not comparable", "no simulated recording at this scale"
    tolerance, reasons = TOLERANCES[row.quantity], []
    reproduced = tolerance.accepts(row.value, ours)
    if not reproduced:
        apart = f"ours minus real is {ours - row.value:+.3f}"
        times = f"ours is {ours / row.value:.2f} times the real value"
        reasons.append(apart if tolerance.kind == "absolute" else times)
    if row.quantity.startswith("centroid_range") and row.duration_s < PATH_PERIOD_S:
        reasons.append(
            f"the real excerpt of {row.duration_s:g} s shows a part of the path only; "
            "which part sets the range"
        )
    return "reproduced" if reproduced else "differs", "; ".join(reasons)
