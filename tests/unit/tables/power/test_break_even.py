"""The price of a MAC at which both networks cost the same, against sums by hand."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from result_tables import make_evaluation

from dvs_snn.files.tables import schema
from dvs_snn.settings.sweep import Power
from dvs_snn.tables.power.break_even import (
    CNN,
    SPIKING,
    STUDY_PRICE,
    break_even_table,
)
from dvs_snn.tables.power.chips import read_chips

CHIPS = read_chips(Path(__file__).parents[4] / "workflow/data/chips.tsv")
POWER = Power()


def test_prices_are_those_worked_out_by_hand():
    """3.01 M and 3.02 M SynOps beside 2.9 M MACs: 1.0397 SynOps a MAC, or 10.4 pJ at 10 pJ."""
    table = break_even_table(make_evaluation(), POWER, CHIPS)
    assert list(table.columns) == list(schema("break_even"))
    of_test = table[table["set"] == "test"].set_index("price")
    own = of_test.loc[STUDY_PRICE]
    assert own["n_seeds"] == 2
    assert own["synops_per_mac"] == pytest.approx(3.015 / 2.9)
    assert own["synops_per_mac_low"] == pytest.approx(3.01 / 2.9)
    assert own["synops_per_mac_high"] == pytest.approx(3.02 / 2.9)
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
    evaluation = make_evaluation(variants=("plain", "other"))
    methods = evaluation["variant"].map({"plain": "rescaled", "other": "quantised"})
    table = break_even_table(evaluation.assign(method=methods), POWER, CHIPS)
    assert set(table["set"]) == {"test", "extra"}
    assert set(table["scale"]) == {2.0}
    of_test = table[table["set"] == "test"]
    assert of_test["method"].tolist() == ["rescaled"] * 5 + ["quantised"] * 5


def test_without_frames_or_sets_there_is_nothing_to_compare():
    silent = make_evaluation().assign(ann_macs_per_3000_events=0.0)
    assert break_even_table(silent, POWER, CHIPS).empty
    nothing = pd.DataFrame(columns=make_evaluation().columns)
    assert list(break_even_table(nothing, POWER, CHIPS).columns) == list(schema("break_even"))
