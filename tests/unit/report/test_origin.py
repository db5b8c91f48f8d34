"""What is simulated is called so, what a sensor made isn't."""

import pytest
from pages import SIMULATED, make_study

from dvs_snn.report.origin import SIMULATED_BANNER, SMOKE, Origin
from dvs_snn.report.sections.answer import sensor_of
from dvs_snn.report.text import NBSP

SETS = ["validation", "test", "saccades-test"]
ADDED = {"mine": "real", "made": "simulated"}


def test_captions_begin_with_what_is_simulated():
    origin = Origin("simulated", ADDED)
    assert origin.note_on(["test", "made"]) == "Simulated recordings. "
    assert origin.note_on(["mine"]) == ""
    mixed = "Simulated recordings, but for the real ones of mine and real-twins. "
    assert origin.note_on(["test", "mine", "real-twins"]) == mixed
    assert origin.note_on() == "Simulated recordings. "
    assert Origin("folder", ADDED).note_on(["test"]) == ""
    assert Origin("folder", ADDED).note_on(["made"]) == "Simulated recordings. "


def test_the_sensor_of_a_real_set_is_told_as_the_settings_tell_it():
    sets = [
        {"name": "mine", "folder": "x", "sensor_size": [34, 34]},
        {"name": "other", "folder": "x"},
    ]
    scenes = {"scenes": {"saccades": {"sensor_size": [30, 20]}}}
    study = make_study(SIMULATED | {"evaluation": {"sets": sets}, "simulation": scenes}, tables={})
    found = [sensor_of(name, study) for name in ("mine", "other", "test", "real-twins")]
    assert found == [f"sensor 34{NBSP}×{NBSP}34", "", "", f"sensor 30{NBSP}×{NBSP}20"]
    folder = make_study({"data": {"sensor_size": [128, 128]}}, tables={})
    assert sensor_of("test", folder) == f"sensor 128{NBSP}×{NBSP}128"


@pytest.mark.parametrize(
    ("source", "study", "sets", "banner"),
    [
        ("simulated", "simulated", SETS, SIMULATED_BANNER),
        ("simulated", "smoke", SETS, f"{SMOKE}; {SIMULATED_BANNER}"),
        (
            "simulated", "simulated", [*SETS, "real-twins", "mine", "made"],
            f"{SIMULATED_BANNER}; real recordings, made by a sensor: real-twins and mine",
        ),
        (
            "simulated", "smoke-2", [*SETS, "mine"],
            f"{SMOKE}; {SIMULATED_BANNER}; real recordings, made by a sensor: mine",
        ),
        ("folder", "nmnist", ["validation", "test", "mine"], ""),
        (
            "folder", "nmnist", ["validation", "test", "made"],
            "simulated recordings: made; the others are real",
        ),
        ("tutorial", "tutorial", ["frames"], ""),
    ],
)  # fmt: skip
def test_the_banner_follows_from_all_sets(source, study, sets, banner):
    assert Origin(source, ADDED).banner(study, sets) == banner
