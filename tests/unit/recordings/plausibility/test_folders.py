"""Users' mistakes in recordings: found before and in a study, with the settings that mend them."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from jobs import quiet
from mistaken_sets import MISTAKES, RIGHT, write_folder
from real_files import REAL, needs_real_files

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.folders.folder import list_folder
from dvs_snn.recordings.folders.split_table import open_recording
from dvs_snn.recordings.folders.splitting import list_recordings
from dvs_snn.recordings.placement import Placement, place, placement_of
from dvs_snn.recordings.plausibility.folders import (
    Group,
    Surveyed,
    bare_folder,
    grouped,
    groups_of,
    report_of,
    survey,
)
from dvs_snn.recordings.plausibility.sensor_checks import refuse, refuse_shown
from dvs_snn.recordings.recording import (
    EventRecording,
    read_recording,
    write_recording,
)
from dvs_snn.settings.data import PlacedRecordings
from dvs_snn.settings.study_settings import merged, read_study
from dvs_snn.simulation.drawn_symbols import load_symbols
from dvs_snn.simulation.reference import training_of
from dvs_snn.simulation.takes import nominal_sensor, nominal_take, set_takes

ROOT = Path(__file__).parents[4]
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
STUDY = read_study(CONFIG)


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


def surveyed(group: Group) -> Surveyed:
    return survey(group, STUDY, quiet())


def refused_in_a_study(folder: Path, where: Mapping) -> str:
    """Return what ends the job `list_set` of a set; empty if nothing does."""
    placed = PlacedRecordings(**where)
    try:
        rows = list_recordings(list_folder(folder), placed, quiet(), "mine")
        refuse("set mine", rows, placed.time_unit)
    except StudyError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_and_its_remedy_mends_it(name, right, tmp_path):
    mistake = MISTAKES[name]
    where = RIGHT | mistake.settings
    folder = write_folder(tmp_path / "set", right, mistake.change)
    refused = refused_in_a_study(folder, where)
    assert bool(refused) == mistake.is_refused
    one = surveyed(declared(folder, where))
    assert (one.is_plausible, one.remedies) == (False, mistake.remedy)
    for key, value in mistake.remedy.items():
        assert f"`{key}: {value}`" in refused or not refused
        assert f"    {key}: {value}\n" in report_of([one])
    assert "\n" not in refused
    assert surveyed(declared(folder, where | mistake.remedy)).is_plausible


@pytest.mark.parametrize("name", ["milliseconds", "346x260 without zoom"])
def test_a_bare_folder_gets_settings_that_are_right(name, right, tmp_path):
    """Nobody declared a size or a zoom, so the check suggests both."""
    mistake = MISTAKES[name]
    folder = write_folder(tmp_path / "mine", right, mistake.change)
    (line,) = surveyed(bare_folder(folder)).pasted
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


def test_right_recordings_need_nothing(right, tmp_path):
    folder = write_folder(tmp_path / "set", right)
    assert refused_in_a_study(folder, RIGHT) == ""
    one = surveyed(declared(folder))
    assert (one.is_plausible, one.remedies, one.findings) == (True, {}, [])
    assert report_of([one]).endswith("20 recordings checked: nothing to change")


@needs_real_files
@pytest.mark.parametrize(
    ("folder", "n_told"), [("nmnist/train", 0), ("nmnist/test", 1), ("mnist-dvs", 1)]
)
def test_real_recordings_need_nothing(folder, n_told):
    where = RIGHT if folder.startswith("nmnist") else RIGHT | {"sensor_size": None, "zoom": 0.5}
    one = surveyed(declared(REAL / folder, where))
    assert one.is_plausible
    assert len(one.findings) == n_told
    assert all(str(finding).startswith("lacks ") for finding in one.findings)


def test_all_faults_of_all_files_are_listed_at_once(right, tmp_path):
    folder = write_folder(tmp_path / "set", right)
    (folder / "0/000.npz").write_bytes(b"PK")
    for name, changed in (("2/004", lambda t: t * 0 - 1), ("5/011", lambda t: t // 1000)):
        with np.load(folder / f"{name}.npz") as arrays:
            np.savez(folder / f"{name}.npz", **{**arrays, "t": changed(arrays["t"])})
    one = surveyed(declared(folder))
    faults = [str(finding) for finding in one.findings if finding.kind == "fault"]
    assert "0/000" in faults[0]
    assert "2/004" in faults[1]
    assert faults[2].startswith("5/011.npz (1 of 18 recordings): ")
    assert faults[2].endswith("is `t` in ms? write it as in the other files")
    # The others are right, and no setting would mend the three.
    assert (len(one.rows), one.remedies) == (18, {})
    assert report_of([one]).endswith("20 recordings checked: look at set mine")
    # A study tells the first, and their number.
    refused = refused_in_a_study(folder, RIGHT)
    assert re.search(r"0/000\.npz: .*; 1 more of 20 .*workflow/check\.py", refused)
    assert "no such folder" in report_of([surveyed(bare_folder(tmp_path / "none"))])


def pasted(folder: Path, one: Surveyed) -> Group:
    """Return the group that the settings of a report make of a bare folder."""
    (entry,) = yaml.safe_load("\n".join(one.pasted))
    return declared(folder, {key: entry[key] for key in entry.keys() - {"name", "folder"}})


def edit(folder: Path, change) -> None:
    """Change the arrays of all NPZ files of a folder."""
    for path in folder.glob("*/*"):
        with np.load(path) as arrays:
            changed = change(dict(arrays))
        np.savez(path, **changed)


def test_a_thousand_faults_of_one_kind_are_one_line_with_a_remedy(right, tmp_path):
    many = [(digit, recording) for digit, recording in right[:4] for _ in range(250)]
    numbers = iter(range(9, 2000))

    def change(arrays):
        columns = {key: arrays[key][:40] for key in "txy"}
        return columns | {"t": columns["t"] - columns["t"][9] - next(numbers)}

    folder = write_folder(tmp_path, many, change)
    one = surveyed(declared(folder))
    (sentence,) = [str(each) for each in one.findings if each.kind == "fault"]
    assert len(report_of([one]).splitlines()) <= 10
    assert "subtract the smallest from all; so have 999 others: 0/001.npz, 0/002.npz" in sentence
    assert report_of([one]).endswith("1000 recordings checked: look at set mine")
    edit(folder, lambda a: a | {"t": a["t"] - a["t"].min()})
    assert not [each for each in surveyed(declared(folder)).findings if each.kind == "fault"]


def test_copies_count_as_one_recording_and_the_log_names_them(right, tmp_path, caplog):
    folder = write_folder(tmp_path / "set", right)
    with np.load(folder / "0/000.npz") as file:
        np.savez_compressed(folder / "0/packed.npz", **file)
    (folder / "4/x.npz").write_bytes((folder / "0/000.npz").read_bytes())
    one = surveyed(declared(folder))
    # That of another class is no copy of one class.
    assert len(one.rows) == 21
    assert caplog.messages == ["0/packed.npz is left out: a copy of 0/000.npz."]


def test_a_study_that_has_not_run_is_compared_with_simulated_digits(tmp_path):
    training = training_of(STUDY, tmp_path, quiet())
    assert training.is_simulated
    assert set(training.frames.labels) == set(range(10))
    assert training.frames.pixels.any(axis=(1, 2)).all()


def test_faults_that_differ_in_numbers_alone_are_one_kind():
    numbers = ["0.000937", "5.3e-05", "12", "1,804"]
    faults = [StudyError(f"set/3/{n}.npz: holds {n} at index 0") for n in numbers]
    (finding,) = grouped(faults)
    assert "so have 3 others" in str(finding)


def test_unsorted_files_are_sorted_without_a_word(right, tmp_path, caplog):
    folder = write_folder(tmp_path, right, lambda a: a | {key: a[key][::-1] for key in "txyp"})
    one = surveyed(declared(folder))
    assert one.findings == []
    assert caplog.text == ""


def test_a_size_that_the_check_finds_is_no_fault_of_a_bare_folder(right, tmp_path):
    folder = write_folder(tmp_path / "mine", right, MISTAKES["no sensor size"].change)
    one = surveyed(bare_folder(folder))
    assert one.is_plausible
    assert surveyed(pasted(folder, one)).findings == []


@pytest.mark.parametrize(("unit", "per_us"), [("ms", 0.001), ("ns", 1000)])
def test_whole_times_of_another_unit_get_lines_to_paste(unit, per_us, right, tmp_path):
    def change(arrays):
        return arrays | {"t": (arrays["t"] * per_us).astype(np.int64)}

    folder = write_folder(tmp_path / "mine", right, change)
    one = surveyed(bare_folder(folder))
    assert f"set `time_unit: {unit}`" in report_of([one])
    assert one.remedies == {"sensor_size": [34, 34], "time_unit": unit, "zoom": 1.88}
    assert surveyed(pasted(folder, one)).findings == []


@pytest.mark.parametrize("suffix", [".npz", ".bin", ".aedat"])
def test_a_cut_file_gets_a_remedy(suffix, right, tmp_path):
    write_recording(path := tmp_path / f"a{suffix}", right[0][1])
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(StudyError, match="fetch or write it again$"):
        read_recording(path)


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
    # Noise reaches the last column of most recordings, so some lose theirs.
    narrow = [
        (n, replace(each, events=each.events[each.events["x"] < 33])) for n, each in right[:9]
    ]
    rows = []
    for name, changed, size in (("set", change, None), ("told", dict, [34, 34])):
        files = list_folder(write_folder(tmp_path / name, narrow + right[9:], changed))
        where = PlacedRecordings(**RIGHT | {"sensor_size": size})
        rows.append(list_recordings(files, where, quiet(), "m"))
    for mine, told in zip(*(one.itertuples() for one in rows), strict=True):
        placed = [place(open_recording(row), placement_of(where)) for row in (mine, told)]
        np.testing.assert_array_equal(placed[0].row, placed[1].row)
        np.testing.assert_array_equal(placed[0].column, placed[1].column)


def test_times_and_columns_that_were_exchanged_are_told_as_such(right, tmp_path):
    events = right[0][1].events
    columns = {key: events[key].astype(np.int64) for key in "txyp"}
    np.savez(tmp_path / "a.npz", **columns | {"t": columns["x"], "x": columns["t"]})
    with pytest.raises(
        StudyError, match="column 'x' ascends from .* so the times seem to be there"
    ):
        read_recording(tmp_path / "a.npz", [34, 34])
    np.savez(tmp_path / "b.npz", **columns | {"t": 0 * columns["t"]})
    with pytest.raises(StudyError, match="column 't' holds 0 for all .* write the file again"):
        read_recording(tmp_path / "b.npz", [34, 34])


def test_a_clock_that_began_anew_is_refused_and_events_in_no_order_are_sorted(right, tmp_path):
    events = right[0][1].events
    columns = {key: events[key].astype(np.int64) for key in "txyp"}
    half = len(events) // 2
    wrapped = columns["t"].copy()
    wrapped[half:] -= wrapped[half]
    np.savez(tmp_path / "a.npz", **columns | {"t": wrapped})
    with pytest.raises(StudyError, match=f"to 0 at event {half + 1:,}, expected times that rise"):
        read_recording(tmp_path / "a.npz", [34, 34])
    # A clock of 16 bits begins anew four times in the 0.3 s.
    np.savez(tmp_path / "a.npz", **columns | {"t": columns["t"] % 2**16})
    with pytest.raises(StudyError, match=r"jumps back from 65\d{3} to \d+ at event"):
        read_recording(tmp_path / "a.npz", [34, 34])
    rng = np.random.default_rng(1)
    by_chance = rng.permutation(len(events))
    by_pixel = np.argsort(rng.permutation(34 * 34)[34 * columns["y"] + columns["x"]], kind="stable")
    for order in (by_chance, by_pixel):
        np.savez(tmp_path / "b.npz", **{key: values[order] for key, values in columns.items()})
        np.testing.assert_array_equal(
            read_recording(tmp_path / "b.npz", [34, 34]).events["t"], events["t"]
        )
