"""The CNN on the frames of recordings: one digit each, counted and stored."""

import numpy as np
import torch
from jobs import quiet
from made_recordings import from_columns
from small_networks import offered
from torch import nn

from dvs_snn.evaluation.cnn import read_sets
from dvs_snn.files.tables import read_table
from dvs_snn.networks.conversion import save_weights
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.store.event_store import StoredRecording, store_recordings
from dvs_snn.settings.frames import FrameRule

torch.set_num_threads(1)


def _recording(name: str, columns: list[int]) -> StoredRecording:
    times = np.arange(len(columns)) * 1000
    raw = from_columns(times, columns, 0, sensor_size=(64, 64))
    return StoredRecording(name, f"0/{name}", 0, "", f"hash of {name}", raw)


def test_a_set_is_one_row_per_recording_by_the_rule_of_its_frames(tmp_path):
    """The network says 2 for the first pixel and 6 for the second."""
    weights, table = tmp_path / "weights.safetensors", tmp_path / "ann.csv"
    cnn = nn.Sequential(nn.Flatten(), nn.Linear(4096, 10, bias=False), nn.ReLU())
    with torch.no_grad():
        cnn[1].weight.zero_()[[2, 6], [0, 1]] = 1.0
    recordings = [
        # One frame says 2 with 4, two say 6 with 3 and 1: sums of outputs decide.
        _recording("NA", [0] * 5 + [1] * 4),
        _recording("dark", [7] * 3),
        _recording("b", [1] * 12),
    ]
    files = [tmp_path / "a.npy"], [tmp_path / "a.csv"]
    store_recordings(recordings, files[0][0], files[1][0])
    with offered(lambda: cnn, "pixels"):
        save_weights(weights, "pixels", cnn)
        frames = FrameRule("events", 4, 1, 50.0)
        read_sets(weights, *files, [{"": Placement()}], ["a"], frames, 1, table, quiet())
        assert table.read_text(encoding="utf-8").splitlines() == [
            "set,recording,ann_predicted,ann_frames,sha256",
            "a,NA,2,3,hash of NA",
            "a,dark,,1,hash of dark",
            "a,b,6,3,hash of b",
        ]
        coarser = FrameRule("time", 4, 1, 6.0)
        read_sets(weights, *files, [{"": Placement()}], ["a"], coarser, 1, table, quiet())
        assert read_table(table, "readings")["ann_frames"].tolist() == [2, 1, 2]
