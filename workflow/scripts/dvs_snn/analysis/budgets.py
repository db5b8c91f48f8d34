"""The best accuracy within a budget of SynOps or energy, and what more costs: ``budgets.csv``."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from dvs_snn.energy.price import SPECK_IDLE_MW, Amount, Price, energy_uj, power_mw
from dvs_snn.files.tables import schema
from dvs_snn.points.point import Point, points_of
from dvs_snn.points.points_table import (
    MEANS,
    accuracy_intervals,
    by_training,
    means_of,
    measures,
)
from dvs_snn.points.trials import Sums, Trials, Tried, Weights
from dvs_snn.settings.set_names import REAL_TWINS, TEST_SETS, VALIDATION
from dvs_snn.settings.sides import SPIKING

POWER = "power_while_reading_mw"
ENERGY = "energy_per_reading_uj"
"""The axis on which early exit competes. On the other all networks read recordings to their end, as
those of published studies do."""

BUDGETS = {
    "synops_per_3000_events": (300_000, 400_000, 500_000, 630_000, 1_000_000, 2_000_000, 4_000_000),
    ENERGY: (2, 3, 5, 8, 12, 20, 30, 50, 100, 200),
}
"""Axis -> budgets in its own unit."""

IDLE_MW = (0.0, SPECK_IDLE_MW)
"""Idle powers beside that of the price."""

NOT_MET = "no point within this budget"
LENGTHS = "recordings of {:.0f} ms, those of validation of {:.0f} ms"
ALIKE = 0.1
"""Sets whose mean lengths differ by more, as a share, aren't compared in energy to the end."""


SYNOPS_NAMES = {
    "operations_per_reading": "synops_per_reading",
    "operations_per_3000_events": "synops_per_3000_events",
}
"""Columns of points, whose operations are SynOps here."""


def budgets_table(tried: Tried, price: Price, seed: int) -> pd.DataFrame:
    """Return ``budgets.csv``: the best point of all methods within each budget, and what it gives.

    Validation chooses these points: the most accurate one whose cost *on that set* is within the
    budget, of equals the cheapest. Other columns are means over the seeds on the row's own set,
    where the cost may exceed the budget. Without validation there are no rows.

    Args:
        tried: spiking networks.
        price: at it operations cost, with its idle power and those of `IDLE_MW`.
    """
    prices = [replace(price, idle_mw=idle) for idle in sorted({*IDLE_MW, price.idle_mw})]
    rows_of = by_training(tried)
    measured = (*MEANS, ENERGY, POWER)
    means = [means_of(_with_energy(rows_of, each), measured) for each in prices]
    means = [each.rename(columns=SYNOPS_NAMES) for each in means]
    present = {name for name, _ in tried}
    rows = []
    for name in (REAL_TWINS, *TEST_SETS):
        if not {name, VALIDATION} <= present:
            continue
        of_set = {method: trials for (key, method), trials in tried.items() if key == name}
        weights = next(iter(of_set.values())).weights(seed, "bootstrap of the budgets")
        for axis, (priced, points) in product(BUDGETS, zip(prices, means, strict=True)):
            key = {"axis": axis, "static_mw": priced.idle_mw, "set": name}
            choosers = points[points["set"] == VALIDATION]
            shown = points[points["set"] == name]
            drawn = partial(_drawn, of_set, weights, priced)
            rows += [key | row for row in _within_budgets(choosers, shown, axis, drawn)]
    return pd.DataFrame(rows, columns=list(schema("budgets")))


def _with_energy(rows: pd.DataFrame, price: Price) -> pd.DataFrame:
    """Return points by training with the energy of a reading, and the power while reading."""
    energies = _energies(rows["operations_per_reading"], rows["time_to_exit_ms"], price)
    return rows.assign(**energies)


def _energies(operations: Amount, time_ms: Amount, price: Price) -> dict[str, Any]:
    """Return the energy of a reading in µJ, and its power in mW."""
    energy = energy_uj(price, SPIKING, operations, time_ms)
    return {ENERGY: energy, POWER: power_mw(energy, time_ms)}


Draws = dict[str, np.ndarray]
"""What a point measured on a set and on bootstrap draws of it, by name: (1 + draw,)."""


def _drawn(of_set: Mapping[str, Trials], weights: Weights, price: Price, row: pd.Series) -> Draws:
    """Measure the point of a row on each draw of `weights`."""
    trials = of_set[row["method"]]
    place = trials.points.index(Point.of(row))
    # From (quantity, symbol, seed) to (quantity, draw, seed).
    sums = np.tensordot(weights.symbols, trials.sums[:, :, place], axes=(1, 1)).swapaxes(0, 1)
    measured = measures(Sums(*sums))
    measured |= _energies(measured["operations_per_reading"], measured["time_to_exit_ms"], price)
    return {SYNOPS_NAMES.get(name, name): weights.mean(each) for name, each in measured.items()}


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
        point = shown[[each == Point.of(best) for each in points_of(shown)]].iloc[0]
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
