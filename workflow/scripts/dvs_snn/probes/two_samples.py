"""A two-sample test: how well a classifier tells real recordings from simulated ones.

Source: classifier two-sample tests, Lopez-Paz and Oquab 2017, ICLR. A real recording and the
simulated one of the same symbol always lie in the same fold, so no digit's shape gives its origin
away.
"""

from typing import NamedTuple

import numpy as np
from scipy import stats

from dvs_snn.files.randomness import generator

N_FOLDS = 5
N_DRAWS = 500
"""Bootstrap draws of symbols."""


class Separation(NamedTuple):
    """How far a score tells simulated recordings from real ones.

    Attributes:
        auc: chance that a simulated recording has a higher score than a real one; 0.5 tells
            nothing, 1 everything.
        low, high: 95 % bootstrap interval over symbols.
    """

    auc: float
    low: float
    high: float


def separation(real: np.ndarray, simulated: np.ndarray, seed: int) -> Separation:
    """Return how far a score, float (symbol,), separates both kinds; a nan is the lowest score."""
    scores = np.nan_to_num(np.stack([real, simulated]), nan=-np.inf)
    draws = generator(seed, "two samples").integers(0, len(real), (N_DRAWS, len(real)))
    aucs = [_auc(*scores[:, draw]) for draw in draws]
    return Separation(_auc(*scores), *map(float, np.quantile(aucs, [0.025, 0.975])))


def _auc(real: np.ndarray, simulated: np.ndarray) -> float:
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
    # Light jobs import this module too.
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

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
