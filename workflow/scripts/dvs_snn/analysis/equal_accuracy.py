"""What networks need at equal accuracy, beside a reference: ``equal_accuracy.csv``.

A row is a group of networks on its front (:mod:`dvs_snn.points.front`) at one accuracy, or a point
that validation chose. Beside it stands a reference: rescaling beside spiking networks, and all
spiking networks beside a CNN. The ratio is the reference's operations over the row's. Above 1 the
row needs fewer. Both are measured on the same bootstrap draws of symbols and trainings.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dvs_snn.files.tables import schema
from dvs_snn.points.choice import LOWEST, chosen_point, edge_of
from dvs_snn.points.front import (
    ALL_SPIKING,
    ANY,
    Front,
    Group,
    Grouped,
    Members,
    fronts_of,
    interval,
)
from dvs_snn.points.point import (
    CHOSEN,
    EARLY_EXIT,
    EQUAL,
    SYNOPS,
    Point,
)
from dvs_snn.points.trials import N_DRAWS, Trials
from dvs_snn.settings.set_names import VALIDATION
from dvs_snn.settings.sides import CNN, SPIKING
from dvs_snn.settings.training_settings import RESCALED

STATED = (0.90, 0.94, 0.95, 0.96, 0.97)
"""Accuracies at which networks are compared, shares of the recordings."""

REFERENCE_ACCURACY = 0.95
"""At this accuracy rescaling stands beside the chosen point of another method."""

RESCALING = Group(SPIKING, RESCALED, False, SYNOPS)
"""Networks that were converted and rescaled, to the recordings' ends."""

FEWEST_SYMBOLS = 40
"""Of fewer, less than two are misread at 95 %: too few to compare methods by."""

AT_MOST = "<="
AT_LEAST = ">="
BOTH_ENDS = "both costs lie at ends of grids"
TOO_FEW = f"fewer than {FEWEST_SYMBOLS} symbols"


@dataclass(frozen=True, eq=False)
class Cost:
    """Operations a reading, float64 (draw,); the first draw is the set itself.

    Attributes:
        operations: infinite where an accuracy isn't reached.
        is_bound: whether the true cost may be lower, since the cheapest point is good enough.
    """

    operations: np.ndarray
    is_bound: bool


def cost_on(front: Front, accuracy: float) -> Cost | None:
    """Return what a front needs for an accuracy; None: it doesn't reach it."""
    place = front.place_at(accuracy)
    return None if place is None else Cost(front.cost_at(accuracy), place == 0)


def _with_interval(name: str, drawn: np.ndarray) -> dict[str, float | None]:
    """Return the value of the set itself with its 95 % interval; an infinite end is empty."""
    low, high = interval(drawn)
    values = {name: drawn[0], f"{name}_low": low, f"{name}_high": high}
    return {key: float(value) if math.isfinite(value) else None for key, value in values.items()}


def beside(cost: Cost, reference: Cost | None) -> dict[str, object]:
    """Return the ratio of a reference's operations to those of a row, with its 95 % interval.

    In a draw that the row doesn't reach the ratio is 0, in one that the reference doesn't reach it
    is infinite; where neither does, it may be anything. An end among such draws is empty. If one
    cost is a bound, so is the ratio, and the end on its open side is empty.
    """
    if reference is None or not math.isfinite(reference.operations[0]):
        return {}
    if cost.is_bound and reference.is_bound:
        return {"note": BOTH_ENDS}
    with np.errstate(invalid="ignore"):
        ratio = reference.operations / cost.operations
    is_unknown = np.isnan(ratio)
    low, _ = interval(np.where(is_unknown, 0.0, ratio))
    _, high = interval(np.where(is_unknown, np.inf, ratio))
    return {
        "ratio": float(ratio[0]),
        "ratio_low": None if reference.is_bound else low or None,
        "ratio_high": None if cost.is_bound or not math.isfinite(high) else high,
        "ratio_bound": AT_LEAST if cost.is_bound else AT_MOST if reference.is_bound else "",
    }


def reference_of(group: Group) -> Group | None:
    """Return the group beside which another one stands; None: it is rescaling itself."""
    if group.side == CNN:
        return ALL_SPIKING
    return None if group == RESCALING else RESCALING


def reference_name(group: Group | None) -> str:
    """Return what the table calls a reference; empty where there is none."""
    if group is None:
        return ""
    return RESCALED if group == RESCALING else SPIKING


def _size_of(trials: Trials) -> dict[str, int]:
    """Return how many symbols, trainings and draws stand behind a row."""
    return {
        "n_symbols": len(trials.symbols),
        "n_seeds": len(trials.seeds),
        "n_draws": N_DRAWS,
    }


def equal_accuracy_table(
    groups: Grouped, choice: pd.DataFrame, chosen: set[tuple[str, Point]], seed: int
) -> pd.DataFrame:
    """Return ``equal_accuracy.csv``.

    A group that doesn't reach an accuracy on a set has no row of it.

    Args:
        groups: of all trials.
        choice: columns `stored_choice`: each row of a method is a chosen point.
        chosen: method and point of all that is chosen in force, CNNs too.
    """
    fronts = fronts_of(groups, seed)
    rows = [*_rows_at_equal_accuracy(fronts)]
    rows += _rows_of_chosen_spiking(groups, fronts, choice, seed)
    rows += _rows_of_chosen_cnns(groups, chosen, seed)
    table = pd.DataFrame(rows, columns=list(schema("equal_accuracy")))
    order = ["set", "at", "accuracy", "side", "method", "exits", "counted"]
    return table.sort_values(order, kind="stable", ignore_index=True)


