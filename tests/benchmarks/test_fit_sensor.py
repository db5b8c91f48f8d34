"""The fits of the simulated sensors, on recordings whose settings are known."""

import math
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from real_files import REAL, needs_real_files
from simulated_scenes import real_symbols, scene_settings

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import fit_sensor
import slow_scene

from dvs_snn.files.randomness import generator
from dvs_snn.realism.calibration import Quantity
from dvs_snn.recordings.recording import write_recording
from dvs_snn.simulation.takes import (
    make_recording,
    nominal_conditions,
    nominal_sensor,
    nominal_take,
    set_takes,
)

SHIPPED = Path(__file__).parents[2] / "workflow" / "data" / "mnist-dvs-statistics.tsv"
FREE = ("threshold_on", "threshold_off", "start_off")


def test_the_fit_finds_the_settings_that_made_recordings(monkeypatch):
    monkeypatch.setattr(fit_sensor, "FREE", {name: fit_sensor.FREE[name] for name in FREE})
    symbols = real_symbols((0, 1, 2, 5), ("test",) * 4)
    knots = [[0.01, -2.0, -1.0], [0.08, -1.0, 3.0], [0.16, 2.0, 1.0], [0.3, -1.0, 0.0]]
    rests = [[0.07, 0.09, 0.0]]
    truth = scene_settings(
        scenes={"saccades": {"step_ms": 3.0, "knots": knots, "rests": rests}},
        sensors={"atis": {"threshold_on": 0.12, "threshold_off": 0.11, "start_off": 0.4}},
    )
    truth = replace(truth, scenes={"saccades": truth.scenes["saccades"]})
    sensor = nominal_sensor(truth, "saccades", 1)
    takes = set_takes(truth, symbols, "saccades", "test")
    real = [nominal_take(take, symbols, truth, sensor, 1) for take in takes]
    known = fit_sensor.values_of(truth)
    np.testing.assert_array_equal(fit_sensor.values_of(fit_sensor.with_values(truth, known)), known)
    wrong = known + np.append([0.01, -0.008, 0.3], np.resize([0.3, -0.2, -0.25], 8))
    start = fit_sensor.with_values(truth, wrong)
    fitted, squares = fit_sensor.fit(start, real, symbols, symbols.names, 1, rounds=6)
    errors = np.abs(fit_sensor.values_of(fitted) - known)
    assert squares < 15
    assert errors[:2].max() < 0.0025
    assert errors[2] < 0.1
    assert errors[3:].max() < 0.08


# The slow scene.


def _slow_files(folder, settings, symbols, seed=1, duration_s=0.5):
    """Write recordings of size 4 that such settings make of each symbol; return the files."""
    sensor = nominal_sensor(settings, "mnist-dvs", seed)
    nominal = nominal_conditions(settings, "mnist-dvs", 4)
    conditions = replace(nominal, duration_s=duration_s, phase=0.0)
    files = []
    for number, symbol in enumerate(symbols.names):
        rng = generator(seed, "real", symbol)
        recording = make_recording(symbols.image(symbol), conditions, sensor, rng)
        file = folder / f"mnist_{symbols.label(symbol)}_scale04_{number:04d}.aedat"
        write_recording(file, recording)
        files.append(file)
    return files


def test_the_fit_of_the_slow_scene_finds_the_settings_that_made_recordings(monkeypatch, tmp_path):
    keys = ("threshold_on", "threshold_off")
    kept = tuple(free for free in slow_scene.FREE if free.key in keys)
    monkeypatch.setattr(slow_scene, "FREE", kept)
    monkeypatch.setattr(slow_scene, "SYMBOLS", {4: 6})
    symbols = real_symbols((0,), ("test",) * 6)
    quiet = {"leak_hz": 0.02, "shot_noise_hz": 0.01, "hot_share": 0.0}
    truth = scene_settings(sensors={"dvs128": quiet | {"threshold_on": 0.3, "threshold_off": 0.25}})
    truth = replace(truth, scenes={"mnist-dvs": truth.scenes["mnist-dvs"]}, training={})
    files = _slow_files(tmp_path, truth, symbols)
    table = slow_scene.real_table(files)
    assert table["half"].tolist() == ["even", "odd"] * 3
    recordings = [slow_scene.read_recording(file) for file in files]
    known = slow_scene.values_of(truth)
    same = slow_scene.values_of(slow_scene.with_values(truth, known))
    np.testing.assert_allclose(same, known, atol=1e-12)
    # Logarithms of thresholds, then the place of the path in pixels.
    wrong = known + np.array([0.15, -0.12, 0.5, -0.5])
    start = slow_scene.with_values(truth, wrong)
    problem = slow_scene.Fit(start, symbols, 1, table, {4: slow_scene.maps_of(recordings)})
    fitted, _ = slow_scene.fit(problem, rounds=6)
    errors = np.abs(slow_scene.values_of(fitted) - known)
    assert errors[:2].max() < 0.03
    # Six short recordings leave the place open by half a pixel.
    assert errors[2:].max() < 0.8


def test_a_difference_is_told_in_tolerances_or_in_spreads_that_are_smaller():
    real = pd.Series([9.0, 10.0, 11.0])
    # The spread is 1, a third of the tolerance; a twentieth of a tolerance counts as a quarter.
    absolute = slow_scene.in_tolerances(real, 12.0, Quantity("", "absolute", 3.0))
    assert absolute == pytest.approx(2)
    assert slow_scene.in_tolerances(real, 12.0, Quantity("", "absolute", 20.0)) == pytest.approx(
        2 / 5
    )
    assert slow_scene.in_tolerances(real, 12.0, Quantity("", "absolute", 0.5)) == pytest.approx(4)
    factor = slow_scene.in_tolerances(
        pd.Series([1.0, 10.0, 100.0]), 20.0, Quantity("", "factor", 2)
    )
    assert factor == pytest.approx(1)
    relative = slow_scene.in_tolerances(real, 12.0, Quantity("", "relative", 0.15))
    spread = np.std(np.log(real), ddof=1)
    assert relative == pytest.approx(math.log(1.2) / spread)


@needs_real_files
def test_the_shipped_table_is_what_the_benchmark_writes(tmp_path):
    files = slow_scene.listed([REAL / "mnist-dvs-fit" / "scale16" / "7"])
    slow_scene.write_real_table(slow_scene.real_table(files), tmp_path / "mine.tsv")
    mine = pd.read_csv(tmp_path / "mine.tsv", sep="\t", comment="#")
    shipped = pd.read_csv(SHIPPED, sep="\t", comment="#")
    of_seven = shipped[shipped["recording"].str.startswith("mnist_7_")]
    pd.testing.assert_frame_equal(mine, of_seven.reset_index(drop=True))
