"""How well simulated recordings of saccades are told from real ones of the same symbols.

By statistics of their events, and by the features of a CNN: what its last layer reads, averaged
over the frames of a recording. The features show what a network sees of differences between single
events.

The classifier's test is that of Lopez-Paz and Oquab 2017, ICLR. A real recording and the simulated
one of the same symbol always lie in the same fold, so no digit's shape gives its origin away.
"""

from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from dvs_snn.files.job import Progress
from dvs_snn.files.randomness import generator
from dvs_snn.files.tables import read_shipped, schema, write_table
from dvs_snn.probes.event_statistics import STATISTICS, statistics_of
from dvs_snn.probes.sensors import NOMINAL_CONDITION, distinct_settings, recordings_of
from dvs_snn.probes.twins import half_of
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.store.event_store import StoredRecording, open_store
from dvs_snn.settings.frame_settings import FrameRule
from dvs_snn.settings.simulation_settings import SceneSettings
from dvs_snn.simulation.symbols import Symbols, read_symbols
from dvs_snn.simulation.takes import set_takes

if TYPE_CHECKING:
    from torch import nn

SCENE = "saccades"
WRONG_SYMBOLS = 250
"""Symbols of the odd half that each sensor that is wrong on purpose records."""

ALL = "all"
"""The classifier's row, beside the rows of single statistics."""

FEWEST = 20
"""Symbols of a half that a comparison of features takes at least, for folds and covariances."""

N_FOLDS = 5
N_DRAWS = 500
"""Bootstrap draws of symbols."""


class Separation(NamedTuple):
    """How far a score tells simulated recordings from real ones.

    Attributes:
        auc: chance that a simulated recording has a higher score than a real one; 0.5 tells
            nothing, 1 everything.
        auc_low, auc_high: 95 % bootstrap interval over symbols.
    """

    auc: float
    auc_low: float
    auc_high: float


def separation(real: np.ndarray, simulated: np.ndarray, seed: int) -> Separation:
    """Return how far a score, float (symbol,), separates both kinds; a nan is the lowest score."""
    scores = np.nan_to_num(np.stack([real, simulated]), nan=-np.inf)
    draws = generator(seed, "two samples").integers(0, len(real), (N_DRAWS, len(real)))
    aucs = [area_under_curve(*scores[:, draw]) for draw in draws]
    return Separation(area_under_curve(*scores), *map(float, np.quantile(aucs, [0.025, 0.975])))


def area_under_curve(real: np.ndarray, simulated: np.ndarray) -> float:
    """Area under the ROC curve, by ranks: ties count half (Mann and Whitney 1947)."""
    n_real, n_simulated = len(real), len(simulated)
    ranks = stats.rankdata(np.concatenate([real, simulated]))
    above = ranks[n_real:].sum() - n_simulated * (n_simulated + 1) / 2
    return float(above / (n_real * n_simulated))


def one_by_one(real: np.ndarray, simulated: np.ndarray, seed: int) -> Separation:
    """Return how far one statistic alone separates both kinds, in whichever direction it does."""
    auc, low, high = separation(real, simulated, seed)
    return Separation(auc, low, high) if auc >= 0.5 else Separation(1 - auc, 1 - high, 1 - low)


def together(real: np.ndarray, simulated: np.ndarray, seed: int) -> Separation:
    """Return how far gradient boosting on many statistics separates both kinds.

    Each recording's score comes from a classifier that saw neither it nor its twin.

    Args:
        real, simulated: float (symbol, statistic), in the same order of symbols; nan is missing.
        seed: of folds, classifier and bootstrap.
    """
    n = len(real)
    fold = generator(seed, "folds").permutation(np.arange(n) % N_FOLDS)
    scores = np.empty((2, n))
    for held_out in range(N_FOLDS):
        seen, unseen = fold != held_out, fold == held_out
        classifier = HistGradientBoostingClassifier(
            max_iter=100, max_leaf_nodes=15, early_stopping=False, random_state=seed
        )
        rows = np.concatenate([real[seen], simulated[seen]])
        # Its threads would wait for cores that other jobs use.
        with threadpool_limits(1):
            classifier.fit(rows, np.repeat([0, 1], int(seen.sum())))
            for side, values in enumerate((real, simulated)):
                scores[side, unseen] = classifier.decision_function(values[unseen])
    return separation(scores[0], scores[1], seed)


