"""A changed sensor: a condition changes what it names alone, and networks are compared rightly."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from jobs import quiet, write_choice
from simulated_scenes import real_symbols, scene_settings
from small_networks import lively
from torch import nn

from dvs_snn.evaluation.cnn import CountedCnn
from dvs_snn.files.tables import read_table
from dvs_snn.networks.conversion import ConvertJob, convert, save_weights
from dvs_snn.probes.kinds.sensitivity import MeasureJob, RecordJob, measure, record
from dvs_snn.probes.probe_modules import BASE, write_rows
from dvs_snn.probes.sensors import CONDITIONS, distinct_settings
from dvs_snn.recordings.placement import Placement, place
from dvs_snn.recordings.recording import read_recording
from dvs_snn.recordings.store.event_store import open_store
from dvs_snn.settings.frame_settings import FrameRule
from dvs_snn.settings.inference import InferenceSettings
from dvs_snn.settings.network_settings import NeuronParameters
from dvs_snn.simulation.drawn_symbols import Symbols, write_symbols
from dvs_snn.simulation.simulated_sets import SimulateSetJob, simulate_set
from dvs_snn.simulation.takes import set_takes

SIMULATION = scene_settings(
    sensors={
        # So slow that it loses events; a pixel that follows the light has nothing to lose.
        "dvs128": {"cutoff_hz": 40.0},
        # This sensor has none of the parts that can be switched off.
        "atis": {"mismatch": 0.0, "leak_hz": 0.0, "shot_noise_hz": 0.0},
    },
    scenes={
        "mnist-dvs": {"sensor_size": [128, 128]},
        "saccades": {"flicker_hz": 0.0, "flicker_depth": 0.0, "duration_s": 0.1},
    },
)
PLACEMENTS = {"mnist-dvs": Placement(0.5)}
FRAMES = FrameRule("events", 3000, 1000, 50.0)


@pytest.fixture(scope="module")
def symbols() -> Symbols:
    """Three test symbols of each digit, and a training symbol beside them, of real MNIST."""
    return real_symbols(range(10), ("test", "test", "test", "train"))


def recorded(folder: Path, symbols: Symbols, settings=SIMULATION, per_digit=1) -> tuple[Path, Path]:
    """Make the recordings of the first test symbols of each digit; return the store's paths."""
    write_symbols(symbols, folder / "symbols.npz")
    store = folder / "events.npy", folder / "events.csv"
    record(RecordJob(folder / "symbols.npz", settings, per_digit, 5, *store), quiet())
    return store


def measured(folder: Path, name: str, cnn: nn.Sequential, store: tuple[Path, Path]) -> pd.DataFrame:
    """Let a network read the recordings; return its amounts, a row a condition."""
    save_weights(folder / "weights", name, cnn)
    convert(ConvertJob(folder / "weights", NeuronParameters(), folder / "network"))
    write_choice(folder / "choice.csv", ("plain", "rescaled", 1.0, None))
    job = MeasureJob(
        spiking=folder / "network",
        cnn=folder / "weights",
        choice=folder / "choice.csv",
        events=store[0],
        recordings=store[1],
        placements=PLACEMENTS,
        frames=FRAMES,
        inference=InferenceSettings(timing="steps"),
        variant="plain",
    )
    rows = measure(job, quiet())
    write_rows(rows, folder / "rows.csv", probe="sensitivity", variant="plain", seed=1)
    rows = read_table(folder / "rows.csv", "probes")
    table = rows.pivot(index=["part", "value"], columns="measure", values="amount")
    return table.loc[[BASE, *CONDITIONS[1:]]]


CHANGED = {
    ("threshold", "doubled"): {"threshold_on": 0.4, "threshold_off": 0.48},
    ("noise", "doubled"): {"leak_hz": 0.4, "shot_noise_hz": 0.4, "hot_hz": 6.0},
    ("flicker", "off"): {"flicker_depth": 0, "refresh_hz": 0},
    ("flicker", "doubled"): {"flicker_depth": 0.06, "response_ms": 3.0},
}


@pytest.mark.parametrize(("condition", "expected"), CHANGED.items())
def test_a_condition_changes_just_what_it_names(condition, expected):
    changed = distinct_settings(SIMULATION, "mnist-dvs")
    assert tuple(changed) == CONDITIONS
    # What is off stays off.
    saccades = distinct_settings(SIMULATION, "saccades")
    assert {part for part, _ in saccades} == {"nominal", "threshold", "bandwidth"}
    altered, differ = changed[condition], {}
    pairs = [(altered.sensors[name], SIMULATION.sensors[name]) for name in SIMULATION.sensors]
    pairs += [(altered.scenes[name], SIMULATION.scenes[name]) for name in SIMULATION.scenes]
    for section, nominal in pairs:
        values = vars(nominal).items()
        differ |= {key: vars(section)[key] for key, value in values if vars(section)[key] != value}
    assert differ == expected


