"""The calibration: quantities of simulated slow recordings beside those of real ones.

The real ones are recordings of MNIST-DVS (Serrano-Gotarredona & Linares-Barranco 2015, Front.
Neurosci. 9:481): a digit that moves along straight legs on a 75 Hz monitor, in three sizes, which
the data set calls scales. The strength of a line grows with the length of a recording. So simulated
recordings are as long as the real ones, on the same part of the path.

`benchmarks/fit_sensor.py` fits the sensor and the scene to the odd half of the real files. The even
half checks the fit.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
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
from dvs_snn.settings.simulation_settings import SceneSettings
from dvs_snn.simulation.symbols import Symbols, read_symbols
from dvs_snn.simulation.takes import make_recording, nominal_conditions, nominal_sensor

SCENE = "mnist-dvs"
REAL_COLUMNS = ("recording", "scale", "label", "half", "duration_s", "begin_s")
"""Columns of the shipped table beside the quantities. `begin_s` is the second of the path at which
a recording begins. `half` is ``odd`` or ``even``, by the number in the file's name; the one file of
size 8, to which nothing is fitted, is ``even``."""

SYMBOLS_PER_SCALE = 100
"""Most simulated recordings of a size, as many of each digit that the real ones show."""

SIZES = (4, 8, 16)

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


_RATE = Tolerance("relative", 0.15)
_SHARE = Tolerance("relative", 0.20)
_POINTS = Tolerance("absolute", 0.03)
_PLACE = Tolerance("absolute", 1.5)
_FACTOR = Tolerance("factor", 2)

_QUANTITIES = {
    # Between the first event and the last.
    "event_rate_keps": ("k events/s", _RATE),
    # Nan without polarity.
    "on_share": ("fraction", _POINTS),
    # Strength of the lines at 75 and 150 Hz: see `line_ratio`.
    "line_ratio": ("ratio of powers", _FACTOR),
    "line_150_ratio": ("ratio of powers", _FACTOR),
    # `event_statistics` says what each of the following is.
    "window_events": ("events", _RATE),
    "window_pixels": ("px", _RATE),
    "burst_share": ("fraction", _SHARE),
    "interval_ms": ("ms", _SHARE),
    "short_interval_share": ("fraction", _SHARE),
    "peak_rate_keps": ("k events/s", _RATE),
    "n_pixels": ("px", _RATE),
    "events_per_pixel": ("events", _RATE),
    "busiest_pixel": ("events", _FACTOR),
    "single_share": ("fraction", _SHARE),
    "lone_share": ("fraction", _SHARE),
    "interval_5_ms": ("ms", _SHARE),
    "interval_50_ms": ("ms", _SHARE),
    "interval_95_ms": ("ms", _SHARE),
    "interval_on_ms": ("ms", _SHARE),
    "interval_off_ms": ("ms", _SHARE),
    "repeat_share": ("fraction", _SHARE),
    "centre_x_px": ("px", _PLACE),
    "centre_y_px": ("px", _PLACE),
    "spread_x_px": ("px", _SHARE),
    "spread_y_px": ("px", _SHARE),
}

UNITS = {name: unit for name, (unit, _) in _QUANTITIES.items()}
"""The unit of each quantity."""

TOLERANCES = {name: tolerance for name, (_, tolerance) in _QUANTITIES.items()}
"""A quantity within its tolerance counts as reproduced.

The rate sets the power that a network draws, so its tolerance is the narrowest. A line scatters by
a factor from file to file; so does the busiest pixel, which is hot.
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
    """Measure a recording, real or simulated: the quantities of `UNITS`.

    Raises:
        StudyError: the recording is shorter than `MIN_DURATION_S`.
    """
    frequency_hz, power = rate_spectrum(recording)
    values = statistics_of(recording) | bursts_of(recording)
    values["event_rate_keps"] = recording.n_events / recording.duration_s / 1000
    values["on_share"] = recording.on_share
    values["line_ratio"] = line_ratio(frequency_hz, power)
    values["line_150_ratio"] = line_ratio(frequency_hz, power, "line_150_ratio")
    return {name: values[name] for name in UNITS}


def read_real_quantities(path: Path) -> pd.DataFrame:
    """Read the quantities of real MNIST-DVS recordings, a row each: `REAL_COLUMNS` and `UNITS`.

    Raises:
        StudyError: a column is missing, or a size isn't one of MNIST-DVS.
    """
    table = read_shipped(path, (*REAL_COLUMNS, *UNITS))
    unknown = [size for size in table["scale"].unique() if size not in SIZES]
    if unknown:
        raise StudyError(
            f"{path}: scale {unknown[0]}, expected one of {', '.join(map(str, SIZES))}; correct "
            "the row"
        )
    return table


