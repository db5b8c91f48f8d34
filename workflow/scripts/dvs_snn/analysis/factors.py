"""How much cheaper than rescaling each method is at equal accuracy: ``factors.csv``."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from dvs_snn.analysis.choice import LOWEST, edge_of
from dvs_snn.analysis.trials import (
    N_DRAWS,
    Measured,
    Point,
    Trials,
    cost_at,
    quantile_of_draws,
)
from dvs_snn.files.tables import schema
from dvs_snn.settings.set_names import REAL_TWINS, VALIDATION, half_of
from dvs_snn.settings.training_settings import RESCALED

ACCURACIES = (0.94, 0.95, 0.96)
REFERENCE = 0.95
"""The accuracy that a method's chosen point is compared at."""

FEWEST_SYMBOLS = 40
"""Of fewer, less than two are misread at 95 %: too few to draw an interval from."""

UNSURE_FROM = 0.96
KNOWN_WITHIN = 3.0
"""From that accuracy on a row needs both costs known within this factor (95 %)."""

EQUAL = "equal accuracy"
CHOSEN = "chosen point"
EVEN_TWINS = f"{REAL_TWINS}, even half"
"""The real twins that nothing was calibrated on."""


class Costs(NamedTuple):
    """Costs (draw,), float64, which lie from `low` to `high`: both alike where one is known.

    Where a method's cheapest point is good enough its true cost is at most that. Infinite: none is.
    """

    low: np.ndarray
    high: np.ndarray


def costs_at(accuracy: np.ndarray, cost: np.ndarray, wanted: float) -> Costs:
    """Return the cost at which a method's front reaches an accuracy, as `cost_at` does.

    The front has the points that are more accurate than all cheaper ones. Shapes: (draw, point),
    float64.
    """
    order = np.argsort(cost, axis=1, kind="stable")
    cost = np.take_along_axis(cost, order, 1)
    best = np.maximum.accumulate(np.take_along_axis(accuracy, order, 1), axis=1)
    # A point that a cheaper one matches stands where that one does.
    is_better = np.diff(best, axis=1, prepend=-np.inf) > 0
    last_better = np.where(is_better, np.arange(cost.shape[1]), 0)
    cost = np.take_along_axis(cost, np.maximum.accumulate(last_better, axis=1), 1)
    # At the cheapest point and its accuracy the cost is exact.
    is_enough = best[:, 0] >= wanted - 1e-9
    high = np.where(is_enough, cost[:, 0], cost_at(best, cost, wanted))
    return Costs(np.where(best[:, 0] > wanted + 1e-9, 0.0, high), high)


def _compared(costs: Costs, rescaled: Costs) -> dict[str, object]:
    """Compare two costs (draw,); the first draw is the set itself, the others resample it.

    A factor that a wider grid might move is a bound. An end that isn't known is empty.
    """
    # A draw of which nothing is known lies at either end.
    with np.errstate(invalid="ignore", divide="ignore"):
        low = np.nan_to_num(rescaled.low / costs.high, nan=0.0, posinf=np.inf)
        high = np.nan_to_num(rescaled.high / costs.low, nan=np.inf, posinf=np.inf)
    bound = "" if low[0] == high[0] else ">=" if low[0] > 0 else "<="
    row = {
        "synops_per_3000_events": costs.high[0],
        "rescaled_synops_per_3000_events": rescaled.high[0],
        "factor": (high if bound == "<=" else low)[0],
        "factor_low": None if bound == "<=" else quantile_of_draws(low, 0.025),
        "factor_high": None if bound == ">=" else quantile_of_draws(high, 0.975),
    }
    row = {key: value if value and math.isfinite(value) else None for key, value in row.items()}
    notes = []
    if low[0] == 0 and high[0] == np.inf:
        notes.append("both costs lie at ends of grids")
    notes += _lost_draws("the method", costs)
    notes += _lost_draws(RESCALED, rescaled)
    return row | {"bound": bound if row["factor"] else "", "note": "; ".join(notes)}


def _lost_draws(name: str, costs: Costs) -> list[str]:
    """Say in how many draws a cost isn't known, where it is in the set itself."""
    notes = []
    for words, where in (
        ("out of reach", ~np.isfinite(costs.low)),
        ("beyond the grid", costs.low < costs.high),
    ):
        share = 100 * where[1:].mean()
        if share and not where[0]:
            notes.append(f"{words} of {name} in {share:.2g} % of the draws")
    return notes


