"""The calibration: quantities of simulated slow recordings beside those of real ones.

The real ones are recordings of MNIST-DVS (Serrano-Gotarredona & Linares-Barranco 2015, Front.
Neurosci. 9:481): a digit that moves along straight legs on a 75 Hz monitor, in three sizes, which
the data set calls scales. The strength of a line grows with the length of a recording. So simulated
recordings are as long as the real ones, on the same part of the path.

`benchmarks/fit_sensor.py` fits the sensor and the scene to the odd half of the real files. The even
half checks the fit.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import signal

from dvs_snn.files.job import Progress
from dvs_snn.files.randomness import generator
from dvs_snn.files.tables import read_shipped, schema, write_table
from dvs_snn.realism.event_statistics import bursts_of, statistics_of
from dvs_snn.realism.separation import area_under_curve
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
REFRESH_HZ = 75.0
"""Of the monitor before which MNIST-DVS was recorded."""
LINE_REACH_HZ = 5.0
"""A line is looked for so far below and above its frequency."""
FLOOR_FROM_HZ = 20.0
"""Above this frequency lies the noise floor; below it, the rate follows the digit's motion."""

_ROUNDING = 1e-9  # so that a value on the edge of its tolerance is inside


@dataclass(frozen=True)
class Quantity:
    """A quantity of a recording, and how far a simulated median may lie from the real one.

    Attributes:
        unit: of the quantity.
        kind: ``relative`` (share of the real value), ``absolute`` (in its unit) or ``factor``.
        size: 0.15 is 15 % if relative; a factor is above 1.
    """

    unit: str
    kind: str
    size: float

    @property
    def tolerance(self) -> str:
        """The tolerance as text."""
        if self.kind == "relative":
            return f"±{100 * self.size:g} %"
        return f"±{self.size:g}" if self.kind == "absolute" else f"factor {self.size:g}"

    def accepts(self, real: float, ours: float) -> bool:
        """Return whether `ours` lies within the tolerance about `real`."""
        if self.kind == "factor":
            return real / self.size - _ROUNDING <= ours <= real * self.size + _ROUNDING
        reach = self.size * abs(real) if self.kind == "relative" else self.size
        return abs(ours - real) <= reach + _ROUNDING


