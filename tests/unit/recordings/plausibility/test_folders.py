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
from dvs_snn.files.tables import write_table
from dvs_snn.recordings.folders.folder import list_folder
from dvs_snn.recordings.folders.split_table import open_recording
from dvs_snn.recordings.folders.splitting import list_recordings
from dvs_snn.recordings.placement import Placement, place, placement_of
from dvs_snn.recordings.plausibility.checks import (
    Training,
    check_rows,
    judge,
    seen_of,
)
from dvs_snn.recordings.plausibility.folders import (
    Group,
    Surveyed,
    bare_folder,
    grouped,
    groups_of,
    report_of,
    survey,
)
from dvs_snn.recordings.plausibility.ranges import seen_in
from dvs_snn.recordings.plausibility.sensor_checks import refuse, refuse_shown
from dvs_snn.recordings.recording import (
    EventRecording,
    read_recording,
    write_recording,
)
from dvs_snn.recordings.store.event_store import open_store
from dvs_snn.recordings.store.reading import StoreJob, store_split
from dvs_snn.settings.data import PlacedRecordings
from dvs_snn.settings.study_settings import merged, read_study
from dvs_snn.simulation.drawn_symbols import load_symbols
from dvs_snn.simulation.reference import training_of
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
    placed = PlacedRecordings(**where)
    rows = list_recordings(list_folder(folder), placed, quiet(), "mine").assign(split="mine")
    try:
        refuse("set mine", rows, placed.time_unit)
    except StudyError as error:
        return str(error)
    write_table(rows, stored / "split.csv", "split")
    paths = stored / "mine.npy", stored / "mine.csv"
    store_split(StoreJob(stored / "split.csv", "mine", *paths), quiet())
    images, centre = seen_of(open_store(*paths, {"": placement_of(placed)}))
    findings = judge(rows, placed, 10.0, training, images, centre)
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


def test_a_shift_that_cut_digits_off_is_told(right, training, tmp_path):
    def moved(arrays: dict) -> dict:
        x = arrays["x"] + 10
        kept = x < 34
        columns = {key: arrays[key][kept] for key in ("t", "y", "p")}
        return columns | {"x": x[kept], "sensor_size": [34, 34]}

    folder = write_folder(tmp_path / "set", right, moved)
    told = told_in_a_study(folder, RIGHT, training, tmp_path)
    assert re.search("the digits lie [789] sensor pixels right of training's", told), told
    assert told in report_of([surveyed(declared(folder), training)])


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


def told(one: Surveyed, check: str) -> str:
    """Return what a check tells; the report is short, and never of no digits."""
    report = report_of([one])
    assert len(report.splitlines()) <= 10
    assert "of 0 digits" not in report
    (sentence,) = [str(finding) for finding in one.findings if finding.check == check]
    assert sentence in report
    return sentence


def test_events_twice_are_told_until_one_of_each_is_kept(right, training, tmp_path):
    def twice(arrays):
        return arrays | {key: arrays[key].repeat(2) for key in "txyp"}

    folder = write_folder(tmp_path / "set", right, twice)
    sentence = told(surveyed(declared(folder), training), "repeated_events")
    assert sentence.startswith("20 recordings (0/000.npz, 0/001.npz, 1/002.npz and 17 more) hold")
    assert "50 % of their events" in sentence
    assert "hold events twice" in told_in_a_study(folder, RIGHT, training, tmp_path)

    def once(arrays):
        columns = np.unique([arrays[key] for key in "txyp"], axis=1)
        return arrays | dict(zip("txyp", columns, strict=True))

    edit(folder, once)
    assert surveyed(declared(folder), training).is_plausible


