"""The fit of the scene ``mnist-dvs`` and of its sensor to real recordings, for `fit_sensor.py`.

It fits the values of `FREE`, and the place of the path, to the statistics of the calibration, to
the rate over time and to the maps of events. Half of the files fit, the other half checks.
"""

import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
import speed  # noqa: F401, which puts the package on the path
from scipy import optimize

from dvs_snn.realism.calibration import (
    QUANTITIES,
    REAL_COLUMNS,
    SCENE,
    Quantity,
    calibration_table,
    measure,
    measured_symbols,
    recordings_like,
)
from dvs_snn.recordings.recording import EventRecording, read_recording
from dvs_snn.settings.simulation_settings import SceneSettings
from dvs_snn.simulation.drawn_symbols import Symbols

FITTED_SIZES = (4, 16)
FOURTH_LEG_S = 0.95
"""Second of the path at which the published excerpts of size 16 begin: all lie on one leg."""

PROFILE_BIN_MS = 25.0
PROFILE_BINS = 88
BLOCK_PX = 8
MAP_WEIGHT = 0.15

FOREMOST = (
    "event_rate_keps",
    "line_ratio",
    "line_150_ratio",
    "window_pixels",
    "burst_share",
    "interval_ms",
    "short_interval_share",
    "interval_on_ms",
    "interval_off_ms",
)
"""Quantities that set what a network spends; they count twice."""

SYMBOLS = {4: 12, 16: 50}
"""Simulated symbols of a size. Digits of size 16 differ most, and are short."""

HEADER = (
    "# Statistics of MNIST-DVS recordings, no events. Source: Serrano-Gotarredona & "
    "Linares-Barranco 2015, MNIST-DVS. Licence: terms not stated with the copy; figures only.\n"
)


@dataclass(frozen=True)
class Free:
    """A value that is fitted.

    Attributes:
        section: ``sensor`` or ``scene``.
        key: in the section; of magnification with the size behind a dot.
        low, high: bounds.
        step: of the numerical derivative; a share of the value where `is_factor`.
    """

    section: str
    key: str
    low: float
    high: float
    step: float
    is_factor: bool = True


FREE = (
    Free("sensor", "threshold_on", 0.1, 0.8, 0.06),
    Free("sensor", "threshold_off", 0.1, 0.8, 0.06),
    Free("sensor", "mismatch", 0.0, 0.5, 0.03, is_factor=False),
    Free("sensor", "cutoff_hz", 20.0, 2000.0, 0.1),
    Free("sensor", "leak_hz", 0.0, 0.1, 0.005, is_factor=False),
    Free("sensor", "shot_noise_hz", 0.0005, 0.1, 0.2),
    Free("sensor", "hot_share", 0.0001, 0.01, 0.3),
    Free("sensor", "hot_hz", 0.5, 30.0, 0.3),
    Free("scene", "sharpness", 1.0, 15.0, 0.1),
    Free("scene", "blur_px", 0.05, 1.5, 0.15),
    Free("scene", "stroke", 0.02, 0.5, 0.08),
    Free("scene", "stroke_exponent", 0.4, 4.0, 0.08),
    Free("scene", "scan", 0.0, 0.01, 0.0005, is_factor=False),
    Free("scene", "response_ms", 1.0, 20.0, 0.1),
    Free("scene", "magnification.scale04", 0.8, 1.5, 0.04),
    Free("scene", "magnification.scale16", 3.4, 6.0, 0.04),
)
PLACE = (
    Free("scene", "right", -8.0, 8.0, 0.3, is_factor=False),
    Free("scene", "down", -8.0, 8.0, 0.3, is_factor=False),
)
"""Where the path begins, in sensor pixels from the centre."""


def listed(paths: Iterable[Path]) -> list[Path]:
    """Return the recordings among files and, at any depth, in folders."""
    files: list[Path] = []
    for path in paths:
        inside = sorted(path.rglob("mnist_*_scale*")) if path.is_dir() else [path]
        files += [file for file in inside if file.is_file()]
    return files


