"""The curve of a training: its rows of ``training.csv``."""

from collections.abc import Sequence

import pandas as pd

from dvs_snn.files.tables import Column
from dvs_snn.networks.key import NETWORK_KEY

CURVE_COLUMNS = {
    **NETWORK_KEY,
    "epoch": Column("whole", "", "number of the epoch, from 1"),
    "loss": Column("number", "", "mean loss over the training frames, taken during the epoch"),
    "train_accuracy": Column("number", "share", "training frames read rightly during the epoch"),
    "validation_accuracy": Column(
        "number", "share", "validation frames read rightly after the epoch"
    ),
}


def training_curve(variant: str, seed: int, epochs: Sequence) -> pd.DataFrame:
    """Return a training's rows of ``training.csv`` from its epoch records."""
    rows = [{"variant": variant, "seed": seed, **vars(record)} for record in epochs]
    return pd.DataFrame(rows, columns=list(CURVE_COLUMNS))
