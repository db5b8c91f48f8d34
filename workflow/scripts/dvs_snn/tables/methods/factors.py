"""How much cheaper than rescaling each method is at equal accuracy: ``factors.csv``."""

import math
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from dvs_snn.evaluation.choosing.choice import Quoted
from dvs_snn.evaluation.choosing.trials import (
    RESCALED,
    Point,
    Trials,
    bootstrap_weights,
)
from dvs_snn.files.tables import schema
from dvs_snn.probes.twins import half_of
from dvs_snn.settings.set_names import REAL_TWINS, VALIDATION

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
    """Return the cost at which a method's front reaches an accuracy.

    The front has the points that no cheaper one matches. Between two of them the logarithm of the
    cost is interpolated linearly in the accuracy. Where the cheapest point is good enough its cost
    is returned: the true one is at most that.

    Args:
        accuracy, cost: float64 (draw, point).

    Returns:
        float64 (draw,), infinite where no point is accurate enough.
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
    found = np.where(upper > 0, between, cost[:, 0])
    return np.where(enough.any(axis=1), found, np.inf)


def _interval(over: np.ndarray, under: np.ndarray) -> tuple[float, float]:
    """Return a ratio's 2.5 and 97.5 % quantiles over draws; a draw not known lies at either end."""
    with np.errstate(invalid="ignore"):
        ratio = over / under
    ends = [np.nan_to_num(ratio, nan=worst, posinf=np.inf) for worst in (0.0, np.inf)]
    low, high = (
        np.quantile(end, q, method="inverted_cdf")
        for end, q in zip(ends, (0.025, 0.975), strict=True)
    )
    return float(low), float(high)


def _compared(own: np.ndarray, rescaled: np.ndarray) -> dict[str, object]:
    """Compare two costs (draw,); the first draw is the set itself, the others resample it."""
    row = {
        "synops_per_3000_events": own[0],
        "rescaled_synops_per_3000_events": rescaled[0],
        "factor": rescaled[0] / own[0],
    }
    low, high = _interval(rescaled[1:], own[1:])
    row |= {"factor_low": low, "factor_high": high}
    out_of_reach = (~np.isfinite(np.stack([own, rescaled])[:, 1:])).mean(axis=1)
    notes = [
        f"out of reach of {name} in {100 * share:.2g} % of the draws"
        for name, share in zip(("the method", RESCALED), out_of_reach, strict=True)
        if share > 0
    ]
    row = {key: value if math.isfinite(value) and value > 0 else None for key, value in row.items()}
    return row | {"note": "; ".join(notes)}


def _spread(costs: np.ndarray) -> float:
    """Return by what factor the 95 % interval of a cost reaches: (draw,) without the set itself."""
    low, high = np.quantile(costs, [0.025, 0.975], method="inverted_cdf")
    return float(high / low)


def _equal_accuracy(own: Trials, rescaled: Trials, weights: np.ndarray) -> Iterator[dict]:
    """Yield what the method and rescaling cost at the same accuracy."""
    curves = [trials.measured(weights)[:2] for trials in (own, rescaled)]
    for accuracy in ACCURACIES:
        costs = [cost_at(*curve, accuracy) for curve in curves]
        row = {"at": EQUAL, "accuracy": accuracy, "method_accuracy": accuracy}
        lacking = [
            name
            for name, cost in zip(("the method", RESCALED), costs, strict=True)
            if not np.isfinite(cost[0])
        ]
        if lacking:
            yield row | {
                "method_accuracy": None, "note": f"out of reach of {' and '.join(lacking)}"
            }  # fmt: skip
        elif accuracy >= UNSURE_FROM and max(_spread(c[1:]) for c in costs) > KNOWN_WITHIN:
            note = f"a cost isn't known within a factor {KNOWN_WITHIN:g}"
            yield row | {"method_accuracy": None, "note": note}
        else:
            yield row | _compared(*costs)


def _chosen_point(
    own: Trials, point: Point, rescaled: Trials, weights: np.ndarray
) -> dict[str, object]:
    """Compare the cost of a method's chosen point with what rescaling needs for `REFERENCE`."""
    place = own.points.index(point)
    accuracy, cost = (each[:, place] for each in own.measured(weights)[:2])
    needed = cost_at(*rescaled.measured(weights)[:2], REFERENCE)
    row = {"at": CHOSEN, "accuracy": REFERENCE, "method_accuracy": accuracy[0], **point._asdict()}
    if not np.isfinite(needed[0]):
        about = {"synops_per_3000_events": cost[0], "note": f"out of reach of {RESCALED}"}
        return row | about
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
    fewer than `FEWEST_SYMBOLS` has no rows.

    Args:
        trials: by set and method.
        seed: the study's; draws the bootstrap.
    """
    trials = _with_even_twins(trials)
    rows = []
    for (name, method), own in trials.items():
        rescaled = trials.get((name, RESCALED))
        if name == VALIDATION or method == RESCALED or rescaled is None:
            continue
        if len(own.symbols) < FEWEST_SYMBOLS:
            continue
        draws = bootstrap_weights(len(own.symbols), seed, "bootstrap of the factors")
        weights = np.concatenate([np.ones((1, len(own.symbols))), draws])
        found = list(_equal_accuracy(own, rescaled, weights))
        if point := quoted.points.get(method):
            found.append(_chosen_point(own, point, rescaled, weights))
        about = {"set": name, "method": method, "n_symbols": len(own.symbols)}
        rows += [about | {"n_draws": len(draws)} | row for row in found]
    return pd.DataFrame(rows, columns=list(schema("factors")))


def _with_even_twins(trials: Mapping[tuple[str, str], Trials]) -> dict[tuple[str, str], Trials]:
    """Add the even half of the real twins as a set of its own."""
    even = {
        (EVEN_TWINS, method): own.of_symbols(np.array([half_of(s) == "even" for s in own.symbols]))
        for (name, method), own in trials.items()
        if name == REAL_TWINS
    }
    return {**trials, **even}
