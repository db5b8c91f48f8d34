"""A stored set through a network: as torch does it, row by row, and without torch at all."""

import logging
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
from small_networks import ENGINES, counting_rows, made, offered, small_network

import dvs_snn
from dvs_snn.engines.engine import engine_of, open_spiking
from dvs_snn.evaluation import of_set as set_evaluation
from dvs_snn.evaluation.of_recording import (
    read_by_cnn,
    store_responses,
    sweep_recording,
)
from dvs_snn.evaluation.of_set import EvaluateJob, evaluate
from dvs_snn.evaluation.readings import at_exit, ends, read_readings
from dvs_snn.files.tables import read_table, write_table
from dvs_snn.networks.conversion import ConvertJob, convert, save_weights
from dvs_snn.networks.spiking_network import save_spiking
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.store.event_store import (
    SetPlacement,
    StoredRecording,
    store_recordings,
)
from dvs_snn.recordings.store.reading import Sample
from dvs_snn.settings.frame_settings import FrameRule
from dvs_snn.settings.inference import InferenceSettings
from dvs_snn.settings.network_settings import NeuronParameters

torch.set_num_threads(1)

SETTINGS = InferenceSettings(10.0, 3)
RULE = FrameRule("events", 40, 20, 50.0)
NETWORK = {"variant": "plain", "seed": 1, "scale": 1.0, "timing": "events"}
PLACED = {"": Placement()}


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
        for name, stored in {"other": recordings[:5], "test": recordings}.items():
            store_recordings(stored, tmp_path / f"{name}.npy", tmp_path / f"{name}.csv")
        yield tmp_path


def _evaluate(
    study: Path,
    scale: float = 1.0,
    engine: str = "own",
    threads: int = 1,
    sets: Sequence[str] = ("test",),
    timing: str = "events",
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame, pd.DataFrame]:
    """Run sets; return the stored readings by set, layers, and sums at fixed stops."""
    job = EvaluateJob(
        network=study / "1.safetensors",
        events=[study / f"{name}.npy" for name in sets],
        recorded=[study / f"{name}.csv" for name in sets],
        sets=[SetPlacement(name, PLACED) for name in sets],
        inference=InferenceSettings(10.0, 3, threads, engine=engine, timing=timing),
        leads=[4, 1],
        variant="plain",
        seed=1,
        scale=scale,
        readings=study / "readings.parquet",
        layers=study / "layers.csv",
        stops=study / "stops.csv",
        stop_layers=study / "stop-layers.csv",
    )
    evaluate(job, quiet())
    readings = {str(table["set"].iloc[0]): table for table in read_readings(job.readings)}
    assert list(readings) == list(sets)
    return readings, read_table(job.layers, "set_layers"), read_table(job.stops, "fixed_stops")


def test_of_a_quoted_set_only_the_quoted_scales_of_the_variant_are_read(study):
    # The CNN beside it has another scale, in two kinds of frames.
    quoted = pd.DataFrame(
        {
            "variant": ["plain", "plain", "plain", "plain", "lean", None],
            "scale": [0.5, 1.0, 1.0, 2.0, 1.0, None],
            "frames": [None, "50 ms", "500 events", None, None, None],
            "chosen": [1, 1, 0, 1, 1, None],
        }
    )
    write_table(quoted, study / "quoted.csv", "quoted_networks")
    job = EvaluateJob(
        network=study / "1.safetensors",
        events=[study / "test.npy"],
        recorded=[study / "test.csv"],
        sets=[SetPlacement("test", PLACED)],
        inference=InferenceSettings(10.0, 3, 1),
        leads=[],
        variant="plain",
        seed=1,
        readings=study / "readings.parquet",
        layers=study / "layers.csv",
        stops=study / "stops.csv",
        stop_layers=study / "stop-layers.csv",
        quoted=study / "quoted.csv",
    )
    evaluate(job, quiet())
    tables = list(read_readings(job.readings))
    assert [table["scale"].unique().tolist() for table in tables] == [[0.5], [2.0]]
    assert read_table(job.layers, "set_layers")["scale"].unique().tolist() == [0.5, 2.0]
    # Of a variant that isn't quoted nothing is read, and its files are there.
    evaluate(replace(job, variant="other"), quiet())
    assert list(read_readings(job.readings)) == []
    assert read_table(job.layers, "set_layers").empty


