"""Trials made up point by point: which symbols are read, and what a reading costs."""

from collections.abc import Mapping, Sequence

import numpy as np

from dvs_snn.points.point import NONZERO_MACS, Point
from dvs_snn.points.trials import Sums, Trials, Tried
from dvs_snn.settings.sides import CNN, SPIKING

N_SYMBOLS = 1000
METHODS = {"lean": "synop-loss", "plain": "rescaled"}
LEAN = [
    Point(SPIKING, "lean", scale, lead) for scale, lead in ((0.5, 2.0), (1.0, 4.0), (2.0, None))
]
SPARSE = [Point(CNN, "lean", 1.0, lead, "1000 events", NONZERO_MACS) for lead in (1.0, 2.0, None)]


def made_trials(
    points: Sequence[Point],
    accuracies: Sequence[float],
    costs: Sequence[float],
    n_seeds: int = 2,
    n_symbols: int = N_SYMBOLS,
) -> Trials:
    """Trials in which the first symbols are read rightly; every reading of a point costs alike.

    Readings of the first point take 10 ms, those of each further point 10 ms more.
    """
    sums = np.ones((len(Sums._fields), n_symbols, len(points), n_seeds))
    for place, (accuracy, cost) in enumerate(zip(accuracies, costs, strict=True)):
        right = np.arange(n_symbols) < round(n_symbols * accuracy)
        sums[Sums._fields.index("correct"), :, place] = right[:, None]
        sums[Sums._fields.index("operations"), :, place] = cost
        sums[Sums._fields.index("time_ms"), :, place] = 10 * (place + 1)
    symbols = tuple(f"0/{number:04d}" for number in range(n_symbols))
    return Trials(tuple(points), tuple(range(1, n_seeds + 1)), symbols, sums)


def on_sets(
    method: str,
    points: Sequence[Point],
    accuracies: Mapping[str, Sequence[float]],
    costs: Sequence[float],
    n_symbols: int = N_SYMBOLS,
) -> Tried:
    """Trials of one method on several sets, by set what each point reads."""
    return {
        (name, method): made_trials(points, of_set, costs, n_symbols=n_symbols)
        for name, of_set in accuracies.items()
    }
