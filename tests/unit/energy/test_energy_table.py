"""Energies of operations, of readings and of MACs, against figures worked out by hand."""

import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from method_readings import make_exits, make_readings, trials_of
from result_tables import PUBLISHED, make_evaluation

from dvs_snn.analysis.choice import Quoted
from dvs_snn.analysis.energy_costs import (
    CNN,
    DIGITS,
    MEASURED,
    PRINTED,
    SPIKING,
    STUDY_PRICE,
    CostsJob,
    break_even_table,
    chips_table,
    costs_table,
    place_in_band,
    read_chips,
    write_costs,
)
from dvs_snn.analysis.front_points import front_table
from dvs_snn.analysis.points import set_points
from dvs_snn.analysis.power import EnergyModel
from dvs_snn.analysis.summaries import exits_table
from dvs_snn.files.tables import read_table, schema
from dvs_snn.settings.sweep import Power

CHIPS_PATH = Path(__file__).parents[3] / "workflow/data/chips.tsv"
PAGE = Path(__file__).parents[3] / "docs/synops.md"
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
    # The band ends at Speck's dearest row.
    assert set(speck["band"]) == {"within"}


def test_where_an_energy_lies_by_the_band():
    # The ends are rounded: 23.6 + 3.5 pJ is where 27 comes from.
    ranges = [(0.2, 0.2), (0.9, 0.9), (27.1, 27.1), (28.0, 28.0), (15.0, 60.0), (0.5, 5.0)]
    expected = ["below", "within", "within", "above", "from within to above", "within"]
    assert [place_in_band(*ends, (0.9, 27)) for ends in ranges] == expected


def test_printed_energies_stay_and_readers_of_digits_are_no_prices_of_an_operation(table):
    printed = table[table["kind"] == PRINTED]
    given = CHIPS.loc[CHIPS["kind"] == PRINTED, "pj_per_op"]
    assert printed["pj_low"].tolist() == printed["pj_high"].tolist() == given.tolist()
    assert printed["nj_per_spike"].isna().all()
    assert (CHIPS["kind"] == DIGITS).sum() == 5
    assert DIGITS not in set(table["kind"])


# --- a reading: costs.csv ---


def made_front(energy):
    """One recording of 300 ms that early exit, validation's choice, reads for 120."""
    row = {"method": "early-exit", "variant": "plain", "scale": 1.0, "exit": 12.0, "chosen": 1}
    quoted = Quoted.of(pd.DataFrame([row]))
    readings = []
    for name in ("test", "validation"):
        ends = make_readings(name, "plain", [[[1]]], [9_000_000], [1.0], n_events=4500, digit=3)
        ends = ends.assign(recording_ms=300.0, time_ms=300.0, n_events_read=4500, reached=False)
        exits = make_exits(ends, [[1]], [2_400_000], [12.0], n_steps=12).assign(reached=True)
        readings.append(pd.concat([exits, ends]))
    points = set_points(trials_of(*readings, plain="rescaled"), energy)
    points = points[points["method"] == "early-exit"]
    front = front_table(points, make_evaluation(), quoted, PUBLISHED)
    stops = pd.DataFrame(columns=list(schema("fixed_stops")))
    return front, exits_table(readings[:1], stops, quoted, energy).iloc[0]


