"""Sensitivity: a condition changes what it names alone, and pairs are compared rightly."""

import copy
import itertools
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from jobs import quiet
from scipy.stats import binomtest
from simulated_scenes import real_symbols, simulation_settings
from torch import nn

from dvs_snn.engines.kinds.event.layout import lay_out
from dvs_snn.engines.spiking import Spiking
from dvs_snn.evaluation.cnn import ann_predict
from dvs_snn.evaluation.of_set import AnnReading
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.files.tables import schema
from dvs_snn.networks import architectures as model
from dvs_snn.networks.architectures import describe_layers
from dvs_snn.networks.conversion import Converted
from dvs_snn.probes.sensitivity import read_conditions, stored_readings
from dvs_snn.probes.sensitivity_recordings import (
    condition_samples,
    sensitivity_takes,
    store_conditions,
)
from dvs_snn.probes.sensitivity_table import (
    compare_with_nominal,
    join_networks,
    paired_interval,
    sensitivity_table,
)
from dvs_snn.probes.sensor_changes import CONDITIONS, changed_settings
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.recording import read_recording
from dvs_snn.recordings.store.frame_store import open_frames
from dvs_snn.recordings.store.shown import prepare
from dvs_snn.recordings.store.step_store import open_steps
from dvs_snn.settings.conversion import NeuronParameters
from dvs_snn.settings.frames import FrameRule
from dvs_snn.settings.study import merged
from dvs_snn.simulation.sets import write_set
from dvs_snn.simulation.symbols import Symbols
from dvs_snn.simulation.takes import nominal_sensor, nominal_take, set_takes

SIMULATION = merged(
    simulation_settings(),
    {
        # This sensor has none of the parts that can be switched off.
        "sensors": {"atis": {"mismatch": 0.0, "leak_hz": 0.0, "shot_noise_hz": 0.0}},
        "scenes": {
            "mnist-dvs": {"sensor_size": [128, 128]},
            "saccades": {"flicker_hz": 0.0, "flicker_depth": 0.0, "duration_s": 0.1},
        },
    },
)
PLACEMENT = Placement(0.5, 0, "none")
STEP_US = 10_000
FRAMES = FrameRule("events", 3000, 1000, 50.0)
N_CONDITIONS = 12


@pytest.fixture(scope="module")
def symbols() -> Symbols:
    """Three test symbols of each digit, and a training symbol beside them, of real MNIST."""
    return real_symbols(range(10), ("test", "test", "test", "train"))


@pytest.fixture(scope="module")
def converted() -> Converted:
    """An untrained network; its weights are large enough for every layer to fire."""
    torch.manual_seed(0)
    cnn = model.build_network("sorbaro").eval()
    with torch.no_grad():
        for part in cnn:
            if isinstance(part, nn.Conv2d | nn.Linear):
                part.weight.mul_(2)
    return Converted("sorbaro", cnn, NeuronParameters())


def _store(folder: Path, symbols, simulation=SIMULATION, scene="mnist-dvs", placement=PLACEMENT):
    """Make the recordings of one test symbol of each digit; return the paths of their files."""
    names = {"steps": "s.npy", "table": "s.csv", "frames": "f.npy", "index": "f.csv"}
    paths = {key: folder / name for key, name in names.items()}
    takes = sensitivity_takes(simulation, symbols, scene, 1)
    store_conditions(takes, symbols, simulation, placement, STEP_US, FRAMES, 5, paths, quiet())
    return paths


def _measure(converted: Converted, paths: dict) -> pd.DataFrame:
    spiking = Spiking(
        describe_layers(converted.name, converted.cnn),
        lay_out(converted).respond,
    )
    outcomes = read_conditions(
        spiking,
        open_steps(paths["steps"], paths["table"]),
        stored_readings(converted.cnn, paths["frames"], paths["index"]),
        STEP_US / 1000,
        quiet(),
    )
    return sensitivity_table(outcomes, STEP_US / 1000)


# What a condition changes.


