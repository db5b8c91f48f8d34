"""The sets of recordings that a study evaluates: which there are, and what jobs need of each."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from dvs_snn.files.errors import StudyError
from dvs_snn.plan.sets import study_sets
from dvs_snn.settings.study import merged, read_study

ROOT = Path(__file__).parents[3]
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
MONITOR = {"zoom": 0.5, "rotate": 0, "flip": "none"}
SACCADES = {"zoom": 1.88, "rotate": 0, "flip": "none"}
AEDAT, BIN, NPZ = (f"dvs_snn.recordings.formats.{name}" for name in ("aedat", "bin", "npz"))


def sets_of(unpacked=(), **changes):
    return study_sets(read_study(merged(CONFIG, changes)), unpacked)


@pytest.fixture
def folder(tmp_path):
    for name in ("3/a.bin", "3/b.AEDAT", "4/c.bin", "4/notes.md"):
        (tmp_path / "digits" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "digits" / name).write_bytes(b"")
    return str(tmp_path / "digits")


def test_the_sets_of_a_simulated_study():
    sets = sets_of()
    assert list(sets) == ["validation", "test", "saccades-test"]
    both = {"mnist-dvs": MONITOR, "saccades": SACCADES}
    told = {name: (one.scenes, one.part, one.formats) for name, one in sets.items()}
    assert told == {
        "validation": (both, "validation", [AEDAT, BIN]),
        "test": ({"mnist-dvs": MONITOR}, "test", [AEDAT]),
        "saccades-test": ({"saccades": SACCADES}, "test", [BIN]),
    }
    for name, one in sets.items():
        assert one.name == name
        assert (one.kind, one.of_source, one.alone, one.is_simulated) == (
            "simulated",
            True,
            False,
            True,
        )
        assert one.made == (f"<results>/recordings/{name}",)
        assert one.table == f"<results>/recordings/{name}.csv"
        assert one.where == next(iter(one.settings.values()))


def test_real_twins_are_a_set_beside_the_simulated_ones(folder):
    sets = sets_of(simulation={"real_twins": folder})
    assert list(sets)[-1] == "real-twins"
    twins = sets["real-twins"]
    assert (twins.kind, twins.of_source, twins.alone) == ("twins", True, True)
    assert not twins.is_simulated
    assert (twins.scenes, twins.formats) == ({"saccades": SACCADES}, [BIN])
    assert (twins.table, twins.made) == ("<results>/recordings/real-twins.csv", ())
    assert twins.where == {"sensor_size": [34, 34], **SACCADES}


def test_a_set_of_its_own_scene_shows_the_test_symbols_with_that_scene_changed():
    sets = sets_of(
        simulation={
            "sets": {
                "small": {"scene": "mnist-dvs", "scales": [4]},
                "slow": {"scene": "saccades", "duration_s": 0.6},
            }
        }
    )
    assert list(sets)[-2:] == ["small", "slow"]
    small, slow = sets["small"], sets["slow"]
    for one in (small, slow):
        assert (one.kind, one.of_source, one.alone, one.is_simulated) == ("more", False, True, True)
        assert one.part == "test"
        assert one.made == (f"<results>/recordings/{one.name}",)
        assert one.table == f"<results>/recordings/{one.name}.csv"
    assert (small.scenes, small.formats) == ({"mnist-dvs": MONITOR}, [AEDAT])
    assert (slow.scenes, slow.formats) == ({"saccades": SACCADES}, [BIN])
    monitor, usual = (sets[name].simulation.scenes["mnist-dvs"] for name in ("small", "test"))
    assert monitor == replace(usual, scales=(4,))
    assert usual.scales == (8, 16)
    saccades, usual = (
        sets[name].simulation.scenes["saccades"] for name in ("slow", "saccades-test")
    )
    assert saccades == replace(usual, duration_s=0.6)
    assert usual.duration_s == 0.31


def test_validation_may_have_sizes_and_lengths_of_its_own():
    usual = sets_of()["validation"].simulation
    sets = sets_of(simulation={"validation": {"scales": [4], "duration_s": 1.5}})
    changed = replace(usual.scenes["mnist-dvs"], scales=(4,), duration_s=1.5)
    scenes = usual.scenes | {"mnist-dvs": changed}
    assert sets["validation"].simulation == replace(usual, scenes=scenes)
    assert sets["test"].simulation == sets_of()["test"].simulation


def test_too_few_symbols_are_told():
    with pytest.raises(StudyError, match=r"simulation\.symbols asks for 500 test"):
        sets_of(simulation={"symbols": {"test": [500] * 10}})


def test_the_sets_of_a_folder_are_parts_of_its_split(folder):
    where = {
        "sensor_size": [40, 30], "time_unit": "ms", "zoom": 0.7, "rotate": 90, "flip": "x"
    }  # fmt: skip
    sets = sets_of(data={"source": "folder", "folder": folder, **where})
    assert list(sets) == ["validation", "test"]
    for one in sets.values():
        assert (one.kind, one.of_source, one.alone) == ("split", True, False)
        assert one.where == where
        assert one.scenes == {"": {"zoom": 0.7, "rotate": 90, "flip": "x"}}
        assert (one.table, one.made) == ("<results>/recordings/split.csv", ())
        assert one.formats == [AEDAT, BIN]


def test_a_folder_of_test_recordings_has_formats_too(folder, tmp_path):
    (tmp_path / "more/0").mkdir(parents=True)
    (tmp_path / "more/0/d.npz").write_bytes(b"")
    data = {"source": "folder", "folder": folder, "test_folder": str(tmp_path / "more")}
    assert sets_of(data=data)["test"].formats == [AEDAT, BIN, NPZ]


@pytest.mark.parametrize(("source", "formats"), [("mnist-dvs", [AEDAT]), ("nmnist", [BIN])])
def test_unpacked_recordings_are_known_before_they_are_there(source, formats):
    unpacked = ("<results>/recordings/unpacked/all",)
    sets = sets_of(unpacked, data={"source": source})
    assert list(sets) == ["validation", "test"]
    assert {one.made for one in sets.values()} == {unpacked}
    assert all(one.formats == formats for one in sets.values())


def test_an_added_set_stands_alone_and_is_listed_by_its_folder(folder):
    entry = {"name": "mine", "folder": folder, "zoom": 2.0}
    changes = {"data": {"source": "tutorial"}, "evaluation": {"sets": [entry]}}
    (mine,) = sets_of(**changes).values()
    assert (mine.kind, mine.of_source, mine.alone) == ("added", False, True)
    placement = {"zoom": 2.0, "rotate": 0, "flip": "none"}
    assert mine.scenes == {"": placement}
    assert mine.where == {"sensor_size": None, "time_unit": None, **placement}
    assert (mine.folder, mine.made) == (folder, ())
    assert mine.table == "<results>/recordings/mine.csv"
    assert mine.formats == [AEDAT, BIN]
    (again,) = sets_of(**changes).values()
    assert again.listing == mine.listing != ""
    (Path(folder) / "3/a.bin").write_bytes(b"12345")
    (changed,) = sets_of(**changes).values()
    assert changed.listing != mine.listing


def test_a_tutorial_has_no_set_of_its_own():
    assert sets_of(data={"source": "tutorial"}) == {}
