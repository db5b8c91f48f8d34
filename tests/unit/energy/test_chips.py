"""Energies of operations on chips, against figures worked out by hand."""

from pathlib import Path

import pytest

from dvs_snn.energy.chips import DIGITS, MEASURED, PRINTED, chips_table, place_in_band, read_chips
from dvs_snn.settings.sweep import Power

CHIPS = read_chips(Path(__file__).parents[3] / "workflow/data/chips.tsv")


@pytest.fixture(scope="module")
def table():
    return chips_table(CHIPS, Power().energy_band_pj)


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
    digits = table[table["kind"] == DIGITS]
    assert len(digits) == 5
    assert digits["energy_uj"].notna().all()
    assert digits["pj_low"].isna().all()
    assert set(digits["band"]) == {""}
