"""Whole sets and single recordings through a converted network, in small."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from dvs_snn import evaluation, model
from dvs_snn.conversion import Converted, NeuronParameters
from dvs_snn.evaluation import (
    InferenceSettings,
    evaluate_samples,
    prepare,
    recording_sample,
    set_samples,
    store_set,
    store_sweep,
    sweep_recording,
)
from dvs_snn.events import EVENT_DTYPE, EventRecording, write_npz
from dvs_snn.framing import FrameRule, Placement
from dvs_snn.hashing import sha256_of
from dvs_snn.job import Progress
from dvs_snn.sources import SplitShares, split_folder
from dvs_snn.tablefile import read_table, write_table
from dvs_snn.tables import OUTCOME_COLUMNS

SETTINGS = InferenceSettings(10.0, 30.0, 3, FrameRule("events", 40, 20, 50.0))


@pytest.fixture
def converted() -> Iterator[Converted]:
    """A network that counts the events of each tenth of the rows."""

    def rows() -> nn.Sequential:
        return nn.Sequential(nn.Flatten(), nn.Linear(4096, 10, bias=False), nn.ReLU())

    model.network(rows)
    cnn = model.build_network("rows").eval()
    with torch.no_grad():
        cnn[1].weight.zero_()
        for digit in range(10):
            cnn[1].weight[digit, 384 * digit : 384 * (digit + 1)] = 0.5
    yield Converted("rows", cnn, NeuronParameters())
    del model._NETWORKS["rows"]


def _recording(digit: int, n: int, seed: int) -> EventRecording:
    rng = np.random.default_rng(seed)
    events = np.zeros(n, dtype=EVENT_DTYPE)
    events["t"] = np.sort(rng.integers(0, 40_000 + 20_000 * (seed % 4), n))
    events["x"], events["y"] = rng.integers(0, 64, n), 6 * digit + rng.integers(0, 6, n)
    return EventRecording(events, (64, 64))


def _sample(digit: int, n: int = 50, seed: int = 0, placement: Placement | None = None):
    return prepare(
        f"{digit}/{seed}", f"{digit}/{seed}", digit, "", _recording(digit, n, seed),
        placement or Placement(), SETTINGS,
    )  # fmt: skip


def _quiet() -> Progress:
    return Progress(io.StringIO())


def test_a_set_is_one_row_per_recording_whatever_is_held_at_once(converted, monkeypatch):
    samples = [_sample(seed % 10, 40 + seed, seed) for seed in range(13)]
    outcomes, layers = evaluate_samples(converted, 1.0, samples, SETTINGS, _quiet(), 13)
    assert tuple(outcomes.columns) == OUTCOME_COLUMNS
    assert outcomes["recording"].tolist() == [sample.recording for sample in samples]
    assert outcomes["correct"].tolist() == [1] * 13
    assert outcomes["ann_predicted"].tolist() == outcomes["label"].tolist()
    # One layer, ten synapses an event.
    assert outcomes["synops"].tolist() == [10 * (40 + seed) for seed in range(13)]
    assert layers["synops"].tolist() == [outcomes["synops"].sum()]
    assert layers["spikes_out"].tolist() == [outcomes["output_spikes"].sum()]
    assert layers["seconds"].iloc[0] == pytest.approx(outcomes["n_steps"].sum() * 0.01)
    monkeypatch.setattr(evaluation, "RECORDINGS_IN_MEMORY", 4)
    again, layers_again = evaluate_samples(converted, 1.0, iter(samples), SETTINGS, _quiet(), 13)
    pd.testing.assert_frame_equal(again, outcomes)
    pd.testing.assert_frame_equal(layers_again, layers)


def test_a_scale_that_silences_the_network_makes_it_wrong(converted):
    outcomes, _ = evaluate_samples(converted, 1e-4, [_sample(0)], SETTINGS, _quiet(), 1)
    row = outcomes.iloc[0]
    assert (row["predicted"], row["correct"], row["silent"]) == (None, 0, 1)
    # The CNN isn't rescaled.
    assert row["ann_predicted"] == 0


def test_events_outside_and_dropped_are_counted_apart():
    sample = _sample(0, placement=Placement(zoom=4.0))
    assert len(sample.steps.step) + sample.n_outside == 50
    assert sample.n_outside > 25
    recording = _recording(3, 50, 0)
    tutorial = prepare("A", "", None, "", recording, None, SETTINGS)
    assert tutorial.n_outside == tutorial.steps.n_dropped > 0
    assert tutorial.steps.n_steps == len(np.arange(*recording.events["t"][[0, -1]], 10_000)) - 1


def test_a_recording_under_every_scale(converted, tmp_path):
    scales = [0.0001, 1.0, 2.0]
    sweep = sweep_recording(converted, scales, _sample(4), SETTINGS, _quiet())
    n_steps = int(sweep.outcomes["n_steps"].iloc[0])
    assert sweep.outcomes["scale"].tolist() == scales
    assert sweep.spikes.shape == (3, n_steps, 10)
    assert sweep.running.shape == sweep.sliding.shape == (3, n_steps)
    assert (sweep.running[0] == -1).all()
    assert sweep.running[1, -1] == 4
    paths = {key: tmp_path / f"{key}.csv" for key in ("outcomes", "layers")}
    paths["spikes"] = tmp_path / "A.npz"
    store_sweep(sweep, "plain", 2, SETTINGS, paths)
    with np.load(paths["spikes"]) as stored:
        assert set(stored) == {"scales", "spikes", "running", "sliding", "step_us"}
        assert stored["spikes"].dtype == np.uint32
        assert stored["running"].dtype == stored["sliding"].dtype == np.int16
        assert stored["scales"].tolist() == scales
        assert stored["step_us"] == 10_000
        np.testing.assert_array_equal(stored["spikes"], sweep.spikes)
    table = read_table(paths["outcomes"])
    assert table[["variant", "seed"]].drop_duplicates().to_numpy().tolist() == [["plain", 2]]
    assert read_table(paths["layers"])["recording"].tolist() == ["4/0"] * 3


def _tree(root: Path) -> Path:
    for digit in range(2):
        for k in range(8):
            path = root / str(digit) / f"{k}.npz"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_npz(path, _recording(digit, 30, 10 * digit + k))
    return root


def test_sets_are_a_part_of_the_split_or_a_folder(tmp_path):
    root = _tree(tmp_path / "data")
    scenes = {"": {"sensor_size": None, "zoom": 1.0, "rotate": 0, "flip": "none"}}
    n, samples = set_samples("mine", None, root, scenes, SETTINGS)
    assert n == len(list(samples)) == 16
    table = split_folder(root, None, None, SplitShares(0.25, 0.25), 1)
    write_table(table, tmp_path / "split.csv")
    for part in ("validation", "test"):
        n, samples = set_samples(part, tmp_path / "split.csv", Path(), scenes, SETTINGS)
        samples = list(samples)
        expected = table[table["split"] == part]
        assert n == len(samples) == len(expected)
        assert [sample.sha256 for sample in samples] == expected["sha256"].tolist()
        assert [sample.label for sample in samples] == expected["label"].tolist()


def test_a_row_of_the_recordings_table_is_a_file_or_a_symbol(tmp_path):
    root = _tree(tmp_path / "data")
    table = split_folder(root, None, None, SplitShares(0.25, 0.25), 1)
    write_table(table, tmp_path / "split.csv")
    empty = dict.fromkeys(
        ("seed", "label", "sensor_width", "sensor_height", "zoom", "rotate", "flip")
    ) | {"tutorial_binning": False}
    data = {"sensor_size": None, "zoom": 0.5, "rotate": 0, "flip": "none"}
    file = root / "1" / "0.npz"
    mine = recording_sample(empty | {"recording": "A", "symbol": None}, file, None, data, SETTINGS)
    # A file of one's own is not placed as the study's data are.
    assert (mine.recording, mine.label, mine.n_outside) == ("A", None, 0)
    assert mine.steps.row.min() < 16
    found = recording_sample(
        empty | {"recording": "B", "symbol": "1/test-1"}, None, tmp_path / "split.csv", data,
        SETTINGS,
    )  # fmt: skip
    first = table[(table["split"] == "test") & (table["label"] == 1)].iloc[0]
    assert (found.symbol, found.label, found.sha256) == (first["symbol"], 1, first["sha256"])
    assert found.steps.row.min() >= 16


def test_recordings_of_a_set_are_placed_as_their_scene_says(tmp_path):
    table = split_folder(_tree(tmp_path / "data"), None, None, SplitShares(0.25, 0.25), 1)
    scenes = ["near" if number % 2 else "far" for number in range(len(table))]
    write_table(table.assign(scene=scenes, split="both"), tmp_path / "split.csv")
    upright = {"sensor_size": None, "rotate": 0, "flip": "none"}
    where = {"near": upright | {"zoom": 1.0}, "far": upright | {"zoom": 0.25}}
    _, samples = set_samples("both", tmp_path / "split.csv", Path(), where, SETTINGS)
    for scene, sample in zip(scenes, samples, strict=True):
        assert (sample.steps.row.min() >= 24) == (scene == "far")


def test_a_row_may_undo_the_turn_of_the_studys_data(tmp_path):
    file = tmp_path / "a.npz"
    write_npz(file, _recording(3, 200, 1))
    split = pd.DataFrame(
        [{"recording": "3/a", "file": str(file), "symbol": "3/0001", "label": 3, "split": "test",
          "scene": "", "sha256": sha256_of(file)}]
    )  # fmt: skip
    row = dict.fromkeys(
        ("seed", "label", "sensor_width", "sensor_height", "zoom", "rotate", "flip")
    ) | {"recording": "A", "symbol": "3/0001", "tutorial_binning": False}
    data = {"sensor_size": None, "zoom": 1.0, "rotate": 90, "flip": "none"}

    def image(row: dict, data: dict, tmp: io.StringIO) -> np.ndarray:
        split.to_csv(tmp, index=False)
        tmp.seek(0)
        return recording_sample(row, None, tmp, data, SETTINGS).steps.pixel_counts()[0]

    upright = image(row, data | {"rotate": 0}, io.StringIO())
    turned = image(row, data, io.StringIO())
    undone = image(row | {"rotate": 0}, data, io.StringIO())
    np.testing.assert_array_equal(turned, np.rot90(upright))
    np.testing.assert_array_equal(undone, upright)


def test_a_stored_set_names_itself_in_every_row(converted, tmp_path):
    outcomes, layers = evaluate_samples(converted, 1.0, [_sample(1)], SETTINGS, _quiet(), 1)
    key = {"set": "test", "variant": "plain", "seed": 1, "scale": 1.0}
    paths = {"outcomes": tmp_path / "o.csv", "layers": tmp_path / "l.csv"}
    store_set(outcomes, layers, key, paths)
    for path in paths.values():
        table = read_table(path)
        assert table[list(key)].iloc[0].to_dict() == key
    assert read_table(paths["layers"])["recording"].tolist() == [""]
