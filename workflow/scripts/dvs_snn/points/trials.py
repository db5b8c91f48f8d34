"""How methods read a set, summed by symbol: what a choice and a comparison are bootstrapped from.

What a point costs is told in operations a reading, and per 3,000 events. With an exit these are the
operations until it; the events are all events of the recordings, since the network rests after it.
"""

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from dvs_snn.evaluation.readings import NETWORK, read_readings
from dvs_snn.files.randomness import generator
from dvs_snn.points.point import COUNTED_OF, Point
from dvs_snn.settings.training_settings import SYNOPS_EVENTS

N_DRAWS = 2000
POINTS_AND_SEEDS_AT_ONCE = 1000


class Sums(NamedTuple):
    """Sums over the recordings of a symbol, each of the same shape.

    `operations`, `time_ms` and `events_read` count until the network stops, `events` and `whole_ms`
    to the recording's end. `exited` are the recordings that the network left early.
    """

    correct: np.ndarray
    recordings: np.ndarray
    operations: np.ndarray
    events: np.ndarray
    whole_ms: np.ndarray
    time_ms: np.ndarray
    events_read: np.ndarray
    exited: np.ndarray


class Measured(NamedTuple):
    """What points measured, float64 (draw, point): share of recordings read rightly, cost.

    The cost is operations per 3,000 events, nan without any event; that of a reading ends at the
    exit.
    """

    accuracy: np.ndarray
    cost: np.ndarray
    per_reading: np.ndarray


