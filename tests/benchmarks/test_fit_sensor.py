"""The fit of the simulated sensor, on recordings whose settings are known."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from simulated_scenes import real_symbols, scene_settings

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import fit_sensor

from dvs_snn.simulation.takes import nominal_sensor, nominal_take, set_takes

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
