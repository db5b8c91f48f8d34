"""The CNN on the frames of recordings: one digit each, counted and stored."""

import io

import numpy as np
import pytest
import torch
from made_recordings import from_columns
from torch import nn

from dvs_snn.evaluation.cnn import ann_predict, evaluate_ann
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import write_table
from dvs_snn.recordings.store.event_store import StoredRecording
from dvs_snn.settings.frames import FrameRule

torch.set_num_threads(1)


@pytest.fixture
def cnn() -> nn.Sequential:
    """Says 2 for the first pixel and 6 for the second."""
    cnn = nn.Sequential(nn.Flatten(), nn.Linear(4096, 10, bias=False), nn.ReLU())
    with torch.no_grad():
        cnn[1].weight.zero_()
        cnn[1].weight[2, 0], cnn[1].weight[6, 1] = 1.0, 1.0
    return cnn


def test_the_cnn_reads_a_recording_by_its_outputs_summed_over_frames(cnn):
    first, second = np.zeros((2, 1, 64, 64), np.uint8)
    first[0, 0, 0], second[0, 0, 1] = 5, 3
    # Two frames say 6 with 3 each, one says 2 with 5.
    frames = [second, first, second]
    assert ann_predict(cnn, frames) == 6
    assert ann_predict(cnn, frames[:2]) == 2
    assert ann_predict(cnn, [np.zeros((1, 64, 64), np.uint8)]) is None
    assert ann_predict(cnn, []) is None


def _recording(name: str, columns: list[int]) -> StoredRecording:
    times = np.arange(len(columns)) * 1000
    raw = from_columns(times, columns, 0, sensor_size=(64, 64))
    return StoredRecording(name, f"0/{name}", 0, "", f"hash of {name}", raw)


def test_a_set_is_one_row_per_recording_by_the_rule_of_its_frames(cnn, tmp_path):
    recordings = [
        _recording("NA", [0] * 5 + [1] * 4),
        _recording("dark", [7] * 3),
        _recording("b", [1] * 12),
    ]
    frames = FrameRule("events", 4, 1, 50.0)
    table = evaluate_ann(cnn, recordings, frames, 1, Progress(io.StringIO()), "a set")
    assert table["ann_frames"].tolist() == [3, 1, 3]
    write_table(table.assign(set="a"), tmp_path / "ann.csv", "readings")
    assert (tmp_path / "ann.csv").read_text(encoding="utf-8").splitlines() == [
        "set,recording,ann_predicted,ann_frames,sha256",
        "a,NA,2,3,hash of NA",
        "a,dark,,1,hash of dark",
        "a,b,6,3,hash of b",
    ]
    coarser = evaluate_ann(
        cnn, recordings, FrameRule("time", 4, 1, 6.0), 1, Progress(io.StringIO()), "a set"
    )
    assert coarser["ann_frames"].tolist() == [2, 1, 2]
