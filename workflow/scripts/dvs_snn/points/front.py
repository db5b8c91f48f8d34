"""The front: the points of a group that no other point of it beats. Its one definition.

Validation picks the front of a group: no point of the group is more accurate for fewer operations a
reading, means over the trainings. On another set these points are measured once, in the order of
their cost on validation. Nothing is chosen on that set.

Noise makes accuracies and costs fall here and there along a front. They are first replaced by the
nearest values that never fall (isotonic regression, Barlow et al. 1972, Statistical Inference under
Order Restrictions). So a higher accuracy never costs less. Between two points the logarithm of the
cost is interpolated linearly in the accuracy.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dvs_snn.points.point import (
    EARLY_EXIT,
    NONZERO_MACS,
    PLAIN_CNN,
    SYNOPS,
    Counted,
    Point,
)
from dvs_snn.points.trials import Trials, Tried, quantile_of_draws, ratio
from dvs_snn.settings.guests import NIR
from dvs_snn.settings.set_names import REAL_TWINS, VALIDATION, half_of
from dvs_snn.settings.sides import CNN, SPIKING, Side

ANY = "any"
"""The method of a group that holds all networks of a side."""

NEAR = 0.08
"""How far below its best accuracy a front reaches: cheaper points aren't worth their savings."""

EVEN_TWINS = f"{REAL_TWINS}, even half"
"""The real twins that nothing was fitted to."""

_ROUNDING = 1e-9
"""Means of the same numbers may differ in the last bit."""


class Group(NamedTuple):
    """Points that stand against each other on one front.

    Attributes:
        side: spiking networks or CNNs.
        method: that of training, `EARLY_EXIT`, or `ANY` for all of the side.
        may_exit: whether points that stop early belong to it.
        counted: which operations count.
    """

    side: Side
    method: str
    may_exit: bool
    counted: Counted


ALL_SPIKING = Group(SPIKING, ANY, True, SYNOPS)

ALL_CNNS = Group(CNN, ANY, True, NONZERO_MACS)
"""CNNs that skip zeros: one that does every MAC is as accurate, and never cheaper."""

SIDES = (ALL_SPIKING, ALL_CNNS)
"""The groups whose fronts tables mark and charts draw."""


def of_cnn(method: str, counted: Counted) -> Group:
    """Return the group of a CNN, `PLAIN_CNN` or `SPARSE_CNN`."""
    return Group(CNN, method, True, counted)


