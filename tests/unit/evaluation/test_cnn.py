"""The CNN on the frames of recordings: one digit each, counted and stored."""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from jobs import quiet
from made_recordings import from_columns
from small_networks import offered
from torch import nn

from dvs_snn.evaluation.cnn import LEADS, CountedCnn, ReadSetsJob, read_sets
from dvs_snn.evaluation.frame_choice import picked_frames
from dvs_snn.evaluation.readings import read_readings
from dvs_snn.files.tables import read_table, write_table
from dvs_snn.networks.conversion import save_weights
from dvs_snn.recordings.frames import Frame
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.store.event_store import SetPlacement, StoredRecording, store_recordings
from dvs_snn.settings.frame_settings import FrameRule

torch.set_num_threads(1)


def _recording(name: str, columns: list[int]) -> StoredRecording:
    times = np.arange(len(columns)) * 1000
    raw = from_columns(times, columns, 0, sensor_size=(64, 64))
    return StoredRecording(name, f"0/{name}", 0, "", f"hash of {name}", raw)


def test_a_set_is_read_in_all_frames_and_validation_picks_some(tmp_path):
    """The network says 2 for the first pixel and 6 for the second."""
    weights, readings = tmp_path / "weights.safetensors", tmp_path / "cnn.parquet"
    layers = tmp_path / "layers.csv"
    cnn = nn.Sequential(nn.Flatten(), nn.Linear(4096, 10, bias=False), nn.ReLU())
    with torch.no_grad():
        cnn[1].weight.zero_()[[2, 6], [0, 1]] = 1.0
    recordings = [
        # One frame says 2 with 4, two say 6 with 3 and 1: sums of outputs decide.
        _recording("NA", [0] * 5 + [1] * 4),
        _recording("dark", [7] * 3),
        _recording("b", [1] * 12),
    ]
    events, recorded = tmp_path / "a.npy", tmp_path / "a.csv"
    store_recordings(recordings, events, recorded)
    rules = [FrameRule("events", 4, 1, 50.0), FrameRule("time", 4, 1, 6.0)]

    def read(name, quoted=None, chosen_alone=()):
        sets = [SetPlacement(name, {"": Placement()})]
        job = ReadSetsJob(
            weights,
            [events],
            [recorded],
            sets,
            rules,
            [1.0],
            None,
            1,
            "plain",
            1,
            readings,
            layers,
            quoted,
            list(chosen_alone),
        )
        read_sets(job, quiet())
        (table,) = read_readings(readings)
        return table

    with offered(lambda: cnn, "pixels"):
        save_weights(weights, "pixels", cnn)
        table = read("a")
        whole = table[table["exit"].isna() & (table["frames"] == "4 events")]
        # Each frame has one pixel that isn't 0, of the second two: ten MACs for each.
        assert whole["recording"].tolist() == ["NA", "dark", "b"]
        assert whole["predicted"].fillna(-1).tolist() == [2, -1, 6]
        assert whole["n_frames"].tolist() == [3, 1, 3]
        assert whole["operations_nonzero"].tolist() == [40, 10, 30]
        assert whole["sha256"].tolist() == ["hash of NA", "hash of dark", "hash of b"]
        assert set(table["side"]) == {"cnn"}
        of_stops = read_table(layers, "stop_layers")
        of_stops = of_stops[of_stops["frames"] == "4 events"]
        stopped = table[table["frames"] == "4 events"]
        macs = stopped.groupby("exit", dropna=False)["operations_nonzero"].sum()
        assert of_stops["operations"].tolist() == macs.tolist()
        # Ten MACs at each pixel that isn't 0.
        assert (10 * of_stops["inputs"]).tolist() == macs.tolist()
        of_rule = table[table["frames"] == "4 events"]
        by_stop = {name: of_rule[name].to_numpy().reshape(3, 14) for name in of_rule}
        # Leads after each frame: 4, 2 and 2; 0; 4, 8 and 12.
        assert by_stop["exit"][0][:-1].tolist() == list(LEADS)
        assert by_stop["reached"].sum(axis=1).tolist() == [9, 0, 12]
        macs = [[40960] * 9 + [122880] * 5, [40960] * 14]
        macs += [[40960] * 9 + [81920] * 2 + [122880] * 3]
        assert by_stop["operations"].tolist() == macs
        at_nonzeros = [[10] * 9 + [40] * 5, [10] * 14, [10] * 9 + [20] * 2 + [30] * 3]
        assert by_stop["operations_nonzero"].tolist() == at_nonzeros
        events_read = [[4] * 9 + [9] * 5, [3] * 14, [4] * 9 + [8] * 2 + [12] * 3]
        assert by_stop["n_events_read"].tolist() == events_read
        times = by_stop["time_ms"][[0, 2]].tolist()
        assert times == [[3] * 9 + [8] * 5, [3] * 9 + [7] * 2 + [11] * 3]
        named = pd.DataFrame({"variant": ["plain", "plain", "other"], "scale": 1.0})
        named["frames"] = ["6 ms", "4 events", "4 events"]
        named["chosen"] = [1, 0, 1]
        path = tmp_path / "quoted.csv"
        write_table(named, path, "quoted_networks")
        assert read("a", path)["frames"].unique().tolist() == ["4 events", "6 ms"]
        # A set of quoted networks doesn't see what lies on the front alone.
        assert read("a", path, chosen_alone=["a"])["frames"].unique().tolist() == ["6 ms"]
        # Of several CNNs validation may pick the others alone.
        write_table(named[2:], tmp_path / "others.csv", "quoted_networks")
        with pytest.raises(ValueError, match="not enough values"):
            read("a", tmp_path / "others.csv")
        assert list(read_readings(readings)) == []
        assert read_table(layers, "stop_layers").empty
        read("a")
        # Without validation the first frames are as good as picked.
        assert picked_frames([readings], rules) == picked_frames([], rules) == rules[0]
        # Both read as much, but longer frames have fewer MACs.
        read("validation")
        assert picked_frames([readings], rules) == rules[1]


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
    frames = [Frame(each, 0, 0, 0) for each in pixels]
    with torch.no_grad(), offered(lambda: network, "drawn"):
        cnn = CountedCnn.of("drawn", network)
        read = cnn.response(frames)
        assert read.macs_nonzero.tolist() == [
            walked(network, torch.tensor(p)[None].float()) for p in pixels
        ]


