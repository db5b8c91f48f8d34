"""The curve of a training: its rows of ``training.csv``."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dvs_snn.files.tables import schema, write_table


@dataclass(frozen=True)
class EpochRecord:
    """One row of the training curve; accuracies are shares of training samples and of frames."""

    epoch: int
    loss: float
    train_accuracy: float
    validation_accuracy: float


def write_curve(variant: str, seed: int, epochs: Sequence[EpochRecord], path: Path) -> None:
    """Write a training's rows of ``training.csv``."""
    rows = [{"variant": variant, "seed": seed, **vars(record)} for record in epochs]
    write_table(pd.DataFrame(rows, columns=schema("training")), path, "training")
