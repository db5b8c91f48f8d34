"""The accuracy that a budget of SynOps or of power buys, and its price: ``budgets.csv``."""

import math
from collections.abc import Iterator, Sequence
from itertools import product

import pandas as pd

from dvs_snn.evaluation.choosing.points import POINT, mean_points, power_of, same_point
from dvs_snn.evaluation.power import EnergyModel, energy_uj
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.files.tables import schema
from dvs_snn.settings.set_names import TEST_SETS, VALIDATION

BUDGETS = {
    "synops_per_3000_events": (300_000, 400_000, 500_000, 630_000, 1_000_000, 2_000_000, 4_000_000),
    "power_mw": (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 3.0),
    "synops_per_decision": (
        100_000, 200_000, 300_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000,
    ),
}  # fmt: skip
"""Axis -> budgets in its own unit."""

PER_DECISION = "synops_per_decision"
"""The axis on which early exit competes. On the others all networks read recordings to their end,
as those of published studies do."""

STATIC_MW = (0.0, 0.42)
"""Static power: none, and the floor of Speck's processor (Yao et al. 2024)."""

NOT_MET = "no point within this budget"
SHOWN = (
    "accuracy", "synops_per_3000_events", "event_rate_hz", "time_to_decision_ms",
    "synops_per_decision",
)  # fmt: skip


def price_per_mw(accuracy: float, power: float, before: tuple[float, float]) -> float | None:
    """Return percentage points per mW beyond `before` (accuracy, power); None at equal cost."""
    more = power - before[1]
    if not math.isfinite(more) or math.isclose(power, before[1], rel_tol=1e-9):
        return None
    return 100 * (accuracy - before[0]) / more


def _decision_energy(point: pd.Series, energy: EnergyModel) -> float:
    """Return the energy in microjoule until the reading stays, or until the exit."""
    time_ms = float(point["time_to_decision_ms"])
    if pd.isna(point["exit"]):
        return float(point["power_mw"]) * time_ms
    return energy_uj(float(point["synops_per_decision"]), time_ms * 1e-3, energy)


def budgets_table(
    points: pd.DataFrame, energy_per_synop_pj: float, static_mw: Sequence[float] = STATIC_MW
) -> pd.DataFrame:
    """Return ``budgets.csv``: the best point of all methods within each budget, and what it gives.

    Validation chooses these points: the most accurate one whose cost *on that set* is within the
    budget, of equals the cheapest. All other columns are means over the seeds on the row's own set,
    where the cost may exceed the budget. Without validation there are no rows. `points` are of all
    methods and sets, columns `POINT_COLUMNS`.
    """
    present = set(points["set"])
    sets = [name for name in TEST_SETS if {name, VALIDATION} <= present]
    rows = []
    for axis, static, name in product(BUDGETS, static_mw, sets):
        energy = EnergyModel(energy_per_synop_pj, static)
        means = (mean_points(points, of_set) for of_set in (VALIDATION, name))
        about = {"axis": axis, "static_mw": static, "set": name}
        rows += [about | row for row in _within_budgets(*means, axis, energy)]
    return pd.DataFrame(rows, columns=schema("budgets"))


def _within_budgets(
    choosers: pd.DataFrame, shown: pd.DataFrame, axis: str, energy: EnergyModel
) -> Iterator[dict[str, object]]:
    """Choose a point of `choosers` within each budget; tell what it reads and costs in `shown`."""
    if axis != PER_DECISION:
        choosers = choosers[choosers["exit"].isna()]
    choosers = choosers.assign(power_mw=power_of(choosers, energy))
    # Means of the same numbers may differ in the last bit.
    rounded = choosers.round({"accuracy": 9})
    ranked = rounded.sort_values(["accuracy", axis], ascending=[False, True], kind="stable")
    shown = shown.assign(power_mw=power_of(shown, energy))
    before = None
    for budget in BUDGETS[axis]:
        affordable = ranked[ranked[axis] <= budget]
        if affordable.empty:
            yield {"budget": budget, "note": NOT_MET}
            continue
        best = affordable.iloc[0]
        point = shown[same_point(shown, best)].iloc[0]
        low, high = wilson_interval(point["accuracy"], int(point["n_symbols"]))
        here = float(point["accuracy"]), float(point["power_mw"])
        yield {
            **point[[*SHOWN, "power_mw", *POINT]],
            "budget": budget,
            "accuracy_low": low,
            "accuracy_high": high,
            "energy_per_decision_uj": _decision_energy(point, energy),
            "points_per_mw": price_per_mw(*here, before) if before else None,
            "note": "",
        }
        before = here
