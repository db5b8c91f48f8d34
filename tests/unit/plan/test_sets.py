"""The sets of recordings that a study evaluates: which there are, and what jobs need of each."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from dvs_snn.plan.planned_sets import study_sets
from dvs_snn.settings.study_settings import merged, read_study

ROOT = Path(__file__).parents[3]
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
MONITOR = {"zoom": 0.5, "rotate": 0, "flip": "none"}
SACCADES = {"zoom": 1.88, "rotate": 0, "flip": "none"}
AEDAT, BIN, NPZ = (f"dvs_snn.recordings.formats.{name}" for name in ("aedat", "bin", "npz"))


def sets_of(unpacked=(), **changes):
    return study_sets(read_study(merged(CONFIG, changes)), unpacked)


def traits(recordings):
    return recordings.kind, recordings.alone, recordings.is_simulated


@pytest.fixture
def folder(tmp_path):
    for name in ("3/a.bin", "3/b.AEDAT", "4/c.bin", "4/notes.md"):
        (tmp_path / "digits" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "digits" / name).write_bytes(b"")
    return str(tmp_path / "digits")


def test_the_sets_of_a_simulated_study():
    sets = sets_of()
    assert sets.pop("small").alone
    assert list(sets) == ["validation", "test", "saccades-test"]
    both = {"mnist-dvs": MONITOR, "saccades": SACCADES}
    assert {name: (entry.scenes, entry.part, entry.formats) for name, entry in sets.items()} == {
        "validation": (both, "validation", [AEDAT, BIN]),
        "test": ({"mnist-dvs": MONITOR}, "test", [AEDAT]),
        "saccades-test": ({"saccades": SACCADES}, "test", [BIN]),
    }
    for name, made in sets.items():
        assert made.name == name
        assert traits(made) == ("simulated", False, True)
        assert made.made == (f"<work>/recordings/{name}",)
        assert made.table == f"<work>/recordings/{name}.csv"
    assert sets["validation"].where == {"sensor_size": [128, 128], **MONITOR}


def test_real_twins_are_a_set_beside_the_simulated_ones(folder):
    sets = sets_of(simulation={"real_twins": folder})
    assert list(sets)[-2:] == ["real-twins", "small"]
    twins = sets["real-twins"]
    assert traits(twins) == ("twins", True, False)
    assert (twins.scenes, twins.formats) == ({"saccades": SACCADES}, [BIN])
    assert (twins.table, twins.made) == ("<work>/recordings/real-twins.csv", ())
    assert twins.where == {"sensor_size": [34, 34], **SACCADES}


def test_a_set_of_its_own_scene_shows_the_test_symbols_with_that_scene_changed():
    changes = {
        "small": {"scene": "mnist-dvs", "scales": [4]},
        "slow": {"scene": "saccades", "duration_s": 0.6},
    }
    sets = sets_of(simulation={"sets": changes})
    assert list(sets)[-2:] == ["small", "slow"]
    for name, usual, scene, changed in (
        ("small", "test", "mnist-dvs", {"scales": (4,), "duration_s": 2.0}),
        ("slow", "saccades-test", "saccades", {"duration_s": 0.6}),
    ):
        added, before = sets[name], sets[usual]
        assert traits(added) == ("more", True, True)
        assert (added.part, added.scenes, added.formats) == ("test", before.scenes, before.formats)
        assert added.made == (f"<work>/recordings/{name}",)
        assert added.table == f"<work>/recordings/{name}.csv"
        settings = added.simulation.scenes[scene], before.simulation.scenes[scene]
        assert settings[0] == replace(settings[1], **changed) != settings[1]


def test_validation_may_have_sizes_and_lengths_of_its_own():
    usual = sets_of()["validation"].simulation
    sets = sets_of(simulation={"validation": {"scales": [4], "duration_s": 1.5}})
    changed = replace(usual.scenes["mnist-dvs"], scales=(4,), duration_s=1.5)
    scenes = usual.scenes | {"mnist-dvs": changed}
    assert sets["validation"].simulation == replace(usual, scenes=scenes)
    assert sets["test"].simulation == sets_of()["test"].simulation


def test_the_sets_of_a_folder_are_parts_of_its_split(folder, tmp_path):
    where = {"sensor_size": [40, 30], "time_unit": "ms", "zoom": 0.7, "rotate": 90, "flip": "x"}
    sets = sets_of(data={"source": "folder", "folder": folder, **where})
    assert list(sets) == ["validation", "test"]
    for part in sets.values():
        assert traits(part) == ("split", False, False)
        assert part.where == where
        assert part.scenes == {"": {"zoom": 0.7, "rotate": 90, "flip": "x"}}
        assert (part.table, part.made) == ("<work>/recordings/split.csv", ())
        assert part.formats == [AEDAT, BIN]
    # A folder of test recordings has formats too.
    (tmp_path / "more/0").mkdir(parents=True)
    (tmp_path / "more/0/d.npz").write_bytes(b"")
    data = {"source": "folder", "folder": folder, "test_folder": str(tmp_path / "more")}
    assert sets_of(data=data)["test"].formats == [AEDAT, BIN, NPZ]


@pytest.mark.parametrize(("source", "formats"), [("mnist-dvs", [AEDAT]), ("nmnist", [BIN])])
def test_unpacked_recordings_are_known_before_they_are_there(source, formats):
    unpacked = ("<work>/recordings/unpacked/all",)
    sets = sets_of(unpacked, data={"source": source})
    assert list(sets) == ["validation", "test"]
    for part in sets.values():
        assert (part.made, part.formats) == (unpacked, formats)


def test_an_added_set_stands_alone_and_is_listed_by_its_folder(folder):
    entry = {"name": "mine", "folder": folder, "zoom": 2.0}
    changes = {"data": {"source": "tutorial"}, "evaluation": {"sets": [entry]}}
    (mine,) = sets_of(**changes).values()
    assert traits(mine) == ("added", True, False)
    placement = {"zoom": 2.0, "rotate": 0, "flip": "none"}
    assert mine.scenes == {"": placement}
    assert mine.where == {"sensor_size": None, "time_unit": None, **placement}
    assert (mine.folder, mine.made) == (folder, ())
    assert mine.table == "<work>/recordings/mine.csv"
    assert mine.formats == [AEDAT, BIN]
    (again,) = sets_of(**changes).values()
    assert again.listing == mine.listing != ""
    (Path(folder) / "3/a.bin").write_bytes(b"12345")
    (changed,) = sets_of(**changes).values()
    assert changed.listing != mine.listing
