"""The part of the simulation's settings that some scenes need."""

from pathlib import Path

from dvs_snn.settings.study_settings import as_dict, read_configs, read_study

SIMULATION = read_configs([Path(__file__).parents[3] / "config.yaml"]).simulation


def test_a_scene_has_its_own_settings_and_its_sensor_alone():
    settings = SIMULATION.of_scenes("saccades")
    assert settings.scenes == {"saccades": SIMULATION.scenes["saccades"]}
    assert settings.sensors == {"atis": SIMULATION.sensors["atis"]}
    assert settings.training == {}


def test_training_recordings_need_what_varies_too_in_the_order_of_the_model():
    settings = SIMULATION.of_scenes("mnist-dvs", "saccades", training=True)
    assert settings.training == SIMULATION.training
    assert list(settings.sensors) == ["dvs128", "atis"]
    ranges = {"turn_deg": [-1.0, 1.0], "threshold": [0.5, 2.0]}
    changes = {"training": {"saccades": {"ranges": ranges}}}
    plans = read_study({"study": "own", "simulation": changes}).simulation.training
    names = list(as_dict(plans["saccades"])["ranges"])
    assert names.index("threshold") < names.index("turn_deg")


def test_factors_change_a_scene_and_its_sensor_alone():
    settings = SIMULATION.of_scenes("mnist-dvs", "saccades")
    factors = {"response_ms": 0.5, "background": 30.0, "leak_hz": 0.0}
    changed = settings.with_factors("mnist-dvs", factors)
    before, after = settings.scenes["mnist-dvs"], changed.scenes["mnist-dvs"]
    assert after.response_ms == before.response_ms / 2
    assert after.background == before.background * 30
    assert changed.sensor_of("mnist-dvs").leak_hz == 0.0 < settings.sensor_of("mnist-dvs").leak_hz
    assert changed.scenes["saccades"] == settings.scenes["saccades"]
    assert changed.sensors["atis"] == settings.sensors["atis"]
    assert settings.with_factors("mnist-dvs", {}) == settings
