"""Models of energy against prices that were worked out apart from this code."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from jobs import quiet

from dvs_snn.analysis.energy_costs import MEASURED, chips_table, read_chips
from dvs_snn.analysis.energy_models import models_table, read_models
from dvs_snn.files.tables import read_table
from dvs_snn.networks.description import DescribeJob, describe

MODELS = Path(__file__).parents[3] / "workflow/data/energy_models.tsv"

# Means of readings of `saccades-test` by layer: an audit's counts of the default study.
SPIKING = {
    "operations": [128519, 506752, 338072, 42798, 3540],
    "inputs": [1789, 1764, 2475, 1337, 354],
    "outputs": [1764, 2492, 1337, 354, 78],
    "touched": [128519, 367176, 154131, 17473, 2332],
}
CNN = {"operations": [21565, 671681, 364401, 9909, 205], "inputs": [302, 2409, 3192, 310, 20]}
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
    return read_table(tmp_path / "network.csv", "network")


def _layers(network: pd.DataFrame, n_recordings: int = 1000) -> pd.DataFrame:
    """Rows of `stop_layers` of a spiking network that stops at a lead, and of a CNN."""
    common = {
        "set": "saccades-test", "seed": 1, "timing": "", "n_recordings": n_recordings,
        "layer": network["layer"], "n_events": N_EVENTS * n_recordings,
    }  # fmt: skip
    spiking = pd.DataFrame({**common, **SPIKING}).assign(
        variant="lean", scale=1.0, frames="", side="spiking", exit=8.0, n_frames=None
    )
    cnn = pd.DataFrame({**common, **CNN}).assign(
        variant="plain", scale=1.0, frames="1000 events", side="cnn", exit=2.0,
        n_frames=1.122, outputs=None, touched=None,
    )  # fmt: skip
    counted = ["operations", "inputs", "outputs", "touched", "n_frames"]
    rows = pd.concat([spiking, cnn], ignore_index=True)
    rows[counted] = rows[counted].astype(float) * n_recordings
    return rows


def _points() -> pd.DataFrame:
    point = {"set": "saccades-test", "accuracy": 0.95}
    return pd.DataFrame(
        [
            {**point, "method": "early-exit", "variant": "lean", "scale": 1.0, "exit": 8.0}
            | {"cnn_frames": "", "cnn_scale": np.nan, "macs": ""},
            {**point, "method": "cnn", "variant": "plain", "scale": np.nan, "exit": 2.0}
            | {"cnn_frames": "1000 events", "cnn_scale": 1.0, "macs": "nonzero"},
            {**point, "method": "cnn", "variant": "plain", "scale": np.nan, "exit": 2.0}
            | {"cnn_frames": "1000 events", "cnn_scale": 1.0, "macs": "dense"},
        ]
    )


def test_models_price_the_counts_of_an_audit_as_its_own_code_did(network):
    table = models_table(_points(), _layers(network), network, read_models(MODELS))
    prices = table.pivot(index="model", columns="macs", values="energy") * 1e-6
    for model, expected in EXPECTED.items():
        ours = prices.loc[model, ["", "nonzero", "dense"]].tolist()
        assert ours == pytest.approx(expected, rel=0.01, abs=0.0005), model
    operations = table.drop_duplicates("macs").set_index("macs")["operations"]
    assert operations[""] == sum(SPIKING["operations"])
    assert operations["nonzero"] == pytest.approx(sum(CNN["operations"]))
    assert operations["dense"] == pytest.approx(1.122 * network["macs"].sum())


def test_a_small_network_is_priced_by_hand(network):
    """One layer of one model with a price for each thing, so that each is seen to count once."""
    first = network.head(1)
    model = pd.Series(
        {name: 10.0**place for place, name in enumerate(read_models(MODELS).columns[1:14])}
    )
    model["all_macs"] = 0
    models = pd.DataFrame([{**model, "model": "m", "leaves_out": "", "source": ""}])
    layers = _layers(network, n_recordings=1).groupby("side").head(1)
    table = models_table(_points(), layers, first, models).set_index("macs")
    spiking = (
        model["synop_pj"] * 128519 + model["spike_in_pj"] * 1789 + model["spike_out_pj"] * 1764
        + model["touched_pj"] * 128519 + model["address_pj"] * 1789 * 72
        + model["conv_spike_pj"] * 1789
    )  # fmt: skip
    assert table.loc["", "energy"] == pytest.approx(spiking)
    of_frames = (
        model["output_pj"] * 30752 + model["input_pj"] * 4096 + model["weight_pj"] * 72
        + model["mac_address_pj"] * 72
    )  # fmt: skip
    cnn = model["mac_pj"] * 21565 + 1.122 * of_frames + model["event_pj"] * N_EVENTS
    assert table.loc["nonzero", "energy"] == pytest.approx(cnn)


def test_prices_of_chips_are_those_that_the_table_of_chips_computes():
    models = read_models(MODELS).set_index("model")
    chips = chips_table(read_chips(MODELS.with_name("chips.tsv")), (0.9, 105.0))
    speck = chips[chips["kind"] == MEASURED]
    assert models.loc["chips, lowest Speck", "synop_pj"] == pytest.approx(speck["pj_low"].min())
    assert models.loc["chips, highest Speck", "synop_pj"] == pytest.approx(speck["pj_high"].max())
    (eyeriss,) = chips.loc[chips["kind"] == "mac on a chip", "pj_per_op"]
    assert models.loc["chips, lowest Speck", "mac_pj"] == eyeriss