def _leaves(settings: dict, path: tuple = ()) -> dict:
    """Return every value by its path of keys."""
    leaves = {}
    for key, value in settings.items():
        deeper = isinstance(value, dict)
        leaves |= _leaves(value, (*path, key)) if deeper else {(*path, key): value}
    return leaves


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (("nominal", "none"), {}),
        (("threshold", "doubled"), {"threshold_on": 0.4, "threshold_off": 0.48}),
        (("threshold", "halved"), {"threshold_on": 0.1, "threshold_off": 0.12}),
        (("mismatch", "off"), {"mismatch": 0}),
        (("mismatch", "doubled"), {"mismatch": 0.06}),
        (("noise", "off"), {"leak_hz": 0, "shot_noise_hz": 0, "hot_hz": 0}),
        (("noise", "doubled"), {"leak_hz": 0.4, "shot_noise_hz": 0.4, "hot_hz": 6.0}),
        (("flicker", "off"), {"flicker_depth": 0, "refresh_hz": 0}),
        (("flicker", "doubled"), {"flicker_depth": 0.06, "response_ms": 3.0}),
        (("bandwidth", "off"), {"cutoff_hz": 0}),
        (("bandwidth", "doubled"), {"cutoff_hz": 300.0}),
        (("bandwidth", "halved"), {"cutoff_hz": 75.0}),
    ],
)
def test_a_condition_changes_just_what_it_names(condition, expected):
    before = copy.deepcopy(SIMULATION)
    changed = changed_settings(SIMULATION, "mnist-dvs")
    assert before == SIMULATION
    assert len(changed) == N_CONDITIONS
    assert next(iter(changed)) == ("nominal", "none")
    part = ("scenes", "mnist-dvs") if condition[0] == "flicker" else ("sensors", "dvs128")
    nominal, found = _leaves(SIMULATION), _leaves(changed[condition])
    assert found.keys() == nominal.keys()
    differ = {path: value for path, value in found.items() if value != nominal[path]}
    assert differ == {(*part, key): value for key, value in expected.items()}


def test_what_is_off_stays_off():
    changed = changed_settings(SIMULATION, "saccades")
    assert len(changed) == N_CONDITIONS
    differ = {condition for condition, own in changed.items() if own != SIMULATION}
    assert {part for part, _ in differ} == {"threshold", "bandwidth"}
    for own in changed.values():
        assert own["sensors"]["dvs128"] == SIMULATION["sensors"]["dvs128"]
    # A monitor that moves the digit smoothly has no jumps to sharpen.
    still = copy.deepcopy(SIMULATION)
    still["scenes"]["mnist-dvs"].update(refresh_hz=0.0, flicker_depth=0.0)
    changed = changed_settings(still, "mnist-dvs")
    assert changed["flicker", "doubled"] == changed["flicker", "off"] == still


# Which recordings.


def test_takes_are_those_of_the_test_set(symbols):
    of_set = set_takes(SIMULATION, symbols, "mnist-dvs", "test")
    assert sensitivity_takes(SIMULATION, symbols, "mnist-dvs", 3) == of_set
    assert sensitivity_takes(SIMULATION, symbols, "mnist-dvs", 99) == of_set
    takes = sensitivity_takes(SIMULATION, symbols, "mnist-dvs", 2)
    assert [take.symbol for take in takes] == [
        f"{digit}/{number:04d}" for digit in range(10) for number in (1, 2)
    ]
    # Three of each digit: scales in turn over the whole set, so 8, 16, 8 and then 16, 8, 16.
    assert [take.size for take in takes] == [8, 16, 16, 8] * 5


def test_nominal_recordings_are_those_of_the_files_of_the_test_set(symbols, tmp_path):
    write_set("test", ["mnist-dvs"], "test", symbols, SIMULATION, 5, tmp_path / "set", quiet())
    takes = sensitivity_takes(SIMULATION, symbols, "mnist-dvs", 1)[:4]
    samples = condition_samples(takes, symbols, SIMULATION, PLACEMENT, STEP_US, FRAMES, 5)
    for take, sample in zip(takes, samples, strict=True):
        recording = read_recording(tmp_path / "set" / f"{take.name}.aedat", None)
        facts = (take.name, take.symbol, take.label)
        stored = prepare(*facts, "", recording, PLACEMENT, STEP_US, FRAMES)
        assert (sample.recording, sample.symbol, sample.label) == facts
        assert len(sample.steps.step) > 100
        for name in ("step", "row", "column"):
            np.testing.assert_array_equal(getattr(sample.steps, name), getattr(stored.steps, name))