def test_copies_count_as_one_recording_and_are_told_until_removed(right, training, tmp_path):
    folder = write_folder(tmp_path / "set", right)
    alone = told_in_a_study(folder, RIGHT, training, tmp_path)
    copies = [folder / "0/000b.npz", folder / "0/000c.npz", folder / "4/x.npz"]
    for copy in copies:
        copy.write_bytes((folder / "0/000.npz").read_bytes())
    one = surveyed(declared(folder), training)
    # That of another class is no copy of one class, and is told all the same.
    assert one.rows["symbol"].tolist().count("0/000b") == 0
    assert len(one.rows) == 21
    assert told(one, "copies").startswith("2 recordings (0/000b.npz and 0/000c.npz) are copies")
    assert told(one, "same_events").startswith("0/000.npz and 4/x.npz hold the same events: keep")
    assert "are copies of others" in told_in_a_study(folder, RIGHT, training, tmp_path)
    for copy in copies:
        copy.unlink()
    assert surveyed(declared(folder), training).is_plausible
    assert told_in_a_study(folder, RIGHT, training, tmp_path) == alone == ""


def test_a_recording_cut_between_two_records_is_told(right, training, tmp_path):
    for number, (digit, recording) in enumerate(right):
        (tmp_path / f"{digit}").mkdir(exist_ok=True)
        write_recording(path := tmp_path / f"{digit}/{number}.bin", recording)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 10 * 5])
    sentence = told(surveyed(declared(tmp_path), training), "length")
    assert sentence.startswith("1 recordings (9/19.bin) are shorter than 0.6 of the median, 0.3")
    path.write_bytes(whole)
    assert surveyed(declared(tmp_path), training).is_plausible