def real_table(files: Sequence[Path]) -> pd.DataFrame:
    """Measure real recordings: `REAL_COLUMNS` and `QUANTITIES`, a row a file, by size."""
    rows = []
    for file in files:
        label, size = map(int, re.match(r"mnist_(\d)_scale(\d\d)", file.name).groups())
        number = int(re.sub(r"_qt\d$", "", file.stem)[-1])
        recording = read_recording(file)
        is_excerpt = file.suffix == ".npz"
        rows.append(
            {
                "recording": file.stem,
                "scale": size,
                "label": label,
                "half": "odd" if size in FITTED_SIZES and number % 2 else "even",
                "duration_s": float(f"{recording.duration_s:.4g}"),
                "begin_s": FOURTH_LEG_S if is_excerpt else 0.0,
            }
            | {name: float(f"{value:.4g}") for name, value in measure(recording).items()}
        )
    table = pd.DataFrame(rows, columns=[*REAL_COLUMNS, *QUANTITIES])
    return table.sort_values(["scale", "recording"], ignore_index=True)


def write_real_table(table: pd.DataFrame, path: Path) -> None:
    """Write the table that ships with the study."""
    path.write_text(HEADER + table.to_csv(sep="\t", index=False), encoding="utf-8")


def maps_of(recordings: Iterable[EventRecording]) -> dict[str, np.ndarray]:
    """Return mean counts of a recording: its rate over time, and its events in blocks of pixels."""
    profile = np.zeros(PROFILE_BINS)
    blocks = np.zeros((128 // BLOCK_PX) ** 2)
    n = 0
    for recording in recordings:
        events = recording.events
        ms = (events["t"] - events["t"][0]) / 1000
        time_bin = (ms / PROFILE_BIN_MS).astype(int)
        profile += np.bincount(time_bin[time_bin < PROFILE_BINS], minlength=PROFILE_BINS)
        block = events["y"] // BLOCK_PX * (128 // BLOCK_PX) + events["x"] // BLOCK_PX
        blocks += np.bincount(block, minlength=len(blocks))
        n += 1
    return {"profile": profile / n, "blocks": blocks / n}


def in_tolerances(real: pd.Series, ours: float, quantity: Quantity) -> float:
    """Return how far a median is off, in tolerances, or in spreads of files if they are smaller."""
    middle = real.median()
    if quantity.kind == "absolute":
        spread = real.std()
        reach = quantity.size
        apart = ours - middle
    else:
        reach = np.log(quantity.size if quantity.kind == "factor" else 1 + quantity.size)
        spread = np.log(real.clip(lower=1e-9)).std()
        apart = np.log(max(ours, 1e-9) / middle)
    return float(apart / np.clip(spread, reach / 4, reach))


@dataclass(frozen=True)
class Fit:
    """What a fit compares.

    Attributes:
        settings: where it begins.
        symbols, seed: of the study.
        real: of the half that fits, `REAL_COLUMNS` and `QUANTITIES`.
        maps: `maps_of` the real recordings, by size.
    """

    settings: SceneSettings
    symbols: Symbols
    seed: int
    real: pd.DataFrame
    maps: dict[int, dict[str, np.ndarray]]

    def simulated(self, settings: SceneSettings) -> dict[int, list[EventRecording]]:
        """Return recordings of each size, always with the same draws."""
        return {
            size: list(
                recordings_like(of_size, self.symbols, SYMBOLS[size], settings, self.seed, "fit")
            )
            for size, of_size in self.real.groupby("scale")
        }

    def difference(self, values: np.ndarray) -> np.ndarray:
        """Return all differences from the real half, about 1 where one is at its tolerance."""
        parts = []
        for size, recordings in self.simulated(with_values(self.settings, values)).items():
            ours = pd.DataFrame([measure(recording) for recording in recordings]).median()
            real = self.real[self.real["scale"] == size]
            for name in QUANTITIES:
                apart = in_tolerances(real[name], ours[name], QUANTITIES[name])
                parts.append(2 * apart if name in FOREMOST else apart)
            for name, counts in maps_of(recordings).items():
                target = self.maps[size][name]
                scaled = (counts - target) / np.sqrt((target + target.mean()) * target.mean())
                parts += (MAP_WEIGHT * scaled).tolist()
        return np.array(parts)


def _section(settings: SceneSettings, free: Free) -> object:
    scene = settings.scenes[SCENE]
    return settings.sensors[scene.sensor] if free.section == "sensor" else scene


def values_of(settings: SceneSettings) -> np.ndarray:
    """Return the values of `FREE`, logarithms where a step is a factor, then those of `PLACE`."""
    values = []
    for free in FREE:
        key, _, size = free.key.partition(".")
        value = getattr(_section(settings, free), key)
        value = value[size] if size else value
        values.append(np.log(value) if free.is_factor else value)
    _, right, down = settings.scenes[SCENE].corners[0]
    return np.array([*values, right, down])


def with_values(settings: SceneSettings, values: np.ndarray) -> SceneSettings:
    """Return settings with such values; size 8 lies in the middle of sizes 4 and 16."""
    scene = settings.scenes[SCENE]
    magnification = dict(scene.magnification)
    of_sensor: dict[str, float] = {}
    of_scene: dict[str, float] = {}
    for free, value in zip(FREE, values[: len(FREE)].tolist(), strict=True):
        number = float(np.exp(value)) if free.is_factor else value
        key, _, size = free.key.partition(".")
        if size:
            magnification[size] = number
        elif free.section == "sensor":
            of_sensor[key] = number
        else:
            of_scene[key] = number
    magnification["scale08"] = float(np.sqrt(magnification["scale04"] * magnification["scale16"]))
    right, down = values[len(FREE) :] - np.array(scene.corners[0][1:])
    corners = tuple((second, x + right, y + down) for second, x, y in scene.corners)
    sensor = replace(settings.sensors[scene.sensor], **of_sensor)
    scene = replace(scene, **of_scene, magnification=magnification, corners=corners)
    return SceneSettings({SCENE: scene}, {scene.sensor: sensor})


def fit(problem: Fit, rounds: int, verbose: int = 0) -> tuple[SceneSettings, float]:
    """Return settings fitted by least squares, and their cost; outliers count less (soft L1)."""
    bounds = np.array(
        [
            np.log([free.low, free.high]) if free.is_factor else [free.low, free.high]
            for free in (*FREE, *PLACE)
        ]
    )
    low, high = bounds.T
    step = np.array([free.step for free in (*FREE, *PLACE)])
    with ProcessPoolExecutor(2, get_context("fork")) as pool:

        def slopes(values: np.ndarray) -> np.ndarray:
            # Away from a bound that is near.
            moved = np.where(values + step < high, step, -step)
            points = [values, *(values + np.diag(moved))]
            base, *others = pool.map(problem.difference, points)
            if verbose:
                print(described(with_values(problem.settings, values)), flush=True)
            return np.stack([(other - base) for other in others], axis=1) / moved

        best = optimize.least_squares(
            problem.difference,
            np.clip(values_of(problem.settings), low + 1e-6, high - 1e-6),
            slopes,
            (low, high),
            x_scale=step,
            loss="soft_l1",
            max_nfev=rounds,
            ftol=1e-3,
            verbose=verbose,
        )
    return with_values(problem.settings, best.x), float(best.cost)


def described(settings: SceneSettings) -> dict[str, object]:
    """Return the fitted values by name, rounded, and the corners of the path."""
    scene = settings.scenes[SCENE]
    named: dict[str, object] = {}
    for free in FREE:
        key = free.key.partition(".")[0]
        value = getattr(_section(settings, free), key)
        is_number = isinstance(value, int | float)
        named[key] = (
            float(f"{value:.3g}") if is_number else {k: round(v, 3) for k, v in value.items()}
        )
    return named | {"corners": np.round(scene.corners, 2).tolist()}


def fit_halves(
    files: Sequence[Path],
    settings: SceneSettings,
    symbols: Symbols,
    seed: int,
    halves: Sequence[str],
    rounds: int,
) -> None:
    """Fit to each half by itself, and print the fit and the table of the calibration."""
    real = real_table(files)
    by_name = {file.stem: file for file in files}
    for half in halves:
        is_fitting = real["scale"].isin(FITTED_SIZES) & ((real["half"] == half) | (half == "all"))
        fitting = real[is_fitting]
        maps = {
            size: maps_of(read_recording(by_name[name]) for name in rows["recording"])
            for size, rows in fitting.groupby("scale")
        }
        problem = Fit(settings, symbols, seed, fitting, maps)
        fitted, cost = fit(problem, rounds, verbose=2)
        print(half, round(cost, 2), described(fitted))
        measured = pd.DataFrame(measured_symbols(symbols, 100, fitted, real, seed))
        table = calibration_table(real, measured)
        shown = ["scale", "half", "quantity", "real", "ours", "auc", "tolerance", "verdict"]
        print(table[shown].round(3).to_string(index=False), flush=True)