@settings(max_examples=5, deadline=None)
@given(networks(), st.integers(0, 2**32))
def test_recordings_that_share_batches_are_read_as_each_alone(network, seed):
    pixels = np.random.default_rng(seed).poisson(0.05, (70, 1, 64, 64)).astype(np.uint8)
    frames = [Frame(each, 0, 0, 0) for each in pixels]
    recordings = [frames[:3], [], frames[3:69], frames[69:]]
    with offered(lambda: network, "drawn"):
        cnn = CountedCnn.of("drawn", network)
        for recording, response in zip(recordings, cnn.responses(recordings), strict=True):
            alone = cnn.response(recording)
            np.testing.assert_array_equal(response.outputs, alone.outputs)
            np.testing.assert_array_equal(response.macs_nonzero, alone.macs_nonzero)
            np.testing.assert_array_equal(response.layer_sums, alone.layer_sums)


@settings(max_examples=10, deadline=None)
@given(networks(), st.sampled_from([0.5, 1.0, 2.0]), st.integers(0, 2**32))
def test_whole_activations_are_the_spikes_of_neurons_that_get_all_events_at_once(
    network, threshold, seed
):
    """A neuron without a lower bound fires as often as its current holds the threshold."""
    pixels = np.random.default_rng(seed).poisson(0.05, (2, 1, 64, 64)).astype(np.uint8)
    frames = [Frame(each, 0, 0, 0) for each in pixels]
    with torch.no_grad(), offered(lambda: network, "drawn"):
        cnn = replace(CountedCnn.of("drawn", network), threshold=threshold)
        read = cnn.response(frames)
        value = torch.from_numpy(pixels).float()
        for part in network[:-1]:
            value = part(value)
            if isinstance(part, nn.ReLU):
                value = torch.div(value, threshold, rounding_mode="floor")
        np.testing.assert_array_equal(read.outputs, torch.relu(value).numpy())
