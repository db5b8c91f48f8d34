"""The part of the simulation's settings that some scenes need."""

from pathlib import Path

import yaml

from dvs_snn.settings.simulation.scenes import of_scenes

FILE = Path(__file__).parents[3] / "workflow/settings/simulated.yaml"
SIMULATION = yaml.safe_load(FILE.read_text(encoding="utf-8"))["simulation"]


def test_a_scene_has_its_own_settings_and_its_sensor_alone():
    found = of_scenes(SIMULATION, "saccades")
    assert found == {
        "scenes": {"saccades": SIMULATION["scenes"]["saccades"]},
        "sensors": {"atis": SIMULATION["sensors"]["atis"]},
    }


def test_training_recordings_need_what_varies_too():
    found = of_scenes(SIMULATION, "mnist-dvs", "saccades", training=True)
    assert list(found["scenes"]) == ["mnist-dvs", "saccades"]
    assert found["sensors"] == SIMULATION["sensors"]
    assert found["training"] == SIMULATION["training"]
