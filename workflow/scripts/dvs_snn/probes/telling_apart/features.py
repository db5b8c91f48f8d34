"""How far a CNN tells real recordings from simulated ones of the same symbols, by its features.

Features are what the CNN's last layer reads, averaged over the frames of a recording. They show
what a network sees of differences between single events.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd
import torch
from torch import nn

from dvs_snn.files.job import Progress
from dvs_snn.files.tables import schema
from dvs_snn.probes.sensor_changes import NOMINAL_CONDITION
from dvs_snn.probes.telling_apart.comparison import by_half, wrong_sensors
from dvs_snn.probes.telling_apart.two_samples import together
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.store.event_store import StoredRecording
from dvs_snn.settings.frames import FrameRule
from dvs_snn.simulation.symbols import Symbols

FEWEST = 20
"""Symbols of a half that a comparison takes at least: its folds and covariances need some."""


def features_of(
    cnn: nn.Sequential, recordings: Iterable[StoredRecording], rule: FrameRule
) -> pd.DataFrame:
    """Return the features of recordings' frames, a row each, by the name of its symbol."""
    # Behind the features come the last weighted layer and its ReLU.
    part = cnn[:-2]
    found = {}
    for recording in recordings:
        frames = np.stack([frame.pixels for frame in recording.frames(rule)])
        with torch.no_grad():
            outputs = part(torch.from_numpy(frames).float())
        found[recording.symbol] = outputs.mean(dim=0).numpy()
    return pd.DataFrame.from_dict(found, orient="index")


def frechet_distance(real: np.ndarray, simulated: np.ndarray) -> float:
    """Return the squared distance of the normal distributions that two samples suggest.

    They have the samples' means and covariances.

    Source: Dowson and Landau 1982, J. Multivar. Anal. 12:450; for features of networks, Heusel et
    al. 2017, NeurIPS.

    Args:
        real, simulated: float (sample, feature).
    """
    covariances = [np.atleast_2d(np.cov(one, rowvar=False)) for one in (real, simulated)]
    # The eigenvalues of the product of two covariances are real and not negative but for rounding.
    roots = np.sqrt(np.linalg.eigvals(covariances[0] @ covariances[1]).real.clip(min=0))
    shift = real.mean(axis=0) - simulated.mean(axis=0)
    spread = sum(np.trace(one) for one in covariances) - 2 * roots.sum()
    return float(shift @ shift + spread)


def compare_features(
    real: pd.DataFrame, simulated: pd.DataFrame, condition: tuple[str, str], seed: int
) -> Iterator[dict[str, object]]:
    """Yield a row of the table `features` for each half of the symbols that both tables have."""
    for half, *tables in by_half(real, simulated):
        left, right = (table.to_numpy(np.float64) for table in tables)
        if len(left) < FEWEST:
            continue
        found = together(left, right, seed)
        variance = left.var(axis=0, ddof=1).sum()
        yield {
            "half": half, "part": condition[0], "change": condition[1],
            "auc": found.auc, "auc_low": found.low, "auc_high": found.high, "n": len(left),
            "distance": frechet_distance(left, right) / variance if variance else None,
        }  # fmt: skip


def features_table(
    cnn: nn.Sequential,
    real: Iterable[StoredRecording],
    ours: Iterable[StoredRecording],
    rule: FrameRule,
    placement: Placement,
    symbols: Symbols,
    simulation: dict,
    seed: int,
    progress: Progress,
) -> pd.DataFrame:
    """Return ``features.csv`` without the columns that name the network.

    Args:
        real, ours: recordings of the same symbols in saccades.
        rule: how events become frames.
        placement: of the scene's recordings on the network.
        symbols, simulation: for the sensors that are wrong on purpose, as of `wrong_sensors`.
    """
    of_real = features_of(cnn, real, rule)
    rows = list(compare_features(of_real, features_of(cnn, ours, rule), NOMINAL_CONDITION, seed))
    for condition, recordings in wrong_sensors(of_real.index, symbols, simulation, seed, progress):
        known = (
            StoredRecording("", symbol, None, "", "", one, placement) for symbol, one in recordings
        )
        rows += compare_features(of_real, features_of(cnn, known, rule), condition, seed)
    return pd.DataFrame(rows, columns=list(schema("features"))[2:])
