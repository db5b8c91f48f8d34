"""A stored set through a network: as torch does it, row by row, and without torch at all."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from jobs import quiet
from made_recordings import of_digit
from small_networks import counting_rows, offered

import dvs_snn
from dvs_snn.evaluation import of_set as set_evaluation
from dvs_snn.evaluation.cnn import read_sets
from dvs_snn.evaluation.exits import SetExits, read_exits
from dvs_snn.evaluation.of_recording import cnn_reading, store_responses, sweep_recording
from dvs_snn.evaluation.of_set import AnnReading, evaluate
from dvs_snn.evaluation.power import EnergyModel
from dvs_snn.files.errors import StudyError
from dvs_snn.files.tables import read_table, write_table
from dvs_snn.networks.conversion import ConvertJob, convert, save_weights
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.store.event_store import StoredRecording, store_recordings
from dvs_snn.recordings.store.reading import Sample
from dvs_snn.settings.conversion import NeuronParameters
from dvs_snn.settings.frames import FrameRule
from dvs_snn.settings.inference import InferenceSettings
from dvs_snn.tables.summaries import evaluation_row

torch.set_num_threads(1)

SETTINGS = InferenceSettings(10.0, 30.0, 3)
RULE = FrameRule("events", 40, 20, 50.0)
NETWORK = {"variant": "plain", "seed": 1, "scale": 1.0, "timing": "events"}
PLACED = {"": Placement()}
SETS = ["other", "test"]


def _recording(digit: int, n: int, seed: int) -> StoredRecording:
    about = f"{digit}/{seed}", f"{digit}/{seed % 3}", digit, "", f"hash {seed}"
    return StoredRecording(*about, of_digit(digit, n, seed, 70, (72, 64)))


@pytest.fixture
def recordings() -> list[StoredRecording]:
    return [_recording(seed % 10, 40 + seed, seed) for seed in range(13)]


@pytest.fixture
def study(recordings, tmp_path) -> Iterator[Path]:
    """The files of two sets and of a network that counts the events of each tenth of the rows."""
    weights, network = tmp_path / "weights.safetensors", tmp_path / "1.safetensors"
    save_weights(weights, "rows", counting_rows().eval())
    with offered(counting_rows, "rows"):
        convert(ConvertJob(weights, NeuronParameters(), network))
        # Recordings of two sets may have the same names.
        written = tmp_path / "ann.csv", tmp_path / "ann.npz"
        sets, files = {"other": recordings[:5], "test": recordings}, _files(tmp_path, SETS)
        for stored, *paths in zip(sets.values(), *files, strict=True):
            store_recordings(stored, *paths)
        read_sets(weights, *files, [PLACED] * 2, SETS, [RULE], [], 1, "plain", 1, *written, quiet())
        yield tmp_path


def _files(folder: Path, sets: Sequence[str]) -> list[list[Path]]:
    return [[folder / f"{name}.{end}" for name in sets] for end in ("npy", "csv")]


def _evaluate(
    study: Path,
    scale: str = "1.00",
    engine: str = "own",
    threads: int = 1,
    sets=("test",),
    has_cnn: bool = True,
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, SetExits]]:
    """Run sets; return the stored outcomes, layers, and exits by set."""
    settings = InferenceSettings(10.0, 30.0, 3, threads, engine=engine)
    ann = study / "ann.csv" if has_cnn else None
    network = study / "1.safetensors"
    written = study / "outcomes.csv", study / "layers.csv", study / "exits.npz"
    stored = *_files(study, sets), [PLACED] * len(sets), list(sets)
    evaluate(network, *stored, settings, [1, 4], "plain", 1, scale, *written, quiet(), ann)
    exits = read_exits(written[2])
    assert [key for key, _ in exits] == [{"set": n, **NETWORK, "scale": float(scale)} for n in sets]
    of_sets = {key["set"]: of_set for key, of_set in exits}
    return read_table(written[0], "outcomes"), read_table(written[1], "set_layers"), of_sets


def test_a_set_is_one_row_per_recording_whatever_is_held_at_once(study, recordings, monkeypatch):
    outcomes, layers, exits = _evaluate(study)
    for key in ("recording", "symbol", "label", "sha256"):
        assert outcomes[key].tolist() == [getattr(recording, key) for recording in recordings]
    assert outcomes["correct"].tolist() == [1] * 13
    assert outcomes["ann_predicted"].tolist() == outcomes["label"].tolist()
    # One layer, ten synapses an event and a weight.
    assert outcomes["synops"].tolist() == [10 * n for n in outcomes["n_events"]]
    assert (outcomes["n_events"] + outcomes["n_events_outside"]).tolist() == list(range(40, 53))
    assert outcomes["n_events_outside"].sum() > 13
    assert (outcomes["ann_macs"] == outcomes["n_frames"] * 40_960).all()
    assert layers["synops"].tolist() == [outcomes["synops"].sum()]
    assert layers["spikes_out"].tolist() == [outcomes["output_spikes"].sum()]
    assert layers["seconds"].iloc[0] == pytest.approx(outcomes["n_steps"].sum() * 0.01)
    monkeypatch.setattr(set_evaluation, "RECORDINGS_IN_MEMORY", 4)
    again, layers_again, exits_again = _evaluate(study)
    for name, values in vars(exits["test"]).items():
        np.testing.assert_array_equal(getattr(exits_again["test"], name), values)
    pd.testing.assert_frame_equal(again, outcomes)
    pd.testing.assert_frame_equal(layers_again, layers)


@pytest.mark.parametrize("scale", ["0.0001", "0.68", "2.15"])
@pytest.mark.parametrize(("engine", "threads"), [("own", 1), ("own", 3), ("sinabs", 1)])
def test_stored_files_give_the_same_bytes_as_recordings_through_torch(
    study, recordings, scale, engine, threads
):
    network, settings = study / "1.safetensors", replace(SETTINGS, engine="sinabs")
    cnn = [study / "weights.safetensors"]
    sweeps = []
    for recording in recordings:
        sample = Sample(**vars(recording.in_steps(10_000)), frames=recording.frames(RULE))
        reading = cnn_reading(cnn, [], sample, RULE, 1)
        swept = sweep_recording(reading, network, [float(scale)], sample, settings, quiet())
        sweeps.append((swept[0].assign(**recording.raw.of_pixels), swept[1]))
    expected, sums = (
        pd.concat(tables).query("timing == 'events'") for tables in zip(*sweeps, strict=True)
    )
    about = {"set": "test", "variant": "plain", "seed": 1}
    write_table(expected.assign(**about, scale=scale), study / "expected.csv", "outcomes")
    _, layers, _ = _evaluate(study, scale, engine, threads)
    assert (study / "outcomes.csv").read_bytes() == (study / "expected.csv").read_bytes()
    # Seconds were added up in another order.
    for name in ("spikes_in", "spikes_out", "synops", "synops_nominal", "seconds"):
        assert layers[name].tolist() == pytest.approx([sums[name].sum()], rel=1e-12)


def test_every_row_names_its_set_and_exits_end_with_the_whole_recording(study):
    table = pd.read_csv(study / "ann.csv", dtype=str)
    table.loc[6, "ann_predicted"] = None  # the CNN read nothing
    table.to_csv(study / "ann.csv", index=False)
    outcomes, layers, of_sets = _evaluate(study, sets=("test", "other"))
    assert outcomes["set"].tolist() == ["test"] * 13 + ["other"] * 5
    assert outcomes["ann_predicted"].isna().tolist() == [False, True, *[False] * 16]
    assert layers[["set", "recording"]].to_numpy().tolist() == [["test", ""], ["other", ""]]
    for table in (outcomes, layers):
        assert table[list(NETWORK)].drop_duplicates().to_dict("records") == [NETWORK]
    for name, exits in of_sets.items():
        rows = outcomes[outcomes["set"] == name]
        assert exits.leads.tolist() == [1, 4, np.inf]
        for column in ("predicted", "synops", "n_events", "n_steps"):
            assert getattr(exits, column)[:, -1].tolist() == rows[column].tolist()
        assert exits.symbol.tolist() == rows["symbol"].tolist()
        assert exits.correct[:, -1].tolist() == rows["correct"].tolist()
        # The network reads one digit alone, so the lead is the digit's spikes: half of its events.
        assert exits.exited[:, :2].all()
        assert (exits.n_events[:, 0] < exits.n_events[:, 1]).any()
        assert (exits.n_events[:, 1] < exits.n_events[:, 2]).all()


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [("0/0,", "0/00,", "recording"), ("hash 7", "hash 8", "sha256"), ("test,9/9,", "no,9/9,", "")],
)
def test_a_recording_that_changed_or_went_between_the_two_jobs_is_told(study, old, new, column):
    text = (study / "ann.csv").read_text(encoding="utf-8")
    assert old in text
    (study / "ann.csv").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(StudyError, match=f"{column}.*--forcerun store_set"):
        _evaluate(study)


def test_columns_of_a_cnn_are_empty_where_there_is_none(study):
    outcomes, *_ = _evaluate(study, has_cnn=False)
    expected, *_ = _evaluate(study)
    of_cnn = [*AnnReading._fields, "ann_macs"]
    assert outcomes[of_cnn].replace("", None).isna().all(axis=None)
    pd.testing.assert_frame_equal(outcomes.drop(columns=of_cnn), expected.drop(columns=of_cnn))
    row = evaluation_row(outcomes, EnergyModel(10.0), 10.0)
    empty = {name for name, value in row.items() if value is None}
    of_ann = {f"ann_{name}" for name in ("accuracy", "accuracy_low", "accuracy_high")}
    assert empty == {
        *of_ann,
        "ann_macs_per_3000_events",
        "n_frames",
        "ann_frames",
        "ann_macs_nonzero_per_3000_events",
    }
    assert row["accuracy"] == 1


def test_a_recording_under_every_scale_and_what_is_stored_of_its_steps(study, recordings):
    scales, settings = [0.0001, 1.0, 2.0], replace(SETTINGS, engine="sinabs")
    network, at = study / "1.safetensors", study / "A.npz"
    sample = Sample(**vars(recordings[4].in_steps(10_000)), frames=recordings[4].frames(RULE))
    ann = cnn_reading([study / "weights.safetensors"], [], sample, RULE, 1)
    assert (ann.ann_predicted, ann.n_frames, ann.ann_frames) == (4, len(sample.frames), "40 events")
    swept = sweep_recording(ann, network, scales, sample, settings, quiet())
    outcomes, layers, responses = swept
    assert (
        outcomes["timing"].tolist() == layers["timing"].tolist() == ["events"] * 3 + ["steps"] * 3
    )
    outcomes, layers = (table[table["timing"] == "events"] for table in (outcomes, layers))
    assert outcomes["scale"].tolist() == layers["scale"].tolist() == scales
    # A scale that silences the network makes it wrong; the CNN isn't rescaled.
    assert outcomes["predicted"].fillna(-1).tolist() == [-1, 4, 4]
    assert outcomes["correct"].tolist() == [0, 1, 1]
    assert outcomes["silent"].tolist() == [1, 0, 0]
    assert outcomes["ann_predicted"].tolist() == [4, 4, 4]
    # The CNN's reading may come from another engine's outcomes.
    for digit in (4, None):
        rows = outcomes.assign(ann_predicted=digit, set="", variant="plain", seed=2)
        rows = rows.assign(**recordings[4].raw.of_pixels)
        write_table(rows, study / "A.csv", "sweeps")
        stored = cnn_reading([], [study / "A.csv"], sample, RULE, 1)
        assert stored == ann._replace(ann_predicted=digit)
    store_responses(responses, scales, settings, at)
    with np.load(at) as stored:
        kinds = {name: array.dtype.name for name, array in stored.items()}
        assert kinds == {
            "scales": "float64", "spikes": "uint32", "running": "int16", "sliding": "int16",
            "synops": "int64", "step_us": "int64",
        }  # fmt: skip
        assert stored["sliding"].shape == (3, int(outcomes["n_steps"].iloc[0]))
        assert (stored["running"][0] == -1).all()
        assert stored["running"][1, -1] == 4
        assert (stored["scales"].tolist(), stored["step_us"]) == (scales, 10_000)
        for spikes, response in zip(stored["spikes"], responses, strict=True):
            np.testing.assert_array_equal(spikes, response.by_step)
        assert stored["synops"].sum(axis=1).tolist() == outcomes["synops"].tolist()


LIGHT = """
import sys
from pathlib import Path

sys.path[:0] = sys.argv[1:3]
from jobs import quiet
from dvs_snn.evaluation.of_set import evaluate
from dvs_snn.recordings.placement import Placement
from dvs_snn.settings.inference import InferenceSettings

at = Path(sys.argv[3])
evaluate(
    at / "1.safetensors", [at / "test.npy"], [at / "test.csv"], [{"": Placement()}], ["test"],
    InferenceSettings(), [1, 2], "plain", 1, "1.00", at / "o.csv", at / "l.csv", at / "e.npz",
    quiet(), at / "ann.csv",
)
heavy = {"torch", "torchvision", "sinabs", "sklearn", "statsmodels", "matplotlib"}
print(sorted(heavy & set(sys.modules)))
"""


def test_the_job_of_the_event_engine_loads_no_torch(study):
    places = Path(dvs_snn.__file__).parents[1], Path(__file__).parents[2] / "builders", study
    done = subprocess.run(
        [sys.executable, "-c", LIGHT, *map(str, places)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["[]"]
    assert len(read_table(study / "o.csv", "outcomes")) == 13
