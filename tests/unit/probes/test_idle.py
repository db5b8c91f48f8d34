"""A sensor that sees no digit, and what a network makes of it."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from jobs import quiet
from simulated_scenes import simulation_settings

from dvs_snn.engines.response import Response
from dvs_snn.evaluation.power import EnergyModel
from dvs_snn.files.tables import schema
from dvs_snn.probes import idle_recordings
from dvs_snn.probes.idle import alarm_threshold, alarms, idle_outcomes, peak_counts
from dvs_snn.probes.idle_recordings import blank_recording
from dvs_snn.probes.idle_table import idle_table, poisson_interval
from dvs_snn.recordings.steps import StepEvents
from dvs_snn.recordings.store.samples import BinnedRecording
from dvs_snn.recordings.store.step_store import open_steps

STEP_US = 10_000
SENSOR = {"threshold_on": 0.2, "threshold_off": 0.2, "knee": 0.04}
# A dark digit on a white sheet, without flicker.
SCENE = simulation_settings()["scenes"]["saccades"] | {
    "sensor": "one",
    "sensor_size": [32, 32],
    "zoom": 2.0,
    "duration_s": 0.3,
    "step_ms": 2.0,
    "background": 1.0,
    "stroke": 0.2,
    "flicker_hz": 0.0,
    "flicker_depth": 0.0,
    "corners_px": [[-3, 0], [3, 0]],
    "windows_s": [[0.01, 0.1], [0.15, 0.25]],
}


def simulation(scene=(), **sensor):
    return {"scenes": {"saccades": SCENE | dict(scene)}, "sensors": {"one": SENSOR | sensor}}


def blank(seconds=20.0, scene=(), **sensor):
    return blank_recording(simulation(scene, **sensor), "saccades", STEP_US, seconds, seed=1)


def test_a_sensor_without_noise_sends_nothing_in_all_its_time():
    recording = blank()
    assert len(recording.steps.step) == 0
    assert recording.steps.n_steps == 2000


def test_the_noise_of_a_blank_scene_is_that_of_the_sensor():
    """At white shot noise falls to a quarter: 32 x 32 pixels x 2 Hz / 4 x 20 s."""
    n = len(blank(shot_noise_hz=2.0).steps.step)
    expected = 32 * 32 * 2.0 / 4 * 20
    assert abs(n - expected) < 5 * np.sqrt(expected)


def test_a_leak_sends_events_at_its_rate():
    """Ten thresholds in 20 s for each pixel. Half of the pixels start below the last level, and
    need one more for their first event: 9.5 events a pixel."""
    n = len(blank(leak_hz=0.5).steps.step)
    assert n == pytest.approx(32 * 32 * 9.5, rel=0.01)


def test_flicker_is_seen_and_the_digit_is_not():
    flicker = {"flicker_hz": 10.0, "flicker_depth": 0.3}
    still = {"windows_s": [[0.01, 0.011], [0.15, 0.151]]}
    steps, unmoved = blank(2.0, flicker).steps, blank(2.0, flicker | still).steps
    for key in ("step", "row", "column"):
        assert (getattr(steps, key) == getattr(unmoved, key)).all()
    # Light of 1.3 and of 0.7 is 0.62 apart in its logarithm, three thresholds of 0.2. So every
    # pixel sends two or three events on each of the 40 ways up and down.
    counts = np.bincount(steps.row.astype(int) * 64 + steps.column, minlength=64 * 64)
    assert (counts > 0).sum() == 32 * 32
    assert counts[counts > 0].min() >= 80
    assert counts.max() <= 121


def test_the_steps_are_those_of_the_clock_and_not_of_the_first_event():
    """One pixel's noise at 0.2 Hz: many seconds pass before its first event."""
    steps = blank(shot_noise_hz=0.001, seconds=30.0).steps
    assert steps.n_steps == 3000
    assert steps.step[0] > 0
    assert (np.diff(steps.step) >= 0).all()
    assert steps.step[-1] < 3000


def brute_window(spikes, n_steps):
    """Sum each window of `n_steps` anew."""
    return np.array([spikes[max(0, i - n_steps + 1) : i + 1].sum(0) for i in range(len(spikes))])


