"""Prices against figures that were worked out apart from this code."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from jobs import quiet

from dvs_snn.energy.chips import MEASURED, chips_table, read_chips
from dvs_snn.energy.price import (
    Price,
    counted_operations,
    energy_uj,
    flat_price,
    flat_prices,
    frames_uj,
    idle_powers,
    layers_uj,
    operations_uj,
    power_mw,
    read_prices,
)
from dvs_snn.files.tables import read_table
from dvs_snn.networks.description import DescribeJob, describe
from dvs_snn.points.point import ALL_MACS, NONZERO_MACS, SYNOPS
from dvs_snn.settings.sides import CNN, SPIKING
from dvs_snn.settings.sweep import Power

SHIPPED = Path(__file__).parents[3] / "workflow/data/energy_models.tsv"

# Means of readings of `saccades-test` by layer: an audit's counts of the default study.
OF_SPIKING = {
    "operations": [128519, 506752, 338072, 42798, 3540],
    "inputs": [1789, 1764, 2475, 1337, 354],
    "outputs": [1764, 2492, 1337, 354, 78],
    "touched": [128519, 367176, 154131, 17473, 2332],
}
OF_CNN = {"operations": [21565, 671681, 364401, 9909, 205], "inputs": [302, 2409, 3192, 310, 20]}
N_EVENTS = 1121
# What the audit's own code found in µJ: spiking, the CNN at non-zeros, the dense CNN.
EXPECTED = {
    "arithmetic, int8": (0.031, 0.246, 0.748),
    "arithmetic, float32": (0.918, 4.91, 15.0),
    "memory without reuse, 64-bit words": (31.0, 25.5, 76.1),
    "memory without reuse, the CNN's sums in registers": (10.25, 4.68, 14.0),
    "full reuse": (7.45, 0.51, 1.07),
}


@pytest.fixture
def network(tmp_path) -> pd.DataFrame:
    """The tutorial's network as ``network.csv`` tells it."""
    describe(DescribeJob("tutorial", 10, tmp_path / "network.csv"), quiet())
    table = read_table(tmp_path / "network.csv", "network")
    return table.rename(columns={"macs": "macs_per_frame"})


def layers_of(network: pd.DataFrame, side: str, counted: str) -> pd.DataFrame:
    """What the layers of one reading did: of the spiking network, or of the CNN."""
    counts = OF_SPIKING if side == SPIKING else {**OF_CNN, "n_frames": 1.122}
    layers = network.assign(side=side, counted=counted, **counts)
    for name in ("outputs", "touched", "n_frames"):
        layers[name] = layers[name] if name in layers else np.nan
    return layers


SIDES = ((SPIKING, SYNOPS), (CNN, NONZERO_MACS), (CNN, ALL_MACS))


def reading_uj(price: Price, network: pd.DataFrame, side: str, counted: str) -> float:
    """Return what a reading costs: its layers, and of a CNN the frames that it reads."""
    of_layers = layers_uj(price, layers_of(network, side, counted)).sum()
    return of_layers + (frames_uj(price, N_EVENTS) if side == CNN else 0.0)


def test_prices_of_the_counts_of_an_audit_are_those_of_its_own_code(network):
    prices = {price.model: price for price in read_prices(SHIPPED)}
    for model, expected in EXPECTED.items():
        ours = [reading_uj(prices[model], network, *side) for side in SIDES]
        assert ours == pytest.approx(expected, rel=0.01, abs=0.0005), model
    operations = [counted_operations(layers_of(network, *side)).sum() for side in SIDES]
    every_mac = 1.122 * network["macs_per_frame"].sum()
    assert operations == pytest.approx(
        [*(sum(c["operations"]) for c in (OF_SPIKING, OF_CNN)), every_mac]
    )


