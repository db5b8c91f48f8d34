"""The front is the same in the figure, in the table and behind equal accuracy: a brute force's."""

from collections.abc import Mapping
from fractions import Fraction

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from result_tables import PUBLISHED, make_evaluation

from dvs_snn.files.tables import schema
from dvs_snn.points.choice import Quoted
from dvs_snn.points.front import (
    ALL_CNNS,
    ALL_SPIKING,
    NEAR,
    Group,
    fronts_of,
    fronts_of_validation,
    grouped,
)
from dvs_snn.points.point import ALL_MACS, NONZERO_MACS, Point, points_of
from dvs_snn.points.points_table import points_table
from dvs_snn.points.trials import Sums, Trials
from dvs_snn.report.figures.front import shown_points
from dvs_snn.settings.set_names import TEST, VALIDATION
from dvs_snn.settings.sides import CNN, SPIKING
from dvs_snn.settings.sweep import Power

N_SYMBOLS = 16
METHODS = {"plain": "rescaled", "lean": "synop-loss"}
MACS = (ALL_MACS, NONZERO_MACS)
POINTS: Mapping[str, list[Point]] = {
    "rescaled": [Point(SPIKING, "plain", scale) for scale in (0.5, 1.0, 2.0)],
    "synop-loss": [Point(SPIKING, "lean", scale) for scale in (1.0, 2.0)],
    "early-exit": [
        Point(SPIKING, variant, 1.0, lead) for variant in ("lean", "plain") for lead in (2.0, 4.0)
    ],
    "cnn": [
        Point(CNN, "plain", 1.0, lead, "1000 events", macs) for macs in MACS for lead in (2.0, None)
    ],
    "sparse-cnn": [
        Point(CNN, "lean", 1.0, lead, "a", macs) for macs in MACS for lead in (3.0, 5.0)
    ],
}
SPIKING_POINTS = [point for method in POINTS for point in POINTS[method] if point.side == SPIKING]

Amounts = Mapping[Point, list[tuple[int, int]]]
"""Of each point and training the symbols that are read rightly, and the operations of a reading."""


@st.composite
def amounts(draw: st.DrawFn, fewest_right: int, n_seeds: int) -> Amounts:
    """Draw what all points read and cost; equal accuracies and costs are frequent."""
    reading = st.tuples(st.integers(fewest_right, N_SYMBOLS), st.integers(1, 4))
    of_trainings = st.lists(reading, min_size=n_seeds, max_size=n_seeds)
    return {point: draw(of_trainings) for points in POINTS.values() for point in points}


def trials_of(method: str, drawn: Amounts, unread: set[Point]) -> Trials:
    """Return the trials of a method's points but for those that are `unread`."""
    points = sorted(set(POINTS[method]) - unread, key=lambda point: point.order)
    n_seeds = len(drawn[points[0]])
    sums = np.ones((len(Sums._fields), N_SYMBOLS, len(points), n_seeds))
    for place, point in enumerate(points):
        for seed, (n_right, cost) in enumerate(drawn[point]):
            is_right = np.arange(N_SYMBOLS) < n_right
            sums[Sums._fields.index("correct"), :, place, seed] = is_right
            sums[Sums._fields.index("operations"), :, place, seed] = cost
    symbols = tuple(f"{number:02d}" for number in range(N_SYMBOLS))
    return Trials(tuple(points), tuple(range(1, n_seeds + 1)), symbols, sums)


def brute_force(drawn: Amounts, candidates: set[Point]) -> set[Point]:
    """Return the points that no other candidate beats on the mean, near the best of them."""
    accuracy: dict[Point, Fraction] = {}
    cost: dict[Point, Fraction] = {}
    for point in candidates:
        n_seeds = len(drawn[point])
        n_right = sum(right for right, _ in drawn[point])
        accuracy[point] = Fraction(n_right, N_SYMBOLS * n_seeds)
        cost[point] = Fraction(sum(spent for _, spent in drawn[point]), n_seeds)

    def beats(other: Point, point: Point) -> bool:
        is_as_good = accuracy[other] >= accuracy[point] and cost[other] <= cost[point]
        return is_as_good and (accuracy[other], cost[other]) != (accuracy[point], cost[point])

    least = max(accuracy.values()) - Fraction(str(NEAR))
    return {
        point
        for point in candidates
        if accuracy[point] >= least and not any(beats(other, point) for other in candidates)
    }


def marked(rows: pd.DataFrame, column: str) -> dict[Group, set[Point]]:
    """Return the points of each side whose rows have a 1 in a column."""
    points = points_of(rows[rows[column] == 1])
    return {
        group: {point for point in points if point.side == group.side}
        for group in (ALL_SPIKING, ALL_CNNS)
    }


@settings(max_examples=40)
@given(st.data(), st.integers(1, 3), st.sampled_from([None, *SPIKING_POINTS]))
def test_figure_table_and_equal_accuracy_have_the_front_of_a_brute_force(data, n_seeds, unread):
    on_validation = data.draw(amounts(10, n_seeds))
    # The test set chooses nothing. It reads all so well that the figure cuts no point off.
    on_test = data.draw(amounts(N_SYMBOLS - 1, n_seeds))
    # A point that validation didn't read is on no front.
    missing = {unread} - {None}
    tried = {(VALIDATION, name): trials_of(name, on_validation, missing) for name in POINTS}
    tried |= {(TEST, name): trials_of(name, on_test, set()) for name in POINTS}

    skipping = {p for points in POINTS.values() for p in points if p.counted == NONZERO_MACS}
    expected = {
        ALL_SPIKING: brute_force(on_validation, set(SPIKING_POINTS) - missing),
        ALL_CNNS: brute_force(on_validation, skipping),
    }

    groups = grouped(tried, METHODS)
    picked = fronts_of_validation(groups)
    assert {group: set(picked[group]) for group in expected} == expected
    sides = {key: members for key, members in groups.items() if key[1] in expected}
    fronts = fronts_of(sides, seed=1)
    assert {group: set(fronts[TEST, group].trials.points) for group in expected} == expected

    nothing = Quoted(pd.DataFrame(columns=list(schema("choice"))))
    evaluation = make_evaluation(sets=(VALIDATION, TEST)).assign(chosen=0)
    stops = pd.DataFrame(columns=list(schema("fixed_stops")))
    table = points_table(tried, groups, nothing, evaluation, stops, PUBLISHED, seed=1)
    assert marked(table[table["set"] == TEST], "on_front") == expected
    if unread is None:
        assert marked(table[table["set"] == VALIDATION], "on_front") == expected
    assert marked(shown_points(table, [TEST], Power()), "is_on_front") == expected
