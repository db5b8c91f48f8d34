"""Fits the simulated sensors and scenes to real recordings, of which only half fit.

    python benchmarks/fit_sensor.py --twins FOLDER [--symbols 60] [--rounds 15] [--config FILE ...]
    python benchmarks/fit_sensor.py --slow FOLDER_OR_FILE ... [--half odd even] [--table FILE]

The first command fits the scene ``saccades`` to N-MNIST, the second the scene ``mnist-dvs`` to
MNIST-DVS, as `slow_scene` says.

The first fits the values of `FREE` within their bounds, and x and y of the path's knots within
`REACH_PX`; their seconds stay as the settings have them. `counts` says what it fits them to. Every
simulation makes the same draws, so the fit repeats. It reads no recording of the even half.
"""

import argparse
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import slow_scene
from scipy import optimize
from speed import ROOT

from dvs_snn.files.randomness import generator
from dvs_snn.realism.event_statistics import statistics_of
from dvs_snn.realism.twins import real_twins
from dvs_snn.recordings.recording import EventRecording, read_recording
from dvs_snn.settings.set_names import half_of
from dvs_snn.settings.simulation_settings import SceneSettings
from dvs_snn.settings.study_settings import read_configs
from dvs_snn.simulation.drawn_symbols import Symbols, load_symbols
from dvs_snn.simulation.takes import nominal_sensor, nominal_take, set_takes

SCENE = "saccades"
FREE = {
    # Value of the sensor or of the scene: smallest, largest, step of the numerical derivative, so
    # wide that more events move than come and go at random. The mismatch is what the twins' counts
    # differ by from pixel to pixel; noise beside the digit is ON, so that the leak alone makes it.
    "threshold_on": (0.05, 0.25, 0.006),
    "threshold_off": (0.05, 0.25, 0.006),
    "start_off": (-0.5, 1.0, 0.2),
    "leak_hz": (0.0, 2.0, 0.15),
    "magnification": (0.9, 1.15, 0.01),
    "blur_px": (0.3, 1.2, 0.06),
    "stroke": (0.1, 0.4, 0.015),
    "stroke_exponent": (0.6, 3.0, 0.2),
}
REACH_PX = 8.0
KNOT_STEP_PX = 0.2
"""How far a knot may lie from the centre on an axis, and its step of the derivative."""

BIN_MS = 5.0
SLICE_MS = 20.0
LENGTH_MS = 320.0
INTERVALS_MS = np.geomspace(0.5, 200.0, 25)
BLOCK_PX = 4
N_BLOCKS = 9
WEIGHT = 3.0
"""Of a statistic, against a count: 32 statistics stand beside 2,800 counts."""


