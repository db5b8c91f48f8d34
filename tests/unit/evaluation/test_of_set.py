"""A stored set through a network: as torch does it, row by row, and without torch at all."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from jobs import quiet
from made_recordings import of_digit
from small_networks import ENGINES, counting_rows, offered

import dvs_snn
from dvs_snn.engines.kinds.event import prepare
from dvs_snn.engines.spiking import engine_of, open_spiking
from dvs_snn.evaluation import of_set as set_evaluation
from dvs_snn.evaluation.cnn import evaluate_ann
from dvs_snn.evaluation.exits import read_exits
from dvs_snn.evaluation.of_recording import cnn_reading, sweep_recording
from dvs_snn.evaluation.of_set import evaluate_sets, store_sets
from dvs_snn.files.errors import StudyError
from dvs_snn.files.tables import read_table, schema, write_table
from dvs_snn.networks.conversion import convert, save_weights
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.store.event_store import StoredRecording, open_store, store_recordings
from dvs_snn.recordings.store.shown import Sample
from dvs_snn.settings.conversion import NeuronParameters
from dvs_snn.settings.frames import FrameRule
from dvs_snn.settings.inference import InferenceSettings

torch.set_num_threads(1)

SETTINGS = InferenceSettings(10.0, 30.0, 3)
RULE = FrameRule("events", 40, 20, 50.0)
NETWORK = {"variant": "plain", "seed": 1, "scale": 1.0}
SCALES = [1e-4, 0.68, 1.0, 2.15]


def _recording(digit: int, n: int, seed: int) -> StoredRecording:
    about = f"{digit}/{seed}", f"{digit}/{seed % 3}", digit, "", f"hash {seed}"
    return StoredRecording(*about, of_digit(digit, n, seed, 70, (72, 64)))


@pytest.fixture
def recordings() -> list[StoredRecording]:
    return [_recording(seed % 10, 40 + seed, seed) for seed in range(13)]


@pytest.fixture
def study(recordings, tmp_path) -> Iterator[Path]:
    """The files of a set and of a network that counts the events of each tenth of the rows."""
    cnn = counting_rows().eval()
    save_weights(tmp_path / "weights.safetensors", "rows", cnn)
    network = tmp_path / "1.safetensors"
    with offered(counting_rows, "rows"):
        convert(tmp_path / "weights.safetensors", NeuronParameters(), network)
        prepare(network, tmp_path / "1.events.npz")
    store_recordings(recordings, tmp_path / "set.npy", tmp_path / "set.csv")
    table = evaluate_ann(cnn, recordings, RULE, 1, quiet(), "a set")
    # One file tells of several sets, whose recordings may have the same names.
    both = pd.concat([table.assign(set="other", ann_predicted=9), table.assign(set="test")])
    write_table(both, tmp_path / "ann.csv", "readings")
    with offered(counting_rows, "rows"):
        yield tmp_path


def _evaluate(study: Path, scale: float, engine: str = "event", threads: int = 1):
    settings = InferenceSettings(10.0, 30.0, 3, threads, engine)
    spiking = open_spiking(study / f"1{engine_of(engine, 'cpu').suffix}", scale, settings)
    stored = open_store(study / "set.npy", study / "set.csv", {"": Placement()})
    sets = {"test": stored}
    return evaluate_sets(spiking, sets, study / "ann.csv", 10.0, quiet(), "", (1, 4))["test"]


def test_a_set_is_one_row_per_recording_whatever_is_held_at_once(study, recordings, monkeypatch):
    outcomes, layers, exits = _evaluate(study, 1.0)
    assert set(outcomes.columns) == set(schema("outcomes")) - {"set", "variant", "seed", "scale"}
    for key in ("recording", "symbol", "label", "sha256"):
        assert outcomes[key].tolist() == [getattr(recording, key) for recording in recordings]
    assert outcomes["correct"].tolist() == [1] * 13
    assert outcomes["ann_predicted"].tolist() == outcomes["label"].tolist()
    # One layer, ten synapses an event and a weight.
    assert outcomes["synops"].tolist() == [10 * n for n in outcomes["n_events"]]
    assert (outcomes["n_events"] + outcomes["n_events_outside"]).tolist() == list(range(40, 53))
    assert outcomes["n_events_outside"].sum() > 13
    assert (outcomes["ann_macs"] == outcomes["ann_frames"] * 40_960).all()
    assert layers["synops"].tolist() == [outcomes["synops"].sum()]
    assert layers["spikes_out"].tolist() == [outcomes["output_spikes"].sum()]
    assert layers["seconds"].iloc[0] == pytest.approx(outcomes["n_steps"].sum() * 0.01)
    monkeypatch.setattr(set_evaluation, "RECORDINGS_IN_MEMORY", 4)
    again, layers_again, exits_again = _evaluate(study, 1.0)
    for name, values in vars(exits).items():
        np.testing.assert_array_equal(getattr(exits_again, name), values)
    pd.testing.assert_frame_equal(again, outcomes)
    pd.testing.assert_frame_equal(layers_again, layers)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize(("engine", "threads"), [("event", 1), ("event", 3), ("sinabs", 1)])
def test_stored_files_give_the_same_bytes_as_recordings_through_torch(
    study, recordings, scale, engine, threads
):
    samples = [
        Sample(**vars(recording.in_steps(10_000)), frames=recording.frames(RULE))
        for recording in recordings
    ]
    network = study / "1.safetensors"
    network_key = {"variant": "plain", "seed": "1", "scale": f"{scale:.2f}"}
    sweeps = [
        sweep_recording(
            cnn_reading(str(network), "", one, 1), network, [scale], one,
            replace(SETTINGS, engine="sinabs"), quiet(),
        )
        for one in samples
    ]  # fmt: skip
    layers = pd.concat([sweep.layers.drop(columns="scale") for sweep in sweeps])
    same = ("layer", "fanout_nominal")
    of_layers = {key: "first" if key in same else "sum" for key in layers.columns}
    of_set = _evaluate(study, scale, engine, threads)
    tables = {
        "torch": (
            pd.concat([sweep.outcomes.drop(columns="scale") for sweep in sweeps]),
            layers.groupby("layer", as_index=False, sort=False).agg(of_layers),
        ),
        "stored": of_set[:2],
    }
    stored, written = {}, {}
    parts = ("outcomes", "layers", "exits")
    for name, (outcomes, layers) in tables.items():
        paths = {part: study / f"{name}.{part}.csv" for part in parts}
        store_sets({"test": (outcomes, layers, of_set[2])}, network_key, paths)
        written[name] = paths["outcomes"].read_bytes()
        stored[name] = read_table(paths["layers"], "set_layers")
    assert written["stored"] == written["torch"]
    assert b"test,plain,1," in written["stored"]
    # Seconds were added up in another order.
    pd.testing.assert_frame_equal(stored["stored"], stored["torch"], rtol=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
def test_exits_end_with_the_whole_recording(study, engine):
    outcomes, _, exits = _evaluate(study, 1.0, engine)
    assert exits.leads.tolist() == [1, 4, np.inf]
    for name in ("predicted", "synops", "n_events", "n_steps"):
        assert getattr(exits, name)[:, -1].tolist() == outcomes[name].tolist()
    assert exits.symbol.tolist() == outcomes["symbol"].tolist()
    assert exits.correct[:, -1].tolist() == outcomes["correct"].tolist()
    # The network reads one digit alone, so the lead is the digit's spikes: half of its events.
    assert exits.exited[:, :2].all()
    assert (exits.n_events[:, 0] < exits.n_events[:, 1]).any()
    assert (exits.n_events[:, 1] < exits.n_events[:, 2]).all()


def test_a_recording_that_the_cnn_could_not_read_stays_empty(study):
    text = (study / "ann.csv").read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    lines[15] = lines[15].replace(",1,", ",,", 1)
    (study / "ann.csv").write_text("".join(lines), encoding="utf-8")
    outcomes, layers, exits = _evaluate(study, 1.0)
    assert outcomes["ann_predicted"].isna().tolist() == [False, True, *[False] * 11]
    paths = {"outcomes": study / "o.csv", "layers": study / "l.csv", "exits": study / "e.npz"}
    store_sets({"test": (outcomes, layers, exits)}, NETWORK, paths)
    assert read_table(study / "o.csv", "outcomes")["ann_predicted"].isna().sum() == 1


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [("0/0,", "0/00,", "recording"), ("hash 7", "hash 8", "sha256"), ("test,9/9,", "no,9/9,", "")],
)
def test_a_recording_that_changed_or_went_between_the_two_jobs_is_told(study, old, new, column):
    text = (study / "ann.csv").read_text(encoding="utf-8")
    assert old in text
    (study / "ann.csv").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(StudyError, match=f"{column}.*--forcerun store_set"):
        _evaluate(study, 1.0)


def test_every_row_names_its_set_and_every_set_keeps_its_own(study):
    found = {"test": _evaluate(study, 1.0), "other": _evaluate(study, 1e-4)}
    paths = {"outcomes": study / "o.csv", "layers": study / "l.csv", "exits": study / "e.npz"}
    store_sets(found, NETWORK, paths)
    outcomes = read_table(paths["outcomes"], "outcomes")
    assert outcomes["set"].tolist() == ["test"] * 13 + ["other"] * 13
    assert outcomes["silent"].tolist() == [0] * 13 + [1] * 13
    assert outcomes["predicted"][13:].isna().all()
    # What the CNN said stays.
    assert outcomes["ann_predicted"].tolist() == outcomes["label"].tolist()
    layers = read_table(paths["layers"], "set_layers")
    assert layers["set"].tolist() == ["test", "other"]
    assert layers["recording"].tolist() == ["", ""]
    for table in (outcomes, layers):
        assert table[list(NETWORK)].drop_duplicates().to_dict("records") == [NETWORK]
    read = read_exits(paths["exits"])
    assert [key for key, _ in read] == [{"set": name, **NETWORK} for name in found]
    for (_, exits), (_, _, expected) in zip(read, found.values(), strict=True):
        for name, values in vars(expected).items():
            np.testing.assert_array_equal(getattr(exits, name), values)


LIGHT = """
import io, runpy, sys
from pathlib import Path

