"""How much cheaper than rescaling each method is at equal accuracy: ``factors.csv``."""

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from dvs_snn.evaluation.choosing.choice import Quoted
from dvs_snn.evaluation.choosing.trials import Trials, bootstrap_weights
from dvs_snn.files.tables import schema
from dvs_snn.probes.twins import half_of
from dvs_snn.settings.set_names import REAL_TWINS, VALIDATION
from dvs_snn.settings.training import RESCALED

ACCURACIES = (0.94, 0.95, 0.96)
REFERENCE = 0.95
"""The accuracy that a method's chosen point is compared at."""

FEWEST_SYMBOLS = 40
"""Of fewer, less than two are misread at 95 %: too few to draw an interval from."""

UNSURE_FROM = 0.96
KNOWN_WITHIN = 3.0
"""From that accuracy on a row needs both costs known within this factor (95 %)."""

EQUAL, CHOSEN = "equal accuracy", "chosen point"
EVEN_TWINS = f"{REAL_TWINS}, even half"
"""The real twins that nothing was calibrated on."""


def cost_at(accuracy: np.ndarray, cost: np.ndarray, wanted: float) -> np.ndarray:
    """Return the cost at which a method's front reaches an accuracy, infinite if it never does.

    The front has the points that no cheaper one matches. Between two of them the logarithm of the
    cost is interpolated linearly in the accuracy. Where the cheapest point is good enough its cost
    is returned: the true one is at most that. Shapes: (draw, point) and (draw,), float64.
    """
    order = np.argsort(cost, axis=1, kind="stable")
    cost, accuracy = (np.take_along_axis(each, order, 1) for each in (cost, accuracy))
    best = np.maximum.accumulate(accuracy, axis=1)
    # Means of the same numbers may differ in the last bit.
    enough = best >= wanted - 1e-9
    draws = np.arange(len(cost))
    upper = enough.argmax(axis=1)
    before = best[draws, np.maximum(upper - 1, 0)]
    # The first point that reached what the front reads just before.
    lower = (best >= before[:, None]).argmax(axis=1)
    rise = best[draws, upper] - before
    share = np.divide(wanted - before, rise, out=np.ones_like(rise), where=rise > 0).clip(0, 1)
    logs = np.log(np.maximum(cost, 1.0))
    between = np.exp(logs[draws, lower] + share * (logs[draws, upper] - logs[draws, lower]))
    reached = np.where(upper > 0, between, cost[:, 0])
    return np.where(enough.any(axis=1), reached, np.inf)


def _interval(over: np.ndarray, under: np.ndarray) -> tuple[float, float]:
    """Return a ratio's 2.5 and 97.5 % quantiles over draws; a draw not known lies at either end."""
    with np.errstate(invalid="ignore"):
        ratio = over / under
    ends = [np.nan_to_num(ratio, nan=worst, posinf=np.inf) for worst in (0.0, np.inf)]
    quantiles = zip(ends, (0.025, 0.975), strict=True)
    low, high = (np.quantile(end, q, method="inverted_cdf") for end, q in quantiles)
    return float(low), float(high)


def _compared(costs: np.ndarray, rescaled: np.ndarray) -> dict[str, object]:
    """Compare two costs (draw,); the first draw is the set itself, the others resample it."""
    low, high = _interval(rescaled[1:], costs[1:])
    row = {
        "synops_per_3000_events": costs[0],
        "rescaled_synops_per_3000_events": rescaled[0],
        "factor": rescaled[0] / costs[0],
        "factor_low": low,
        "factor_high": high,
    }
    row = {key: value if math.isfinite(value) and value > 0 else None for key, value in row.items()}
    notes = []
    for name, of_method in (("the method", costs), (RESCALED, rescaled)):
        if lost := 100 * (~np.isfinite(of_method[1:])).mean():
            notes.append(f"out of reach of {name} in {lost:.2g} % of the draws")
    return row | {"note": "; ".join(notes)}


Curve = tuple[np.ndarray, np.ndarray]
"""Accuracy and cost of a method's points, float64 (draw, point)."""


def _equal_accuracy(curve: Curve, rescaled: Curve, accuracy: float) -> dict[str, object]:
    """Tell what the method and rescaling cost at the same accuracy."""
    costs = {"the method": cost_at(*curve, accuracy), RESCALED: cost_at(*rescaled, accuracy)}
    row = {"at": EQUAL, "accuracy": accuracy, "method_accuracy": None}
    lacking = [name for name, cost in costs.items() if not np.isfinite(cost[0])]
    if lacking:
        return row | {"note": f"out of reach of {' and '.join(lacking)}"}
    draws = [cost[1:] for cost in costs.values()]
    low, high = np.quantile(draws, [0.025, 0.975], axis=1, method="inverted_cdf")
    if accuracy >= UNSURE_FROM and not (high / low <= KNOWN_WITHIN).all():
        return row | {"note": f"a cost isn't known within a factor {KNOWN_WITHIN:g}"}
    return row | {"method_accuracy": accuracy} | _compared(*costs.values())


def _chosen_point(curve: Curve, rescaled: Curve, place: int) -> dict[str, object]:
    """Compare the cost of a method's chosen point with what rescaling needs for `REFERENCE`."""
    accuracy, cost = (each[:, place] for each in curve)
    needed = cost_at(*rescaled, REFERENCE)
    row = {"at": CHOSEN, "accuracy": REFERENCE, "method_accuracy": accuracy[0]}
    if not np.isfinite(needed[0]):
        return row | {"synops_per_3000_events": cost[0], "note": f"out of reach of {RESCALED}"}
    row |= _compared(cost, needed)
    if accuracy[0] < REFERENCE:
        below = f"the chosen point reads less than {REFERENCE:g}"
        row["note"] = "; ".join(filter(None, [below, row["note"]]))
    return row


def factors_table(
    trials: Mapping[tuple[str, str], Trials], quoted: Quoted, seed: int
) -> pd.DataFrame:
    """Return ``factors.csv``: of each set but validation, each method beside rescaling.

    Costs are means over the seeds. Both methods see the same bootstrap draws of symbols. A set of
    fewer than `FEWEST_SYMBOLS` has no rows. `trials` are by set and method.
    """
    trials = _with_even_twins(trials)
    table = []
    for (name, method), of_method in trials.items():
        rescaled, n_symbols = trials.get((name, RESCALED)), len(of_method.symbols)
        is_compared = name != VALIDATION and method != RESCALED and rescaled is not None
        if not is_compared or n_symbols < FEWEST_SYMBOLS:
            continue
        draws = bootstrap_weights(n_symbols, seed, "bootstrap of the factors")
        weights = np.concatenate([np.ones((1, n_symbols)), draws])
        curves = of_method.measured(weights)[:2], rescaled.measured(weights)[:2]
        rows = [_equal_accuracy(*curves, accuracy) for accuracy in ACCURACIES]
        if point := quoted.points.get(method):
            place = of_method.points.index(point)
            rows.append(_chosen_point(*curves, place) | point._asdict())
        about = {"set": name, "method": method, "n_symbols": n_symbols, "n_draws": len(draws)}
        table += [about | row for row in rows]
    return pd.DataFrame(table, columns=schema("factors"))


def _with_even_twins(trials: Mapping[tuple[str, str], Trials]) -> dict[tuple[str, str], Trials]:
    """Add the even half of the real twins as a set of its own."""
    even = {}
    for (name, method), twins in trials.items():
        if name == REAL_TWINS:
            is_even = np.array([half_of(symbol) == "even" for symbol in twins.symbols])
            even[EVEN_TWINS, method] = twins.of_symbols(is_even)
    return {**trials, **even}
