"""Recordings found, placed and binned: of a set, of a folder, of the table of recordings."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from jobs import quiet
from made_recordings import of_digit

from dvs_snn.files.errors import StudyError
from dvs_snn.files.hashes import sha256_of
from dvs_snn.files.tables import write_table
from dvs_snn.recordings.folders.split import split_folder
from dvs_snn.recordings.folders.split_table import split_row
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.recording import write_recording
from dvs_snn.recordings.store.folder_frames import accumulate_split
from dvs_snn.recordings.store.samples import Sample, binned, set_recordings
from dvs_snn.recordings.store.shown import prepare, read_shown, sample_of_shown
from dvs_snn.settings.data import SplitShares
from dvs_snn.settings.frames import FrameRule

STEP_US = 10_000
RULE = FrameRule("events", 40, 20, 50.0)
UPRIGHT = {"rotate": 0, "flip": "none"}
ROW = dict.fromkeys(
    ("seed", "symbol", "label", "sensor_width", "sensor_height", "zoom", "rotate", "flip")
) | {"recording": "A", "tutorial_binning": False}


def test_events_outside_and_dropped_are_counted_apart():
    recording = of_digit(0, 50, 0)
    sample = prepare("0/0", "0/0", 0, "", recording, Placement(zoom=4.0), STEP_US, RULE)
    assert len(sample.steps.step) + sample.n_outside == 50
    assert sample.n_outside > 25
    recording = of_digit(3, 50, 0)
    tutorial = prepare("A", "", None, "", recording, None, STEP_US, RULE)
    assert tutorial.n_outside == tutorial.steps.n_dropped > 0
    assert tutorial.steps.n_steps == len(np.arange(*recording.events["t"][[0, -1]], 10_000)) - 1


def _tree(root: Path) -> Path:
    for digit in range(2):
        for k in range(8):
            path = root / str(digit) / f"{k}.npz"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_recording(path, of_digit(digit, 30, 10 * digit + k))
    return root


def _split(root: Path) -> pd.DataFrame:
    where = {"sensor_size": None, "zoom": 1.0, **UPRIGHT}
    return split_folder(root, None, where, SplitShares(0.25, 0.25), 1, quiet())


def _listed(tmp_path: Path) -> Path:
    """List a tree of 16 recordings as the set `mine`."""
    table = _split(_tree(tmp_path / "data")).assign(split="mine")
    write_table(table, tmp_path / "mine.csv", "split")
    return tmp_path / "mine.csv"


def test_sets_are_the_rows_of_a_split_table_that_name_them(tmp_path):
    scenes = {"": {**UPRIGHT, "zoom": 1.0}}
    n, recordings = set_recordings("mine", _listed(tmp_path), scenes)
    recordings = list(recordings)
    assert n == len(recordings) == 16
    assert [recording.label for recording in recordings] == [0] * 8 + [1] * 8
    assert recordings[3].sha256 == sha256_of(tmp_path / "data/0/3.npz")
    table = _split(tmp_path / "data")
    write_table(table, tmp_path / "split.csv", "split")
    for part in ("validation", "test"):
        n, recordings = set_recordings(part, tmp_path / "split.csv", scenes)
        recordings = list(recordings)
        expected = table[table["split"] == part]
        assert n == len(recordings) == len(expected)
        for key in ("recording", "symbol", "label", "sha256"):
            found = [getattr(recording, key) for recording in recordings]
            assert found == expected[key].tolist()


def test_a_recording_of_a_set_that_has_changed_is_refused(tmp_path):
    root = _tree(tmp_path / "data")
    table = _split(root)
    write_table(table, tmp_path / "split.csv", "split")
    scenes = {"": {**UPRIGHT, "zoom": 1.0}}
    for path in root.rglob("*.npz"):
        write_recording(path, of_digit(5, 30, 77))
    _, recordings = set_recordings("test", tmp_path / "split.csv", scenes)
    with pytest.raises(StudyError, match=r"npz: its sha256 is .* expected .*--forcerun split"):
        next(recordings)


def test_a_recording_of_a_set_is_binned_as_one_of_the_table_is(tmp_path):
    where = {**UPRIGHT, "zoom": 1.7, "rotate": 90}
    _, recordings = set_recordings("mine", _listed(tmp_path), {"": where})
    recording = list(recordings)[9]
    found = binned(recording, STEP_US)
    facts, events = ("1/1.npz", "1/1", 1, recording.sha256), of_digit(1, 30, 11)
    expected = prepare(*facts, events, Placement(1.7, 90), STEP_US, RULE)
    for key in ("recording", "symbol", "label", "sha256", "n_outside", "duration_s"):
        assert getattr(found, key) == getattr(expected, key)
    assert found.n_outside > 0
    for key in ("step", "row", "column", "n_steps"):
        np.testing.assert_array_equal(getattr(found.steps, key), getattr(expected.steps, key))


def shown_sample(*arguments: object) -> Sample:
    """Read and prepare a recording A, B, C; arguments as of `read_shown`."""
    return sample_of_shown(read_shown(*arguments), STEP_US, RULE)


def test_the_time_unit_of_the_settings_reaches_every_reader(tmp_path):
    root = tmp_path / "data"
    for number in range(16):
        (root / str(number % 2)).mkdir(parents=True, exist_ok=True)
        text = f"0.5 {number} 3 1\n2.5 4 5 0\n"
        (root / str(number % 2) / f"{number}.txt").write_text(text)
    where = {"sensor_size": None, **UPRIGHT, "zoom": 1.0, "time_unit": "ms"}
    table = split_folder(root, None, where, SplitShares(0.25, 0.25), 1, quiet())
    assert (table["duration_s"] == 0.002).all()
    write_table(table, tmp_path / "split.csv", "split")
    _, recordings = set_recordings("test", tmp_path / "split.csv", {"": where})
    durations = [recording.placed.duration_s for recording in recordings]
    assert durations
    assert set(durations) == {0.002}
    accumulate_split(table, where, RULE, tmp_path / "frames.npy", tmp_path / "index.csv", quiet())
    assert len(pd.read_csv(tmp_path / "index.csv")) == 16
    own = shown_sample(ROW, root / "1/1.txt", None, where)
    shown = shown_sample(ROW | {"symbol": "1/test-1"}, None, tmp_path / "split.csv", where)
    assert own.duration_s == shown.duration_s == 0.002


def test_a_row_of_the_recordings_table_is_a_file_or_a_symbol(tmp_path):
    root = _tree(tmp_path / "data")
    table = _split(root)
    write_table(table, tmp_path / "split.csv", "split")
    data = {"sensor_size": None, "zoom": 0.5, "rotate": 0, "flip": "none"}
    file = root / "1" / "0.npz"
    mine = shown_sample(ROW, file, None, data)
    # A file of one's own is not placed as the study's data are.
    assert (mine.recording, mine.label, mine.n_outside) == ("A", None, 0)
    assert mine.steps.row.min() < 16
    found = shown_sample(ROW | {"symbol": "1/test-1"}, None, tmp_path / "split.csv", data)
    first = table[(table["split"] == "test") & (table["label"] == 1)].iloc[0]
    assert (found.symbol, found.label, found.sha256) == (first["symbol"], 1, first["sha256"])
    assert found.steps.row.min() >= 16


def test_recordings_of_a_set_are_placed_as_their_scene_says(tmp_path):
    table = _split(_tree(tmp_path / "data"))
    scenes = ["near" if number % 2 else "far" for number in range(len(table))]
    table = table.assign(scene=scenes, split="both")
    write_table(table, tmp_path / "split.csv", "split")
    where = {"near": UPRIGHT | {"zoom": 1.0}, "far": UPRIGHT | {"zoom": 0.25}}
    _, recordings = set_recordings("both", tmp_path / "split.csv", where)
    for scene, recording in zip(scenes, recordings, strict=True):
        assert (recording.placed.row.min() >= 24) == (scene == "far")


def test_a_row_may_undo_the_turn_of_the_studys_data(tmp_path):
    file = tmp_path / "a.npz"
    recording = of_digit(3, 200, 1)
    write_recording(file, recording)
    split = pd.DataFrame([split_row("3/a", file, "3/0001", 3, "test", recording, Placement())])
    row = ROW | {"symbol": "3/0001"}
    data = {"sensor_size": None, "zoom": 1.0, "rotate": 90, "flip": "none"}

    split.to_csv(tmp_path / "split.csv", index=False)

    def image(row: dict, data: dict) -> np.ndarray:
        return shown_sample(row, None, tmp_path / "split.csv", data).steps.pixel_counts()[0]

    upright = image(row, data | {"rotate": 0})
    turned = image(row, data)
    undone = image(row | {"rotate": 0}, data)
    np.testing.assert_array_equal(turned, np.rot90(upright))
    np.testing.assert_array_equal(undone, upright)
