"""Users' mistakes in recordings: found before and in a study, with the settings that mend them."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import yaml
from jobs import quiet
from mistaken_sets import MISTAKES, RIGHT, write_folder
from real_files import REAL, needs_real_files

from dvs_snn.files.errors import StudyError
from dvs_snn.files.tables import write_table
from dvs_snn.recordings.folders.folder import list_folder
from dvs_snn.recordings.folders.split import Entry, list_recordings
from dvs_snn.recordings.folders.split_table import open_recording
from dvs_snn.recordings.placement import Placement, place, placement_of
from dvs_snn.recordings.plausibility.checks import Training, judge, set_images
from dvs_snn.recordings.plausibility.folders import (
    Group,
    Surveyed,
    bare_folder,
    groups_of,
    report_of,
    survey,
)
from dvs_snn.recordings.plausibility.ranges import seen_in
from dvs_snn.recordings.plausibility.sensor import refuse, refuse_shown
from dvs_snn.recordings.recording import EventRecording, read_recording
from dvs_snn.recordings.store.event_store import open_store
from dvs_snn.recordings.store.reading import store_split
from dvs_snn.settings.data import PlacedRecordings
from dvs_snn.settings.study import merged, read_study
from dvs_snn.simulation.reference import training_of
from dvs_snn.simulation.symbols import load_symbols
from dvs_snn.simulation.takes import nominal_sensor, nominal_take, set_takes

ROOT = Path(__file__).parents[4]
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
STUDY = read_study(CONFIG)


@pytest.fixture(scope="module")
def training(tmp_path_factory: pytest.TempPathFactory) -> Training:
    """What a study that has not run is compared with."""
    return training_of(STUDY, tmp_path_factory.mktemp("none"), quiet())


@pytest.fixture(scope="module")
def right() -> list[tuple[int, EventRecording]]:
    """Two recordings of each digit, (digit, recording), as N-MNIST's sensor would make them."""
    simulation, seed = STUDY.simulation.of_scenes("saccades"), STUDY.seed
    symbols = load_symbols(STUDY.simulation.symbols, seed)
    sensor = nominal_sensor(simulation, "saccades", seed)
    takes = set_takes(simulation, symbols, "saccades", "test")
    chosen = [take for digit in range(10) for take in [t for t in takes if t.label == digit][:2]]
    return [(take.label, nominal_take(take, symbols, simulation, sensor, seed)) for take in chosen]


def declared(folder: Path, where: Mapping = RIGHT) -> Group:
    return Group("set mine", "evaluation.sets.0", {"": folder}, PlacedRecordings(**where))


def surveyed(group: Group, training: Training) -> Surveyed:
    return survey([group], training, STUDY, quiet())[0]


def told_in_a_study(folder: Path, where: Mapping, training: Training, stored: Path) -> str:
    """Return what the jobs `list_set` and `check_sets` tell of a set."""
    entries = [Entry(file, "mine") for file in list_folder(folder)]
    placed = PlacedRecordings(**where)
    rows = list_recordings(entries, placed, quiet(), "mine")
    try:
        refuse("set mine", rows, placed.time_unit)
    except StudyError as error:
        return str(error)
    write_table(rows, stored / "split.csv", "split")
    paths = stored / "mine.npy", stored / "mine.csv"
    store_split(stored / "split.csv", "mine", *paths, quiet())
    images = set_images(open_store(*paths, {"": placement_of(placed)}))
    findings = judge(rows, placed, 10.0, training, images)
    return "; ".join(str(finding) for finding in findings if finding.is_bad)


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_and_its_remedy_mends_it(name, right, training, tmp_path):
    mistake = MISTAKES[name]
    where = RIGHT | mistake.settings
    folder = write_folder(tmp_path / "set", right, mistake.change)
    told = told_in_a_study(folder, where, training, tmp_path)
    one = surveyed(declared(folder, where), training)
    assert (one.is_plausible, one.remedies) == (False, mistake.remedy)
    for key, value in mistake.remedy.items():
        assert f"`{key}: {value}`" in told
        assert f"    {key}: {value}\n" in report_of([one])
    assert "\n" not in told
    assert surveyed(declared(folder, where | mistake.remedy), training).is_plausible


@pytest.mark.parametrize("name", ["milliseconds", "x and y swapped", "346x260 without zoom"])
def test_a_bare_folder_gets_settings_that_are_right(name, right, training, tmp_path):
    """Nobody declared a size or a zoom, so the check suggests both."""
    mistake = MISTAKES[name]
    folder = write_folder(tmp_path / "mine", right, mistake.change)
    (line,) = surveyed(bare_folder(folder), training).pasted
    size = [346, 260] if name.startswith("346") else [34, 34]
    entry = {"name": "mine", "folder": str(folder), "sensor_size": size, "zoom": 1.88}
    assert yaml.safe_load(line) == [entry | mistake.remedy]


def test_a_recording_of_the_table_is_refused_for_the_same_faults(right, tmp_path):
    folder = write_folder(tmp_path, right, MISTAKES["milliseconds"].change)
    changed = read_recording(next(folder.glob("*/*")))
    with pytest.raises(StudyError, match="^recording A: .*`time_unit: ms`"):
        refuse_shown("A", changed, Placement(), None)
    refuse_shown("A", right[0][1], Placement(), None)
    # The tutorial lays its own videos on the network.
    refuse_shown("A", changed, None, None)