def read_real_statistics(path: Path) -> pd.DataFrame:
    """Read the real twins' shipped statistics, a row a symbol; StudyError on other columns."""
    return read_shipped(path, ("symbol", *STATISTICS)).set_index("symbol")


def halves(
    real: pd.DataFrame, simulated: pd.DataFrame, condition: tuple[str, str], fewest: int = 1
) -> Iterator[tuple[dict[str, Any], pd.DataFrame, pd.DataFrame]]:
    """Yield the rows of the symbols that both tables have, the odd and the even half by itself.

    Each with how the half's rows of ``realism.csv`` and ``features.csv`` begin.
    """
    both = simulated.index[simulated.index.isin(real.index)]
    for half in ("odd", "even"):
        symbols = [symbol for symbol in both if half_of(symbol) == half]
        if len(symbols) >= fewest:
            row = {"half": half, "part": condition[0], "change": condition[1], "n": len(symbols)}
            yield row, real.loc[symbols], simulated.loc[symbols]


def wrong_sensors(
    real: Container[str],
    symbols: Symbols,
    settings: SceneSettings,
    seed: int,
    progress: Progress,
) -> Iterator[tuple[tuple[str, str], Iterator[StoredRecording]]]:
    """Yield each sensor that is wrong on purpose, and its recordings of `WRONG_SYMBOLS` symbols."""
    takes = [
        take
        for take in set_takes(settings, symbols, SCENE, "test")
        if take.symbol in real and half_of(take.symbol) == "odd"
    ]
    order = generator(seed, "wrong sensors").permutation(len(takes))[:WRONG_SYMBOLS]
    takes = [takes[place] for place in sorted(order)]
    wrong = distinct_settings(settings, SCENE)
    del wrong[NOMINAL_CONDITION]
    with progress.bar(len(wrong), "sensor", "wrong sensors") as bar:
        for condition, changed in wrong.items():
            yield condition, recordings_of(takes, symbols, changed, seed)
            bar.advance(1)


def compare(
    real: pd.DataFrame, simulated: pd.DataFrame, condition: tuple[str, str], seed: int
) -> Iterator[dict[str, Any]]:
    """Yield rows of ``realism.csv``.

    The nominal sensor has a row for each statistic, a sensor that is wrong on purpose only `ALL`.
    """
    for row, left, right in halves(real, simulated, condition):
        separation = together(left.to_numpy(), right.to_numpy(), seed)
        yield row | separation._asdict() | {"statistic": ALL}
        for name in STATISTICS if condition == NOMINAL_CONDITION else ():
            separation = one_by_one(left[name].to_numpy(), right[name].to_numpy(), seed)
            medians = {"real": left[name].median(), "simulated": right[name].median()}
            yield row | separation._asdict() | {"statistic": name} | medians


def statistics_by_symbol(recordings: Iterable[StoredRecording]) -> pd.DataFrame:
    """Return the `STATISTICS` of recordings, a row each, by the name of its symbol."""
    rows = {recording.symbol: statistics_of(recording.raw) for recording in recordings}
    return pd.DataFrame.from_dict(rows, orient="index")


