"""Recordings through a converted network at one scale and at all, in small."""

from dataclasses import asdict, replace

import numpy as np
from jobs import quiet
from made_recordings import of_digit
from small_networks import counting_rows, offered

from dvs_snn.evaluation.of_recording import cnn_reading, store_responses, sweep_recording
from dvs_snn.evaluation.of_set import AnnReading
from dvs_snn.files.tables import write_table
from dvs_snn.networks.conversion import save_weights
from dvs_snn.recordings.store.event_store import StoredRecording
from dvs_snn.recordings.store.reading import sample_of_shown
from dvs_snn.settings.conversion import NeuronParameters
from dvs_snn.settings.frames import FrameRule
from dvs_snn.settings.inference import InferenceSettings

SETTINGS = InferenceSettings(10.0, 30.0, 3, engine="sinabs")
RULE = FrameRule("events", 40, 20, 50.0)


def test_a_recording_under_every_scale(tmp_path):
    cnn, scales, network = counting_rows().eval(), [0.0001, 1.0, 2.0], tmp_path / "1.safetensors"
    recording = of_digit(4, 50, 0)
    shown = StoredRecording("4/0", "4/0", 4, "", "", recording)
    sample = sample_of_shown(shown, SETTINGS.step_us, RULE)
    with offered(counting_rows, "rows"):
        save_weights(network, "rows", cnn, neurons=asdict(NeuronParameters()))
        ann = cnn_reading([network], [], sample, 1)
        assert ann == AnnReading(4, len(sample.frames))
        outcomes, layers, responses = sweep_recording(
            ann, network, scales, sample, SETTINGS, quiet()
        )
    assert outcomes["scale"].tolist() == layers["scale"].tolist() == scales
    # A scale that silences the network makes it wrong; the CNN isn't rescaled.
    assert outcomes["predicted"].fillna(-1).tolist() == [-1, 4, 4]
    assert outcomes["correct"].tolist() == [0, 1, 1]
    assert outcomes["silent"].tolist() == [1, 0, 0]
    assert outcomes["ann_predicted"].tolist() == [4, 4, 4]
    key = {"set": "", "variant": "plain", "seed": 2}
    for read in (4, None):
        rows = outcomes.assign(ann_predicted=read, **key)
        write_table(rows, tmp_path / "A.csv", "sweeps")
        assert cnn_reading([], [tmp_path / "A.csv"], sample, 1) == replace(ann, predicted=read)
    store_responses(responses, scales, SETTINGS, tmp_path / "A.npz")
    with np.load(tmp_path / "A.npz") as stored:
        kinds = {name: array.dtype.name for name, array in stored.items()}
        assert kinds == {
            "scales": "float64", "spikes": "uint32", "running": "int16", "sliding": "int16",
            "synops": "int64", "step_us": "int64",
        }  # fmt: skip
        assert stored["sliding"].shape == (3, int(outcomes["n_steps"].iloc[0]))
        assert (stored["running"][0] == -1).all()
        assert stored["running"][1, -1] == 4
        assert stored["scales"].tolist() == scales
        assert stored["step_us"] == 10_000
        for spikes, response in zip(stored["spikes"], responses, strict=True):
            np.testing.assert_array_equal(spikes, response.spikes)
        assert stored["synops"].sum(axis=1).tolist() == outcomes["synops"].tolist()
