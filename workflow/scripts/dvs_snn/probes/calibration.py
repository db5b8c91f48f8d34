"""The calibration: quantities of simulated slow recordings beside those of real ones.

The real ones are recordings of MNIST-DVS (Serrano-Gotarredona & Linares-Barranco 2015, Front.
Neurosci. 9:481): a digit that moves along straight legs on a 75 Hz monitor, in three sizes, which
the data set calls scales. The strength of a line grows with the length of a recording. So simulated
recordings are as long as the real ones, on the same part of the path.

`benchmarks/fit_sensor.py` fits the sensor and the scene to the odd half of the real files. The even
half checks the fit.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import signal

from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Progress
from dvs_snn.files.randomness import generator
from dvs_snn.files.tables import read_shipped, schema, write_table
from dvs_snn.probes.event_statistics import bursts_of, statistics_of
from dvs_snn.probes.realism import area_under_curve
from dvs_snn.recordings.recording import EventRecording
from dvs_snn.settings.simulation_settings import MnistDvsScene, SceneSettings
from dvs_snn.simulation.drawn_symbols import Symbols, read_symbols
from dvs_snn.simulation.takes import make_recording, nominal_conditions, nominal_sensor

SCENE = "mnist-dvs"
REAL_COLUMNS = ("recording", "scale", "label", "half", "duration_s", "begin_s")
"""Columns of the shipped table beside the quantities. `begin_s` is the second of the path at which
a recording begins. `half` is ``odd`` or ``even``, by the number in the file's name; the one file of
size 8, to which nothing is fitted, is ``even``."""

SYMBOLS_PER_SCALE = 100
"""Most simulated recordings of a size, as many of each digit that the real ones show."""

BIN_MS = 1.0
"""Bin of the event rate whose spectrum is taken."""
LINE_BANDS_HZ = {"line_ratio": (70.0, 80.0), "line_150_ratio": (145.0, 155.0)}
"""Where the monitor's refresh (75 Hz) and its first overtone are looked for."""
FLOOR_FROM_HZ = 20.0
"""Above this frequency lies the noise floor; below it, the rate follows the digit's motion."""
MIN_DURATION_S = 0.1
"""Shortest recording whose spectrum has a frequency inside the band of the line."""

_ROUNDING = 1e-9  # so that a value on the edge of its tolerance is inside


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
            return real / self.size - _ROUNDING <= ours <= real * self.size + _ROUNDING
        reach = self.size * abs(real) if self.kind == "relative" else self.size
        return abs(ours - real) <= reach + _ROUNDING


@dataclass(frozen=True)
class Quantity:
    """A quantity that is measured of each recording: its unit, and when it counts as reproduced."""

    unit: str
    tolerance: Tolerance


_RATE = Tolerance("relative", 0.15)
_SHARE = Tolerance("relative", 0.20)
_POINTS = Tolerance("absolute", 0.03)
_PLACE = Tolerance("absolute", 1.5)
_FACTOR = Tolerance("factor", 2)

QUANTITIES = {
    # Between the first event and the last.
    "event_rate_keps": Quantity("k events/s", _RATE),
    # Nan without polarity.
    "on_share": Quantity("fraction", _POINTS),
    # Strength of the lines at 75 and 150 Hz: see `line_ratio`.
    "line_ratio": Quantity("ratio of powers", _FACTOR),
    "line_150_ratio": Quantity("ratio of powers", _FACTOR),
    # `event_statistics` says what each of the following is.
    "window_events": Quantity("events", _RATE),
    "window_pixels": Quantity("px", _RATE),
    "burst_share": Quantity("fraction", _SHARE),
    "interval_ms": Quantity("ms", _SHARE),
    "short_interval_share": Quantity("fraction", _SHARE),
    "peak_rate_keps": Quantity("k events/s", _RATE),
    "n_pixels": Quantity("px", _RATE),
    "events_per_pixel": Quantity("events", _RATE),
    "busiest_pixel": Quantity("events", _FACTOR),
    "single_share": Quantity("fraction", _SHARE),
    "lone_share": Quantity("fraction", _SHARE),
    "interval_5_ms": Quantity("ms", _SHARE),
    "interval_50_ms": Quantity("ms", _SHARE),
    "interval_95_ms": Quantity("ms", _SHARE),
    "interval_on_ms": Quantity("ms", _SHARE),
    "interval_off_ms": Quantity("ms", _SHARE),
    "repeat_share": Quantity("fraction", _SHARE),
    "centre_x_px": Quantity("px", _PLACE),
    "centre_y_px": Quantity("px", _PLACE),
    "spread_x_px": Quantity("px", _SHARE),
    "spread_y_px": Quantity("px", _SHARE),
}
"""The rate sets the power that a network draws, so its tolerance is the narrowest. A line scatters
by a factor from file to file; so does the busiest pixel, which is hot."""


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


