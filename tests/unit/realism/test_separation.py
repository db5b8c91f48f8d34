"""Real recordings told from simulated ones: halves, statistics, the table."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jobs import quiet
from simulated_scenes import scene_settings
from sklearn.metrics import roc_auc_score

from dvs_snn.files.tables import read_table, schema
from dvs_snn.realism.sensors import changed_settings, recordings_of
from dvs_snn.realism.separation import (
    ALL,
    NOMINAL,
    TellApartJob,
    compare,
    one_by_one,
    separation,
    statistics_by_symbol,
    tell_apart,
    together,
)
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.store.event_store import open_store, store_recordings
from dvs_snn.simulation.drawn_symbols import Symbols, write_symbols
from dvs_snn.simulation.takes import set_takes

STATISTICS = ["n_events", "lone_share", "peak_rate_keps"]
SYMBOLS = [f"{digit}/{number:04d}" for digit in range(3) for number in range(1, 41)]


SMALL = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=20)


@settings(max_examples=50, deadline=None)
@given(SMALL)
def test_area_is_scikit_learns(pairs):
    real, simulated = np.array(pairs, dtype=float).T
    truth = np.repeat([0, 1], len(real))
    apart = separation(real, simulated, seed=1)
    auc = apart["auc"]
    assert auc == pytest.approx(roc_auc_score(truth, np.concatenate([real, simulated])))
    assert 0 <= apart["auc_low"] <= apart["auc_high"] <= 1
    # Alone, a statistic may separate in either direction.
    assert one_by_one(real, simulated, seed=1)["auc"] == max(auc, 1 - auc)


def test_alike_samples_are_not_told_apart_and_shifted_ones_are():
    random = np.random.default_rng(1)
    # A symbol's own shape is the same for both: it must not help.
    shape = random.normal(size=(200, 4))
    real, alike, other = (shape + 0.3 * random.normal(size=shape.shape) for _ in range(3))
    told = together(real, alike, seed=1)
    assert told["auc_low"] < 0.55
    assert told["auc_high"] - told["auc_low"] < 0.2
    other[:, 2] += 2.0
    assert together(real, other, seed=1)["auc_low"] > 0.8


def test_a_difference_that_needs_two_statistics_is_seen_by_both_together():
    random = np.random.default_rng(2)
    real, simulated = random.normal(size=(2, 300, 2))
    # In real recordings both have the same sign, in simulated ones opposite signs.
    real[:, 1] = np.abs(real[:, 1]) * np.sign(real[:, 0])
    simulated[:, 1] = -np.abs(simulated[:, 1]) * np.sign(simulated[:, 0])
    assert one_by_one(real[:, 0], simulated[:, 0], seed=1)["auc"] < 0.6
    assert together(real, simulated, seed=1)["auc"] > 0.95


def made(seed):
    values = np.random.default_rng(seed).normal(10, 1, (len(SYMBOLS), len(STATISTICS)))
    return pd.DataFrame(values, index=SYMBOLS, columns=STATISTICS)


def test_nominal_sensor_has_a_row_for_each_statistic_and_half():
    real, simulated = made(1), made(2)
    simulated["lone_share"] += 5
    table = pd.DataFrame(compare(real, simulated, NOMINAL, seed=1))
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
    # Wrong sensors have the classifier's row alone; lonely symbols are left out.
    lonely = simulated.rename(index={"0/0001": "0/9999"})
    wrong = compare(real, lonely, ("noise", "doubled"), seed=1)
    assert [(row["statistic"], row["n"]) for row in wrong] == [(ALL, 59), (ALL, 60)]


SIMULATION = scene_settings(
    scenes={
        "saccades": {
            "duration_s": 0.3, "step_ms": 2.0, "stroke": 0.23, "flicker_depth": 0.0,
            "knots": [[0.03, -3.0, -2.0], [0.15, -1.0, 4.0], [0.27, -3.0, -2.0]],
            "rests": [[0.135, 0.165, 2.0]],
        }
    }
)  # fmt: skip


def test_table_holds_both_halves_and_every_sensor_that_is_wrong_on_purpose(tmp_path: Path):
    images = np.zeros((len(SYMBOLS), 28, 28), np.uint8)
    for number, image in enumerate(images):
        image[6:22, 4 + number % 16 : 9 + number % 16] = 255
    symbols = Symbols(images, tuple(SYMBOLS), ("test",) * len(SYMBOLS))
    drawn, events, recordings, real, realism = (tmp_path / name for name in "serdt")
    write_symbols(symbols, drawn)
    takes = set_takes(SIMULATION, symbols, "saccades", "test")
    store_recordings(recordings_of(takes, symbols, SIMULATION, 1), events, recordings)
    # Here both sides are the same recordings.
    placements = {"saccades": Placement(1.88)}
    statistics = statistics_by_symbol(open_store(events, recordings, placements))
    statistics.to_csv(real, sep="\t", index_label="symbol")
    job = TellApartJob(
        events=events,
        recordings=recordings,
        placements=placements,
        shipped=real,
        symbols=drawn,
        saccades=SIMULATION,
        study_seed=1,
        table=realism,
    )
    tell_apart(job, quiet())
    table = read_table(realism, "realism")
    assert set(table["n"]) == {60}
    nominal, wrong = table[table["part"] == "nominal"], table[table["part"] != "nominal"]
    assert nominal["half"].unique().tolist() == ["odd", "even"]
    assert nominal.loc[nominal["statistic"] != ALL, "auc"].tolist() == [0.5] * 2 * len(
        statistics.columns
    )
    named = list(zip(wrong["part"], wrong["change"], strict=True))
    assert named == list(changed_settings(SIMULATION, "saccades"))
    assert set(wrong["half"]) == {"odd"}
    doubled = wrong.set_index(["part", "change"]).loc[("threshold", "doubled")]
    assert doubled["auc"] > 0.9
