"""The CNN on the frames of recordings: one digit each, counted and stored."""

from itertools import product

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from jobs import quiet
from made_recordings import from_columns
from small_networks import offered
from torch import nn

from dvs_snn.evaluation.cnn import CountedCnn, read_sets
from dvs_snn.evaluation.exits import read_exits
from dvs_snn.files.tables import read_table
from dvs_snn.networks.conversion import save_weights
from dvs_snn.networks.synops import MACS
from dvs_snn.recordings.frames import Frame
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.store.event_store import StoredRecording, store_recordings
from dvs_snn.settings.frame_settings import FrameRule

torch.set_num_threads(1)


def _recording(name: str, columns: list[int]) -> StoredRecording:
    times = np.arange(len(columns)) * 1000
    raw = from_columns(times, columns, 0, sensor_size=(64, 64))
    return StoredRecording(name, f"0/{name}", 0, "", f"hash of {name}", raw)


def test_a_set_is_one_row_per_recording_by_the_rule_of_its_frames(tmp_path):
    """The network says 2 for the first pixel and 6 for the second."""
    weights, table = tmp_path / "weights.safetensors", tmp_path / "ann.csv"
    exits = tmp_path / "ann.exits.npz"
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
        rules = [FrameRule("events", 4, 1, 50.0), FrameRule("time", 4, 1, 6.0)]
        stored = weights, *files, [{"": Placement()}]
        read_sets(*stored, ["a"], rules, [], 1, "plain", 1, table, exits, quiet())
        assert table.read_text(encoding="utf-8").splitlines() == [
            "set,recording,label,ann_predicted,ann_frames,n_frames,ann_macs_nonzero,sha256",
            # Each frame has one pixel that isn't 0, of the second two: ten MACs for each.
            "a,NA,0,2,4 events,3,40,hash of NA",
            "a,dark,0,,4 events,1,10,hash of dark",
            "a,b,0,6,4 events,3,30,hash of b",
        ]
        read = {key["set"]: each for key, each in read_exits(exits)}
        assert list(read) == [
            f"a, {frames}, {macs}" for frames in ("4 events", "6 ms") for macs in MACS
        ]
        dense = read["a, 4 events, dense"]
        assert dense.synops.tolist() == [
            [40960] * 4 + [3 * 40960] * 3,
            [40960] * 7,
            [40960] * 4 + [81920, 122880, 122880],
        ]
        for each in (read["a, 4 events, nonzero"], read["a, 4 events, nonzero in 8 bits"]):
            # Leads after each frame: 4, 2 and 2; 0; 4, 8 and 12.
            assert each.leads.tolist() == [0.5, 1, 2, 4, 8, 16, np.inf]
            assert each.predicted.tolist() == [[2] * 7, [-1] * 7, [6] * 7]
            assert each.exited.sum(axis=1).tolist() == [4, 0, 5]
            assert each.synops.tolist() == [[10] * 4 + [40] * 3, [10] * 7, [10] * 4 + [20, 30, 30]]
            assert each.n_events.tolist() == [[4] * 4 + [9] * 3, [3] * 7, [4] * 4 + [8, 12, 12]]
            assert each.n_steps[[0, 2]].tolist() == [[3] * 4 + [8] * 3, [3] * 4 + [7, 11, 11]]
        # Validation picks: both read as much, but longer frames have fewer MACs.
        read_sets(*stored, ["validation"], rules, [], 1, "plain", 1, table, exits, quiet())
        assert read_table(table, "readings")["n_frames"].tolist() == [2, 1, 2]
        assert set(read_table(table, "readings")["ann_frames"]) == {"6 ms"}
        # Other sets are read in the frames that it picked.
        other = tmp_path / "other.csv"
        read_sets(*stored, ["a"], rules, [table], 1, "plain", 1, other, exits, quiet())
        assert set(read_table(other, "readings")["ann_frames"]) == {"6 ms"}


@st.composite
def networks(draw) -> nn.Sequential:
    """A small network of whole weights: two convolutions, a pool and a linear layer."""
    geometry = {
        "stride": draw(st.integers(1, 2)),
        "padding": draw(st.integers(0, 1)),
        "groups": draw(st.integers(1, 2)),
    }
    network = nn.Sequential(
        nn.Conv2d(1, 2, 3, stride=7), nn.ReLU(), nn.AvgPool2d(2), nn.Conv2d(2, 2, 2, **geometry),
        nn.ReLU(), nn.Flatten(), nn.LazyLinear(3), nn.ReLU(),
    )  # fmt: skip
    network(torch.zeros(1, 1, 64, 64))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    with torch.no_grad():
        for weight in network.parameters():
            weight.copy_(torch.from_numpy(rng.integers(-1, 2, weight.shape)))
    return network


def walked(network: nn.Sequential, values: torch.Tensor) -> int:
    """Count, one by one, the multiplications whose activation isn't 0."""
    count = 0
    for part in network:
        if isinstance(part, nn.Linear):
            count += sum(x != 0 for _ in range(part.out_features) for x in values[0].tolist())
        elif isinstance(part, nn.Conv2d):
            _, channels, height, width = values.shape
            array, (of_group, padding) = (
                values[0].tolist(),
                (channels // part.groups, part.padding[0]),
            )
            for out, row, column in product(*map(range, part(values).shape[1:])):
                first = out // (part.out_channels // part.groups) * of_group
                for channel, *at in product(range(of_group), *map(range, part.kernel_size)):
                    y = row * part.stride[0] + at[0] - padding
                    x = column * part.stride[0] + at[1] - padding
                    if 0 <= y < height and 0 <= x < width:
                        count += array[first + channel][y][x] != 0
        values = part(values)
    return count


@settings(max_examples=10, deadline=None)
@given(networks(), st.integers(0, 2**32))
def test_macs_at_non_zeros_are_those_of_a_walk_over_all_multiplications(network, seed):
    pixels = np.random.default_rng(seed).poisson(0.05, (2, 1, 64, 64)).astype(np.uint8)
    frames = [Frame(each, 0, 0, 0, 0) for each in pixels]
    with torch.no_grad(), offered(lambda: network, "drawn"):
        cnn = CountedCnn.of("drawn", network)
        read = cnn.response(frames)
        # Weights of -1, 0 and 1 lose nothing; each activation rounds by half a step of 255.
        rounded = cnn.in_8_bits().response(frames).spikes
        np.testing.assert_allclose(rounded, read.spikes, atol=0.05 * max(1, read.spikes.max()))
        assert read.step_synops.tolist() == [
            walked(network, torch.tensor(p)[None].float()) for p in pixels
        ]