def counts(recordings: Iterable[EventRecording]) -> dict[str, np.ndarray]:
    """Return what is fitted, mean counts of a recording:

    - ``profile``: events of each polarity in bins of 5 ms;
    - ``maps``: those of slices of 20 ms, in blocks of 4x4 pixels;
    - ``intervals``: times between two events of a pixel, by both polarities;

    and ``statistics``, float (recording, statistic), by which recordings are told apart.
    """
    n_bins = round(LENGTH_MS / BIN_MS)
    n_slices = round(LENGTH_MS / SLICE_MS)
    n_intervals = len(INTERVALS_MS) - 1
    profile = np.zeros(2 * n_bins)
    intervals = np.zeros(4 * n_intervals)
    maps = np.zeros(2 * n_slices * N_BLOCKS**2)
    statistics = []
    for recording in recordings:
        events = recording.events
        x, y, on = (events[name].astype(np.int64) for name in "xyp")
        ms = np.minimum((events["t"] - events["t"][0]) / 1000, LENGTH_MS - 1e-6)
        profile += np.bincount(on * n_bins + (ms / BIN_MS).astype(int), minlength=len(profile))
        block = (y // BLOCK_PX) * N_BLOCKS + x // BLOCK_PX
        block += (on * n_slices + (ms / SLICE_MS).astype(int)) * N_BLOCKS**2
        maps += np.bincount(block, minlength=len(maps))
        earlier, later = recording.pixel_pairs
        place = np.searchsorted(INTERVALS_MS, ms[later] - ms[earlier], side="right") - 1
        both = 2 * on[earlier] + on[later]
        place = both * n_intervals + place.clip(0, n_intervals - 1)
        intervals += np.bincount(place, minlength=len(intervals))
        statistics.append(list(statistics_of(recording).values()))
    n = len(statistics)
    means = {"profile": profile / n, "maps": maps / n, "intervals": intervals / n}
    return means | {"statistics": np.array(statistics, dtype=np.float64)}


def residuals(
    ours: Mapping[str, np.ndarray], real: Mapping[str, np.ndarray], spread: np.ndarray
) -> np.ndarray:
    """Return differences of means, each over about the deviation of one recording's.

    Args:
        spread: standard deviation of each statistic's difference between twins.
    """
    scaled = [
        (ours[name] - real[name]) / np.sqrt(real[name] + real[name].mean())
        for name in ("profile", "maps", "intervals")
    ]
    between_twins = ours["statistics"] - real["statistics"]
    apart = np.nanmean(between_twins, axis=0) / spread
    return np.concatenate([*scaled, WEIGHT * apart])


def values_of(settings: SceneSettings) -> np.ndarray:
    """Return the values of `FREE`, then x and y of every knot."""
    scene = settings.scenes[SCENE]
    named = vars(settings.sensors[scene.sensor]) | vars(scene)
    knots = [place for knot in scene.knots for place in knot[1:]]
    return np.array([*(named[name] for name in FREE), *knots])


def with_values(settings: SceneSettings, values: np.ndarray) -> SceneSettings:
    """Return settings with such values."""
    scene = settings.scenes[SCENE]
    sensor = settings.sensors[scene.sensor]
    named = dict(zip(FREE, values.tolist(), strict=False))
    places = values[len(FREE) :].reshape(-1, 2).tolist()
    knots = tuple((knot[0], *place) for knot, place in zip(scene.knots, places, strict=True))
    of_sensor = {name: value for name, value in named.items() if hasattr(sensor, name)}
    of_scene = {name: value for name, value in named.items() if hasattr(scene, name)}
    scene = replace(scene, **of_scene, knots=knots)
    return SceneSettings({SCENE: scene}, {scene.sensor: replace(sensor, **of_sensor)})


def fit(
    settings: SceneSettings,
    real: Sequence[EventRecording],
    symbols: Symbols,
    names: Sequence[str],
    seed: int,
    rounds: int,
    verbose: int = 0,
) -> tuple[SceneSettings, float]:
    """Return settings fitted by least squares from `settings` on, and their sum of squares.

    Args:
        real: recordings of the symbols `names`.
        rounds: tries of new values at most.
        verbose: 2 prints every try.
    """
    by_symbol = {take.symbol: take for take in set_takes(settings, symbols, SCENE, "test")}
    takes = [by_symbol[name] for name in names]
    values = values_of(settings)
    n_places = len(values) - len(FREE)
    low, high, step = np.array(
        [*FREE.values(), *[(-REACH_PX, REACH_PX, KNOT_STEP_PX)] * n_places]
    ).T

    def simulated(ours: SceneSettings) -> dict[str, np.ndarray]:
        sensor = nominal_sensor(ours, SCENE, seed)
        return counts(nominal_take(take, symbols, ours, sensor, seed) for take in takes)

    target = counts(real)
    spread = np.nanstd(simulated(settings)["statistics"] - target["statistics"], axis=0)

    def difference(in_steps: np.ndarray) -> np.ndarray:
        return residuals(simulated(with_values(settings, in_steps * step)), target, spread)

    def slopes(in_steps: np.ndarray) -> np.ndarray:
        # On both sides where the bounds leave room: one side alone is skewed by chance events.
        up = np.minimum(in_steps + 1, high / step) - in_steps
        down = in_steps - np.maximum(in_steps - 1, low / step)
        return np.stack(
            [
                (difference(in_steps + above) - difference(in_steps - below))
                / (above + below).sum()
                for above, below in zip(np.diag(up), np.diag(down), strict=True)
            ],
            axis=1,
        )

    bounds = (low / step, high / step)
    best = optimize.least_squares(
        difference, values / step, slopes, bounds, max_nfev=rounds, ftol=1e-3, verbose=verbose
    )
    return with_values(settings, best.x * step), 2 * float(best.cost)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--twins", type=Path, help="N-MNIST's training recordings")
    wanted.add_argument("--slow", type=Path, nargs="+", help="recordings of MNIST-DVS, or folders")
    parser.add_argument("--symbols", type=int, default=60, help="drawn from the odd half")
    parser.add_argument("--half", nargs="+", default=["odd", "even"], help="of --slow: which fit")
    parser.add_argument("--table", type=Path, help="of --slow: write the real statistics, fit none")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--config", type=Path, nargs="*", default=[ROOT / "config.yaml"])
    asked = parser.parse_args()
    study = read_configs(asked.config)
    symbols = load_symbols(study.simulation.symbols, study.seed)
    if asked.slow:
        files = slow_scene.listed(asked.slow)
        if asked.table:
            slow_scene.write_real_table(slow_scene.real_table(files), asked.table)
            return
        settings = study.simulation.of_scenes(slow_scene.SCENE)
        slow_scene.fit_halves(files, settings, symbols, study.seed, asked.half, asked.rounds)
        return
    files = {name: path for name, path in real_twins(asked.twins).items() if half_of(name) == "odd"}
    drawn = generator(study.seed, "fit").permutation(list(files))[: asked.symbols]
    names = sorted(map(str, drawn))
    real = [read_recording(files[name]) for name in names]
    settings = study.simulation.of_scenes(SCENE)
    fitted, squares = fit(settings, real, symbols, names, study.seed, asked.rounds, verbose=2)
    named = dict(zip(FREE, values_of(fitted).round(4).tolist(), strict=False))
    knots = np.round(fitted.scenes[SCENE].knots, 3).tolist()
    print(json.dumps({"squares": round(squares, 2), **named, "knots": knots}))


if __name__ == "__main__":
    main()
