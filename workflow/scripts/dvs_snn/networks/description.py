"""The weighted layers of a network as a table: ``network.csv``."""

from pathlib import Path

import pandas as pd

from dvs_snn.files.job import Progress
from dvs_snn.files.tables import write_table
from dvs_snn.networks.architectures import build_network, describe_layers
from dvs_snn.networks.synops import fanout_map, nominal_fanout


def describe(model: str, n_classes: int, table: Path, progress: Progress) -> None:
    """Write ``network.csv``: one row per weighted layer, derived from the module itself."""
    rows = [
        {
            "layer": layer.name,
            "kind": layer.kind,
            "output_shape": "x".join(map(str, layer.output_shape)),
            "weights": layer.weights,
            "fanout_nominal": nominal_fanout(layer),
            "fanout_mean_exact": float(fanout_map(layer).mean()),
            "macs": layer.macs,
        }
        for layer in describe_layers(model, build_network(model, n_classes))
    ]
    write_table(pd.DataFrame(rows), table, "network")
    progress.say(f"{model}: {sum(row['weights'] for row in rows)} weights")
