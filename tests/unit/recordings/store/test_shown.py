"""Recordings A, B, C found, placed and binned; frames of a folder."""

from pathlib import Path

import numpy as np
import pandas as pd
from jobs import quiet
from made_recordings import of_digit

from dvs_snn.files.tables import write_table
from dvs_snn.recordings.folders.split import split_folder
from dvs_snn.recordings.folders.split_table import split_row
from dvs_snn.recordings.placement import Placement, placement_of
from dvs_snn.recordings.recording import EventRecording, write_recording
from dvs_snn.recordings.store.event_store import StoredRecording, open_store
from dvs_snn.recordings.store.filling import accumulate_split, store_split
from dvs_snn.recordings.store.shown import Sample, read_shown, sample_of_shown
from dvs_snn.settings.data import PlacedRecordings, SplitShares
from dvs_snn.settings.frames import FrameRule

STEP_US = 10_000
RULE = FrameRule("events", 40, 20, 50.0)
UPRIGHT = {"rotate": 0, "flip": "none"}
ROW = dict.fromkeys(
    ("seed", "symbol", "label", "sensor_width", "sensor_height", "zoom", "rotate", "flip")
) | {"recording": "A", "tutorial_binning": False}


def _sample(recording: EventRecording, placement: Placement | None) -> Sample:
    about = StoredRecording("A", "0/0", 0, "", "", recording, placement)
    return sample_of_shown(about, STEP_US, RULE)


def test_events_outside_and_dropped_are_counted_apart():
    recording = of_digit(0, 50, 0)
    sample = _sample(recording, Placement(zoom=4.0))
    assert len(sample.steps.step) + sample.n_outside == 50
    assert sample.n_outside > 25
    recording = of_digit(3, 50, 0)
    tutorial = _sample(recording, None)
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
    return split_folder(root, None, PlacedRecordings(), SplitShares(0.25, 0.25), 1, quiet())


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
    placed = PlacedRecordings(**where)
    table = split_folder(root, None, placed, SplitShares(0.25, 0.25), 1, quiet())
    assert (table["duration_s"] == 0.002).all()
    write_table(table, tmp_path / "split.csv", "split")
    paths = tmp_path / "e.npy", tmp_path / "e.csv"
    store_split(tmp_path / "split.csv", "test", *paths, quiet())
    durations = [one.raw.duration_s for one in open_store(*paths, {"": Placement()})]
    assert durations
    assert set(durations) == {0.002}
    frames = tmp_path / "frames.npy", tmp_path / "index.csv"
    accumulate_split(tmp_path / "split.csv", placement_of(where), RULE, *frames, quiet())
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
