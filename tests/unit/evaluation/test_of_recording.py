"""Recordings through a converted network at one scale and at all, in small."""

from collections.abc import Iterator
from dataclasses import asdict, replace

import numpy as np
import pytest
from jobs import quiet
from made_recordings import of_digit
from small_networks import counting_rows, offered

from dvs_snn.evaluation.of_recording import cnn_reading, store_sweep, sweep_recording
from dvs_snn.evaluation.of_set import AnnReading
from dvs_snn.files.tables import read_table
from dvs_snn.networks.conversion import Converted, save_weights
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.store.shown import prepare
from dvs_snn.settings.conversion import NeuronParameters
from dvs_snn.settings.frames import FrameRule
from dvs_snn.settings.inference import InferenceSettings

SETTINGS = InferenceSettings(10.0, 30.0, 3, engine="sinabs")
RULE = FrameRule("events", 40, 20, 50.0)


@pytest.fixture
def converted() -> Iterator[Converted]:
    with offered(counting_rows, "rows") as name:
        yield Converted(name, counting_rows().eval(), NeuronParameters())


def test_a_recording_under_every_scale(converted, tmp_path):
    scales = [0.0001, 1.0, 2.0]
    network = tmp_path / "1.safetensors"
    save_weights(network, "rows", converted.cnn, neurons=asdict(converted.neurons))
    recording = of_digit(4, 50, 0)
    sample = prepare("4/0", "4/0", 4, "", recording, Placement(), SETTINGS.step_us, RULE)
    ann = cnn_reading([network], [], sample, 1)
    assert ann == AnnReading(4, len(sample.frames))
    sweep = sweep_recording(ann, network, scales, sample, SETTINGS, quiet())
    n_steps = int(sweep.outcomes["n_steps"].iloc[0])
    assert sweep.outcomes["scale"].tolist() == scales
    assert sweep.spikes.shape == (3, n_steps, 10)
    # A scale that silences the network makes it wrong; the CNN isn't rescaled.
    assert sweep.outcomes["predicted"].fillna(-1).tolist() == [-1, 4, 4]
    assert sweep.outcomes["correct"].tolist() == [0, 1, 1]
    assert sweep.outcomes["silent"].tolist() == [1, 0, 0]
    assert sweep.outcomes["ann_predicted"].tolist() == [4, 4, 4]
    paths = {key: tmp_path / f"{key}.csv" for key in ("outcomes", "layers")}
    paths["spikes"] = tmp_path / "A.npz"
    store_sweep(sweep, "plain", 2, SETTINGS, **paths)
    assert cnn_reading([], [paths["outcomes"]], sample, 1) == ann
    silent = sweep.outcomes.assign(ann_predicted=None)
    other = {key: tmp_path / f"silent-{path.name}" for key, path in paths.items()}
    store_sweep(replace(sweep, outcomes=silent), "plain", 2, SETTINGS, **other)
    assert cnn_reading([], [other["outcomes"]], sample, 1) == replace(ann, predicted=None)
    with np.load(paths["spikes"]) as stored:
        assert set(stored) == {*"scales spikes running sliding synops step_us".split()}
        assert stored["spikes"].dtype == np.uint32
        assert stored["running"].dtype == stored["sliding"].dtype == np.int16
        assert stored["sliding"].shape == (3, n_steps)
        assert (stored["running"][0] == -1).all()
        assert stored["running"][1, -1] == 4
        assert stored["scales"].tolist() == scales
        assert stored["step_us"] == 10_000
        np.testing.assert_array_equal(stored["spikes"], sweep.spikes)
        assert stored["synops"].sum(axis=1).tolist() == sweep.outcomes["synops"].tolist()
    table = read_table(paths["outcomes"], "outcomes")
    assert table[["variant", "seed"]].drop_duplicates().to_numpy().tolist() == [["plain", 2]]
    assert read_table(paths["layers"], "set_layers")["recording"].tolist() == ["4/0"] * 3