def test_a_small_network_is_priced_by_hand(network):
    """One layer of one price with another energy for each thing: each is seen to count once."""
    first = network.head(1)
    names = [field.name for field in dataclasses.fields(Price) if field.name.endswith("_pj")]
    price = Price("m", "memory", **{name: 10.0**place for place, name in enumerate(names)})
    of_first = {name: values[:1] for name, values in OF_SPIKING.items()}
    spiking = first.assign(side=SPIKING, counted=SYNOPS, n_frames=np.nan, **of_first)
    expected = (
        price.synop_pj * 128519 + price.spike_in_pj * 1789 + price.spike_out_pj * 1764
        + price.touched_pj * 128519 + price.address_pj * 1789 * 72 + price.conv_spike_pj * 1789
    )  # fmt: skip
    assert layers_uj(price, spiking).sum() == pytest.approx(1e-6 * expected)

    of_first = {name: values[:1] for name, values in OF_CNN.items()}
    cnn = first.assign(side=CNN, counted=NONZERO_MACS, n_frames=1.122, outputs=np.nan, **of_first)
    cnn = cnn.assign(touched=np.nan)
    per_frame = (
        price.output_pj * 30752 + price.input_pj * 4096 + price.weight_pj * 72
        + price.mac_address_pj * 72
    )  # fmt: skip
    expected = price.mac_pj * 21565 + 1.122 * per_frame
    assert layers_uj(price, cnn).sum() == pytest.approx(1e-6 * expected)
    assert frames_uj(price, N_EVENTS) == pytest.approx(1e-6 * price.event_pj * N_EVENTS)


def test_a_price_that_charges_all_macs_does_so_for_a_cnn_that_skips_zeros(network):
    (eyeriss,) = {p for p in read_prices(SHIPPED) if p.model == "chips, lowest Speck"}
    skipping, dense = (reading_uj(eyeriss, network, *side) for side in SIDES[1:])
    assert skipping == pytest.approx(dense)
    assert dense == pytest.approx(11.9e-6 * 1.122 * network["macs_per_frame"].sum())


def test_flat_prices_are_rows_made_from_the_settings():
    power = Power(energy_per_synop_pj=7.0, energy_band_pj=(2.0, 70.0), static_power_mw=0.25)
    study, lowest, highest = flat_prices(power)
    assert [price.synop_pj for price in (study, lowest, highest)] == [7.0, 2.0, 70.0]
    assert all(price.mac_pj == price.synop_pj for price in (study, lowest, highest))
    assert {price.idle_mw for price in (study, lowest, highest)} == {0.25}
    assert len({price.model for price in (study, lowest, highest)}) == 3
    # 2 M operations of 7 pJ are 14 µJ; 0.25 mW for 40 ms are 10 µJ.
    for side in (SPIKING, CNN):
        assert energy_uj(study, side, 2e6, 40.0) == pytest.approx(24.0)
        assert operations_uj(study, side, 2e6) == pytest.approx(14.0)
    assert power_mw(24.0, 40.0) == pytest.approx(0.6)
    assert np.isnan(power_mw(24.0, 0.0))


def test_a_price_that_needs_layers_refuses_to_walk_from_operations_alone():
    needing = [price for price in read_prices(SHIPPED) if not price.needs_operations_alone]
    assert {"full reuse", "chips, lowest Speck"} <= {price.model for price in needing}
    for price in needing:
        with pytest.raises(ValueError, match="needs to know what each layer did"):
            operations_uj(price, SPIKING, 1.0)


def test_each_model_stands_at_its_own_idle_power_at_none_and_at_specks():
    prices = [*read_prices(SHIPPED), flat_price(10.0, 1.5)]
    powers = idle_powers(prices)
    assert powers["flat"] == [0.0, 0.42, 1.5]
    assert powers["full reuse"] == powers["chips, lowest Speck"] == [0.0, 0.42]


def test_prices_of_chips_are_those_that_the_table_of_chips_computes():
    prices = {price.model: price for price in read_prices(SHIPPED)}
    chips = chips_table(read_chips(SHIPPED.with_name("chips.tsv")), (0.9, 105.0))
    speck = chips[chips["kind"] == MEASURED]
    assert prices["chips, lowest Speck"].synop_pj == pytest.approx(speck["pj_low"].min())
    assert prices["chips, highest Speck"].synop_pj == pytest.approx(speck["pj_high"].max())
    (eyeriss,) = chips.loc[chips["kind"] == "mac on a chip", "pj_per_op"]
    assert prices["chips, lowest Speck"].mac_pj == eyeriss
    assert {prices["chips, lowest Speck"].idle_mw} == set(speck["static_mw"])