QUANTITIES = {
    # Between the first event and the last.
    "event_rate_keps": Quantity("k events/s", "relative", 0.15),
    # Nan without polarity.
    "on_share": Quantity("fraction", "absolute", 0.03),
    # Strength of the lines at 75 and 150 Hz: see `line_ratio`.
    "line_ratio": Quantity("ratio of powers", "factor", 2),
    "line_150_ratio": Quantity("ratio of powers", "factor", 2),
    # `event_statistics` says what each of the following is.
    "window_events": Quantity("events", "relative", 0.15),
    "window_pixels": Quantity("px", "relative", 0.15),
    "burst_share": Quantity("fraction", "relative", 0.20),
    "interval_ms": Quantity("ms", "relative", 0.20),
    "short_interval_share": Quantity("fraction", "relative", 0.20),
    "peak_rate_keps": Quantity("k events/s", "relative", 0.15),
    "n_pixels": Quantity("px", "relative", 0.15),
    "events_per_pixel": Quantity("events", "relative", 0.15),
    "busiest_pixel": Quantity("events", "factor", 2),
    "single_share": Quantity("fraction", "relative", 0.20),
    "lone_share": Quantity("fraction", "relative", 0.20),
    "interval_5_ms": Quantity("ms", "relative", 0.20),
    "interval_50_ms": Quantity("ms", "relative", 0.20),
    "interval_95_ms": Quantity("ms", "relative", 0.20),
    "interval_on_ms": Quantity("ms", "relative", 0.20),
    "interval_off_ms": Quantity("ms", "relative", 0.20),
    "repeat_share": Quantity("fraction", "relative", 0.20),
    "centre_x_px": Quantity("px", "absolute", 1.5),
    "centre_y_px": Quantity("px", "absolute", 1.5),
    "spread_x_px": Quantity("px", "relative", 0.20),
    "spread_y_px": Quantity("px", "relative", 0.20),
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
    """
    times = recording.events["t"] - recording.events["t"][0]
    bin_us = round(BIN_MS * 1000)
    n_bins = int(times[-1]) // bin_us
    rate_keps = np.bincount(times // bin_us, minlength=n_bins)[:n_bins] / BIN_MS
    hann = signal.windows.hann(n_bins, sym=False)
    amplitude = np.fft.rfft((rate_keps - rate_keps.mean()) * hann)
    bin_s = BIN_MS / 1000
    return np.fft.rfftfreq(n_bins, bin_s), np.abs(amplitude) ** 2 * bin_s / np.sum(hann**2)


def line_ratio(frequency_hz: np.ndarray, power: np.ndarray, line_hz: float) -> float:
    """Return the largest power about a line over the median power of the floor.

    Both arrays are as `rate_spectrum` returns them. Nan if the median is 0.
    """
    strongest = power[np.abs(frequency_hz - line_hz) <= LINE_REACH_HZ].max()
    floor = np.median(power[frequency_hz > FLOOR_FROM_HZ])
    return float(strongest / floor) if floor > 0 else math.nan


def measure(recording: EventRecording) -> dict[str, float]:
    """Measure a recording of 0.1 s or more, real or simulated: the `QUANTITIES`."""
    frequency_hz, power = rate_spectrum(recording)
    values = statistics_of(recording) | bursts_of(recording)
    values["event_rate_keps"] = recording.n_events / recording.duration_s / 1000
    values["on_share"] = recording.on_share
    values["line_ratio"] = line_ratio(frequency_hz, power, REFRESH_HZ)
    values["line_150_ratio"] = line_ratio(frequency_hz, power, 2 * REFRESH_HZ)
    return {name: values[name] for name in QUANTITIES}


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
    symbols: Symbols, n: int, settings: SceneSettings, real: pd.DataFrame, seed: int
) -> Iterator[dict[str, float]]:
    """Simulate about `n` symbols at each size; yield `scale` and `QUANTITIES` of each."""
    for size, of_size in real.groupby("scale"):
        for recording in recordings_like(of_size, symbols, n, settings, seed, "calibration"):
            yield {"scale": size, **measure(recording)}


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
    real = read_shipped(job.real, (*REAL_COLUMNS, *QUANTITIES))
    n = SYMBOLS_PER_SCALE
    rows = []
    with progress.bar(n * real["scale"].nunique(), "recording", "calibration") as bar:
        for row in measured_symbols(symbols, n, job.mnist_dvs, real, job.study_seed):
            rows.append(row)
            bar.advance(1)
    write_table(calibration_table(real, pd.DataFrame(rows)), job.table, "calibration")


def calibration_table(real: pd.DataFrame, simulated: pd.DataFrame) -> pd.DataFrame:
    """Return ``calibration.csv``: each quantity of each half of the real files beside simulated.

    Args:
        real: `REAL_COLUMNS` and `QUANTITIES`, a row a recording; nan where nothing was measured.
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
                "tolerance": quantity.tolerance,
            }
            row["verdict"], row["why"] = _judged(quantity, row["real"], row["ours"])
            rows.append(row)
    return pd.DataFrame(rows, columns=list(schema("calibration")))


def _spread_of(values: pd.Series, name: str) -> dict[str, float]:
    """Return the median, the 5th and the 95th percentile of values; nan without any."""
    middle, low, high = values.quantile([0.5, 0.05, 0.95])
    return {name: middle, f"{name}_low": low, f"{name}_high": high}


def _separation(real: pd.Series, simulated: pd.Series) -> float:
    """Return the area under the ROC curve of a quantity, 0.5 or more; nan with one recording."""
    if len(real) < 2 or len(simulated) < 2:
        return math.nan
    auc = float(area_under_curve(real, simulated))
    return max(auc, 1 - auc)


def _judged(quantity: Quantity, real: float, ours: float) -> tuple[str, str]:
    """Return the verdict on a quantity, and the reason for it; "" if it is reproduced.

    The reason is how far the median is off, or that nothing was measured on one side.
    """
    if math.isnan(ours) or math.isnan(real):
        return "not comparable", "nothing was measured on one side"
    if quantity.accepts(real, ours):
        return "reproduced", ""
    if quantity.kind == "absolute":
        return "differs", f"ours minus real is {ours - real:+.3f}"
    return "differs", f"ours is {ours / real:.2f} times the real value"