def line_ratio(frequency_hz: np.ndarray, power: np.ndarray, line: str = "line_ratio") -> float:
    """Return the largest power in the band of a line over the median power of the floor.

    Both arrays are as `rate_spectrum` returns them. Nan if the median is 0.

    Args:
        line: a name of `LINE_BANDS_HZ`.
    """
    low, high = LINE_BANDS_HZ[line]
    strongest = power[(frequency_hz >= low) & (frequency_hz <= high)].max()
    floor = np.median(power[frequency_hz > FLOOR_FROM_HZ])
    return float(strongest / floor) if floor > 0 else math.nan


def measure(recording: EventRecording) -> dict[str, float]:
    """Measure a recording, real or simulated: the `QUANTITIES`.

    Raises:
        StudyError: the recording is shorter than `MIN_DURATION_S`.
    """
    frequency_hz, power = rate_spectrum(recording)
    values = statistics_of(recording) | bursts_of(recording)
    values["event_rate_keps"] = recording.n_events / recording.duration_s / 1000
    values["on_share"] = recording.on_share
    values["line_ratio"] = line_ratio(frequency_hz, power)
    values["line_150_ratio"] = line_ratio(frequency_hz, power, "line_150_ratio")
    return {name: values[name] for name in QUANTITIES}


def read_real_quantities(path: Path) -> pd.DataFrame:
    """Read the shipped quantities of real recordings, `REAL_COLUMNS` and `QUANTITIES`."""
    return read_shipped(path, (*REAL_COLUMNS, *QUANTITIES))