class Weights(NamedTuple):
    """How often symbols and trainings count: float64 (draw, symbol) and (draw, seed)."""

    symbols: np.ndarray
    seeds: np.ndarray

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Return means over the drawn trainings, of the shape of `values` (draw, ..., seed)."""
        return np.einsum("d...s,ds->d...", values, self.seeds) / self.seeds.shape[1]


@dataclass(frozen=True, eq=False)
class Trials:
    """How points read one set, by training.

    Attributes:
        points: sorted by `Point.order`, or as a front has them.
        seeds, symbols: ascending.
        sums: `Sums`, float64 (quantity, symbol, point, seed).
    """

    points: tuple[Point, ...]
    seeds: tuple[int, ...]
    symbols: tuple[str, ...]
    sums: np.ndarray

    def weights(self, seed: int, purpose: str) -> Weights:
        """Draw the set's symbols and the trainings, as `bootstrap_weights` does."""
        return bootstrap_weights(len(self.symbols), len(self.seeds), seed, purpose)

    def measured(self, weights: Weights) -> Measured:
        """Return what each draw of `weights` measures, means over the drawn seeds."""
        # In parts: all draws of all points and seeds would take more memory than the sums.
        at_once = max(1, POINTS_AND_SEEDS_AT_ONCE // len(self.seeds))
        parts = []
        for start in range(0, len(self.points), at_once):
            sums = Sums(*self.sums[:, :, start : start + at_once])
            correct = np.tensordot(weights.symbols, sums.correct, 1)
            recordings = np.tensordot(weights.symbols, sums.recordings, 1)
            operations = np.tensordot(weights.symbols, sums.operations, 1)
            events = np.tensordot(weights.symbols, sums.events, 1)
            measured = Measured(
                accuracy=correct / recordings,
                cost=SYNOPS_EVENTS * ratio(operations, events),
                per_reading=operations / recordings,
            )
            parts.append([weights.mean(values) for values in measured])
        return Measured(*(np.concatenate(each, axis=1) for each in zip(*parts, strict=True)))

    @property
    def as_it_is(self) -> Weights:
        """The weights of one draw, in which each symbol and training counts once."""
        return Weights(np.ones((1, len(self.symbols))), np.ones((1, len(self.seeds))))

    @property
    def totals(self) -> Sums:
        """Sums over the whole set, each float64 (point, seed)."""
        return Sums(*self.sums.sum(axis=1))

    def of_symbols(self, kept: np.ndarray) -> "Trials":
        """Return the trials of some symbols; `kept` is bool (symbol,)."""
        symbols = tuple(itertools.compress(self.symbols, kept))
        return Trials(self.points, self.seeds, symbols, self.sums[:, kept])


Tried = Mapping[tuple[str, str], Trials]
"""Trials by set and method."""


def ratio(over: np.ndarray, under: np.ndarray) -> np.ndarray:
    """Return one over the other, nan where the other is 0."""
    return np.divide(over, under, out=np.full(np.shape(over), np.nan), where=under > 0)


def quantile_of_draws(drawn: np.ndarray, share: float) -> float:
    """Return a quantile over the draws behind the first, which is the set itself."""
    return float(np.quantile(drawn[1:], share, method="inverted_cdf"))


def _sums_of_points(
    readings: pd.DataFrame, symbols: Collection[str]
) -> Iterator[tuple[Point, int, np.ndarray]]:
    """Yield point, training and `_by_symbol` of each network and stop of a set's readings."""
    keys = [*NETWORK, "exit"]
    for _, rows in readings.groupby(keys, sort=False, dropna=False, observed=True):
        network = rows.iloc[0]
        for counted, column in COUNTED_OF[network["side"]].items():
            point = Point.of({**network, "counted": counted})
            yield point, int(network["seed"]), _by_symbol(rows, column, symbols)


def _by_symbol(rows: pd.DataFrame, cost: str, symbols: Collection[str]) -> np.ndarray:
    """Sum recordings by symbol: `Sums`, float64 (quantity, symbol)."""
    place = pd.Categorical(rows["symbol"], categories=symbols).codes
    sums = Sums(
        correct=rows["correct"].fillna(0),
        recordings=np.ones(len(rows)),
        operations=rows[cost],
        events=rows["n_events"],
        whole_ms=rows["recording_ms"],
        time_ms=rows["time_ms"],
        events_read=rows["n_events_read"],
        exited=rows["reached"],
    )
    by_symbol = [np.bincount(place, np.asarray(each, np.float64), len(symbols)) for each in sums]
    return np.stack(by_symbol)


def read_trials(
    paths: Iterable[Path], methods: Mapping[str, str], sets: Collection[str] | None = None
) -> dict[tuple[str, str], Trials]:
    """Return `trials_by_method` of the readings of `sets` (None: all) in files."""
    tables = (table for path in paths for table in read_readings(path, sets))
    return trials_by_method(tables, methods)


def trials_by_method(
    readings: Iterable[pd.DataFrame], methods: Mapping[str, str]
) -> dict[tuple[str, str], Trials]:
    """Sum readings by set and method, in the order of their names.

    Args:
        readings: each table of one set.
        methods: of the variants.
    """
    grouped: dict[tuple[str, str], dict[tuple[Point, int], np.ndarray]] = {}
    symbols: dict[str, tuple[str, ...]] = {}
    for table in readings:
        name = str(table["set"].iloc[0])
        if name not in symbols:
            symbols[name] = tuple(sorted(map(str, table["symbol"].unique())))
        for point, seed, sums in _sums_of_points(table, symbols[name]):
            by_place = grouped.setdefault((name, point.method(methods)), {})
            by_place[point, seed] = sums
    # Each group is given up as it is stacked, so that nothing is held twice.
    return {
        (name, method): _stacked(grouped.pop((name, method)), symbols[name])
        for name, method in sorted(grouped)
    }


def _stacked(by_place: dict[tuple[Point, int], np.ndarray], symbols: tuple[str, ...]) -> Trials:
    """Stack the sums of a method on a set; empties `by_place`."""
    points = sorted({point for point, _ in by_place}, key=lambda point: point.order)
    seeds = sorted({seed for _, seed in by_place})
    sums = np.empty((len(Sums._fields), len(symbols), len(points), len(seeds)))
    for place, point in enumerate(points):
        for number, seed in enumerate(seeds):
            sums[:, :, place, number] = by_place.pop((point, seed))
    return Trials(tuple(points), tuple(seeds), symbols, sums)


def bootstrap_weights(n_symbols: int, n_seeds: int, seed: int, purpose: str) -> Weights:
    """Draw trainings and symbols with replacement; the first draw is the set as it is.

    All recordings of a symbol stay together, and each drawn training reads the drawn symbols, as
    all trainings read the same set. Of one training this is the bootstrap over symbols (Efron 1979,
    Ann. Stat. 7:1). Of few trainings, n, the interval is too narrow: the part of the standard error
    that comes from trainings is too small by a factor of sqrt(1 - 1 / n).

    Source: Owen 2007, Ann. Appl. Stat. 1:386, draws from two crossed factors.
    """
    return Weights(_drawn(n_symbols, seed, purpose), _drawn(n_seeds, seed, f"{purpose}, trainings"))


# Methods and sets share their draws. To draw them anew for each took a fifth of a job's time.
@lru_cache(maxsize=8)
def _drawn(n: int, seed: int, purpose: str) -> np.ndarray:
    """Draw `n` of `n` with replacement, `N_DRAWS` times, behind all of them once: (draw, n)."""
    counts = generator(seed, purpose).multinomial(n, np.full(n, 1 / n), size=N_DRAWS)
    drawn = np.concatenate([np.ones((1, n)), counts])
    drawn.flags.writeable = False
    return drawn
