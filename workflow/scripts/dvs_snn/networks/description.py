"""The weighted layers of a network as a table: ``network.csv``."""

from collections.abc import Sequence

import pandas as pd

from dvs_snn.files.tables import schema
from dvs_snn.networks.geometry import Layer
from dvs_snn.networks.synops import mean_exact_fanout, nominal_fanout


def network_table(layers: Sequence[Layer]) -> pd.DataFrame:
    """Return ``network.csv``: one row per weighted layer, derived from the module itself."""
    return pd.DataFrame(
        [
            {
                "layer": layer.name,
                "kind": layer.kind,
                "output_shape": "x".join(map(str, layer.output_shape)),
                "weights": layer.weights,
                "fanout_nominal": nominal_fanout(layer),
                "fanout_mean_exact": mean_exact_fanout(layer),
                "macs": layer.macs,
            }
            for layer in layers
        ],
        columns=list(schema("network")),
    )