def test_nominal_recordings_are_those_of_the_files_of_the_test_set(symbols, tmp_path):
    write_symbols(symbols, tmp_path / "drawn.npz")
    job = SimulateSetJob(
        symbols=tmp_path / "drawn.npz",
        set="test",
        scenes=["mnist-dvs"],
        part="test",
        simulation=SIMULATION,
        seed=5,
        folder=tmp_path / "set",
        table=tmp_path / "set.csv",
    )
    simulate_set(job, quiet())
    takes = set_takes(SIMULATION, symbols, "mnist-dvs", "test")
    store = open_store(*recorded(tmp_path, symbols, per_digit=2), PLACEMENTS)
    shown = [take for take in takes if take.symbol[-1] in "12"]
    # Three of each digit: scales in turn over the whole set, so 8, 16, 8 and then 16, 8, 16.
    assert [take.size for take in shown] == [8, 16, 16, 8] * 5
    assert len(store) == len(CONDITIONS) * len(shown)
    for take, recording in zip(shown, store, strict=False):
        assert recording.recording == f"nominal/none/{take.name}"
        assert (recording.symbol, recording.label) == (take.symbol, take.label)
        file = read_recording(tmp_path / "set" / f"{take.name}.aedat", None)
        np.testing.assert_array_equal(recording.placed.t, place(file, PLACEMENTS["mnist-dvs"]).t)


@pytest.fixture(scope="module")
def store(symbols, tmp_path_factory) -> tuple[Path, Path]:
    return recorded(tmp_path_factory.mktemp("conditions"), symbols)


@pytest.fixture(scope="module")
def cnn() -> nn.Sequential:
    return lively("tutorial", 0, 2)


@pytest.fixture(scope="module")
def table(cnn, store, tmp_path_factory) -> pd.DataFrame:
    return measured(tmp_path_factory.mktemp("measured"), "tutorial", cnn, store)


def test_parts_change_the_events_as_physics_says(table):
    events = table["events_per_recording"]
    nominal = events[BASE]
    assert (table["recordings"] == 10).all()
    assert 0.3 < events["threshold", "doubled"] / nominal < 0.65
    assert 1.6 < events["threshold", "halved"] / nominal < 2.6
    # 16,384 pixels for 0.1 s: 0.2 leaks, 0.2 shots in the dark and 0.003 events of hot pixels a
    # second. Light throws some of the shots away; the low thresholds of pixels at rest add some.
    noise = 16_384 * 0.1 * (0.2 + 0.2 + 0.003)
    for condition, sign in ((("noise", "off"), -1), (("noise", "doubled"), 1)):
        assert 0.5 * noise < sign * (events[condition] - nominal) < 1.2 * noise
    assert nominal < events["flicker", "doubled"]
    assert events["bandwidth", "halved"] < nominal < events["bandwidth", "doubled"]
    assert events["bandwidth", "doubled"] < events["bandwidth", "off"]
    assert events.nunique() == len(CONDITIONS)


def test_the_cnn_reads_the_frames_of_each_recording(cnn, store, table):
    right, model = [], CountedCnn.of("tutorial", cnn)
    for recording in open_store(*store, PLACEMENTS):
        if recording.recording.startswith("threshold/halved/"):
            response = model.response(recording.frames(FRAMES))
            right.append(response.predicted == recording.label)
    assert table.loc[("threshold", "halved"), "ann_accuracy"] == np.mean(right)


def test_a_condition_that_is_off_already_has_the_numbers_of_the_base(cnn, symbols, tmp_path):
    noiseless = {"leak_hz": 0.0, "shot_noise_hz": 0.0, "hot_hz": 0.0}
    quiet_sensor = scene_settings(sensors={"dvs128": noiseless})
    store = recorded(tmp_path, symbols, quiet_sensor)
    assert len(open_store(*store, PLACEMENTS)) == 10 * (len(CONDITIONS) - 2)
    table = measured(tmp_path, "tutorial", cnn, store)
    assert table.loc[("noise", "off")].equals(table.loc[BASE])
    assert not math.isnan(table.loc[("threshold", "halved"), "p_value"])


def test_a_sensor_that_sends_nothing_is_read_wrong(cnn, symbols, tmp_path):
    """Only noise crosses such thresholds."""
    blind = {"threshold_on": 1e6, "threshold_off": 1e6, "leak_hz": 0.0, "hot_hz": 0.0}
    store = recorded(tmp_path, symbols, scene_settings(sensors={"dvs128": blind}))
    table = measured(tmp_path, "tutorial", cnn, store)
    assert table.loc[BASE, "events_per_recording"] > 100
    off = table.loc[("noise", "off")]
    assert (off["events_per_recording"], off["accuracy"]) == (0, 0)
    assert math.isnan(off["synops_per_event"])
    assert off["synops_per_recording"] == 0