def test_right_recordings_need_nothing(right, training, tmp_path):
    folder = write_folder(tmp_path / "set", right)
    assert told_in_a_study(folder, RIGHT, training, tmp_path) == ""
    one = surveyed(declared(folder), training)
    assert (one.is_plausible, one.remedies, one.findings) == (True, {}, [])
    assert report_of([one]).endswith("20 recordings checked: nothing to change")


@needs_real_files
@pytest.mark.parametrize(
    ("folder", "told"),
    [
        ("nmnist/train", set()),
        ("nmnist/test", {"digits"}),
        ("mnist-dvs", {"digits", "orientation", "hot_pixels"}),
    ],
)
def test_real_recordings_need_nothing(folder, told, training):
    where = RIGHT if folder.startswith("nmnist") else RIGHT | {"sensor_size": None, "zoom": 0.5}
    one = surveyed(declared(REAL / folder, where), training)
    assert one.is_plausible
    assert {finding.check for finding in one.findings} == told


@needs_real_files
@pytest.mark.parametrize("name", [name for name, one in MISTAKES.items() if one.needs_training])
def test_ten_real_recordings_tell_their_orientation(name, training, tmp_path):
    mistake = MISTAKES[name]
    real = [(file.label, read_recording(file.path)) for file in list_folder(REAL / "nmnist/test")]
    folder = write_folder(tmp_path / "set", real, mistake.change)
    assert surveyed(declared(folder), training).remedies == mistake.remedy


def test_all_faults_of_all_files_are_listed_at_once(right, training, tmp_path):
    folder = write_folder(tmp_path / "set", right)
    (folder / "0/000.npz").write_bytes(b"PK")
    for name, changed in (("2/004", lambda t: t * 0 - 1), ("5/011", lambda t: t // 1000)):
        with np.load(folder / f"{name}.npz") as arrays:
            np.savez(folder / f"{name}.npz", **{**arrays, "t": changed(arrays["t"])})
    one = surveyed(declared(folder), training)
    faults = [str(finding) for finding in one.findings if finding.kind == "fault"]
    assert "0/000" in faults[0]
    assert "2/004" in faults[1]
    assert faults[2].startswith("5/011.npz (1 of 18 recordings): ")
    assert faults[2].endswith("is `t` in ms? write it as in the other files")
    # The others are right, and no setting would mend the three.
    assert (len(one.rows), one.remedies) == (18, {})
    assert report_of([one]).endswith("20 recordings checked: look at set mine")
    # A study tells the first, and their number.
    with pytest.raises(StudyError, match=r"0/000\.npz: .*; 1 more of 20 .*workflow/check\.py"):
        told_in_a_study(folder, RIGHT, training, tmp_path)
    assert "no such folder" in report_of([surveyed(bare_folder(tmp_path / "none"), training)])


def test_the_studys_own_recordings_are_what_trains(right, training, tmp_path):
    slow = write_folder(tmp_path / "own", right)
    fast = write_folder(tmp_path / "set", right, lambda a: a | {"t": a["t"] // 10})
    own = Group("data", "data", {"": slow}, PlacedRecordings(**RIGHT))
    untold = Training(seen_in(None), training.frames)
    first, second = survey([own, declared(fast)], untold, STUDY, quiet())
    assert first.is_plausible
    assert [one.check for one in second.findings] == ["events_per_step"]


def test_the_groups_of_a_study():
    sets = [{"name": "mine", "folder": "more", "zoom": 0.5}]
    changes = {"evaluation": {"sets": sets}, "simulation": {"real_twins": "twins"}}
    groups = groups_of(read_study(merged(CONFIG, changes)))
    names = {group.name: group.where.zoom for group in groups}
    assert names == {"real-twins": 1.88, "set mine": 0.5}
    data = {"source": "folder", "folder": "a", "test_folder": "b", "zoom": 0.25}
    (group,) = groups_of(read_study(merged(CONFIG, {"data": data})))
    assert (group.section, group.where.zoom) == ("data", 0.25)
    assert group.folders == {"": Path("a"), "test/": Path("b")}


def test_all_recordings_are_read_on_the_largest_sensor(right, tmp_path):
    """So the digits lie where they lie if the size is told."""
    change = MISTAKES["no sensor size"].change
    rows = []
    for name, changed, size in (("set", change, None), ("told", dict, [34, 34])):
        files = list_folder(write_folder(tmp_path / name, right, changed))
        where = PlacedRecordings(**RIGHT | {"sensor_size": size})
        rows.append(list_recordings([Entry(file, "m") for file in files], where, quiet(), "m"))
    assert (rows[0]["used_width"] < 34).any()
    for mine, told in zip(*(one.itertuples() for one in rows), strict=True):
        placed = [place(open_recording(row), placement_of(where)) for row in (mine, told)]
        np.testing.assert_array_equal(placed[0].row, placed[1].row)
        np.testing.assert_array_equal(placed[0].column, placed[1].column)