def is_beaten(accuracy: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """Return which points another one beats: from float64 (point,) to bool (point,).

    A point beats another if it is as accurate and as cheap, and better in one of both.
    """
    beats = (
        (accuracy >= accuracy[:, None])
        & (cost <= cost[:, None])
        & ((accuracy > accuracy[:, None]) | (cost < cost[:, None]))
    )
    return np.asarray(beats.any(axis=1))


def front_points(trials: Trials) -> list[Point]:
    """Return the points on the front of validation's `trials`, the cheapest first.

    None of the points beats them in accuracy and in operations a reading, means over the trainings.
    Those below the best accuracy by more than `NEAR` are left out.
    """
    measured = trials.measured(trials.as_it_is)
    accuracy = measured.accuracy[0]
    cost = measured.per_reading[0]
    is_near = accuracy >= accuracy.max() - NEAR - _ROUNDING
    places = np.flatnonzero(~is_beaten(accuracy, cost) & is_near)
    return [trials.points[place] for place in places[np.argsort(cost[places], kind="stable")]]


@dataclass(frozen=True, eq=False)
class Members:
    """The points of a group on one set, among the trials of several methods.

    A point belongs to several groups. The sums of all points of a large study take gigabytes, so
    members copy those alone that they are asked for.
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


Grouped = Mapping[tuple[str, Group], Members]
"""Members by set and group."""


def grouped(tried: Tried, methods: Mapping[str, str]) -> dict[tuple[str, Group], Members]:
    """Return the groups of all points, by set.

    Networks from NIR files belong to no group: some saw the symbols of a set.

    Args:
        methods: the method of training, by variant.
    """
    parts_of: dict[tuple[str, Group], list[Trials]] = {}
    points_in: dict[tuple[str, Group], list[Point]] = {}
    trained_by = {methods[point.variant] for point in _spiking_points(tried)}
    for (name, method), trials in tried.items():
        if method == NIR:
            continue
        for point in trials.points:
            for group in _groups_of(point, method, methods, len(trained_by) > 1):
                points_in.setdefault((name, group), []).append(point)
                parts = parts_of.setdefault((name, group), [])
                if trials not in parts:
                    parts.append(trials)
    return {key: Members(tuple(parts_of[key]), tuple(points)) for key, points in points_in.items()}


def _spiking_points(tried: Tried) -> Iterator[Point]:
    """Yield the points of spiking networks that the study trained."""
    for (_, method), trials in tried.items():
        if method != NIR:
            yield from (point for point in trials.points if point.side == SPIKING)


def _groups_of(
    point: Point, method: str, methods: Mapping[str, str], are_several: bool
) -> Iterator[Group]:
    """Yield the groups that a point belongs to.

    Args:
        method: of the point.
        are_several: whether several methods trained spiking networks.
    """
    yield Group(point.side, ANY, True, point.counted)
    if point.side == CNN:
        yield of_cnn(method, point.counted)
        return
    if are_several:
        yield Group(SPIKING, methods[point.variant], True, SYNOPS)
    yield Group(SPIKING, method, method == EARLY_EXIT, SYNOPS)


def with_even_twins(tried: Tried) -> dict[tuple[str, str], Trials]:
    """Return trials, and those of the even half of the real twins as a set of its own."""
    even = {}
    for (name, method), twins in tried.items():
        if name == REAL_TWINS:
            is_even = np.array([half_of(symbol) == "even" for symbol in twins.symbols])
            even[EVEN_TWINS, method] = twins.of_symbols(is_even)
    return {**tried, **even}


def fronts_of_validation(groups: Grouped) -> dict[Group, list[Point]]:
    """Return the front that validation picks of each group.

    The plain CNN reads other sets in the frames alone that validation picked for it. So its other
    frames are left out, if there is another set.
    """
    plain = set()
    read_elsewhere = set()
    for (name, group), members in groups.items():
        if group.method == PLAIN_CNN:
            plain |= set(members.points)
        if name != VALIDATION:
            read_elsewhere |= set(members.points)
    left_out = plain - read_elsewhere if read_elsewhere else set()

    fronts = {}
    for (name, group), members in groups.items():
        candidates = [point for point in members.points if point not in left_out]
        if name == VALIDATION and candidates:
            fronts[group] = front_points(members.of_points(candidates))
    return fronts


@dataclass(frozen=True, eq=False)
class Front:
    """The front of a group as a set measured it, the cheapest point first.

    Attributes:
        trials: of its points on the set.
        accuracy, cost: shares, and operations a reading, float64 (draw, point); neither ever falls
            along the points. The first draw is the set itself.
    """

    trials: Trials
    accuracy: np.ndarray
    cost: np.ndarray

    @classmethod
    def of(cls, trials: Trials, seed: int) -> "Front":
        """Measure the points of `trials` on bootstrap draws of the set; validation picked them."""
        measured = trials.measured(trials.weights(seed, "bootstrap at equal accuracy"))
        # At least one operation, so that each has a logarithm.
        logs = np.log(np.maximum(measured.per_reading, 1.0))
        return cls(trials, never_falling(measured.accuracy), np.exp(never_falling(logs)))

    def place_at(self, accuracy: float) -> int | None:
        """Return the place of the first point that reaches an accuracy; None: none does."""
        is_reached = self.accuracy[0] >= accuracy - _ROUNDING
        return int(is_reached.argmax()) if is_reached.any() else None

    def cost_at(self, accuracy: float) -> np.ndarray:
        """Return the cost at which the front reaches an accuracy, float64 (draw,).

        It is infinite where no point reaches it. Where the first point is accurate enough, the cost
        is at most that.
        """
        return interpolated(self.accuracy, self.cost, accuracy)


def fronts_of(groups: Grouped, seed: int) -> dict[tuple[str, Group], Front]:
    """Return the fronts that validation picks of all groups, as the other sets measured them.

    A set that lacks a point of a front has none.
    """
    picked = fronts_of_validation(groups)
    fronts = {}
    for (name, group), members in groups.items():
        points = picked.get(group, [])
        if name != VALIDATION and points and set(points) <= set(members.points):
            fronts[name, group] = Front.of(members.of_points(points), seed)
    return fronts


def never_falling(values: np.ndarray) -> np.ndarray:
    """Return the nearest values that never fall along the points: float64 (draw, point)."""
    # Light jobs import this module too.
    from scipy.optimize import isotonic_regression

    return np.array([isotonic_regression(drawn).x for drawn in values])


def interpolated(accuracy: np.ndarray, cost: np.ndarray, wanted: float) -> np.ndarray:
    """Return the cost at which points reach an accuracy, float64 (draw,); infinite: nowhere.

    Between two points the logarithm of the cost is interpolated linearly in the accuracy.

    Args:
        accuracy: float64 (draw, point), never falling along the points.
        cost: float64 (draw, point).
    """
    draws = np.arange(len(accuracy))
    is_reached = accuracy >= wanted - _ROUNDING
    upper = is_reached.argmax(axis=1)
    lower = np.maximum(upper - 1, 0)
    below = accuracy[draws, lower]
    share = ratio(wanted - below, accuracy[draws, upper] - below)
    share = np.nan_to_num(share, nan=1.0).clip(0, 1)
    logs = np.log(np.maximum(cost, 1.0))
    between = np.exp(logs[draws, lower] + share * (logs[draws, upper] - logs[draws, lower]))
    return np.where(is_reached.any(axis=1), between, np.inf)


def interval(drawn: np.ndarray) -> tuple[float, float]:
    """Return the 95 % interval over the draws behind the first; an end may be infinite."""
    return quantile_of_draws(drawn, 0.025), quantile_of_draws(drawn, 0.975)
