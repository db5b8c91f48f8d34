"""The weighted layers of a network as a table: ``network.csv``."""

from dataclasses import dataclass
from math import prod
from pathlib import Path

import pandas as pd

from dvs_snn.files.job import Progress
from dvs_snn.files.tables import write_table
from dvs_snn.networks.architectures import build_network, describe_layers
from dvs_snn.networks.synops import fanout_map, mac_map, nominal_fanout


@dataclass(frozen=True)
class DescribeJob:
    """What the rule `describe` gives: the name of the network, its outputs, and the table."""

    model: str
    n_classes: int
    table: Path


def describe(job: DescribeJob, progress: Progress) -> None:
    """Write ``network.csv``: one row per weighted layer, derived from the module itself."""
    layers = describe_layers(job.model, build_network(job.model, job.n_classes))
    rows = [
        {
            "layer": layer.name,
            "kind": layer.kind,
            "output_shape": "x".join(map(str, layer.output_shape)),
            "n_inputs": mac_map(layer).size,
            "n_outputs": prod(layer.output_shape),
            "weights": layer.weights,
            "fanout_nominal": nominal_fanout(layer),
            "fanout_mean_exact": float(fanout_map(layer).mean()),
            "macs": layer.macs,
        }
        for layer in layers
    ]
    write_table(pd.DataFrame(rows), job.table, "network")
    progress.say(f"{job.model}: {sum(layer.weights for layer in layers)} weights")
