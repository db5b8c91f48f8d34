"""How methods read a set, in sums by symbol: what a choice and a comparison are bootstrapped from.

A point of a method is a variant at a scale, and for early exit also the lead at which the network
stops. What a point costs is told in SynOps per 3,000 events. With an exit these are the SynOps
until it, over all events of the recordings: after it the network rests.
"""

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from dvs_snn.evaluation.exits import Key, SetExits, read_exits
from dvs_snn.files.randomness import generator
from dvs_snn.files.tables import read_table
from dvs_snn.settings.training_settings import SYNOPS_EVENTS

EARLY_EXIT = "early-exit"
"""The method that stops any of the networks when its best output leads by enough spikes."""

N_DRAWS = 2000
POINTS_AND_SEEDS_AT_ONCE = 1000

TRIED = (
    "set", "variant", "seed", "scale", "symbol", "label", "predicted", "synops", "n_events",
    "n_steps",
)  # fmt: skip
"""Columns of a set's outcomes that trials are made of."""


class Point(NamedTuple):
    """A variant at a scale; `exit` is the lead in spikes at which it stops, None at the end."""

    variant: str
    scale: float
    exit: float | None = None


class Sums(NamedTuple):
    """Sums over the recordings of a symbol, each of the same shape.

    `synops` and `steps_run` count until the network stops, `events` and `steps` to the end.
    """

    correct: np.ndarray
    recordings: np.ndarray
    synops: np.ndarray
    events: np.ndarray
    steps: np.ndarray
    steps_run: np.ndarray


@dataclass(frozen=True, eq=False)
class Reading:
    """How a network at one point read a set: its sorted symbols, `Sums` (quantity, symbol)."""

    set: str
    point: Point
    seed: int
    symbols: tuple[str, ...]
    sums: np.ndarray


