"""Other networks run through the tiny study to the report, and are described as they are."""

import pandas as pd
import pytest
from running import run_study, write_config

# A stride of 2, a padding of 1, and a pool that drops a row: 31 = 3 * 10 + 1.
STRIDED = '''

@network
def strided() -> nn.Sequential:
    """A network of a user's own."""
    return nn.Sequential(
        nn.Conv2d(1, 6, kernel_size=5, stride=2, padding=1, bias=False),
        nn.ReLU(),
        nn.AvgPool2d(3),
        nn.Flatten(),
        nn.Linear(600, 32, bias=False),
        nn.ReLU(),
        nn.Linear(32, 10, bias=False),
        nn.ReLU(),
    )
'''

# Worked out by hand. An exact fan-out is the mean over all places where a spike may come from:
# MACs / input places where nothing is padded, times the share of places that the pool keeps.
EXPECTED = [
    # Along one axis 31 windows of 5 pixels start at -1, 1, ..., 59: one pixel is padding.
    ("conv1", "conv", "6x31x31", 150, 150, 6 * (31 * 5 - 1) ** 2 / 64**2, 150 * 31**2),
    ("fc1", "linear", "32", 19_200, 32, 32 * (30 / 31) ** 2, 19_200),
    ("fc2", "linear", "10", 320, 10, 10.0, 320),
]


def test_another_network_runs_to_the_report(finished_copy):
    # Its recordings are simulated already; the network and all that follows it is made again.
    study = finished_copy()
    architectures = "workflow/scripts/dvs_snn/networks/architectures.py"
    with open(study.project / architectures, "a", encoding="utf-8") as source:
        source.write(STRIDED)
    config = write_config(
        study.project,
        "own.yaml",
        model={"name": "strided"},
        training={"epochs": 4},
        sweep={"scales": [1.0, 2.15]},
    )
    run_study(study.project, *study.configs, config)
    results = study.results
    table = pd.read_csv(results / "tables/network.csv")
    columns = "layer kind output_shape weights fanout_nominal fanout_mean_exact macs".split()
    assert list(table.columns) == columns
    assert len(table) == len(EXPECTED)
    for row, expected in zip(table.itertuples(index=False), EXPECTED, strict=True):
        found = (row.layer, row.kind, str(row.output_shape), row.weights, row.fanout_nominal)
        assert found == expected[:5]
        assert row.fanout_mean_exact == pytest.approx(expected[5], rel=1e-9)
        assert row.macs == expected[6]
    evaluation = pd.read_csv(results / "tables/evaluation.csv")
    assert set(evaluation["set"]) == {"validation", "test", "saccades-test"}
    assert evaluation.groupby("set")["chosen"].sum().eq(1).all()
    layers = pd.read_csv(results / "tables/layers.csv")
    assert set(layers["layer"]) == {row[0] for row in EXPECTED}
