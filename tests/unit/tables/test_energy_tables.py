"""Energies of operations, of decisions and of MACs, against figures worked out by hand."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from result_tables import make_evaluation

from dvs_snn.files.tables import read_table, schema
from dvs_snn.settings.sweep import Power
from dvs_snn.tables.costs import (
    CNN,
    DIGITS,
    MEASURED,
    PRINTED,
    SPIKING,
    STUDY_PRICE,
    break_even_table,
    chips_table,
    costs_table,
    place_in_band,
    read_chips,
    write_costs,
)

CHIPS_PATH = Path(__file__).parents[3] / "workflow/data/chips.tsv"
CHIPS = read_chips(CHIPS_PATH)
POWER = Power()
BAND = POWER.energy_band_pj


# --- an operation: chips.csv ---


@pytest.fixture(scope="module")
def table():
    return chips_table(CHIPS, BAND)


def test_energies_of_speck_are_those_worked_out_by_hand(table):
    """(9.5 - 0.42) mW x 0.54 s = 4.9032 mJ over 1.0 M spikes, and so on for all four rows."""
    speck = table[table["kind"] == MEASURED]
    assert speck["nj_per_spike"].tolist() == pytest.approx([4.9032, 4.563, 7.589455, 4.2768])
    # 4.9032 nJ over 288 and over 72 synapses.
    assert speck["pj_low"].iloc[0] == pytest.approx(17.025)
    assert speck["pj_high"].iloc[0] == pytest.approx(68.1)
    assert speck["pj_low"].min() == pytest.approx(14.85)
    assert speck["pj_high"].max() == pytest.approx(105.409, abs=1e-3)


def test_where_an_energy_lies_by_the_band():
    # The ends are rounded: 23.6 + 3.5 pJ is where 27 comes from.
    ranges = [(0.2, 0.2), (0.9, 0.9), (27.1, 27.1), (28.0, 28.0), (15.0, 60.0), (0.5, 5.0)]
    expected = ["below", "within", "within", "above", "from within to above", "within"]
    assert [place_in_band(*ends, BAND) for ends in ranges] == expected


def test_printed_energies_stay_and_readers_of_digits_are_no_prices_of_an_operation(table):
    printed = table[table["kind"] == PRINTED]
    given = CHIPS.loc[CHIPS["kind"] == PRINTED, "pj_per_op"]
    assert printed["pj_low"].tolist() == printed["pj_high"].tolist() == given.tolist()
    assert printed["nj_per_spike"].isna().all()
    assert (CHIPS["kind"] == DIGITS).sum() == 5
    assert DIGITS not in set(table["kind"])


# --- a decision: costs.csv ---


def test_energies_are_those_worked_out_by_hand():
    """3.015 M SynOps per 3,000 events, 16,740 events/s, 10 pJ: 0.168237 mW; 120 ms a decision."""
    table = costs_table(make_evaluation(), POWER, CHIPS)
    (_, bare), (_, floored) = table[table["set"] == "test"].iterrows()
    assert (bare["static_mw"], floored["static_mw"]) == (0.0, 0.42)
    assert bare["power_mw"] == pytest.approx(0.168237)
    assert bare["power_low"] == pytest.approx(0.01514133)
    assert bare["power_high"] == pytest.approx(0.4542399)
    assert bare["energy_per_decision_uj"] == pytest.approx(20.18844)
    # 5 M SynOps a recording.
    assert bare["energy_per_recording_uj"] == pytest.approx(50.0)
    assert bare["recording_ms"] == pytest.approx(297.2, abs=0.01)
    assert floored["power_mw"] == pytest.approx(0.588237)
    assert floored["energy_per_decision_uj"] == pytest.approx(20.18844 + 0.42 * 120)
    assert floored["energy_per_recording_uj"] == pytest.approx(50 + 0.42 * 297.1998, rel=1e-6)
    assert bare["accuracy"] == pytest.approx(0.875)
    assert bare["event_rate_hz"] == 16_740
    # The study's own static power stands beside none and Speck's floor.
    table = costs_table(make_evaluation(), Power(static_power_mw=1.5), CHIPS)
    assert table.loc[table["set"] == "test", "static_mw"].tolist() == [0.0, 0.42, 1.5]


def test_a_study_without_sets_tells_the_published_chips_alone(tmp_path):
    columns = list(schema("evaluation"))
    pd.DataFrame(columns=columns).to_csv(tmp_path / "evaluation.csv", index=False)
    outputs = {name: tmp_path / f"{name}.csv" for name in ("chips", "costs", "break_even")}
    write_costs(tmp_path / "evaluation.csv", CHIPS_PATH, POWER, outputs)
    tables = {name: read_table(path, name) for name, path in outputs.items()}
    assert set(tables["costs"]["kind"]) == {"published"}
    assert tables["break_even"].empty
    assert len(tables["chips"]) == (CHIPS["kind"] != "digits").sum()


# --- a MAC: break_even.csv ---


def test_prices_are_those_worked_out_by_hand():
    """3.01 M and 3.02 M SynOps beside 2.9 M MACs: 1.0397 SynOps a MAC, or 10.4 pJ at 10 pJ."""
    table = break_even_table(make_evaluation(), POWER, CHIPS)
    of_test = table[table["set"] == "test"].set_index("price")
    row = of_test.loc[STUDY_PRICE]
    assert row["n_seeds"] == 2
    ratios = row[["synops_per_mac", "synops_per_mac_low", "synops_per_mac_high"]] * 2.9
    assert ratios.tolist() == pytest.approx([3.015, 3.01, 3.02])
    assert of_test["breakeven_mac_pj"].tolist() == pytest.approx(
        [10.3966, 0.93569, 28.0707, 0.93569, 0.031190], rel=1e-4
    )
    # At 4.6 pJ for a float32 MAC and 0.23 pJ for an int8 MAC.
    assert of_test["cheaper"].tolist() == [CNN, SPIKING, CNN, SPIKING, SPIKING]


@given(synops=st.floats(1e4, 1e9), macs=st.floats(1e4, 1e9), synop_pj=st.floats(0.01, 1e3))
def test_the_cheaper_network_is_the_one_with_less_energy(synops, macs, synop_pj):
    evaluation = make_evaluation(seeds=(1,), scales=(1.0,), sets=("test",)).assign(
        synops_per_3000_events=synops, ann_macs_per_3000_events=macs
    )
    power = Power(energy_per_synop_pj=synop_pj)
    for row in break_even_table(evaluation, power, CHIPS).itertuples():
        spiking, cnn = row.synop_pj * synops, row.mac_pj * macs
        if spiking != pytest.approx(cnn):
            assert (row.cheaper == SPIKING) == (spiking < cnn)
        assert row.breakeven_mac_pj * macs == pytest.approx(spiking)


def test_only_quoted_points_of_test_sets_are_told_and_methods_apart():
    methods = {"plain": "rescaled", "other": "quantised"}
    table = break_even_table(make_evaluation(tuple(methods), methods=methods), POWER, CHIPS)
    assert set(table["set"]) == {"test", "extra"}
    assert set(table["scale"]) == {2.0}
    of_test = table[table["set"] == "test"]
    assert of_test["method"].tolist() == ["rescaled"] * 5 + ["quantised"] * 5
    without_frames = make_evaluation().assign(ann_macs_per_3000_events=0.0)
    assert break_even_table(without_frames, POWER, CHIPS).empty