# Comparing in pairs.


@pytest.mark.parametrize(
    ("table", "low", "high"),
    [
        # Cavo et al. 2012, as R's contingencytables prints Newcombe's interval for it.
        ((59, 6, 16, 80), -0.1186, -0.0046),
        # Bentur et al. 2009; no correlation is left of 5 after the correction by n / 2 = 10.5, so
        # by hand: Wilson of 2/21 and of 8/21, squared and added.
        ((1, 1, 7, 12), -0.5069, -0.0256),
    ],
)
def test_interval_of_a_paired_difference_as_published(table, low, high):
    assert paired_interval(*table) == pytest.approx((low, high), abs=6e-5)
    # Conditions exchanged: the interval turned over.
    both, first, second, neither = table
    assert paired_interval(both, second, first, neither) == pytest.approx((-high, -low), abs=6e-5)


def test_intervals_of_pairs_hold_the_difference_within_their_bounds():
    for both, first, second, neither in itertools.product(range(4), repeat=4):
        n = both + first + second + neither
        if n:
            low, high = paired_interval(both, first, second, neither)
            assert -1 - 1e-9 <= low <= (first - second) / n <= high <= 1 + 1e-9


def test_an_interval_has_a_width_where_no_symbol_changed_sides():
    low, high = paired_interval(100, 0, 0, 0)
    # Both shares are 1: Wilson's lower bound either way.
    reach = 1 - wilson_interval(1.0, 100)[0]
    assert (low, high) == pytest.approx((-reach, reach))


def test_interval_covers_the_true_difference_of_pairs():
    rng = np.random.default_rng(0)
    shares = np.array([0.7, 0.05, 0.15, 0.1])
    drawn = rng.multinomial(100, shares, size=2000)
    intervals = np.array([paired_interval(*(int(n) for n in row)) for row in drawn])
    covered = ((intervals[:, 0] <= -0.1) & (intervals[:, 1] >= -0.1)).mean()
    assert 0.935 <= covered <= 0.985


def test_difference_and_p_value_by_hand():
    # Ten symbols: 3 right under both, 1 under changed alone, 5 under nominal alone, 1 under none.
    changed = [1, 1, 1, 1, 0, 0, 0, 0, 0, 0]
    nominal = [1, 1, 1, 0, 1, 1, 1, 1, 1, 0]
    found = compare_with_nominal(changed, nominal)
    assert found["difference"] == pytest.approx(-0.4)
    # Of six that changed sides, one or fewer, or five or more: 2 x (1 + 6) / 64.
    assert found["p_value"] == pytest.approx(14 / 64)
    assert found["p_value"] == pytest.approx(binomtest(1, 6).pvalue)
    low, high = paired_interval(3, 1, 5, 1)
    assert (found["difference_low"], found["difference_high"]) == (low, high)
    assert compare_with_nominal([1, 0], [1, 0])["p_value"] == 1


def _outcomes(condition: tuple[str, str], n_right: int, synops: int) -> list[dict]:
    """What a network made of ten recordings; the CNN had frames of the first four only."""
    part, change = condition
    return [
        dict.fromkeys(schema("outcomes"), 0)
        | {
            "part": part, "change": change, "recording": f"{part}/{change}/{digit}/0001",
            "symbol": f"{digit}/0001", "label": digit, "predicted": digit,
            "correct": int(digit < n_right), "n_steps": 10, "n_events": 100 * (digit + 1),
            "synops": synops, "ann_predicted": digit if digit < 4 else None,
        }
        for digit in range(10)
    ]  # fmt: skip


