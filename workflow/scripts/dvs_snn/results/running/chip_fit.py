"""``chip_fit.csv``: how the quoted networks of whole numbers fit Speck's cores."""

import pandas as pd

from dvs_snn.evaluation.ablation.outcomes import POINT_KEY, WHOLE_LAYERS
from dvs_snn.files.tables import Column, subset

CHIP_FIT_TABLE = {
    **POINT_KEY,
    **subset(WHOLE_LAYERS, "layer"),
    "core": Column("whole", "", "the core of Speck that takes the layer, empty if none does"),
    "fits": Column("whole", "0 or 1", "whether a core takes it"),
    "beyond": Column("text", "", "limits that no core keeps, empty if there are none"),
    "kernel_memory": Column("whole", "words", "memory that its weights take"),
    "kernel_limit": Column("whole", "words", "memory for weights of that core"),
    "neuron_memory": Column("whole", "words", "memory that its neurons take"),
    "neuron_limit": Column("whole", "words", "memory for neurons of that core"),
    "fan_in": Column("whole", "synapses", "weights of one neuron"),
    "fan_out": Column("whole", "synapses/spike", "neurons that one incoming spike reaches at most"),
    **subset(WHOLE_LAYERS, "largest_weight threshold lower_bound"),
    "spikes_per_event": Column(
        "whole", "spikes",
        "most spikes that one incoming spike can cause: largest weight over threshold, upwards",
    ),
    "busiest_set": Column("text", "", "the set of `synops_per_s`"),
    "synops_per_s": Column(
        "number", "SynOps/s", "SynOps over time, of the set of recordings where it is highest"
    ),
}  # fmt: skip


def chip_fit_table(layers: pd.DataFrame, chip: pd.DataFrame) -> pd.DataFrame:
    """Return ``chip_fit.csv``: a row per network and layer.

    Args:
        layers: rows of `WHOLE_LAYERS` of all networks.
        chip: what `chip.chip_layers` returns of the study's network.
    """
    rates = layers.assign(synops_per_s=layers["synops"] / layers["seconds"])
    rates = rates.rename(columns={"set": "busiest_set"}).reset_index(drop=True)
    own = [*POINT_KEY, "layer"]
    # Of equals the set that stands first.
    busiest = rates.loc[rates.groupby(own, sort=False)["synops_per_s"].idxmax()]
    joined = busiest.merge(chip, on="layer", how="left", validate="many_to_one")
    whole = joined["largest_weight"].clip(lower=0)
    return joined.assign(
        fits=joined["core"].notna().astype(int), spikes_per_event=-(-whole // joined["threshold"])
    )[list(CHIP_FIT_TABLE)]
