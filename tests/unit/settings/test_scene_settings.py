"""The part of the simulation's settings that some scenes need."""

from pathlib import Path

import pytest

from dvs_snn.files.errors import StudyError
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


@pytest.mark.parametrize(
    ("scene", "changes", "told"),
    [
        ("mnist-dvs", {"corners": [[0, 0, 0], [0.3, 1, 1], [0.3, 0, 0]]}, "corners have"),
        ("saccades", {"knots": [[0.2, 0, 0], [0.1, 1, 1]]}, "knots have"),
        ("saccades", {"rests": [[0.2, 0.1, 3]]}, "rests have"),
    ],
)
def test_seconds_of_a_path_that_fall_are_told(scene, changes, told):
    with pytest.raises(StudyError, match=f"{told} the seconds .* expected rising ones"):
        read_study({"study": "own", "simulation": {"scenes": {scene: changes}}})
