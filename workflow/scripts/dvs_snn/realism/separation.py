"""How well statistics of events tell simulated recordings of saccades from real ones.

Both show the same symbols. The classifier's test is that of Lopez-Paz and Oquab 2017, ICLR. A real
recording and the simulated one of the same symbol always lie in the same fold, so no digit's shape
gives its origin away.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import PredefinedSplit, cross_val_predict
from threadpoolctl import threadpool_limits

from dvs_snn.files.job import Progress
from dvs_snn.files.randomness import generator
from dvs_snn.files.tables import read_shipped, schema, write_table
from dvs_snn.realism.event_statistics import statistics_of
from dvs_snn.realism.sensors import Condition, changed_settings, recordings_of
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.store.event_store import StoredRecording, open_store
from dvs_snn.settings.set_names import half_of
from dvs_snn.settings.simulation_settings import SceneSettings
from dvs_snn.simulation.drawn_symbols import Symbols, read_symbols
from dvs_snn.simulation.takes import Take, set_takes

SCENE = "saccades"
NOMINAL: Condition = ("nominal", "none")
"""The sensor that isn't changed."""

WRONG_SYMBOLS = 250
"""Symbols of the odd half that each sensor that is wrong on purpose records."""

ALL = "all"
"""The classifier's row, beside the rows of single statistics."""

N_FOLDS = 5
N_DRAWS = 500
"""Bootstrap draws of symbols."""


def separation(real: np.ndarray, simulated: np.ndarray, seed: int) -> dict[str, float]:
    """Return how far a score, float (symbol,), separates both kinds; a nan is the lowest score.

    Returns:
        `auc`: chance that a simulated recording has a higher score than a real one; 0.5 tells
        nothing, 1 everything. `auc_low`, `auc_high`: its 95 % bootstrap interval over symbols.
    """
    real = np.nan_to_num(real, nan=-np.inf)
    simulated = np.nan_to_num(simulated, nan=-np.inf)
    n = len(real)
    draws = generator(seed, "two samples").integers(0, n, (N_DRAWS, n))
    low, high = np.quantile(area_under_curve(real[draws], simulated[draws]), [0.025, 0.975])
    auc = area_under_curve(real, simulated)
    return {"auc": float(auc), "auc_low": float(low), "auc_high": float(high)}


def area_under_curve(real: np.ndarray, simulated: np.ndarray) -> np.ndarray:
    """Return the area under the ROC curve along the last axis; ties count half.

    It is Mann and Whitney's U (1947) over the number of pairs.
    """
    test = stats.mannwhitneyu(simulated, real, axis=-1, method="asymptotic")
    return test.statistic / (np.shape(real)[-1] * np.shape(simulated)[-1])


def one_by_one(real: np.ndarray, simulated: np.ndarray, seed: int) -> dict[str, float]:
    """Return how far one statistic alone separates both kinds, in whichever direction it does."""
    risen = separation(real, simulated, seed)
    if risen["auc"] >= 0.5:
        return risen
    ends = {"auc_low": 1 - risen["auc_high"], "auc_high": 1 - risen["auc_low"]}
    return {"auc": 1 - risen["auc"], **ends}


def together(real: np.ndarray, simulated: np.ndarray, seed: int) -> dict[str, float]:
    """Return how far gradient boosting on many statistics separates both kinds.

    Each recording's score comes from a classifier that saw neither it nor its twin.

    Args:
        real, simulated: float (symbol, statistic), in the same order of symbols; nan is missing.
        seed: of folds, classifier and bootstrap.
    """
    n = len(real)
    fold = generator(seed, "folds").permutation(np.arange(n) % N_FOLDS)
    classifier = HistGradientBoostingClassifier(
        max_iter=100, max_leaf_nodes=15, early_stopping=False, random_state=seed
    )
    # Its threads would wait for cores that other jobs use.
    with threadpool_limits(1):
        scores = cross_val_predict(
            classifier,
            np.concatenate([real, simulated]),
            np.repeat([0, 1], n),
            cv=PredefinedSplit(np.tile(fold, 2)),
            method="decision_function",
        )
    return separation(scores[:n], scores[n:], seed)


def statistics_by_symbol(recordings: Iterable[StoredRecording]) -> pd.DataFrame:
    """Return the statistics of recordings, a row each, by the name of its symbol."""
    rows = {recording.symbol: statistics_of(recording.raw) for recording in recordings}
    return pd.DataFrame.from_dict(rows, orient="index")


def compare(
    real: pd.DataFrame, simulated: pd.DataFrame, condition: Condition, seed: int
) -> list[dict[str, Any]]:
    """Return rows of ``realism.csv``: of each half of the symbols that both tables have.

    The nominal sensor has a row for each statistic, a sensor that is wrong on purpose only `ALL`.

    Args:
        real, simulated: statistics, a row each symbol, by its name.
    """
    part, change = condition
    shown = simulated.index[simulated.index.isin(real.index)]
    rows = []
    for half in ("odd", "even"):
        symbols = [symbol for symbol in shown if half_of(symbol) == half]
        if not symbols:
            continue
        left = real.loc[symbols, simulated.columns]
        right = simulated.loc[symbols]
        key = {"half": half, "part": part, "change": change, "n": len(symbols)}
        apart = together(left.to_numpy(), right.to_numpy(), seed)
        rows.append({**key, "statistic": ALL, **apart})
        if condition != NOMINAL:
            continue
        for name in simulated.columns:
            apart = one_by_one(left[name].to_numpy(), right[name].to_numpy(), seed)
            medians = {"real": left[name].median(), "simulated": right[name].median()}
            rows.append({**key, "statistic": name, **apart, **medians})
    return rows


def wrong_takes(
    real: pd.DataFrame, symbols: Symbols, settings: SceneSettings, seed: int
) -> list[Take]:
    """Return what sensors record that are wrong on purpose: `WRONG_SYMBOLS` of the odd half."""
    takes = [
        take
        for take in set_takes(settings, symbols, SCENE, "test")
        if take.symbol in real.index and half_of(take.symbol) == "odd"
    ]
    drawn = generator(seed, "wrong sensors").permutation(len(takes))[:WRONG_SYMBOLS]
    return [takes[place] for place in sorted(drawn)]


@dataclass(frozen=True)
class TellApartJob:
    """What the rule `tell_apart` gives.

    Attributes:
        events, recordings, placements: the store of the set ``saccades-test``.
        shipped: statistics of the real recordings of the same symbols.
        symbols, saccades: for the sensors that are wrong on purpose.
    """

    events: Path
    recordings: Path
    placements: dict[str, Placement]
    shipped: Path
    symbols: Path
    saccades: SceneSettings
    study_seed: int
    table: Path


def tell_apart(job: TellApartJob, progress: Progress) -> None:
    """Write ``realism.csv``: how well statistics tell simulated recordings from real ones."""
    seed = job.study_seed
    nominal = statistics_by_symbol(open_store(job.events, job.recordings, job.placements))
    real = read_shipped(job.shipped, ("symbol", *nominal.columns)).set_index("symbol")
    rows = compare(real, nominal, NOMINAL, seed)

    symbols = read_symbols(job.symbols)
    takes = wrong_takes(real, symbols, job.saccades, seed)
    wrong = changed_settings(job.saccades, SCENE)
    with progress.bar(len(wrong), "sensor", "wrong sensors") as bar:
        for condition, settings in wrong.items():
            recordings = recordings_of(takes, symbols, settings, seed)
            rows += compare(real, statistics_by_symbol(recordings), condition, seed)
            bar.advance(1)
    write_table(pd.DataFrame(rows, columns=list(schema("realism"))), job.table, "realism")