def test_a_quarter_of_the_files_cut_short_or_in_another_unit_has_one_cause(
    right, training, tmp_path
):
    folder = write_folder(tmp_path / "set", right)
    odd = sorted(folder.glob("*/*"))[::4]
    whole = {path: dict(np.load(path)) for path in odd}

    for path in odd:
        n_left = len(whole[path]["t"]) // 3
        np.savez(path, **whole[path] | {key: whole[path][key][:n_left] for key in "txyp"})
    cut = [each for each in surveyed(declared(folder), training).findings if each.is_bad]
    assert [each.check for each in cut] == ["length"]
    assert str(cut[0]).startswith("5 recordings (0/000.npz, ")

    for path in odd:
        np.savez(path, **whole[path] | {"t": whole[path]["t"] // 1000})
    in_ms = [each for each in surveyed(declared(folder), training).findings if each.is_bad]
    assert [each.check for each in in_ms] == ["time_unit"]


@pytest.mark.parametrize("settings", [None, {"sensor_size": None}, {"sensor_size": [134, 34]}])
def test_events_off_the_centre_end_in_the_right_settings(settings, right, training, tmp_path):
    """Whoever does what each report says gets the events of right files on the network."""
    by = [100, 100] if settings is None or not settings["sensor_size"] else [100, 0]

    def moved(arrays):
        return {"t": arrays["t"], "x": arrays["x"] + by[0], "y": arrays["y"] + by[1]}

    folder = write_folder(tmp_path / "set", right, moved)
    group = bare_folder(folder) if settings is None else declared(folder, RIGHT | settings)
    one = surveyed(group, training)
    assert one.remedies == {}
    sentence = told(one, "off_centre")
    steps = re.findall(r"(\d+) from ([xy])", sentence)
    assert steps == ([("50", "x")] if by[1] == 0 else [("100", "x"), ("100", "y")])
    assert "no event has x < 100" in sentence
    if settings is not None:
        assert sentence in told_in_a_study(folder, RIGHT | settings, training, tmp_path)
    edit(folder, lambda a: a | {axis: a[axis] - int(n) for n, axis in steps})
    where = RIGHT | (settings or {})
    one = surveyed(bare_folder(folder) if settings is None else declared(folder, where), training)
    last = surveyed(
        pasted(folder, one) if settings is None else declared(folder, where | one.remedies),
        training,
    )
    assert (last.is_plausible, last.remedies) == (True, {})
    expected = surveyed(declared(write_folder(tmp_path / "right", right)), training)
    columns = ["n_events", "n_outside", "box_px"]
    assert last.rows[columns].equals(expected.rows[columns])


@pytest.mark.parametrize(
    ("n_noise", "check"), [(1_000_000, "time_unit"), (50_000, "events_per_step")]
)
def test_noise_is_no_unit_and_gone_when_filtered(n_noise, check, right, training, tmp_path):
    rng = np.random.default_rng(1)

    def noisy(arrays):
        noise = {key: rng.integers(0, 34, n_noise) for key in "xy"}
        noise |= {
            "t": rng.integers(0, arrays["t"].max(), n_noise),
            "p": rng.integers(0, 2, n_noise),
        }
        columns = {key: np.append(arrays[key], noise[key]) for key in "txyp"}
        return arrays | {key: column[np.argsort(columns["t"])] for key, column in columns.items()}

    folder = write_folder(tmp_path / "set", right[:4], noisy)
    one = surveyed(declared(folder), training)
    assert "filter" in told(one, check)
    assert "`t` in ms" not in report_of([one])
    assert one.remedies == {}
    assert surveyed(declared(write_folder(tmp_path / "filtered", right[:4])), training).is_plausible


def test_a_thousand_faults_of_one_kind_are_one_line_with_a_remedy(right, training, tmp_path):
    many = [(digit, recording) for digit, recording in right[:4] for _ in range(250)]
    numbers = iter(range(9, 2000))

    def change(arrays):
        columns = {key: arrays[key][:40] for key in "txy"}
        return columns | {"t": columns["t"] - columns["t"][9] - next(numbers)}

    folder = write_folder(tmp_path, many, change)
    one = surveyed(declared(folder), training)
    sentence = told(one, "file")
    assert "subtract the smallest from all; so have 999 others: 0/001.npz, 0/002.npz" in sentence
    assert report_of([one]).endswith("1000 recordings checked: look at set mine")
    edit(folder, lambda a: a | {"t": a["t"] - a["t"].min()})
    assert "file" not in {each.check for each in surveyed(declared(folder), training).findings}


def test_faults_that_differ_in_numbers_alone_are_one_kind():
    numbers = ["0.000937", "5.3e-05", "12", "1,804"]
    faults = [StudyError(f"set/3/{n}.npz: holds {n} at index 0") for n in numbers]
    (finding,) = grouped(faults)
    assert "so have 3 others" in str(finding)


def test_unsorted_files_are_sorted_without_a_word(right, training, tmp_path, caplog):
    folder = write_folder(tmp_path, right, lambda a: a | {key: a[key][::-1] for key in "txyp"})
    one = surveyed(declared(folder), training)
    assert one.findings == []
    assert caplog.text == ""


def test_a_size_that_the_check_finds_is_no_fault_of_a_bare_folder(right, training, tmp_path):
    folder = write_folder(tmp_path / "mine", right, MISTAKES["no sensor size"].change)
    one = surveyed(bare_folder(folder), training)
    assert one.is_plausible
    assert surveyed(pasted(folder, one), training).findings == []


@pytest.mark.parametrize(("unit", "per_us"), [("ms", 0.001), ("ns", 1000)])
def test_whole_times_of_another_unit_get_lines_to_paste(unit, per_us, right, training, tmp_path):
    def change(arrays):
        return arrays | {"t": (arrays["t"] * per_us).astype(np.int64)}

    folder = write_folder(tmp_path / "mine", right, change)
    one = surveyed(bare_folder(folder), training)
    assert f"set `time_unit: {unit}`" in told(one, "time_unit")
    assert one.remedies == {"sensor_size": [34, 34], "time_unit": unit, "zoom": 1.88}
    assert surveyed(pasted(folder, one), training).findings == []


@pytest.mark.parametrize("suffix", [".npz", ".bin", ".aedat"])
def test_a_cut_file_gets_a_remedy(suffix, right, tmp_path):
    write_recording(path := tmp_path / f"a{suffix}", right[0][1])
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(StudyError, match="fetch or write it again$"):
        read_recording(path)


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
    # Noise reaches the last column of most recordings, so some lose theirs.
    narrow = [
        (n, replace(each, events=each.events[each.events["x"] < 33])) for n, each in right[:9]
    ]
    rows = []
    for name, changed, size in (("set", change, None), ("told", dict, [34, 34])):
        files = list_folder(write_folder(tmp_path / name, narrow + right[9:], changed))
        where = PlacedRecordings(**RIGHT | {"sensor_size": size})
        rows.append(list_recordings(files, where, quiet(), "m"))
    assert (rows[0]["used_width"] < 34).any()
    for mine, told in zip(*(one.itertuples() for one in rows), strict=True):
        placed = [place(open_recording(row), placement_of(where)) for row in (mine, told)]
        np.testing.assert_array_equal(placed[0].row, placed[1].row)
        np.testing.assert_array_equal(placed[0].column, placed[1].column)


def with_stray(arrays: Mapping) -> dict:
    """One event more, 30 s behind all others."""
    last = {key: arrays[key][-1:] for key in "txyp"}
    last["t"] = last["t"] + 30_000_000
    return {**arrays, **{key: np.concatenate([arrays[key], last[key]]) for key in "txyp"}}


@pytest.mark.parametrize("pause_s", [30, 300])
def test_a_stray_late_event_is_named_and_no_unit(pause_s, right, training, tmp_path):
    """It halves the mean power, and beyond a minute it once passed for a wrong unit."""
    folder = write_folder(tmp_path / "set", right)
    path = folder / "3/006.npz"
    with np.load(path) as file:
        arrays = dict(file)
    n_events = len(arrays["t"])
    late = with_stray(arrays)
    late["t"][-1] += (pause_s - 30) * 1_000_000
    np.savez(path, **late)
    one = surveyed(declared(folder), training)
    assert f"3/006.npz for {pause_s} s before its event" in told(one, "gap").replace(
        "5 minutes", "300 s"
    )
    assert f"{n_events + 1:,} of {n_events + 1:,}" in told(one, "gap")
    assert [each.check for each in one.findings if each.is_bad] == ["gap"]
    assert "its event" in told_in_a_study(folder, RIGHT, training, tmp_path)


def test_the_same_events_in_another_compression_are_a_copy(right, training, tmp_path):
    folder = write_folder(tmp_path / "set", right)
    with np.load(folder / "0/000.npz") as file:
        np.savez_compressed(folder / "0/packed.npz", **file)
    assert told(surveyed(declared(folder), training), "copies").startswith("1 recordings (0/pack")


def test_most_recordings_beyond_training_are_told_where_nothing_else_explains_them(
    right, training, tmp_path
):
    """Each shown twelve times, one after the other: 3.7 s, where training ends at 2.5 s."""

    def repeated(arrays):
        times = [arrays["t"] + number * 310_000 for number in range(12)]
        others = {key: np.tile(arrays[key], 12) for key in "xyp"}
        return arrays | others | {"t": np.concatenate(times)}

    long = surveyed(declared(write_folder(tmp_path / "set", right, repeated)), training)
    (finding,) = [each for each in long.findings if each.is_bad]
    longest = training.seen["duration_s"].max()
    assert finding.check == "duration_s"
    assert str(finding).startswith(
        "20 of 20 recordings lie outside training's range of duration_s, "
    )
    assert f"to {longest:.3g} (median here 3.7" in str(finding)

    table = check_rows(long.rows, 10.0, training.seen, long.findings, "digits")
    verdicts = {row["check"]: row["verdict"] for row in table}
    assert verdicts["duration_s"] == "warning"
    assert verdicts["n_steps"] == "told"
    assert verdicts["box_px"] == "plausible"


def test_one_stray_pixel_does_not_set_the_size_of_a_sensor(right, training, tmp_path):
    folder = write_folder(tmp_path / "set", right, MISTAKES["no sensor size"].change)
    path = folder / "3/006.npz"
    with np.load(path) as file:
        arrays = dict(file)
    arrays["x"] = arrays["x"].astype(np.int64)
    arrays["x"][7] = 600
    np.savez(path, **arrays)
    group = declared(folder, {key: RIGHT[key] for key in RIGHT if key != "sensor_size"})
    one = surveyed(group, training)
    sentence = told(one, "sensor_size")
    assert sentence.startswith("only 3/006.npz reach 601x")
    assert "sensor_size: [34, 34]" in sentence


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


def test_recordings_of_one_polarity_are_told(right, training, tmp_path):
    folder = write_folder(tmp_path / "set", right, lambda a: a | {"p": np.ones(len(a["t"]), bool)})
    one = surveyed(declared(folder), training)
    assert told(one, "on_share").startswith("nearly all events are ON: a network with two")
    assert one.is_plausible