def test_a_set_is_read_at_each_stop_whatever_is_held_at_once(study, recordings, monkeypatch):
    readings, layers, stops = _evaluate(study)
    whole = ends(readings["test"])
    for key in ("recording", "symbol", "label", "sha256"):
        assert whole[key].tolist() == [getattr(recording, key) for recording in recordings]
    assert whole["correct"].tolist() == [1] * 13
    assert whole["predicted"].tolist() == whole["label"].tolist()
    # One layer, ten synapses an event and a weight.
    assert whole["operations"].tolist() == [10 * n for n in whole["n_events"]]
    assert whole["operations_nonzero"].tolist() == whole["n_events"].tolist()
    assert (whole["n_events"] + whole["n_events_outside"]).tolist() == list(range(40, 53))
    assert whole["n_events_outside"].sum() > 13
    assert layers["synops"].tolist() == [whole["operations"].sum()]
    assert layers["spikes_out"].tolist() == [whole["output_spikes"].sum()]
    assert layers["seconds"].iloc[0] == pytest.approx(whole["recording_ms"].sum() / 1000)
    # All recordings are over at the last fixed stops.
    assert stops["n_correct"].iloc[-1] == stops["n_recordings"].iloc[-1] == 13
    assert stops["synops"].iloc[-1] == whole["operations"].sum()
    # Until each stop the layer did what the readings tell.
    of_stops = read_table(study / "stop-layers.csv", "stop_layers")
    assert of_stops["layer"].unique().tolist() == layers["layer"].tolist()
    by_exit = readings["test"].groupby("exit", dropna=False)
    for column, of_readings in (("inputs", "n_events_read"), ("operations", "operations")):
        assert of_stops[column].tolist() == by_exit[of_readings].sum().tolist(), column
    # Each event reaches all ten neurons.
    assert of_stops["touched"].tolist() == of_stops["operations"].tolist()
    at_end = of_stops[of_stops["exit"].isna()]
    assert at_end["outputs"].tolist() == layers["spikes_out"].tolist()
    monkeypatch.setattr(set_evaluation, "RECORDINGS_IN_MEMORY", 4)
    again, layers_again, stops_again = _evaluate(study)
    pd.testing.assert_frame_equal(again["test"], readings["test"])
    pd.testing.assert_frame_equal(layers_again, layers)
    pd.testing.assert_frame_equal(stops_again, stops)


@pytest.mark.parametrize("scale", [0.0001, 0.68, 2.15])
@pytest.mark.parametrize(("engine", "threads"), [("own", 1), ("own", 3), ("sinabs", 1)])
def test_stored_files_are_read_as_recordings_are_through_torch(
    study, recordings, scale, engine, threads
):
    network, settings = study / "1.safetensors", replace(SETTINGS, engine="sinabs")
    rows, layers = [], []
    for recording in recordings:
        sample = Sample(**vars(recording.in_steps(10_000)), frames=recording.frames(RULE))
        sweep = sweep_recording(network, [scale], sample, settings, quiet())
        rows.append(sweep.rows)
        layers.append(sweep.layers)
    expected, sums = (pd.concat(each).query("timing == 'events'") for each in (rows, layers))
    readings, of_set, _ = _evaluate(study, scale, engine, threads)
    whole = ends(readings["test"]).rename(
        columns={"operations": "synops", "operations_nonzero": "synops_nonzero"}
    )
    for name in (
        "recording", "symbol", "label", "predicted", "correct", "tied", "n_events",
        "n_events_outside", "duration_s", "output_spikes", "synops", "synops_nonzero",
        "time_to_decision_ms", "sha256",
    ):  # fmt: skip
        stored = whole[name].astype(object).where(whole[name].notna(), None).tolist()
        made = expected[name].astype(object).where(expected[name].notna(), None).tolist()
        assert stored == made, name
    assert whole["recording_ms"].tolist() == (10 * expected["n_steps"]).tolist()
    # Seconds were added up in another order.
    for name in ("spikes_in", "spikes_out", "synops", "synops_nominal", "seconds"):
        assert of_set[name].tolist() == pytest.approx([sums[name].sum()], rel=1e-12)


@pytest.mark.parametrize("timing", ["events", "steps"])
def test_both_engines_count_what_each_layer_did_until_each_stop(recordings, tmp_path, timing):
    """With whole weights times a power of two both agree to the last digit."""
    with made(small_network, NeuronParameters(1.0, -1.0), power=-1) as converted:
        save_spiking(converted, tmp_path / "1.safetensors")
    store_recordings(recordings, tmp_path / "test.npy", tmp_path / "test.csv")
    tables = []
    for engine in ENGINES:
        readings, layers, stops = _evaluate(tmp_path, engine=engine, timing=timing)
        stop_layers = read_table(tmp_path / "stop-layers.csv", "stop_layers")
        tables.append([readings["test"], layers, stops, stop_layers])
    for by_own, by_sinabs in zip(*tables, strict=True):
        pd.testing.assert_frame_equal(by_own, by_sinabs, check_exact=True)
    assert stop_layers["layer"].unique().tolist() == ["conv1", "conv2", "fc1"]
    assert (stop_layers.loc[stop_layers["exit"].isna(), "touched"] > 0).all()


