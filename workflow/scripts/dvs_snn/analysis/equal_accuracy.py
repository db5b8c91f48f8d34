"""Spiking networks and CNNs at equal accuracy: ``equal_accuracy.csv`` and ``rivals.csv``.

Validation picks the front of each side: the points that no other of its side beats in accuracy and
in operations a reading. On another set these points, in the order of their cost on validation, are
measured once. Between two of them the logarithm of the cost is interpolated linearly in the
accuracy. Noise makes accuracies and costs fall here and there along a front. They are first
replaced by the nearest values that never fall (isotonic regression, Barlow et al. 1972, Statistical
Inference under Order Restrictions). So a higher accuracy never costs less. Nothing is chosen on the
set itself.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import isotonic_regression

from dvs_snn.analysis.factors import EQUAL
from dvs_snn.analysis.points import named_points
from dvs_snn.analysis.trials import (
    CNN,
    N_DRAWS,
    SPARSE_CNN,
    Point,
    Sums,
    Trials,
    cost_at,
    front_of,
    quantile_of_draws,
)
from dvs_snn.files.tables import schema
from dvs_snn.networks.synops import DENSE, NONZERO
from dvs_snn.settings.set_names import VALIDATION

STATED = (0.90, 0.95, 0.96, 0.97)
"""Accuracies at which both sides are compared, shares of the recordings."""

SPIKING = "spiking"
SPARSE = "sparse CNN"
PLAIN = "CNN"
NETWORKS = (SPIKING, SPARSE, PLAIN)
"""Kinds of networks, each with all of its methods together."""

CHOSEN = "chosen points"

AT_MOST = "<="

Side = tuple[str, str]
"""A kind of network or a spiking method, and the kind of MACs that count, of spiking ones none."""

SPIKING_SIDE = (SPIKING, "")

RIVALS = ((SPARSE, NONZERO), (PLAIN, NONZERO))
"""What stands against spiking networks: the first of them that a study has."""


@dataclass(frozen=True, eq=False)
class SideTrials:
    """The points of one side on one set, among the trials of several methods.

    A spiking network belongs to two sides. The sums of all points of a large study take gigabytes,
    so a side copies those alone that it is asked for.
    """

    parts: tuple[Trials, ...]
    points: tuple[Point, ...]

    def of_points(self, points: Sequence[Point]) -> Trials:
        """Return the trials of some of the points, in their order."""
        sums_of = {
            point: tried.sums[:, :, place]
            for tried in self.parts
            for place, point in enumerate(tried.points)
        }
        sums = np.stack([sums_of[point] for point in points], axis=2)
        first = self.parts[0]
        return Trials(tuple(points), first.seeds, first.symbols, sums)


def sides_of(
    trials: Mapping[tuple[str, str], Trials],
    of_cnns: Mapping[tuple[str, str], Trials],
    methods: Mapping[str, str],
) -> dict[tuple[str, Side], SideTrials]:
    """Return the points by set and side.

    All spiking networks together are one side. If they were trained by several methods, the
    networks of each method, to the end and with early exit, are a side too. Each CNN is two sides:
    one counts all MACs, one those with an input that isn't 0.

    Args:
        trials: spiking networks, by set and method; early exit is a method there.
        of_cnns: the CNNs, by set and method.
        methods: the method of training, by variant.
    """
    sides: dict[tuple[str, Side], SideTrials] = {}
    for name in sorted({name for name, _ in trials}):
        parts = tuple(tried for (each, _), tried in trials.items() if each == name)
        spiking = SideTrials(parts, tuple(point for tried in parts for point in tried.points))
        sides[name, SPIKING_SIDE] = spiking

        points_of = defaultdict(list)
        for point in spiking.points:
            points_of[methods[point.variant]].append(point)
        if len(points_of) > 1:
            for method, points in points_of.items():
                sides[name, (method, "")] = SideTrials(parts, tuple(points))
    for (name, method), tried in of_cnns.items():
        network = {CNN: PLAIN, SPARSE_CNN: SPARSE}[method]
        for macs in (DENSE, NONZERO):
            points = [point for point in tried.points if point.macs == macs]
            if points:
                sides[name, (network, macs)] = SideTrials((tried,), tuple(points))
    return sides


class SideFront(NamedTuple):
    """The front of one side as another set than validation measured it, the cheapest point first.

    Attributes:
        trials: of its points on the set.
        accuracy, cost: shares, and operations a reading, float64 (draw, point); neither ever falls.
    """

    trials: Trials
    accuracy: np.ndarray
    cost: np.ndarray


def fronts_of(
    sides: Mapping[tuple[str, Side], SideTrials], seed: int
) -> dict[tuple[str, Side], SideFront]:
    """Return the fronts that validation picks of all sides, as the other sets measured them.

    A set that lacks a point of a front has none.
    """
    fronts = {}
    for (name, side), on_set in sides.items():
        on_validation = sides.get((VALIDATION, side))
        if name == VALIDATION or on_validation is None:
            continue
        known = set(on_set.points)
        candidates = on_validation.points
        if side[0] == PLAIN:
            # Other sets are read in the frames alone that validation picked.
            candidates = tuple(point for point in candidates if point in known)
        points = front_of(on_validation.of_points(candidates))
        if not set(points) <= known:
            continue
        trials = on_set.of_points(points)
        measured = trials.measured(trials.weights(seed, "bootstrap at equal accuracy"))
        accuracy = _never_falling(measured.accuracy)
        # At least one operation, so that each has a logarithm.
        cost = np.exp(_never_falling(np.log(np.maximum(measured.per_reading, 1.0))))
        fronts[name, side] = SideFront(trials, accuracy, cost)
    return fronts


def _never_falling(values: np.ndarray) -> np.ndarray:
    """Return the nearest values (draw, point) that never fall along the points."""
    return np.array([isotonic_regression(drawn).x for drawn in values])


def _interval(drawn: np.ndarray, name: str) -> dict[str, float | None]:
    """Return the value of the set itself, the first draw, and its 95 % interval over the others.

    An end that isn't finite is empty.
    """
    values = {
        name: drawn[0],
        f"{name}_low": quantile_of_draws(drawn, 0.025),
        f"{name}_high": quantile_of_draws(drawn, 0.975),
    }
    return {key: float(value) if np.isfinite(value) else None for key, value in values.items()}


def equal_accuracy_table(fronts: Mapping[tuple[str, Side], SideFront]) -> pd.DataFrame:
    """Return ``equal_accuracy.csv``: what each side takes a reading at each of `STATED`.

    A side that doesn't reach an accuracy has no row of it. `fronts` are those of `fronts_of`.
    """
    rows = []
    for (name, (network, _macs)), front in fronts.items():
        points = named_points(front.trials.points)
        sums = Sums(*front.trials.sums.sum(axis=1))
        time_ms = (sums.time_ms / sums.recordings).mean(axis=1)
        for accuracy in STATED:
            is_reached = front.accuracy[0] >= accuracy - 1e-9
            if not is_reached.any():
                continue
            place = int(is_reached.argmax())
            cost = cost_at(front.accuracy, front.cost, accuracy)
            row = {
                **points.iloc[place],
                "set": name,
                "network": network,
                "accuracy": accuracy,
                **_interval(cost, "operations_per_reading"),
                "bound": AT_MOST if place == 0 else "",
                "time_to_exit_ms": time_ms[place],
                "n_symbols": len(front.trials.symbols),
                "n_seeds": len(front.trials.seeds),
                "n_draws": N_DRAWS,
            }
            rows.append(row)
    table = pd.DataFrame(rows, columns=list(schema("equal_accuracy")))
    return table.sort_values(["set", "accuracy", "network", "macs"], ignore_index=True)


def rivals_table(
    fronts: Mapping[tuple[str, Side], SideFront],
    sides: Mapping[tuple[str, Side], SideTrials],
    front: pd.DataFrame,
    seed: int,
) -> pd.DataFrame:
    """Return ``rivals.csv``: the spiking networks beside the CNN, by the same draws.

    At each of `STATED` both take their cost on their fronts; then both stand at the points that
    validation chose with an exit. `front` is ``front.csv``.
    """
    rows: list[dict[str, object]] = []
    for name in sorted({name for name, _ in fronts}):
        rival = _rival_of(name, fronts)
        if rival is None:
            continue
        spiking = fronts[name, SPIKING_SIDE]
        cnn = fronts[name, rival]
        for accuracy in STATED:
            synops = cost_at(spiking.accuracy, spiking.cost, accuracy)
            macs = cost_at(cnn.accuracy, cnn.cost, accuracy)
            if np.isfinite(synops[0]) and np.isfinite(macs[0]):
                row = {"at": EQUAL, "accuracy": accuracy, **_interval_of_ratio(synops, macs)}
                rows.append({"set": name, "rival": rival[0], **row})
    for name in sorted({name for name, _ in sides} - {VALIDATION}):
        rows += _at_chosen_points(name, sides, front, seed)
    return pd.DataFrame(rows, columns=list(schema("rivals")))


def _rival_of(name: str, known: Collection[tuple[str, Side]]) -> Side | None:
    """Return the side that stands against spiking networks on a set; None if one is missing."""
    if (name, SPIKING_SIDE) not in known:
        return None
    return next((side for side in RIVALS if (name, side) in known), None)


def _interval_of_ratio(synops: np.ndarray, macs: np.ndarray) -> dict[str, float | None]:
    """Return both costs, and SynOps over MACs with their interval.

    Where a draw's CNN doesn't reach the accuracy its factor is 0, where the spiking networks don't
    it is infinite; where neither does, it may be anything. An end of the interval among such draws
    is empty.
    """
    with np.errstate(invalid="ignore"):
        factor = synops / macs
    is_unknown = np.isnan(factor)
    low = quantile_of_draws(np.where(is_unknown, 0, factor), 0.025)
    high = quantile_of_draws(np.where(is_unknown, np.inf, factor), 0.975)
    return {
        "synops_per_reading": float(synops[0]),
        "macs_per_reading": float(macs[0]),
        "synops_per_mac": float(factor[0]),
        "synops_per_mac_low": low or None,
        "synops_per_mac_high": high if np.isfinite(high) else None,
    }


def _at_chosen_points(
    name: str, sides: Mapping[tuple[str, Side], SideTrials], front: pd.DataFrame, seed: int
) -> list[dict[str, object]]:
    """Compare both sides of a set at the points with an exit that validation chose."""
    rival = _rival_of(name, sides)
    if rival is None:
        return []
    rows = front[(front["set"] == name) & (front["chosen"] == 1) & front["exit"].notna()]
    rows = rows[rows["seed"].isna()]
    chosen = {Point.of(row) for row in rows.to_dict("records")}
    measured = []
    for side in (SPIKING_SIDE, rival):
        tried = sides[name, side]
        points = [point for point in tried.points if point in chosen]
        if not points:
            return []
        trials = tried.of_points(points[:1])
        weights = trials.weights(seed, "bootstrap at equal accuracy")
        measured.append(trials.measured(weights))
    spiking, cnn = measured
    row = {
        "at": CHOSEN,
        "accuracy": spiking.accuracy[0, 0],
        "rival_accuracy": cnn.accuracy[0, 0],
        **_interval(100 * (spiking.accuracy - cnn.accuracy)[:, 0], "difference_points"),
        **_interval_of_ratio(spiking.per_reading[:, 0], cnn.per_reading[:, 0]),
    }
    return [{"set": name, "rival": rival[0], **row}]
