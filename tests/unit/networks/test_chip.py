"""Speck's memories by hand, the limits that no core keeps, and a core for each layer."""

from pathlib import Path

import pytest
from small_networks import offered
from torch import nn

from dvs_snn.networks import architectures as model
from dvs_snn.networks.architectures import describe_layers
from dvs_snn.networks.chip import Core, Demand, assign, chip_layers, demands, read_cores

CORES = Path(__file__).parents[3] / "workflow" / "data" / "speck-cores.tsv"
KI = 1024


def _layers(name: str):
    return describe_layers(name, model.build_network(name))


def test_the_tutorials_network_by_hand():
    """Known from sinabs' own validation: 0.125/32, 4/32, 8/4, 32/0.03 and 0.5/0.01 Ki."""
    asked = demands(_layers("tutorial"))
    # conv1: 1 x 16 (9 weights) x 8; 8 maps of 62x62, which take 64x64.
    assert (asked[0].kernel_memory, asked[0].neuron_memory) == (128, 8 * 64 * 64)
    assert (asked[1].kernel_memory, asked[1].neuron_memory) == (8 * 16 * 32, 32 * 32 * 32)
    assert (asked[2].kernel_memory, asked[2].neuron_memory) == (32 * 16 * 16, 16 * 16 * 16)
    # fc1: a kernel over the whole map of 6x6, which takes 64 words a channel.
    assert (asked[3].kernel_memory, asked[3].neuron_memory) == (16 * 64 * 32, 32)
    assert (asked[4].kernel_memory, asked[4].neuron_memory) == (32 * 1 * 16, 10)
    assert [one.fan_in for one in asked] == [9, 72, 288, 576, 32]
    assert [one.fan_out for one in asked] == [72, 288, 144, 32, 10]
    assert all(not one.beyond for one in asked)


@pytest.mark.parametrize("name", ["tutorial", "wide", "sorbaro"])
def test_every_layer_gets_a_core_of_its_own_that_holds_it(name):
    cores = read_cores(CORES)
    table = chip_layers(_layers(name), cores)
    assert table["core"].notna().all()
    assert table["core"].is_unique
    assert (table["kernel_memory"] <= table["kernel_limit"]).all()
    assert (table["neuron_memory"] <= table["neuron_limit"]).all()


def test_the_cores_are_those_of_speck():
    found = [(one.number, one.kernel_memory // KI, one.neuron_memory // KI) for one in
             read_cores(CORES)]  # fmt: skip
    expected = [(16, 64)] * 3 + [(32, 32)] * 2 + [(64, 16)] * 2 + [(16, 16)] * 2
    assert found == [(number, *memories) for number, memories in enumerate(expected)]


def test_a_layer_gives_way_to_one_that_fits_nowhere_else():
    """The first core would hold both; taking it first for the small one would leave one over."""
    small, large = Demand(1, 1, 1, 1, ()), Demand(1, 1, 100, 1, ())
    cores = [Core(0, 100, 10), Core(1, 10, 10)]
    assert [one.number for one in assign([small, large], cores)] == [1, 0]


def test_too_many_layers_and_too_large_ones_have_no_core():
    one, huge = Demand(1, 1, 1, 1, ()), Demand(1, 1, 1000, 1, ())
    cores = [Core(0, 100, 10), Core(1, 10, 10)]
    assert [core is None for core in assign([one, one, one], cores)].count(True) == 1
    assert assign([huge], cores) == [None]


def test_limits_that_no_core_keeps_are_told():
    def build():
        return nn.Sequential(
            nn.Conv2d(1, 2, 17, bias=False), nn.ReLU(), nn.AvgPool2d(3),
            nn.Conv2d(2, 1100, 3, padding=1, bias=False), nn.ReLU(), nn.AvgPool2d(16),
            nn.Flatten(), nn.Linear(1100, 10, bias=False), nn.ReLU(),
        )  # fmt: skip

    with offered(build, "beyond") as name:
        table = chip_layers(_layers(name), read_cores(CORES))
    assert table["beyond"].tolist() == [
        "kernel above 16x16; pool other than 1, 2 or 4",
        "more than 1024 channels; pool other than 1, 2 or 4",
        "more than 1024 channels",
    ]
    assert table["core"].isna().all()
