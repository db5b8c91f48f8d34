"""Who reads what after a lesson: a network by hand reads the even half alone."""

import pandas as pd
from jobs import quiet
from small_networks import steps_of
from torch import nn, no_grad

from dvs_snn.datasets.samples import BinnedRecording
from dvs_snn.networks.conversion import Converted
from dvs_snn.realism.learning.reading import read_held_out
from dvs_snn.settings.conversion import NeuronParameters


def by_row() -> nn.Sequential:
    """Output d counts the events of row d."""
    cnn = nn.Sequential(nn.Flatten(), nn.Linear(64 * 64, 10, bias=False), nn.ReLU())
    with no_grad():
        cnn[1].weight.zero_()
        for digit in range(10):
            cnn[1].weight[digit, 64 * digit : 64 * (digit + 1)] = 1.0
    return cnn


def recording(symbol: str, row: int) -> BinnedRecording:
    steps = steps_of([(0, row, 3), (1, row, 4)], 2)
    return BinnedRecording(symbol, symbol, int(symbol[0]), "", steps, 0, 0.02)


def test_only_symbols_of_the_even_half_are_read():
    sets = {
        "real-twins": [recording(f"{d}/{k:04d}", d) for d in (2, 5) for k in (1, 2, 3, 4)],
        # This one shows another digit than its label says.
        "test": [recording("7/0001", 7), recording("7/0002", 6)],
    }
    converted = Converted("by-row", by_row(), NeuronParameters(1.0, None))
    found = read_held_out(converted, 1.0, sets, 10.0, 1, quiet())
    assert isinstance(found, pd.DataFrame)
    rows = found[["set", "symbol", "predicted", "correct", "n_events"]].values.tolist()
    assert rows == [
        ["real-twins", "2/0002", 2, 1, 2], ["real-twins", "2/0004", 2, 1, 2],
        ["real-twins", "5/0002", 5, 1, 2], ["real-twins", "5/0004", 5, 1, 2],
        ["test", "7/0002", 6, 0, 2],
    ]  # fmt: skip