def _rows_at_equal_accuracy(
    fronts: Mapping[tuple[str, Group], Front],
) -> Iterator[dict[str, object]]:
    """Yield what each group needs at each of `STATED`, beside its reference."""
    for (name, group), front in fronts.items():
        if group.side == CNN and group.method == ANY:
            continue
        time_ms = (front.trials.totals.time_ms / front.trials.totals.recordings).mean(axis=1)
        reference_group = reference_of(group)
        reference_front = fronts.get((name, reference_group)) if reference_group else None
        for accuracy in STATED:
            cost = cost_on(front, accuracy)
            place = front.place_at(accuracy)
            if cost is None or place is None:
                continue
            reference = cost_on(reference_front, accuracy) if reference_front else None
            yield {
                **vars(front.trials.points[place]),
                "set": name,
                "at": EQUAL,
                "accuracy": accuracy,
                "method": group.method,
                "exits": int(group.may_exit),
                **_with_interval("operations_per_reading", cost.operations),
                "bound": AT_MOST if cost.is_bound else "",
                "time_to_exit_ms": time_ms[place],
                **_size_of(front.trials),
                "reference": reference_name(reference_group),
                **_compared(cost, reference, reference_group, front.trials),
            }


def _compared(
    cost: Cost, reference: Cost | None, reference_group: Group | None, trials: Trials
) -> dict[str, object]:
    """Return the ratio to a reference; methods of few symbols aren't compared with rescaling."""
    if reference_group == RESCALING and len(trials.symbols) < FEWEST_SYMBOLS:
        return {"note": TOO_FEW}
    compared = beside(cost, reference)
    operations = {} if reference is None else {"reference_operations": reference.operations[0]}
    return operations | compared


def _rows_of_chosen_spiking(
    groups: Grouped, fronts: Mapping[tuple[str, Group], Front], choice: pd.DataFrame, seed: int
) -> Iterator[dict[str, object]]:
    """Yield each chosen point of a method beside what rescaling needs for `REFERENCE_ACCURACY`.

    A cost at the lowest scale is a bound: a wider grid may hold a cheaper point.
    """
    for (name, group), members in groups.items():
        of_method = choice[choice["method"] == group.method]
        is_methods_own = group.may_exit == (group.method == EARLY_EXIT)
        if name == VALIDATION or group.side == CNN or not is_methods_own:
            continue
        rescaling = fronts.get((name, RESCALING))
        for row in of_method.to_dict("records"):
            point = chosen_point(row)
            if point not in members.points:
                continue
            trials = members.of_points([point])
            measured = trials.measured(trials.weights(seed, "bootstrap at equal accuracy"))
            edge = edge_of(point, members.points)
            cost = Cost(measured.per_reading[:, 0], edge == LOWEST)
            reference = cost_on(rescaling, REFERENCE_ACCURACY) if rescaling else None
            yield {
                **_row_of_chosen(name, group.method, point, trials, cost.operations),
                "accuracy": measured.accuracy[0, 0],
                "bound": AT_MOST if cost.is_bound else "",
                "reference": RESCALED,
                "reference_accuracy": REFERENCE_ACCURACY,
                **_compared(cost, reference, RESCALING, trials),
                "within_points": row["within_points"],
                "chosen": row["chosen"],
            }


def _row_of_chosen(
    name: str, method: str, point: Point, trials: Trials, operations: np.ndarray
) -> dict[str, object]:
    """Return the columns that rows of all chosen points share."""
    totals = trials.totals
    return {
        **vars(point),
        "set": name,
        "at": CHOSEN,
        "method": method,
        "exits": int(point.exit is not None),
        **_with_interval("operations_per_reading", operations),
        "bound": "",
        "time_to_exit_ms": (totals.time_ms / totals.recordings).mean(),
        **_size_of(trials),
    }


def _rows_of_chosen_cnns(
    groups: Grouped, chosen: set[tuple[str, Point]], seed: int
) -> Iterator[dict[str, object]]:
    """Yield the CNNs that stop where validation chose, beside the spiking network that does."""
    stops = {point for method, point in chosen if point.exit is not None}
    for (name, group), members in groups.items():
        spiking = _first_chosen(groups.get((name, ALL_SPIKING)), stops)
        is_one_cnn = group.side == CNN and group.method != ANY
        if name == VALIDATION or spiking is None or not is_one_cnn:
            continue
        weights = spiking.weights(seed, "bootstrap at equal accuracy")
        of_spiking = spiking.measured(weights)
        for point in members.points:
            if point not in stops:
                continue
            trials = members.of_points([point])
            of_cnns = trials.measured(trials.weights(seed, "bootstrap at equal accuracy"))
            apart = 100 * (of_spiking.accuracy - of_cnns.accuracy)[:, 0]
            cost = Cost(of_cnns.per_reading[:, 0], False)
            reference = Cost(of_spiking.per_reading[:, 0], False)
            yield {
                **_row_of_chosen(name, group.method, point, trials, cost.operations),
                "accuracy": of_cnns.accuracy[0, 0],
                "reference": SPIKING,
                "reference_accuracy": of_spiking.accuracy[0, 0],
                **_compared(cost, reference, ALL_SPIKING, trials),
                **_with_interval("difference_points", apart),
                "chosen": 1,
            }


def _first_chosen(members: Members | None, chosen: set[Point]) -> Trials | None:
    """Return the trials of the first of the members that is chosen; None without one."""
    points = [] if members is None else [point for point in members.points if point in chosen]
    return members.of_points(points[:1]) if members and points else None