@given(
    spikes=arrays(np.int64, (25, 10), elements=st.integers(0, 3)),
    n_steps=st.integers(1, 40),
    threshold=st.integers(1, 20),
)
def test_alarms_are_those_of_a_brute_force(spikes, n_steps, threshold):
    over = brute_window(spikes, n_steps).max(1) >= threshold
    begins = sum(over[i] and (i == 0 or not over[i - 1]) for i in range(len(over)))
    assert alarms(spikes, n_steps, threshold) == (begins, over.sum())
    response = SimpleNamespace(spikes=spikes)
    assert peak_counts([response], n_steps) == [brute_window(spikes, n_steps).max()]


@given(peaks=st.lists(st.integers(0, 30), min_size=1, max_size=60))
def test_enough_validation_recordings_reach_the_threshold_and_no_higher_one_serves(peaks):
    peaks = np.array(peaks)
    threshold = alarm_threshold(peaks)
    if threshold > 1:
        assert (peaks >= threshold).mean() >= 0.95
    assert (peaks >= threshold + 1).mean() <= 0.95


def spikes_at(*steps):
    spikes = np.zeros((300, 10), dtype=np.int64)
    spikes[list(steps), 4] = 1
    return spikes


def test_a_network_is_measured_against_its_own_threshold():
    """Validation: two spikes within 200 ms. Blank: such pairs at 0.1 s and 2.0 s, and one spike."""
    answers = {"seen": spikes_at(10, 12), "blank": spikes_at(10, 15, 100, 200, 219)}
    zero = np.zeros(50, dtype=np.int64)

    def respond(steps):
        return [Response(answers[one.row], (), np.zeros(300, dtype=np.int64)) for one in steps]

    def named(name):
        return BinnedRecording(name, "", -1, "", StepEvents(zero, name, zero, 300, 0), 2, 3.0)

    spiking = SimpleNamespace(respond=respond)
    row = idle_outcomes(spiking, [named("blank")], [named("seen")], 10.0, 200.0).iloc[0]
    assert row["threshold_spikes"] == 2
    assert row["n_validation"] == 1
    # At and after step 15 until the first spike leaves the window at 30; at 219 alone: 200 leaves.
    assert row["false_alarms"] == 2
    assert row["alarm_seconds"] == pytest.approx(0.15 + 0.01)
    assert row["seconds"] == 3.0
    assert row["output_spikes"] == 5
    assert row["n_events"] == 50
    assert row["n_events_outside"] == 2


def test_rates_are_those_worked_out_by_hand():
    """6 M SynOps in 60 s at 10 pJ: 0.001 mW, and 0.42 mW of static power."""
    outcomes = pd.DataFrame(
        [
            {
                "variant": "plain", "seed": 1, "scale": 1.0, "scene": "saccades", "seconds": 60.0,
                "n_events": 4200, "n_events_outside": 0, "synops": 6_000_000, "output_spikes": 30,
                "window_ms": 200.0, "threshold_spikes": 3, "n_validation": 800,
                "false_alarms": n, "alarm_seconds": 0.5,
            }
            for n in (0, 4)
        ]
    )  # fmt: skip
    table = idle_table(outcomes, EnergyModel(10.0, 0.42))
    assert list(table.columns) == list(schema("idle"))
    quiet, loud = table.to_dict("records")
    assert quiet["events_per_s"] == 70
    assert quiet["synops_per_s"] == 100_000
    assert quiet["power_mw"] == pytest.approx(0.421)
    assert quiet["output_spikes_per_min"] == 30
    assert (quiet["false_alarms_per_min"], quiet["false_alarms_per_min_low"]) == (0, 0)
    assert loud["false_alarms_per_min"] == 4


def test_the_interval_of_a_count_is_that_of_printed_tables():
    """Garwood's limits for 0, 1 and 10 events, as tables of exact Poisson limits print them."""
    assert poisson_interval(0) == pytest.approx((0, 3.689), abs=1e-3)
    assert poisson_interval(1) == pytest.approx((0.0253, 5.572), abs=1e-3)
    assert poisson_interval(10) == pytest.approx((4.795, 18.390), abs=1e-3)


def test_blank_recordings_are_stored_as_steps(tmp_path, monkeypatch):
    monkeypatch.setattr(idle_recordings, "SECONDS", 5.0)
    paths = {"steps": tmp_path / "steps.npy", "table": tmp_path / "steps.csv"}
    idle_recordings.store_blank_recordings(
        simulation(shot_noise_hz=1.0), ["saccades"], STEP_US, 1, paths, quiet()
    )
    (one,) = open_steps(paths["steps"], paths["table"])
    assert one.recording == "saccades"
    assert one.steps.n_steps == 500
    made = blank(5.0, shot_noise_hz=1.0)
    assert (one.steps.step == made.steps.step).all()