sys.path.insert(0, sys.argv[1])
main = runpy.run_path(str(Path(sys.argv[1]) / "evaluate_set.py"))["main"]

from dvs_snn.files.job import Progress
from types import SimpleNamespace as Names

at = Path(sys.argv[2])
job = Names(
    input=Names(network=at / "1.events.npz", events=[at / "set.npy"], table=[at / "set.csv"],
                ann=at / "ann.csv"),
    output={"outcomes": at / "o.csv", "layers": at / "l.csv", "exits": at / "e.npz"},
    wildcards=Names(set="test", variant="plain", seed="1", scale="1.00"),
    params=Names(
        sets=["test"], placements=[{"": {"zoom": 1.0, "rotate": 0, "flip": "none"}}],
        exits=[1, 2], inference={"engine": "event", "batch_size": 3, "step_ms": 10.0},
    ),
)
main(job, Progress(io.StringIO()))
heavy = {"torch", "torchvision", "sinabs", "sklearn", "statsmodels", "matplotlib"}
print(sorted(heavy & set(sys.modules)))
"""


def test_the_job_of_the_event_engine_loads_no_torch(study):
    scripts = Path(dvs_snn.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", LIGHT, str(scripts), str(study)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["[]"]
    assert len(read_table(study / "o.csv", "outcomes")) == 13
    ((key, exits),) = read_exits(study / "e.npz")
    assert key == {"set": "test", **NETWORK}
    assert exits.predicted.shape == (13, 3)
