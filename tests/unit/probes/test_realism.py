"""Real recordings told from simulated ones: halves, statistics, a CNN's features, the tables."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from jobs import quiet
from made_recordings import from_columns
from simulated_scenes import scene_settings
from torch import nn

from dvs_snn.files.tables import read_table, schema
from dvs_snn.networks.architectures import build_network
from dvs_snn.networks.conversion import save_weights
from dvs_snn.probes.event_statistics import STATISTICS
from dvs_snn.probes.realism import (
    ALL,
    FEWEST,
    compare,
    compare_features,
    compare_halves,
    features_of,
    frechet_distance,
)
from dvs_snn.probes.sensors import NOMINAL_CONDITION, distinct_settings, recordings_of
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.store.event_store import StoredRecording, store_recordings
from dvs_snn.settings.frames import FrameRule
from dvs_snn.simulation.symbols import Symbols, write_symbols
from dvs_snn.simulation.takes import set_takes

SYMBOLS = [f"{digit}/{number:04d}" for digit in range(3) for number in range(1, 41)]


def made(seed):
    values = np.random.default_rng(seed).normal(10, 1, (len(SYMBOLS), len(STATISTICS)))
    return pd.DataFrame(values, index=SYMBOLS, columns=list(STATISTICS))


def test_nominal_sensor_has_a_row_for_each_statistic_and_half():
    real, simulated = made(1), made(2)
    simulated["lone_share"] += 5
    table = pd.DataFrame(compare(real, simulated, NOMINAL_CONDITION, seed=1))
    assert set(table.columns) == set(schema("realism"))
    for _, rows in table.groupby("half"):
        assert rows["statistic"].tolist() == [ALL, *STATISTICS]
    assert (table["n"] == 60).all()
    rows = table.set_index(["half", "statistic"])
    even = [symbol for symbol in SYMBOLS if int(symbol[2:]) % 2 == 0]
    lone = rows.loc[("even", "lone_share")]
    assert lone["real"] == real.loc[even, "lone_share"].median()
    assert lone["simulated"] == simulated.loc[even, "lone_share"].median()
    assert lone["auc"] > 0.99
    assert rows.loc[("odd", ALL), "auc"] > 0.95
    assert rows.loc[("odd", "n_events"), "auc"] < 0.75


def test_wrong_sensors_have_the_classifiers_row_alone_and_lonely_symbols_are_left_out():
    simulated = made(2).rename(index={"0/0001": "0/9999"})
    rows = list(compare(made(1), simulated, ("noise", "doubled"), seed=1))
    told = [(row["part"], row["change"], row["statistic"], row["n"]) for row in rows]
    assert told == [("noise", "doubled", ALL, 59), ("noise", "doubled", ALL, 60)]


def recorded(symbol, columns):
    """A recording of one event a column, in row 2, a millisecond apart."""
    raw = from_columns(np.arange(len(columns)) * 1000, columns, 2, sensor_size=(64, 64))
    return StoredRecording("", symbol, None, "", "", raw)


def test_features_are_what_the_last_layer_reads_averaged_over_frames():
    cnn = nn.Sequential(
        nn.Flatten(), nn.Linear(64 * 64, 2, bias=False), nn.ReLU(),
        nn.Linear(2, 10, bias=False), nn.ReLU(),
    )  # fmt: skip
    with torch.no_grad():
        cnn[1].weight.zero_()
        cnn[1].weight[0, 2 * 64 + 5] = 2.0
        cnn[1].weight[1, 2 * 64 + 7] = -1.0
    # Frames of two events: columns 5 and 5, then 5 and 7. The second feature stays below zero.
    found = features_of(cnn, [recorded("3/0001", [5, 5, 5, 7])], FrameRule("events", 2, 1, 1.0))
    assert found.index.tolist() == ["3/0001"]
    assert found.loc["3/0001"].tolist() == [(4.0 + 2.0) / 2, 0.0]


def test_distance_of_normal_samples_is_that_of_their_distributions():
    """Along an axis it is (difference of means)^2 + (difference of standard deviations)^2."""
    random = np.random.default_rng(1)
    real = random.normal([0.0, 5.0], [1.0, 2.0], (200_000, 2))
    other = random.normal([3.0, 5.0], [1.0, 0.5], (200_000, 2))
    assert frechet_distance(real, other) == pytest.approx(3**2 + 1.5**2, rel=0.02)
    assert frechet_distance(real, real) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(real, other) == pytest.approx(frechet_distance(other, real))


def test_a_feature_that_never_changes_is_no_fault():
    values = np.column_stack([np.arange(50.0), np.zeros(50)])
    assert frechet_distance(values, values + np.array([2.0, 0.0])) == pytest.approx(4.0)


def features(shift, seed):
    values = np.random.default_rng(seed).normal(shift, 1, (len(SYMBOLS), 4))
    return pd.DataFrame(values, index=SYMBOLS)


def test_rows_tell_each_half_how_far_it_lies_apart():
    real = features(0, 1)
    odd, even = compare_halves(real, features(0, 2), NOMINAL_CONDITION, seed=1)
    assert (odd["half"], odd["n"], even["half"], even["n"]) == ("odd", 60, "even", 60)
    assert odd["auc_low"] < 0.5 < odd["auc_high"]
    far, _ = compare_halves(real, features(2, 3), ("noise", "doubled"), seed=1)
    assert (far["part"], far["change"]) == ("noise", "doubled")
    assert far["auc"] > 0.95
    # Four features, each two standard deviations away, over a variance of four: about four.
    assert far["distance"] == pytest.approx(4, rel=0.3)
    assert odd["distance"] < 0.3


def test_halves_of_few_symbols_and_symbols_of_one_side_are_left_out():
    real = features(0, 1)
    some = features(0, 2).loc[SYMBOLS[: FEWEST + 10]]
    assert list(compare_halves(real, some, NOMINAL_CONDITION, seed=1)) == []
    renamed = features(0, 2).rename(index={"0/0001": "0/9999"})
    odd, _ = compare_halves(real, renamed, NOMINAL_CONDITION, seed=1)
    assert odd["n"] == 59


SIMULATION = scene_settings(
    scenes={
        "saccades": {
            "duration_s": 0.1, "step_ms": 2.0, "stroke": 0.23, "flicker_depth": 0.0,
            "corners_px": [[-3.0, -2.0], [-1.0, 4.0]], "windows_s": [[0.01, 0.05], [0.05, 0.09]],
        }
    }
)  # fmt: skip


def test_table_holds_both_halves_and_every_sensor_that_is_wrong_on_purpose(tmp_path: Path):
    images = np.zeros((len(SYMBOLS), 28, 28), np.uint8)
    for number, image in enumerate(images):
        image[6:22, 4 + number % 16 : 9 + number % 16] = 255
    symbols = Symbols(images, tuple(SYMBOLS), ("test",) * len(SYMBOLS))
    drawn, weights, events, recordings, features = (tmp_path / name for name in "swert")
    write_symbols(symbols, drawn)
    takes = set_takes(SIMULATION, symbols, "saccades", "test")
    store_recordings(recordings_of(takes, symbols, SIMULATION, 1), events, recordings)
    torch.manual_seed(1)
    save_weights(weights, "tutorial", build_network("tutorial").eval())
    # Here both sides are the same recordings.
    compare_features(
        weights, [events] * 2, [recordings] * 2, {"saccades": Placement(1.88)},
        FrameRule("events", 3000, 1, 50.0), drawn, SIMULATION, 1,
        {"variant": "plain", "seed": 1}, features, quiet(),
    )  # fmt: skip
    table = read_table(features, "features")
    assert set(table["n"]) == {60}
    nominal, wrong = table[table["part"] == "nominal"], table[table["part"] != "nominal"]
    assert nominal["half"].tolist() == ["odd", "even"]
    assert nominal["distance"].tolist() == pytest.approx([0, 0], abs=1e-6)
    told = list(zip(wrong["part"], wrong["change"], strict=True))
    assert told == list(distinct_settings(SIMULATION, "saccades"))[1:]
    assert set(wrong["half"]) == {"odd"}
    doubled = wrong.set_index(["part", "change"]).loc[("threshold", "doubled")]
    assert doubled["auc"] > 0.9
    assert doubled["distance"] > 0.1