def shown_symbols(symbols: Symbols, labels: Sequence[int], n: int) -> list[str]:
    """Return about `n` test symbols of some digits, the first of each, at least one of each."""
    of_each = max(1, n // len(labels))
    shown: list[str] = []
    for label in labels:
        of_label = [symbol for symbol in symbols.part("test") if symbols.label(symbol) == label]
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
    sensor = nominal_sensor(settings, SCENE, seed)
    round_s = settings.scenes[SCENE].corners[-1][0]
    conditions = replace(
        nominal_conditions(settings, SCENE, size),
        duration_s=float(real["duration_s"].median()),
        phase=float(real["begin_s"].median()) / round_s,
    )
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
) -> dict[int, pd.DataFrame]:
    """Return the quantities of about `n` symbols simulated at each size, a row a symbol."""
    measured = {}
    for size, of_size in real.groupby("scale"):
        rows = []
        for recording in recordings_like(of_size, symbols, n, settings, seed, "calibration"):
            rows.append(measure(recording))
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
    """Write ``calibration.csv``: simulated recordings beside the shipped figures of `real` ones."""
    drawn = read_symbols(symbols)
    quantities = read_real_quantities(real)
    n = SYMBOLS_PER_SCALE
    with progress.bar(n * quantities["scale"].nunique(), "recording", "calibration") as bar:
        measured = measured_symbols(drawn, n, mnist_dvs, quantities, study_seed, bar.advance)
    write_table(calibration_table(quantities, measured), table, "calibration")


def calibration_table(real: pd.DataFrame, simulated: Mapping[int, pd.DataFrame]) -> pd.DataFrame:
    """Return ``calibration.csv``: each quantity of each half of the real files beside simulated.

    `real` and `ours` are medians over recordings; `_low` and `_high` are their 5th and 95th
    percentile (the spread between recordings, no confidence interval). `n` counts the recordings
    whose quantity isn't nan. `auc` is the chance that the quantity of a simulated recording tells
    it from a real one, in whichever direction it does: 0.5 tells nothing, 1 everything. The verdict
    is on the medians: `reproduced` within the quantity's tolerance, else `differs`;
    `not comparable` where nothing was simulated.

    Args:
        real: `REAL_COLUMNS` and `UNITS`, a row a recording.
        simulated: size -> quantities of the recordings simulated at it, a row each.
    """
    rows = []
    for (size, half), of_half in real.groupby(["scale", "half"], sort=False):
        for quantity, unit in UNITS.items():
            values = simulated[size][quantity].dropna() if size in simulated else pd.Series()
            real_values = of_half[quantity].dropna()
            row = {"scale": size, "half": half, "quantity": quantity, "unit": unit}
            row |= _spread_of(real_values, "real") | {"n_real": len(real_values)}
            row |= _spread_of(values, "ours") | {"n": len(values)}
            row["auc"] = _separation(real_values, values)
            row["tolerance"] = str(TOLERANCES[quantity])
            rows.append(row | _judged(quantity, row["real"], row["ours"]))
    return pd.DataFrame(rows, columns=schema("calibration"))


def _spread_of(values: pd.Series, name: str) -> dict[str, float]:
    """Return the median, the 5th and the 95th percentile of values; nan without any."""
    columns = (name, f"{name}_low", f"{name}_high")
    percentiles = np.percentile(values, [50, 5, 95]) if len(values) else [math.nan] * 3
    return dict(zip(columns, map(float, percentiles), strict=True))


def _separation(real: pd.Series, simulated: pd.Series) -> float:
    """Return the area under the ROC curve of a quantity, 0.5 or more; nan with one recording."""
    if len(real) < 2 or len(simulated) < 2:
        return math.nan
    auc = area_under_curve(real, simulated)
    return max(auc, 1 - auc)


def _judged(quantity: str, real: float, ours: float) -> dict[str, str]:
    """Return the verdict on a quantity, and how far it is off, empty if it isn't."""
    if math.isnan(ours) or math.isnan(real):
        return {"verdict": "not comparable", "why": "nothing was measured on one side"}
    tolerance = TOLERANCES[quantity]
    if tolerance.accepts(real, ours):
        return {"verdict": "reproduced", "why": ""}
    if tolerance.kind == "absolute":
        why = f"ours minus real is {ours - real:+.3f}"
    else:
        why = f"ours is {ours / real:.2f} times the real value"
    return {"verdict": "differs", "why": why}
