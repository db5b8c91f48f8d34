"""The check of folders before anything is trained: all faults at once, and settings to paste."""

from pathlib import Path

import numpy as np
import pytest
import yaml
from jobs import quiet
from made_shapes import SHAPES, write_shapes
from mistaken_sets import MISTAKES, RIGHT, write_folder

from dvs_snn.plausibility.checks import Training
from dvs_snn.plausibility.folders import Group, bare_folder, groups_of, report_of, survey
from dvs_snn.plausibility.ranges import seen_in
from dvs_snn.plausibility.reference import training_of
from dvs_snn.settings.study import as_dict, merged, read_study

ROOT = Path(__file__).parents[3]
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
SETTINGS = as_dict(read_study(CONFIG))


def declared(folder: Path, **where) -> Group:
    return Group("set mine", "evaluation.sets.0", {"": folder}, RIGHT | where)


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_before_anything_is_trained(name, right, training, tmp_path):
    mistake = MISTAKES[name]
    folder = write_folder(tmp_path / "set", right, mistake.change)
    (one,) = survey([declared(folder, **mistake.settings)], training, SETTINGS, quiet())
    assert not one.is_plausible
    assert one.remedies == mistake.remedy
    report = report_of([one])
    assert "to paste under evaluation.sets.0:" in report
    for key, value in mistake.remedy.items():
        assert f"    {key}: {value}\n" in report


@pytest.mark.parametrize("name", [name for name in MISTAKES if "declared" not in name])
def test_a_bare_folder_gets_settings_that_are_right(name, right, training, tmp_path):
    """Nobody declared a size or a zoom, so the check suggests both."""
    mistake = MISTAKES[name]
    folder = write_folder(tmp_path / "mine", right, mistake.change)
    (one,) = survey([bare_folder(folder)], training, SETTINGS, quiet())
    (line,) = (line for line in report_of([one]).splitlines() if line.startswith("    - {"))
    (entry,) = yaml.safe_load(line)
    fitted = {"sensor_size": [34, 34], "zoom": 1.88}
    if name.startswith("346"):
        fitted = {"sensor_size": [346, 260]}
    assert entry == {"name": "mine", "folder": str(folder), **fitted, **mistake.remedy}


def test_right_recordings_need_nothing(right, training, tmp_path):
    folder = write_folder(tmp_path / "set", right)
    (one,) = survey([declared(folder)], training, SETTINGS, quiet())
    assert (one.is_plausible, one.remedies, one.findings) == (True, {}, ())
    assert report_of([one]).endswith("20 recordings checked: nothing to change")


def test_all_faults_of_all_files_are_listed_at_once(right, training, tmp_path):
    folder = write_folder(tmp_path / "set", right)
    (folder / "0/000.npz").write_bytes(b"PK")
    for name, key, values in (("2/004.npz", "t", -1), ("5/011.npz", "t", None)):
        with np.load(folder / name) as arrays:
            wrong = arrays[key] // 1000 if values is None else np.full_like(arrays[key], values)
            np.savez(folder / name, **{**arrays, key: wrong})
    (one,) = survey([declared(folder)], training, SETTINGS, quiet())
    named = [next(n for n in ("0/000", "2/004") if n in fault) for fault in one.faults]
    assert named == ["0/000", "2/004"]
    # The others are right, and no setting would mend the three.
    assert (len(one.rows), one.remedies) == (18, {})
    report = report_of([one])
    assert report.count("  fault: ") == 3
    assert "5/011.npz (1 of 18 recordings)" in report
    assert "is `t` in ms? write it as in the other files" in report
    assert report.endswith("20 recordings checked: look at set mine")


def test_a_folder_that_is_none_is_a_fault(training, tmp_path):
    (one,) = survey([bare_folder(tmp_path / "nowhere")], training, SETTINGS, quiet())
    assert "no such folder" in report_of([one])
    assert not one.is_plausible


def test_the_studys_own_recordings_are_what_trains(right, training, tmp_path):
    slow = write_folder(tmp_path / "own", right)
    fast = write_folder(tmp_path / "set", right, lambda a: a | {"t": a["t"] // 10})
    own = Group("data", "data", {"": slow}, RIGHT)
    untold = Training(seen_in(None), training.frames)
    first, second = survey([own, declared(fast)], untold, SETTINGS, quiet())
    assert first.is_plausible
    assert [one.check for one in second.findings] == ["events_per_step"]
    assert "times those of training" in report_of([second])


def test_the_groups_of_a_study(tmp_path):
    sets = [{"name": "mine", "folder": "more", "zoom": 0.5}]
    changes = {"evaluation": {"sets": sets}, "simulation": {"real_twins": "twins"}}
    settings = as_dict(read_study(merged(CONFIG, changes)))
    names = {group.name: group.where["zoom"] for group in groups_of(settings)}
    assert names == {"real-twins": 1.88, "set mine": 0.5}
    data = {"source": "folder", "folder": "a", "test_folder": "b", "zoom": 0.25}
    settings = as_dict(read_study(merged(CONFIG, {"data": data})))
    (group,) = groups_of(settings)
    assert (group.section, group.where["zoom"]) == ("data", 0.25)
    assert group.folders == {"": Path("a"), "test/": Path("b")}
    assert groups_of(as_dict(read_study(CONFIG))) == []


def test_a_folder_of_other_classes_is_checked_without_digits(tmp_path):
    write_shapes(tmp_path / "mine", 5)
    data = {"source": "folder", "folder": str(tmp_path / "mine"), "classes": [*SHAPES, "bar"]}
    settings = as_dict(read_study(merged(CONFIG, {"study": "shapes", "data": data})))
    training = training_of(settings, tmp_path / "results", quiet())
    assert (len(training.seen), training.images) == (0, {})
    groups = [*groups_of(settings), bare_folder(tmp_path / "mine", settings["data"]["classes"])]
    surveyed = survey(groups, training, SETTINGS, quiet())
    assert all(one.is_plausible for one in surveyed)
    report = report_of(surveyed)
    assert report.count("15 recordings of the classes circle, square and cross, 64x64") == 2
    assert report.count("note: lacks the class bar") == 2
    assert report.count("orientation not checked: no training to compare with") == 2
    assert "digit" not in report
