"""A sensor that sees no digit, and what a network makes of it."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from jobs import quiet
from simulated_scenes import scene_settings

from dvs_snn.evaluation.statistics import poisson_interval
from dvs_snn.probes.kinds import idle
from dvs_snn.probes.kinds.idle import alarm_threshold, alarms, blank_recording
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.store.event_store import open_store

OFF = "mismatch cutoff_hz leak_hz refractory_us shot_noise_hz".split()
SENSOR = {"threshold_on": 0.2, "threshold_off": 0.2, "knee": 0.04} | dict.fromkeys(OFF, 0.0)
# A dark digit on a white sheet, without flicker.
SCENE = {
    "sensor_size": [32, 32], "zoom": 2.0, "duration_s": 0.3, "step_ms": 2.0,
    "background": 1.0, "stroke": 0.2, "flicker_hz": 0.0, "flicker_depth": 0.0,
    "knots": [[0.01, -3, 0], [0.1, 3, 0], [0.15, 3, 0], [0.25, -3, 0]],
    "rests": [[0.11, 0.14, 0]],
}  # fmt: skip


def simulation(**sensor):
    settings = scene_settings(scenes={"saccades": SCENE}, sensors={"atis": SENSOR | sensor})
    return replace(settings, scenes={"saccades": settings.scenes["saccades"]})


def blank(seconds=20.0, **sensor):
    recording = blank_recording(simulation(**sensor), "saccades", seconds, seed=1)
    return recording.in_steps(10_000).steps


def test_the_noise_of_a_blank_scene_is_that_of_the_sensor():
    """At white shot noise falls to a quarter: 32 x 32 pixels x 2 Hz / 4 x 20 s."""
    n = len(blank(shot_noise_hz=2.0).step)
    expected = 32 * 32 * 2.0 / 4 * 20
    assert abs(n - expected) < 5 * np.sqrt(expected)
    # Without noise the sensor sends nothing in all its time.
    assert (len(blank().step), blank().n_steps) == (0, 2000)


def test_blank_recordings_are_stored(tmp_path, monkeypatch):
    monkeypatch.setattr(idle, "SECONDS", 5.0)
    store = tmp_path / "events.npy", tmp_path / "events.csv"
    idle.record(idle.RecordJob(simulation(shot_noise_hz=1.0), 1, *store), quiet())
    (scene,) = open_store(*store, {"saccades": Placement(2.0)})
    assert scene.recording == "saccades"
    assert (scene.in_steps(10_000).steps.step == blank(5.0, shot_noise_hz=1.0).step).all()


@given(
    spikes=arrays(np.int64, (25, 10), elements=st.integers(0, 3)),
    n_steps=st.integers(1, 40),
    threshold=st.integers(1, 20),
)
def test_alarms_are_those_of_a_brute_force(spikes, n_steps, threshold):
    windows = [spikes[max(0, i - n_steps + 1) : i + 1].sum(0) for i in range(len(spikes))]
    over = np.array(windows).max(1) >= threshold
    begins = sum(over[i] and (i == 0 or not over[i - 1]) for i in range(len(over)))
    assert alarms(spikes, n_steps, threshold) == (begins, over.sum())


@given(peaks=st.lists(st.integers(0, 30), min_size=1, max_size=60))
def test_enough_validation_recordings_reach_the_threshold_and_no_higher_one_serves(peaks):
    peaks = np.array(peaks)
    threshold = alarm_threshold(peaks)
    if threshold > 1:
        assert (peaks >= threshold).mean() >= 0.95
    assert (peaks >= threshold + 1).mean() <= 0.95


def test_what_a_network_does_is_worked_out_by_hand():
    """Two spikes within 200 ms are a reading: at 0.1 s and 2.0 s there are, and one spike alone."""
    spikes = np.zeros((300, 10), dtype=np.int64)
    spikes[[10, 15, 100, 200, 219], 4] = 1
    response = SimpleNamespace(spikes=spikes, by_step=spikes, n_steps=300, synops=600_000)
    scene = SimpleNamespace(steps=SimpleNamespace(step=np.zeros(50)), n_outside=2)
    values = idle.idle_values(scene, response, [2], 10.0, 200.0)
    by_measure = {value.measure: value for value in values}
    # At and after step 15 until the first spike leaves the window at 30; at 219 alone: 200 leaves.
    expected = {
        "threshold_spikes": 2, "n_validation": 1, "false_alarms": 2, "seconds": 3.0,
        "alarm_seconds": 0.16, "output_spikes": 5, "n_events": 50, "n_events_outside": 2,
        "events_per_s": 50 / 3, "synops_per_s": 200_000, "output_spikes_per_min": 100,
        "false_alarms_per_min": 40, "synops": 600_000, "window_ms": 200.0,
    }  # fmt: skip
    amounts = {name: value.amount for name, value in by_measure.items()}
    assert amounts == pytest.approx(expected)
    ends = [20 * end for end in poisson_interval(2)]
    assert list(by_measure["false_alarms_per_min"][2:4]) == pytest.approx(ends)
