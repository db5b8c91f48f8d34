"""The accuracy that a budget of SynOps or of energy buys, and its price: ``budgets.csv``."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import product

import numpy as np
import pandas as pd

from dvs_snn.analysis.points import (
    accuracy_intervals,
    mean_points,
    measures,
    same_point,
    set_points,
)
from dvs_snn.analysis.power import EnergyModel
from dvs_snn.analysis.trials import Point, Sums, Trials, Weights
from dvs_snn.files.tables import schema
from dvs_snn.settings.set_names import REAL_TWINS, TEST_SETS, VALIDATION

ENERGY = "energy_per_reading_uj"
"""The axis on which early exit competes. On the other all networks read recordings to their end, as
those of published studies do."""

BUDGETS = {
    "synops_per_3000_events": (300_000, 400_000, 500_000, 630_000, 1_000_000, 2_000_000, 4_000_000),
    ENERGY: (2, 3, 5, 8, 12, 20, 30, 50, 100, 200),
}
"""Axis -> budgets in its own unit."""

STATIC_MW = (0.0, 0.42)
"""Static power: none, and the floor of Speck's processor (Yao et al. 2024)."""

FLOOR_MW = max(STATIC_MW)

NOT_MET = "no point within this budget"
LENGTHS = "recordings of {:.0f} ms, those of validation of {:.0f} ms"
ALIKE = 0.1
"""Sets whose mean lengths differ by more, as a share, aren't compared in energy to the end."""


def budgets_table(
    trials: Mapping[tuple[str, str], Trials],
    energy_per_synop_pj: float,
    seed: int,
    static_mw: Sequence[float] = STATIC_MW,
) -> pd.DataFrame:
    """Return ``budgets.csv``: the best point of all methods within each budget, and what it gives.

    Validation chooses these points: the most accurate one whose cost *on that set* is within the
    budget, of equals the cheapest. Other columns are means over the seeds on the row's own set,
    where the cost may exceed the budget. Without validation there are no rows. `trials` are by set
    and method.
    """
    models = [EnergyModel(energy_per_synop_pj, static) for static in static_mw]
    points = {energy: set_points(trials, energy) for energy in models}
    present = {name for name, _ in trials}
    rows = []
    for name in (REAL_TWINS, *TEST_SETS):
        if not {name, VALIDATION} <= present:
            continue
        of_set = {method: tried for (key, method), tried in trials.items() if key == name}
        weights = next(iter(of_set.values())).weights(seed, "bootstrap of the budgets")
        for axis, energy in product(BUDGETS, models):
            key = {"axis": axis, "static_mw": energy.static_power_mw, "set": name}
            choosers = mean_points(points[energy], VALIDATION)
            shown = mean_points(points[energy], name)
            drawn = partial(_drawn, of_set, weights, energy)
            rows += [key | row for row in _within_budgets(choosers, shown, axis, drawn)]
    return pd.DataFrame(rows, columns=list(schema("budgets")))


Draws = dict[str, np.ndarray]
"""What a point measured on a set and on bootstrap draws of it, by name: (1 + draw,)."""


def _drawn(
    trials: Mapping[str, Trials], weights: Weights, energy: EnergyModel, point: pd.Series
) -> Draws:
    """Measure a point on each draw of `weights`."""
    tried = trials[point["method"]]
    place = tried.points.index(Point.of(point))
    # From (quantity, symbol, seed) to (quantity, draw, seed).
    sums = np.tensordot(weights.symbols, tried.sums[:, :, place], axes=(1, 1)).swapaxes(0, 1)
    measured = measures(Sums(*sums), energy)
    return {name: weights.mean(each) for name, each in measured.items()}


def _price(point: Draws, before: Draws, axis: str) -> dict[str, float]:
    """Return what each percentage point of accuracy above `before` costs, on an axis of costs.

    The first draw is the sample itself; the others give the interval. In a draw without a gain in
    accuracy the price is infinite. Without a positive, finite interval there is no price: {}.
    """
    gain = 100 * (point["accuracy"] - before["accuracy"])
    more = point[axis] - before[axis]
    price = np.divide(more, gain, out=np.full_like(gain, np.inf), where=gain > 0)
    low, high = np.quantile(price[1:], [0.025, 0.975], method="inverted_cdf")
    if not 0 < low <= high < np.inf:
        return {}
    return {"price": price[0], "price_low": low, "price_high": high}


def _within_budgets(
    choosers: pd.DataFrame, shown: pd.DataFrame, axis: str, drawn: Callable[[pd.Series], Draws]
) -> Iterator[dict[str, object]]:
    """Choose a point of `choosers` within each budget; tell what it reads and costs in `shown`."""
    if axis != ENERGY:
        choosers = choosers[choosers["exit"].isna()]
    # Means of the same numbers may differ in the last bit.
    rounded = choosers.round({"accuracy": 9})
    ranked = rounded.sort_values(["accuracy", axis], ascending=[False, True], kind="stable")
    before: Draws = {}
    now: Draws = {}
    for budget in BUDGETS[axis]:
        affordable = ranked[ranked[axis] <= budget]
        if affordable.empty:
            yield {"budget": budget, "note": NOT_MET}
            continue
        best = affordable.iloc[0]
        point = shown[same_point(shown, best)].iloc[0]
        length = point["recording_ms"]
        of_validation = best["recording_ms"]
        is_alike = abs(length / of_validation - 1) <= ALIKE
        is_comparable = axis != ENERGY or is_alike or pd.notna(point["exit"])
        before = now
        now = drawn(point)
        low, high = accuracy_intervals(
            now["accuracy"][:, None], int(point["n_symbols"]), int(point["n_seeds"])
        )[0]
        yield {
            **point.drop("n_symbols"),
            "budget": budget,
            "validation_cost": best[axis],
            "accuracy_low": low,
            "accuracy_high": high,
            "note": "" if is_comparable else LENGTHS.format(length, of_validation),
            **(_price(now, before, axis) if before else {}),
        }