def _equal_accuracy(method: Measured, rescaled: Measured, accuracy: float) -> dict[str, object]:
    """Tell what the method and rescaling cost at the same accuracy."""
    costs = costs_at(method.accuracy, method.cost, accuracy)
    needed = costs_at(rescaled.accuracy, rescaled.cost, accuracy)
    row: dict[str, object] = {"at": EQUAL, "accuracy": accuracy, "method_accuracy": None}
    by_name = {"the method": costs, RESCALED: needed}
    lacking = [name for name, cost in by_name.items() if not np.isfinite(cost.high[0])]
    if lacking:
        return row | {"note": f"out of reach of {' and '.join(lacking)}"}
    is_known = all(_is_known(cost) for cost in by_name.values())
    if accuracy >= UNSURE_FROM and not is_known:
        return row | {"note": f"a cost isn't known within a factor {KNOWN_WITHIN:g}"}
    return row | {"method_accuracy": accuracy} | _compared(costs, needed)


def _is_known(cost: Costs) -> bool:
    """Whether 95 % of the draws lie within `KNOWN_WITHIN` of each other."""
    return quantile_of_draws(cost.high, 0.975) / quantile_of_draws(cost.high, 0.025) <= KNOWN_WITHIN


def _chosen_point(
    method: Measured, rescaled: Measured, points: Sequence[Point], chosen: Mapping[str, Any]
) -> dict[str, object]:
    """Compare the cost of a method's chosen point with what rescaling needs for `REFERENCE`.

    `chosen` is its row of the choice. Its cost at the lowest scale is a bound.
    """
    point = Point.of(chosen)
    place = points.index(point)
    accuracy = method.accuracy[0, place]
    cost = method.cost[:, place]
    needed = costs_at(rescaled.accuracy, rescaled.cost, REFERENCE)
    row = {
        "at": CHOSEN,
        "accuracy": REFERENCE,
        "method_accuracy": accuracy,
        "variant": point.variant,
        "scale": point.scale,
        "exit": point.exit,
        "within_points": chosen["within_points"],
        "chosen": chosen["chosen"],
    }
    if not np.isfinite(needed.high[0]):
        return row | {"synops_per_3000_events": cost[0], "note": f"out of reach of {RESCALED}"}
    low = np.zeros_like(cost) if edge_of(point, points) == LOWEST else cost
    row |= _compared(Costs(low, cost), needed)
    if accuracy < REFERENCE:
        below = f"the chosen point reads less than {REFERENCE:g}"
        row["note"] = "; ".join(filter(None, [below, row["note"]]))
    return row


def factors_table(
    trials: Mapping[tuple[str, str], Trials], choice: pd.DataFrame, seed: int
) -> pd.DataFrame:
    """Return ``factors.csv``: of each set but validation, each method beside rescaling.

    Costs are means over the seeds. Both methods see the same bootstrap draws of symbols and
    trainings. A set of fewer than `FEWEST_SYMBOLS` has no rows, nor has one that only quoted
    networks read. `trials` are by set and method, `choice` has the columns `stored_choice`: each
    row of a method is a chosen point.
    """
    trials = _with_even_twins(trials)
    table = []
    for (name, method), of_method in trials.items():
        rescaled = trials.get((name, RESCALED))
        n_symbols = len(of_method.symbols)
        is_compared = name != VALIDATION and method != RESCALED
        if rescaled is None or not is_compared or n_symbols < FEWEST_SYMBOLS:
            continue
        if not all(_has_whole_grid(trials, name, each) for each in (method, RESCALED)):
            continue
        weights = of_method.weights(seed, "bootstrap of the factors")
        measured = of_method.measured(weights)
        reference = rescaled.measured(weights)
        rows = [_equal_accuracy(measured, reference, accuracy) for accuracy in ACCURACIES]
        rows += [
            _chosen_point(measured, reference, of_method.points, chosen)
            for chosen in choice[choice["method"] == method].to_dict("records")
        ]
        key = {
            "set": name,
            "method": method,
            "n_draws": N_DRAWS,
            "n_symbols": n_symbols,
            "n_seeds": len(of_method.seeds),
        }
        table += [key | row for row in rows]
    return pd.DataFrame(table, columns=list(schema("factors")))


def _has_whole_grid(trials: Mapping[tuple[str, str], Trials], name: str, method: str) -> bool:
    """Whether all points of a method that read validation also read the set."""
    tried = trials.get((VALIDATION, method))
    return tried is None or set(tried.points) <= set(trials[name, method].points)


def _with_even_twins(trials: Mapping[tuple[str, str], Trials]) -> dict[tuple[str, str], Trials]:
    """Add the even half of the real twins as a set of its own."""
    even = {}
    for (name, method), twins in trials.items():
        if name == REAL_TWINS:
            is_even = np.array([half_of(symbol) == "even" for symbol in twins.symbols])
            even[EVEN_TWINS, method] = twins.of_symbols(is_even)
    return {**trials, **even}
