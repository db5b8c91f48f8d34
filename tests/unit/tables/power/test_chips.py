"""Energies of chips, against figures worked out by hand."""

from pathlib import Path

import pandas as pd
import pytest

from dvs_snn.files.tables import schema
from dvs_snn.settings.sweep import Power
from dvs_snn.tables.power.chips import (
    DIGITS,
    MEASURED,
    PRINTED,
    chips_table,
    place_in_band,
    read_chips,
)

CHIPS = Path(__file__).parents[4] / "workflow/data/chips.tsv"
BAND = (0.9, 27.0)


@pytest.fixture(scope="module")
def chips():
    return read_chips(CHIPS)


@pytest.fixture(scope="module")
def table(chips):
    return chips_table(chips, BAND)


def test_energies_of_speck_are_those_worked_out_by_hand(table):
    """(9.5 - 0.42) mW x 0.54 s = 4.9032 mJ over 1.0 M spikes, and so on for all four rows."""
    speck = table[table["kind"] == MEASURED]
    assert speck["nj_per_spike"].tolist() == pytest.approx([4.9032, 4.563, 7.589455, 4.2768])
    # 4.9032 nJ over 288 and over 72 synapses.
    assert speck["pj_low"].iloc[0] == pytest.approx(17.025)
    assert speck["pj_high"].iloc[0] == pytest.approx(68.1)
    assert speck["pj_low"].min() == pytest.approx(14.85)
    assert speck["pj_high"].max() == pytest.approx(105.409, abs=1e-3)


def test_a_chip_without_static_power_and_with_one_synapse_costs_its_power():
    """2 mW for 3 s over 6 million spikes: 1 nJ a spike, 1000 pJ a SynOp."""
    row = {name: "" for name, column in schema("published_chips").items() if column.kind == "text"}
    row |= {
        "kind": MEASURED, "spikes": 6e6, "power_mw": 2.0, "static_mw": 0.0, "seconds": 3.0,
        "fanout_low": 1, "fanout_high": 1,
    }  # fmt: skip
    one = chips_table(pd.DataFrame([row], columns=list(schema("published_chips"))), BAND).iloc[0]
    assert one["nj_per_spike"] == pytest.approx(1.0)
    assert one["pj_low"] == one["pj_high"] == pytest.approx(1000.0)
    assert one["band"] == "above"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.2, 0.2, "below"),
        (0.9, 0.9, "within"),
        (10.0, 10.0, "within"),
        # The ends are rounded: 23.6 + 3.5 pJ is where 27 comes from.
        (27.1, 27.1, "within"),
        (28.0, 28.0, "above"),
        (15.0, 60.0, "from within to above"),
        (0.5, 5.0, "within"),
    ],
)
def test_where_an_energy_lies_by_the_band(low, high, expected):
    assert place_in_band(low, high, BAND) == expected


def test_the_default_band_begins_and_ends_with_figures_of_the_table(table):
    """Its ends come from a 45 nm addition and from Loihi's synapse and spike, rounded."""
    low, high = Power().energy_band_pj
    addition = table[(table["kind"] == "addition") & (table["chip"] == "45 nm, float32")]
    assert addition["pj_low"].item() == low
    assert high == round(table.loc[table["chip"] == "Loihi", "pj_low"].max())


def test_printed_energies_stay_and_readers_of_digits_are_no_prices_of_an_operation(chips, table):
    printed = table[table["kind"] == PRINTED]
    given = chips.loc[chips["kind"] == PRINTED, "pj_per_op"]
    assert printed["pj_low"].tolist() == printed["pj_high"].tolist() == given.tolist()
    assert printed["nj_per_spike"].isna().all()
    assert (chips["kind"] == DIGITS).sum() == 5
    assert DIGITS not in set(table["kind"])
    assert list(table.columns) == list(schema("chips"))