class Measured(NamedTuple):
    """What points measured, float64 (draw, point): share of recordings read rightly, SynOps.

    The cost is SynOps per 3,000 events, nan without any event; that of a reading ends at the exit.
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
    """How one method read one set: `Sums`, float64 (quantity, symbol, point, seed).

    Points are sorted by variant, scale and exit, symbols and seeds ascend.
    """

    points: tuple[Point, ...]
    seeds: tuple[int, ...]
    symbols: tuple[str, ...]
    sums: np.ndarray

    def measured(self, weights: Weights) -> Measured:
        """Return what each draw of `weights` measures, means over the drawn seeds."""
        # In parts: all draws of all points and seeds would take more memory than the sums.
        at_once = max(1, POINTS_AND_SEEDS_AT_ONCE // len(self.seeds))
        starts = range(0, len(self.points), at_once)
        parts = []
        for at in starts:
            sums = Sums(*self.sums[:, :, at : at + at_once])
            drawn = (np.tensordot(weights.symbols, each, 1) for each in sums[:4])
            correct, recordings, synops, events = drawn
            per_event = np.divide(
                synops, events, out=np.full_like(synops, np.nan), where=events > 0
            )
            shares = correct / recordings, SYNOPS_EVENTS * per_event, synops / recordings
            parts.append([weights.mean(share) for share in shares])
        return Measured(*(np.concatenate(each, axis=1) for each in zip(*parts, strict=True)))

    def of_symbols(self, kept: np.ndarray) -> "Trials":
        """Return the trials of some symbols; `kept` is bool (symbol,)."""
        symbols = tuple(itertools.compress(self.symbols, kept))
        return Trials(self.points, self.seeds, symbols, self.sums[:, kept])


def _by_symbol(symbol: np.ndarray, *quantities: np.ndarray) -> tuple[tuple[str, ...], np.ndarray]:
    """Sum quantities (recording,) by symbol: the sorted symbols, float64 (quantity, symbol)."""
    symbols, place = np.unique(symbol, return_inverse=True)
    sums = [np.bincount(place, np.asarray(each, np.float64), len(symbols)) for each in quantities]
    return tuple(map(str, symbols)), np.stack(sums)


def readings_of(outcomes: pd.DataFrame) -> Iterator[Reading]:
    """Yield the readings of whole recordings; `outcomes` has the columns `TRIED`."""
    for key, rows in outcomes.groupby(["set", "variant", "scale", "seed"], sort=False):
        name, variant, scale, seed = key
        correct = (rows["predicted"] == rows["label"]).fillna(False)
        whole = (rows[column] for column in ("synops", "n_events", "n_steps", "n_steps"))
        summed = _by_symbol(rows["symbol"].to_numpy(str), correct, np.ones(len(rows)), *whole)
        yield Reading(name, Point(variant, float(scale)), int(seed), *summed)


def exit_readings(key: Key, exits: SetExits) -> Iterator[Reading]:
    """Yield the readings of one network that stops early, one for each lead that can be reached."""
    recordings = np.ones(len(exits.symbol))
    events, steps = exits.n_events[:, -1], exits.n_steps[:, -1]
    for number, lead in enumerate(exits.leads[:-1]):
        correct, synops, steps_run = (
            each[:, number] for each in (exits.correct, exits.synops, exits.n_steps)
        )
        summed = _by_symbol(exits.symbol, correct, recordings, synops, events, steps, steps_run)
        point = Point(str(key["variant"]), float(key["scale"]), float(lead))
        yield Reading(str(key["set"]), point, int(key["seed"]), *summed)


def read_readings(
    paths: Iterable[Path], exit_paths: Iterable[Path] = (), sets: Collection[str] | None = None
) -> Iterator[Reading]:
    """Yield the readings of `sets` (None: all) in files of outcomes and of early exits."""
    for path in paths:
        outcomes = read_table(path, "outcomes", TRIED)
        yield from readings_of(outcomes if sets is None else outcomes[outcomes["set"].isin(sets)])
    for path in exit_paths:
        for key, exits in read_exits(path):
            if sets is None or key["set"] in sets:
                yield from exit_readings(key, exits)


def trials_by_method(
    readings: Iterable[Reading], methods: Mapping[str, str]
) -> dict[tuple[str, str], Trials]:
    """Sort readings by set and method; the methods stand in the order of their names.

    `methods` are those of the variants; all points with an exit are those of `EARLY_EXIT`.
    """
    grouped: dict[tuple[str, str], dict[tuple[Point, int], np.ndarray]] = {}
    # The symbols are those of the set: a large study has no room for them in each reading.
    symbols: dict[str, tuple[str, ...]] = {}
    for reading in readings:
        method = methods[reading.point.variant] if reading.point.exit is None else EARLY_EXIT
        by_place = grouped.setdefault((reading.set, method), {})
        by_place[reading.point, reading.seed] = reading.sums
        symbols.setdefault(reading.set, reading.symbols)
    trials = {}
    for name, method in sorted(grouped):
        # Each group is given up as it is stacked, so that nothing is held twice.
        by_place = grouped.pop((name, method))
        points, seeds = (set(names) for names in zip(*by_place, strict=True))
        points = sorted(points, key=lambda point: (point.variant, point.scale, point.exit or 0))
        seeds = sorted(seeds)
        sums = np.empty((len(Sums._fields), len(symbols[name]), len(points), len(seeds)))
        for place, number in np.ndindex(len(points), len(seeds)):
            sums[:, :, place, number] = by_place.pop((points[place], seeds[number]))
        trials[name, method] = Trials(tuple(points), tuple(seeds), symbols[name], sums)
    return trials


def pick(accuracy: np.ndarray, cost: np.ndarray, margin: float) -> np.ndarray:
    """Return which point is the cheapest within `margin` of the most accurate.

    From (..., point) to places along the last axis, int64 (...). The margin is a share, 0.01 for
    one percentage point. Of equally cheap points it takes the first; nan costs most.
    """
    # Means of the same numbers may differ in the last bit.
    near_enough = accuracy >= accuracy.max(axis=-1, keepdims=True) - margin - 1e-9
    price = np.where(np.isnan(cost), np.finfo(np.float64).max, cost)
    return np.where(near_enough, price, np.inf).argmin(axis=-1)


def bootstrap_weights(n_symbols: int, n_seeds: int, seed: int, purpose: str) -> Weights:
    """Draw trainings and symbols with replacement; the first draw is the set as it is.

    All recordings of a symbol stay together, and each drawn training reads the drawn symbols, as
    all trainings read the same set. Of one training this is the bootstrap over symbols (Efron 1979,
    Ann. Stat. 7:1); of few it is too narrow: by a factor of sqrt(1 - 1 / n) what trainings add.

    Source: Owen 2007, Ann. Appl. Stat. 1:386, draws from two crossed factors.
    """
    drawn = []
    for n, name in ((n_symbols, purpose), (n_seeds, f"{purpose}, trainings")):
        counts = generator(seed, name).multinomial(n, np.full(n, 1 / n), size=N_DRAWS)
        drawn.append(np.concatenate([np.ones((1, n)), counts]))
    return Weights(*drawn)
