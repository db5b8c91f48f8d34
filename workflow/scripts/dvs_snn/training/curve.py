"""The curve of a training: its rows of ``training.csv``."""

from collections.abc import Sequence

import pandas as pd

from dvs_snn.files.tables import schema


def training_curve(variant: str, seed: int, epochs: Sequence) -> pd.DataFrame:
    """Return a training's rows of ``training.csv`` from its epoch records."""
    rows = [{"variant": variant, "seed": seed, **vars(record)} for record in epochs]
    return pd.DataFrame(rows, columns=list(schema("training")))