def test_a_row_per_condition_by_hand():
    """Ten recordings; what is read right is prescribed in order of the conditions."""
    right = {number: 10 - number for number in range(N_CONDITIONS)} | {10: 0, 11: 10}
    rows = [
        row
        for number, condition in enumerate(CONDITIONS)
        for row in _outcomes(condition, right[number], 1000 * (number + 1))
    ]
    table = sensitivity_table(pd.DataFrame(rows), 10.0)
    assert list(table.columns) == list(schema("sensitivity"))[3:]
    assert list(zip(table["part"], table["change"], strict=True)) == list(
        changed_settings(SIMULATION, "mnist-dvs")
    )
    assert table["accuracy"].tolist() == pytest.approx([n / 10 for n in right.values()])
    assert table["difference"].tolist() == pytest.approx([n / 10 - 1 for n in right.values()])
    assert table.loc[0, ["difference_low", "difference_high", "p_value"]].isna().all()
    # Four symbols changed sides, all to the worse: 2 / 2^4.
    assert table.loc[4, "p_value"] == pytest.approx(2 / 16)
    assert (table.loc[4, "difference_low"], table.loc[4, "difference_high"]) == paired_interval(
        6, 0, 4, 0
    )
    assert table.loc[11, "p_value"] == 1
    assert (table.loc[4, "accuracy_low"], table.loc[4, "accuracy_high"]) == wilson_interval(0.6, 10)
    assert table["ann_accuracy"].tolist() == [0.4] * N_CONDITIONS
    assert table["n_recordings"].tolist() == table["n_symbols"].tolist() == [10] * N_CONDITIONS
    # 5,500 events in ten recordings.
    assert table["events_per_recording"].tolist() == [550] * N_CONDITIONS
    assert table["synops_per_recording"].tolist() == [1000 * (n + 1) for n in range(N_CONDITIONS)]
    assert table["synops_per_event"].tolist() == pytest.approx(
        [10_000 * (n + 1) / 5500 for n in range(N_CONDITIONS)]
    )
    assert table["synops_per_3000_events"].tolist() == pytest.approx(
        (3000 * table["synops_per_event"]).tolist()
    )


# Whole measurements.


@pytest.fixture(scope="module")
def stored(symbols, tmp_path_factory) -> dict[str, Path]:
    return _store(tmp_path_factory.mktemp("conditions"), symbols)


@pytest.fixture(scope="module")
def measured(converted, stored) -> pd.DataFrame:
    return _measure(converted, stored).set_index(["part", "change"])


def test_parts_change_the_events_as_physics_says(measured):
    events = measured["events_per_recording"]
    nominal = events["nominal", "none"]
    assert len(measured) == N_CONDITIONS
    # Noise doesn't scale with the threshold, nor does what the low-pass lets through.
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
    assert len(set(events)) == N_CONDITIONS


def test_flicker_is_a_line_at_the_refresh_rate(symbols):
    """How much of the events comes in step with 75 Hz."""
    changed = changed_settings(SIMULATION, "mnist-dvs")
    take = sensitivity_takes(SIMULATION, symbols, "mnist-dvs", 1)[3]

    def in_step(change: str) -> float:
        simulation = changed["flicker", change] if change else SIMULATION
        sensor = nominal_sensor(simulation, "mnist-dvs", 5)
        events = nominal_take(take, symbols, simulation, sensor, 5).events
        # Whole periods of the 0.1 s.
        seconds = events["t"][events["t"] < 7e6 / 75] * 1e-6
        return float(abs(np.exp(2j * np.pi * 75 * seconds).mean()))

    assert 3 * in_step("off") < in_step("") < in_step("doubled")


def test_recordings_made_again_are_the_same_bytes(symbols, stored, tmp_path):
    again = _store(tmp_path, symbols)
    for key, path in stored.items():
        assert again[key].read_bytes() == path.read_bytes(), key


def test_the_cnn_reads_the_frames_of_each_recording(converted, stored, symbols):
    """As `ann_predict` does on frames that never were in a file."""
    readings = stored_readings(converted.cnn, stored["frames"], stored["index"])
    takes = sensitivity_takes(SIMULATION, symbols, "mnist-dvs", 1)
    halved = changed_settings(SIMULATION, "mnist-dvs")["threshold", "halved"]
    seen = 0
    for sample in condition_samples(takes, symbols, halved, PLACEMENT, STEP_US, FRAMES, 5):
        frames = [frame.pixels for frame in sample.frames]
        expected = AnnReading(ann_predict(converted.cnn, frames), len(frames))
        assert readings[f"threshold/halved/{sample.recording}"] == expected
        seen += len(frames)
    assert seen > len(takes)
    assert sum(reading.n_frames for reading in readings.values()) == len(
        open_frames(stored["frames"])
    )