def test_an_engine_that_counts_no_layers_says_so_and_has_no_rows(study, monkeypatch, caplog):
    def without_sums(path, scale, settings):
        spiking = open_spiking(path, scale, settings)
        respond = spiking.respond
        return replace(
            spiking,
            respond=lambda steps: [replace(each, layer_sums=None) for each in respond(steps)],
        )

    monkeypatch.setattr(set_evaluation, "open_spiking", without_sums)
    monkeypatch.setattr(
        set_evaluation, "engine_of", lambda name: replace(engine_of(name), counts_layers=False)
    )
    caplog.set_level(logging.INFO, "progress")
    readings, layers, _ = _evaluate(study)
    assert len(readings["test"]) == 3 * 13
    assert (layers["synops"] > 0).all()
    assert read_table(study / "stop-layers.csv", "stop_layers").empty
    assert "the engine own doesn't count what layers do" in caplog.text


def test_every_row_names_its_set_and_an_exit_comes_before_the_end(study):
    readings, layers, stops = _evaluate(study, sets=("test", "other"))
    assert [len(table) for table in readings.values()] == [3 * 13, 3 * 5]
    assert layers[["set", "recording"]].to_numpy().tolist() == [["test", ""], ["other", ""]]
    for table in (*readings.values(), layers, stops):
        assert table[list(NETWORK)].drop_duplicates().to_dict("records") == [NETWORK]
    for table in readings.values():
        first, second, whole = (at_exit(table, lead) for lead in (1, 4, None))
        # The network reads one digit alone, so the lead is the digit's spikes: half of its events.
        assert first["reached"].all()
        assert second["reached"].all()
        assert not whole["reached"].any()
        assert (first["n_events_read"] < second["n_events_read"]).any()
        assert (second["n_events_read"] < whole["n_events_read"]).all()
        assert whole["n_events_read"].tolist() == whole["n_events"].tolist()
        assert first["duration_s"].isna().all()


def test_a_recording_under_every_scale_and_what_is_stored_of_its_steps(study, recordings):
    scales, settings = [0.0001, 1.0, 2.0], replace(SETTINGS, engine="sinabs")
    network, at = study / "1.safetensors", study / "A.npz"
    sample = Sample(**vars(recordings[4].in_steps(10_000)), frames=recordings[4].frames(RULE))
    cnn = read_by_cnn(study / "weights.safetensors", sample, RULE, 1)
    assert (cnn["cnn_predicted"], cnn["cnn_frames"]) == (4, "40 events")
    assert cnn["n_frames"] == len(sample.frames)
    swept = sweep_recording(network, scales, sample, settings, quiet())
    outcomes, layers, responses = swept
    assert (
        outcomes["timing"].tolist() == layers["timing"].tolist() == ["events"] * 3 + ["steps"] * 3
    )
    outcomes, layers = (table[table["timing"] == "events"] for table in (outcomes, layers))
    assert outcomes["scale"].tolist() == layers["scale"].tolist() == scales
    # A scale that silences the network makes it wrong.
    assert outcomes["predicted"].fillna(-1).tolist() == [-1, 4, 4]
    assert outcomes["correct"].tolist() == [0, 1, 1]
    assert outcomes["silent"].tolist() == [1, 0, 0]
    leads = [1, 3, 10_000]
    store_responses(responses, scales, leads, settings.step_us, at)
    with np.load(at) as stored:
        kinds = {name: array.dtype.name for name, array in stored.items()}
        assert kinds == {
            "scales": "float64",
            "spikes": "uint32",
            "running": "int16",
            "synops": "int64",
            "step_us": "int64",
            "leads": "float64",
            "exit_steps": "float64",
            "exit_spikes": "uint32",
            "exit_synops": "int64",
        }
        assert stored["running"].shape == (3, int(outcomes["n_steps"].iloc[0]))
        assert (stored["running"][0] == -1).all()
        assert stored["running"][1, -1] == 4
        assert (stored["scales"].tolist(), stored["step_us"]) == (scales, 10_000)
        for spikes, response in zip(stored["spikes"], responses, strict=True):
            np.testing.assert_array_equal(spikes, response.by_step)
        assert stored["synops"].sum(axis=1).tolist() == outcomes["synops"].tolist()
        # A silent network reaches no lead, and none of them the last one.
        assert np.isnan(stored["exit_steps"]).tolist() == [[True] * 3] + [[False, False, True]] * 2
        counts = np.sort(stored["exit_spikes"][1:], axis=2)
        assert (counts[..., -1] - counts[..., -2] >= leads).tolist() == [[True, True, False]] * 2
        assert stored["exit_synops"][:, -1].tolist() == outcomes["synops"].tolist()


LIGHT = """
import sys
from pathlib import Path

sys.path[:0] = sys.argv[1:3]
from jobs import quiet
from dvs_snn.evaluation.of_set import EvaluateJob, evaluate
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.store.event_store import SetPlacement
from dvs_snn.settings.inference import InferenceSettings

at = Path(sys.argv[3])
job = EvaluateJob(
    at / "1.safetensors", [at / "test.npy"], [at / "test.csv"],
    [SetPlacement("test", {"": Placement()})], InferenceSettings(), [1, 2], "plain", 1,
    at / "r.parquet", at / "l.csv", at / "s.csv", at / "sl.csv",
)
evaluate(job, quiet())
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
    assert sum(map(len, read_readings(study / "r.parquet"))) == 3 * 13