def test_the_page_on_synops_tells_the_energy_of_a_reading_that_the_tables_hold():
    front, stopped = made_front(EnergyModel(10.0))
    costs = costs_table(front, POWER, CHIPS)
    ours = costs[costs["kind"] == "ours"].set_index("static_mw")
    assert set(ours["set"]) == {"test"}
    row = r"^\| `(\w+)` \| ([\d.]+) \| ([\d.]+) \|$"
    told = re.findall(row, PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(told) == 4
    for name, *wanted in told:
        cells = ours.loc[[0.0, 0.42], name].tolist()
        assert cells == pytest.approx(list(map(float, wanted)))
        assert stopped.get(name, cells[0]) == pytest.approx(cells[0])
        if name != "energy_with_memory_uj":
            # At 0.9 and 105 pJ; static power stays.
            ends = [ours[name[:-3] + end] for end in ("_low", "_high")]
            for end, times in zip(ends, (0.09, 10.5), strict=True):
                extra = cells[1] - cells[0]
                assert end.tolist() == pytest.approx([times * cells[0], times * cells[0] + extra])
    # A study's own static power stands beside none and the floor.
    own, _ = made_front(EnergyModel(10.0, 1.5))
    own = costs_table(own, Power(static_power_mw=1.5), CHIPS).query("kind == 'ours'")
    assert own["static_mw"].tolist() == [0.0, 0.42, 1.5]
    assert own["power_mw"].tolist() == pytest.approx([0.08, 0.5, 1.58])


def test_a_study_without_sets_tells_the_published_chips_alone(tmp_path):
    pd.DataFrame(columns=list(schema("front"))).to_csv(tmp_path / "front.csv", index=False)
    outputs = {name: tmp_path / f"{name}.csv" for name in ("chips", "costs", "break_even")}
    job = CostsJob(tmp_path / "front.csv", CHIPS_PATH, POWER, outputs)
    write_costs(job)
    tables = {name: read_table(path, name) for name, path in outputs.items()}
    assert set(tables["costs"]["kind"]) == {"published"}
    assert tables["break_even"].empty
    assert len(tables["chips"]) == (CHIPS["kind"] != "digits").sum()


# --- a MAC: break_even.csv ---


def quoted_front(synops=3e6, macs=1.5e6, methods=("rescaled",)):
    """Two trainings of each method on the test set, 1 % apart, and the CNN that skips zeros."""
    rows = [
        {"set": "test", "method": method, "variant": "v", "scale": 2.0, "seed": seed, "macs": ""}
        | {"synops_per_3000_events": synops * (1 + 0.01 * shift), "chosen": 1}
        for method in methods
        for seed, shift in ((1, -1), (2, 1), (None, 0))
    ]
    cnn = {"set": "test", "method": "cnn", "variant": "v", "exit": 2.0, "macs": "nonzero"}
    rows.append({**cnn, "synops_per_3000_events": macs, "chosen": 1})
    # Neither points that weren't chosen nor validation are told.
    rows.append({**rows[0], "scale": 1.0, "chosen": 0})
    rows += [{**row, "set": "validation"} for row in rows]
    return pd.DataFrame(rows, columns=list(schema("front"))).astype({"exit": float})


def test_prices_are_those_worked_out_by_hand():
    """3.0 M SynOps beside 1.5 M MACs: 2 SynOps a MAC, or 20 pJ at 10 pJ."""
    table = break_even_table(quoted_front(), POWER, CHIPS)
    assert set(table["set"]) == {"test"}
    table = table.set_index("price")
    row = table.loc[STUDY_PRICE]
    assert (row["n_seeds"], row["cnn_method"], row["cnn_macs_per_3000_events"]) == (2, "cnn", 1.5e6)
    ratios = row[["synops_per_mac", "synops_per_mac_low", "synops_per_mac_high"]]
    assert ratios.tolist() == pytest.approx([2.0, 1.98, 2.02])
    assert table["breakeven_mac_pj"].tolist() == pytest.approx([20, 1.8, 210, 1.8, 0.06])
    # At 4.6 pJ for a float32 MAC and 0.23 pJ for an int8 MAC.
    assert table["cheaper"].tolist() == [CNN, SPIKING, CNN, SPIKING, SPIKING]


@given(synops=st.floats(1e4, 1e9), macs=st.floats(1e4, 1e9), synop_pj=st.floats(0.01, 1e3))
def test_the_cheaper_network_is_the_one_with_less_energy(synops, macs, synop_pj):
    power = Power(energy_per_synop_pj=synop_pj)
    for row in break_even_table(quoted_front(synops, macs), power, CHIPS).itertuples():
        spiking, cnn = row.synop_pj * synops, row.mac_pj * macs
        if spiking != pytest.approx(cnn):
            assert (row.cheaper == SPIKING) == (spiking < cnn)
        assert row.breakeven_mac_pj * macs == pytest.approx(spiking)


def test_methods_stand_apart_and_a_sparse_cnn_comes_before_the_other():
    front = quoted_front(methods=("rescaled", "quantised"))
    table = break_even_table(front, POWER, CHIPS)
    assert table["method"].tolist() == ["rescaled"] * 5 + ["quantised"] * 5
    sparse = front[front["method"] == "cnn"].assign(method="sparse-cnn")
    both = break_even_table(pd.concat([front, sparse]), POWER, CHIPS)
    assert set(both["cnn_method"]) == {"sparse-cnn"}
    assert break_even_table(front[front["method"] != "cnn"], POWER, CHIPS).empty