def test_conditions_that_are_off_already_equal_nominal(converted, symbols, tmp_path):
    paths = _store(tmp_path, symbols, scene="saccades", placement=Placement(1.88))
    # Nominal, two thresholds and three bandwidths; nothing is made twice.
    assert len(open_steps(paths["steps"], paths["table"])) == 6 * 10
    table = _measure(converted, paths)
    values = table.set_index("part").drop(columns="change")
    for part in ("mismatch", "noise", "flicker"):
        for _, row in values.loc[[part]].iterrows():
            pd.testing.assert_series_equal(row, values.loc["nominal"], check_names=False)
    assert len(table) == N_CONDITIONS
    assert values.loc["threshold", "p_value"].notna().all()


def test_a_sensor_that_sends_nothing_is_read_wrong_and_silent(symbols, tmp_path):
    """Only noise crosses such thresholds; a network with biases would guess 0 all the same."""

    def biased() -> nn.Sequential:
        return nn.Sequential(nn.Flatten(), nn.Linear(4096, 10), nn.ReLU())

    model.network(biased)
    try:
        cnn = model.build_network("biased").eval()
        with torch.no_grad():
            cnn[1].weight.zero_()
            cnn[1].bias.copy_(torch.tensor([5.0] + [0.0] * 9))
        blind = copy.deepcopy(SIMULATION)
        blind["sensors"]["dvs128"].update(
            threshold_on=1e6, threshold_off=1e6, leak_hz=0.0, hot_hz=0.0
        )
        network = Converted("biased", cnn, NeuronParameters())
        paths = _store(tmp_path, symbols, blind)
        table = _measure(network, paths).set_index(["part", "change"])
    finally:
        del model._NETWORKS["biased"]
    assert table.loc[("nominal", "none"), "events_per_recording"] > 100
    assert table.loc[("nominal", "none"), "accuracy"] == pytest.approx(0.1)
    off = table.loc[("noise", "off")]
    assert (off["events_per_recording"], off["accuracy"], off["ann_accuracy"]) == (0, 0, 0)
    assert off["n_recordings"] == off["n_symbols"] == 10
    assert off["difference"] == pytest.approx(-0.1)
    assert math.isnan(off["synops_per_event"])
    assert math.isnan(off["synops_per_3000_events"])
    assert off["synops_per_recording"] == 0


# The script's edges.


def test_networks_are_compared_each_with_itself():
    first = [row for c in CONDITIONS for row in _outcomes(c, 9, 1000)]
    second = [row for c in CONDITIONS for row in _outcomes(c, 9 - (c == CONDITIONS[1]), 2000)]
    whose = [("plain", 1, 1.41), ("plain", 2, 1.41)]
    outcomes = [
        pd.DataFrame(rows).assign(variant=variant, seed=seed, scale=scale)
        for rows, (variant, seed, scale) in zip((first, second), whose, strict=True)
    ]
    # A network that validation didn't choose wasn't measured.
    table = join_networks([*outcomes, outcomes[0].iloc[:0].astype(object)], 10.0)
    assert tuple(table.columns) == tuple(schema("sensitivity"))
    assert len(table) == 2 * N_CONDITIONS
    by_seed = dict(iter(table.groupby("seed")))
    assert by_seed[1]["difference"].tolist() == [0] * N_CONDITIONS
    assert by_seed[2]["difference"].tolist() == pytest.approx([0, -0.1] + [0] * 10)
    for seed, rows in ((1, first), (2, second)):
        alone = sensitivity_table(pd.DataFrame(rows), 10.0)
        own = by_seed[seed][list(alone)].reset_index(drop=True)
        pd.testing.assert_frame_equal(own, alone)
