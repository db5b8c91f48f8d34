"""Recordings A, B, C found, placed and binned; frames of a folder."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from jobs import quiet
from made_recordings import of_digit
from recording_bytes import npz_bytes

from dvs_snn.files.hashes import sha256_of
from dvs_snn.files.tables import write_table
from dvs_snn.recordings.folders.splitting import split_folder
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.recording import EventRecording
from dvs_snn.recordings.store.event_store import StoredRecording, open_store
from dvs_snn.recordings.store.reading import (
    AccumulateJob,
    Sample,
    ShownSource,
    StoreJob,
    accumulate_split,
    read_shown,
    sample_of_shown,
    store_split,
)
from dvs_snn.settings.data import PlacedRecordings, SplitShares
from dvs_snn.settings.frame_settings import FrameRule

STEP_US = 10_000
RULE = FrameRule("events", 40, 20, 50.0)
FILE = ShownSource("A", True, "", None, None, Placement())
SYMBOL = replace(FILE, from_file=False, symbol="1/test-1")


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


def shown_sample(source: ShownSource, path: Path) -> Sample:
    """Read and prepare a recording A, B, C."""
    return sample_of_shown(read_shown(source, path), STEP_US, RULE)


def test_the_time_unit_of_the_settings_reaches_every_reader(tmp_path):
    root = tmp_path / "data"
    for number in range(16):
        (root / str(number % 2)).mkdir(parents=True, exist_ok=True)
        content = npz_bytes(t=[0.5, 2.5], x=[number, 4], y=[3, 5], p=[1, 0])
        (root / str(number % 2) / f"{number}.npz").write_bytes(content)
    placed = PlacedRecordings(None, "ms", 1.0, 0, "none")
    table = split_folder(root, None, placed, SplitShares(0.25, 0.25), 1, quiet())
    assert (table["duration_s"] == 0.002).all()
    write_table(table, tmp_path / "split.csv", "split")
    paths = tmp_path / "e.npy", tmp_path / "e.csv"
    store_split(StoreJob(tmp_path / "split.csv", "test", *paths), quiet())
    stored = open_store(*paths, {"": Placement()})
    assert [recording.label for recording in stored] == [0, 0, 1, 1]
    for recording in stored:
        assert recording.raw.duration_s == 0.002
        assert recording.sha256 == sha256_of(root / recording.recording)
        number = int(Path(recording.recording).stem)
        assert recording.raw.events.tolist() == [(500, number, 3, True), (2500, 4, 5, False)]
    frames = tmp_path / "frames.npy", tmp_path / "index.csv"
    accumulate_split(AccumulateJob(tmp_path / "split.csv", Placement(), RULE, *frames), quiet())
    assert len(pd.read_csv(tmp_path / "index.csv")) == 16
    file = shown_sample(replace(FILE, time_unit="ms"), root / "1/1.npz")
    assert (file.recording, file.label, file.n_outside) == ("A", None, 0)
    first = table[(table["split"] == "test") & (table["label"] == 1)].iloc[0]
    symbol = shown_sample(SYMBOL, tmp_path / "split.csv")
    assert (symbol.symbol, symbol.label, symbol.sha256) == (first["symbol"], 1, first["sha256"])
    assert file.duration_s == symbol.duration_s == 0.002
    half = shown_sample(replace(SYMBOL, placement=Placement(0.5)), tmp_path / "split.csv")
    assert half.steps.row.max() - half.steps.row.min() < np.ptp(symbol.steps.row)