def tell_apart(
    events: Path,
    recordings: Path,
    placements: dict[str, Placement],
    shipped: Path,
    symbols: Path,
    saccades: SceneSettings,
    study_seed: int,
    table: Path,
    progress: Progress,
) -> None:
    """Write ``realism.csv``: how well statistics tell simulated recordings from real ones.

    Args:
        events, recordings, placements: the store of the set ``saccades-test``.
        shipped: `STATISTICS` of the real recordings of the same symbols.
        symbols, saccades: for the sensors that are wrong on purpose.
    """
    real, drawn = read_real_statistics(shipped), read_symbols(symbols)
    simulated = statistics_by_symbol(open_store(events, recordings, placements))
    rows = list(compare(real, simulated, NOMINAL_CONDITION, study_seed))
    for condition, wrong in wrong_sensors(real.index, drawn, saccades, study_seed, progress):
        rows += compare(real, statistics_by_symbol(wrong), condition, study_seed)
    write_table(pd.DataFrame(rows, columns=schema("realism")), table, "realism")


def features_of(
    cnn: "nn.Sequential", recordings: Iterable[StoredRecording], rule: FrameRule
) -> pd.DataFrame:
    """Return the features of recordings' frames, a row each, by the name of its symbol."""
    import torch

    # Behind the features come the last weighted layer and its ReLU.
    part, features = cnn[:-2], {}
    for recording in recordings:
        frames = np.stack([frame.pixels for frame in recording.frames(rule)])
        with torch.no_grad():
            outputs = part(torch.from_numpy(frames).float())
        features[recording.symbol] = outputs.mean(dim=0).numpy()
    return pd.DataFrame.from_dict(features, orient="index")


def frechet_distance(real: np.ndarray, simulated: np.ndarray) -> float:
    """Return the squared distance of the normal distributions that two samples suggest.

    They have the samples' means and covariances.

    Source: Dowson and Landau 1982, J. Multivar. Anal. 12:450; for features of networks, Heusel et
    al. 2017, NeurIPS.

    Args:
        real, simulated: float (sample, feature).
    """
    covariances = [np.atleast_2d(np.cov(side, rowvar=False)) for side in (real, simulated)]
    # The eigenvalues of the product of two covariances are real and not negative but for rounding.
    roots = np.sqrt(np.linalg.eigvals(covariances[0] @ covariances[1]).real.clip(min=0))
    shift = real.mean(axis=0) - simulated.mean(axis=0)
    return float(shift @ shift + (sum(map(np.trace, covariances)) - 2 * roots.sum()))


def compare_halves(
    real: pd.DataFrame, simulated: pd.DataFrame, condition: tuple[str, str], seed: int
) -> Iterator[dict[str, Any]]:
    """Yield a row of ``features.csv`` for each half of at least `FEWEST` symbols."""
    for row, *tables in halves(real, simulated, condition, FEWEST):
        left, right = (table.to_numpy(np.float64) for table in tables)
        variance = left.var(axis=0, ddof=1).sum()
        distance = frechet_distance(left, right) / variance if variance else None
        yield row | together(left, right, seed)._asdict() | {"distance": distance}


def compare_features(
    weights: Path,
    events: list[Path],
    recordings: list[Path],
    placements: dict[str, Placement],
    frames: FrameRule,
    symbols: Path,
    saccades: SceneSettings,
    study_seed: int,
    network: dict[str, str | int],
    table: Path,
    progress: Progress,
) -> None:
    """Write ``features.csv``: how well a CNN's features tell simulated recordings from real ones.

    Args:
        weights: of the CNN; `network` is its variant and seed.
        events, recordings, placements: the stores of ``real-twins`` and ``saccades-test``.
    """
    from dvs_snn.networks.conversion import load_weights

    _, cnn, _ = load_weights(weights)
    stored = (open_store(*store, placements) for store in zip(events, recordings, strict=True))
    real, ours = (features_of(cnn, recordings, frames) for recordings in stored)
    rows = list(compare_halves(real, ours, NOMINAL_CONDITION, study_seed))
    drawn = read_symbols(symbols)
    for condition, wrong in wrong_sensors(real.index, drawn, saccades, study_seed, progress):
        rows += compare_halves(real, features_of(cnn, wrong, frames), condition, study_seed)
    features = pd.DataFrame(rows, columns=schema("features")).assign(**network)
    write_table(features, table, "features")
