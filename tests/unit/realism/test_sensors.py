"""A changed sensor: a condition changes what it names alone, and events follow physics."""

import numpy as np
import pytest
from jobs import quiet
from simulated_scenes import real_symbols, scene_settings

from dvs_snn.realism.sensors import FACTORS, changed_settings, recordings_of
from dvs_snn.recordings.recording import read_recording
from dvs_snn.simulation.drawn_symbols import Symbols, write_symbols
from dvs_snn.simulation.simulated_sets import SimulateSetJob, simulate_set
from dvs_snn.simulation.takes import set_takes

SIMULATION = scene_settings(
    sensors={
        # So slow that it loses events; a pixel that follows the light has nothing to lose.
        "dvs128": {"cutoff_hz": 40.0},
        # This sensor has none of the parts that can be switched off.
        "atis": {"mismatch": 0.0, "leak_hz": 0.0, "shot_noise_hz": 0.0},
    },
    scenes={
        "mnist-dvs": {"sensor_size": [128, 128]},
        "saccades": {"flicker_hz": 0.0, "flicker_depth": 0.0, "duration_s": 0.1},
    },
)
CHANGED = {
    ("threshold", "doubled"): {"threshold_on": 0.4, "threshold_off": 0.48},
    ("noise", "doubled"): {"leak_hz": 0.4, "shot_noise_hz": 0.4, "hot_hz": 6.0},
    ("flicker", "off"): {"flicker_depth": 0},
    ("flicker", "doubled"): {"flicker_depth": 0.06},
}


@pytest.fixture(scope="module")
def symbols() -> Symbols:
    """Three test symbols of each digit, and a training symbol beside them, of real MNIST."""
    return real_symbols(range(10), ("test", "test", "test", "train"))


@pytest.mark.parametrize(("condition", "expected"), CHANGED.items())
def test_a_condition_changes_just_what_it_names(condition, expected):
    changed = changed_settings(SIMULATION, "mnist-dvs")
    assert changed.keys() == FACTORS.keys()
    # What is off stays off.
    saccades = changed_settings(SIMULATION, "saccades")
    assert {part for part, _ in saccades} == {"threshold", "bandwidth"}
    altered, differ = changed[condition], {}
    pairs = [(altered.sensors[name], SIMULATION.sensors[name]) for name in SIMULATION.sensors]
    pairs += [(altered.scenes[name], SIMULATION.scenes[name]) for name in SIMULATION.scenes]
    for section, nominal in pairs:
        values = vars(nominal).items()
        differ |= {key: vars(section)[key] for key, value in values if vars(section)[key] != value}
    assert differ == expected


def test_nominal_recordings_are_those_of_the_files_of_the_test_set(symbols, tmp_path):
    write_symbols(symbols, tmp_path / "drawn.npz")
    job = SimulateSetJob(
        symbols=tmp_path / "drawn.npz",
        set="test",
        scenes=["mnist-dvs"],
        part="test",
        simulation=SIMULATION,
        seed=5,
        folder=tmp_path / "set",
        table=tmp_path / "set.csv",
    )
    simulate_set(job, quiet())
    takes = set_takes(SIMULATION, symbols, "mnist-dvs", "test")
    # Three of each digit: scales in turn over the whole set.
    assert [take.size for take in takes] == [8, 16] * 15
    recordings = recordings_of(takes, symbols, SIMULATION, 5)
    for take, recording in zip(takes, recordings, strict=True):
        assert recording.recording == take.name
        assert (recording.symbol, recording.label) == (take.symbol, take.label)
        file = read_recording(tmp_path / "set" / f"{take.name}.aedat", None)
        np.testing.assert_array_equal(recording.raw.events, file.events)


def test_parts_change_the_events_as_physics_says(symbols):
    takes = set_takes(SIMULATION, symbols, "mnist-dvs", "test")[::3]

    def events_per_recording(settings):
        return np.mean([each.raw.n_events for each in recordings_of(takes, symbols, settings, 5)])

    nominal = events_per_recording(SIMULATION)
    changed = changed_settings(SIMULATION, "mnist-dvs")
    events = {name: events_per_recording(settings) for name, settings in changed.items()}
    assert 0.3 < events["threshold", "doubled"] / nominal < 0.65
    assert 1.6 < events["threshold", "halved"] / nominal < 2.6
    # 16,384 pixels for 0.1 s: 0.2 leaks, 0.2 shots in the dark and 0.003 events of hot pixels a
    # second. Light throws some of the shots away; the low thresholds of pixels at rest add some.
    noise = 16_384 * 0.1 * (0.2 + 0.2 + 0.003)
    for condition, sign in ((("noise", "off"), -1), (("noise", "doubled"), 1)):
        assert 0.5 * noise < sign * (events[condition] - nominal) < 1.2 * noise
    assert nominal < events["flicker", "doubled"]
    assert events["bandwidth", "halved"] < nominal < events["bandwidth", "doubled"]
    assert events["bandwidth", "doubled"] < events["bandwidth", "off"]
    assert len({nominal, *events.values()}) == 1 + len(FACTORS)


def test_a_sensor_that_sends_nothing_has_an_empty_recording_of_the_whole_length(symbols):
    """Only noise crosses such thresholds."""
    blind = {"threshold_on": 1e6, "threshold_off": 1e6, "leak_hz": 0.0, "hot_hz": 0.0}
    settings = scene_settings(sensors={"dvs128": blind})
    takes = set_takes(settings, symbols, "mnist-dvs", "test")[:1]
    (noisy,) = recordings_of(takes, symbols, settings, 5)
    assert noisy.raw.n_events > 100
    without_noise = changed_settings(settings, "mnist-dvs")["noise", "off"]
    (silent,) = recordings_of(takes, symbols, without_noise, 5)
    assert (silent.raw.n_events, silent.raw.duration_s) == (0, pytest.approx(0.1, abs=1e-5))