def shown_symbols(symbols: Symbols, labels: Sequence[int], n: int) -> list[str]:
    """Return about `n` test symbols of some digits, the first of each, at least one of each."""
    of_each = max(1, n // len(labels))
    shown: list[str] = []
    for label in labels:
        of_label = [name for name in symbols.part("test") if symbols.label(name) == label]
        shown += of_label[:of_each]
    return shown


def recordings_like(
    real: pd.DataFrame, symbols: Symbols, n: int, settings: SceneSettings, seed: int, purpose: str
) -> Iterator[EventRecording]:
    """Simulate about `n` symbols as the real recordings of one size show theirs.

    They show the digits that the real ones show, are as long, and begin at the same second of the
    path.

    Args:
        purpose: names the draws.
    """
    size = int(real["scale"].iloc[0])
    scene = settings.scenes[SCENE]
    assert isinstance(scene, MnistDvsScene)
    seconds_of_a_round = scene.corners[-1][0]
    conditions = replace(
        nominal_conditions(settings, SCENE, size),
        duration_s=float(real["duration_s"].median()),
        phase=float(real["begin_s"].median()) / seconds_of_a_round,
    )
    sensor = nominal_sensor(settings, SCENE, seed)
    for symbol in shown_symbols(symbols, sorted(real["label"].unique()), n):
        rng = generator(seed, purpose, size, symbol)
        yield make_recording(symbols.image(symbol), conditions, sensor, rng)


def measured_symbols(
    symbols: Symbols,
    n: int,
    settings: SceneSettings,
    real: pd.DataFrame,
    seed: int,
    advance: Callable[[int], object] = lambda n: None,
) -> pd.DataFrame:
    """Simulate about `n` symbols at each size; return `scale` and `QUANTITIES`, a row each."""
    rows = []
    for size, of_size in real.groupby("scale"):
        for recording in recordings_like(of_size, symbols, n, settings, seed, "calibration"):
            rows.append({"scale": size, **measure(recording)})
            advance(1)
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class CalibrateJob:
    """What the rule `calibrate` gives.

    Attributes:
        real: the shipped figures of real recordings.
        mnist_dvs: what simulates slow recordings.
    """

    symbols: Path
    real: Path
    mnist_dvs: SceneSettings
    study_seed: int
    table: Path


def calibrate(job: CalibrateJob, progress: Progress) -> None:
    """Write ``calibration.csv``: simulated recordings beside the shipped figures of real ones."""
    symbols = read_symbols(job.symbols)
    real = read_real_quantities(job.real)
    n = SYMBOLS_PER_SCALE
    with progress.bar(n * real["scale"].nunique(), "recording", "calibration") as bar:
        simulated = measured_symbols(symbols, n, job.mnist_dvs, real, job.study_seed, bar.advance)
    write_table(calibration_table(real, simulated), job.table, "calibration")


def calibration_table(real: pd.DataFrame, simulated: pd.DataFrame) -> pd.DataFrame:
    """Return ``calibration.csv``: each quantity of each half of the real files beside simulated.

    `real` and `ours` are medians over recordings; `_low` and `_high` are their 5th and 95th
    percentile (the spread between recordings, no confidence interval). `n` counts the recordings
    whose quantity isn't nan. `auc` is the area under the ROC curve of the quantity, in whichever
    direction it separates simulated recordings from real ones: 0.5 not at all, 1 completely. The
    verdict compares the medians: `reproduced` within the quantity's tolerance, else `differs`. It
    is `not comparable` where nothing was simulated.

    Args:
        real: `REAL_COLUMNS` and `QUANTITIES`, a row a recording.
        simulated: `scale` and `QUANTITIES`, a row a recording.
    """
    rows = []
    for (size, half), of_half in real.groupby(["scale", "half"], sort=False):
        of_size = simulated[simulated["scale"] == size]
        for name, quantity in QUANTITIES.items():
            real_values = of_half[name].dropna()
            values = of_size[name].dropna()
            row = {
                "scale": size,
                "half": half,
                "quantity": name,
                "unit": quantity.unit,
                **_spread_of(real_values, "real"),
                "n_real": len(real_values),
                **_spread_of(values, "ours"),
                "n": len(values),
                "auc": _separation(real_values, values),
                "tolerance": str(quantity.tolerance),
            }
            row["verdict"], row["why"] = _judged(quantity.tolerance, row["real"], row["ours"])
            rows.append(row)
    return pd.DataFrame(rows, columns=list(schema("calibration")))


def _spread_of(values: pd.Series, name: str) -> dict[str, float]:
    """Return the median, the 5th and the 95th percentile of values; nan without any."""
    middle, low, high = np.percentile(values, [50, 5, 95]) if len(values) else [math.nan] * 3
    return {name: float(middle), f"{name}_low": float(low), f"{name}_high": float(high)}


def _separation(real: pd.Series, simulated: pd.Series) -> float:
    """Return the area under the ROC curve of a quantity, 0.5 or more; nan with one recording."""
    if len(real) < 2 or len(simulated) < 2:
        return math.nan
    auc = float(area_under_curve(real, simulated))
    return max(auc, 1 - auc)


def _judged(tolerance: Tolerance, real: float, ours: float) -> tuple[str, str]:
    """Return the verdict on a quantity, and how far it is off; "" if it isn't."""
    if math.isnan(ours) or math.isnan(real):
        return "not comparable", "nothing was measured on one side"
    if tolerance.accepts(real, ours):
        return "reproduced", ""
    if tolerance.kind == "absolute":
        return "differs", f"ours minus real is {ours - real:+.3f}"
    return "differs", f"ours is {ours / real:.2f} times the real value"
