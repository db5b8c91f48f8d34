"""The choice of an operating point: one for all seeds of a method, by a fixed rule.

The rule sees validation recordings alone. It takes the cheapest point whose accuracy lies within a
stated margin of the best. Accuracy and cost are means over the seeds; the cost is the SynOps per
3,000 events.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from dvs_snn.evaluation.cheapest import pick
from dvs_snn.files.tables import read_table, schema
from dvs_snn.points.point import EARLY_EXIT, PLAIN_CNN, Point
from dvs_snn.points.trials import Measured, Sums, Trials, Tried
from dvs_snn.settings.set_names import VALIDATION
from dvs_snn.settings.sides import SPIKING
from dvs_snn.settings.sweep import Choice, nearest_to_one
from dvs_snn.settings.training_settings import RESCALED

CHEAPEST_WITHIN: Final = "cheapest-within"
BEST: Final = "best"

LOWEST = "the lowest scale"

MARGINS = (0.5, 1.0, 2.0)
"""Percentage points that the choice is told for, beside those of the rule in force."""


def edge_of(point: Point, points: Sequence[Point]) -> str:
    """Say at which edge of its variant's grid of scales a choice lies: a wider one might change it.

    A variant with one scale among others has no grid.
    """
    scales = sorted({tried.scale for tried in points if tried.variant == point.variant})
    if len(scales) == 1:
        return "" if len(points) > 1 else "the only scale"
    return {scales[0]: LOWEST, scales[-1]: "the highest scale"}.get(point.scale, "")


def choose(trials: Trials, rule: Choice, measured: Measured) -> dict[str, object]:
    """Choose a point, and tell how much the choice depends on symbols and trainings.

    `measured` is of the set itself, the first draw, and of bootstrap draws. Returns columns of
    `stored_choice`: `low` and `high` are the 2.5 and 97.5 % quantiles over the draws, each with the
    cost that the draw itself measured.
    """
    places = pick(measured.accuracy, measured.cost, rule.margin)
    place = places[0]
    drawn = places[1:]
    best = pick(measured.accuracy[0], measured.cost[0], 0.0)
    point = trials.points[place]
    draws = np.arange(1, len(places))
    row = {
        "variant": point.variant,
        "scale": point.scale,
        "exit": point.exit,
        **_range("synops", measured.cost[draws, drawn]),
        **_range("synops_per_reading", measured.per_reading[draws, drawn]),
        "edge": edge_of(point, trials.points),
        "accuracy": measured.accuracy[0, place],
        "best_scale": trials.points[best].scale,
        "best_accuracy": measured.accuracy[0, best],
        "synops_per_3000_events": measured.cost[0, place],
        "synops_per_reading": measured.per_reading[0, place],
        "n_symbols": len(trials.symbols),
        "n_seeds": len(trials.seeds),
        "n_draws": len(drawn),
        "stability": float((drawn == place).mean()),
    }
    # Scales and leads are points of a grid: none between two of them was tried.
    if len({tried.variant for tried in trials.points}) == 1:
        scales = np.array([tried.scale for tried in trials.points])
        row |= _range("scale", scales[drawn], "inverted_cdf")
    if point.exit is not None:
        exits = np.array([tried.exit for tried in trials.points])
        row |= _range("exit", exits[drawn], "inverted_cdf")
    return row


def _range(
    name: str, values: np.ndarray, method: Literal["linear", "inverted_cdf"] = "linear"
) -> dict[str, float]:
    low, high = np.quantile(values, [0.025, 0.975], method=method)
    return {f"{name}_low": float(low), f"{name}_high": float(high)}


def choose_points(tried: Tried, rule: Choice, seed: int) -> pd.DataFrame:
    """Return the table `stored_choice`: the points that both rules choose on validation.

    The rule `cheapest-within` is applied with each margin of `MARGINS` and with that of the
    settings. The rows of the rule in force have a 1 in `chosen`. For every rule and margin,
    `best_method` is 1 at the method that would be quoted as the best. Without validation there are
    no rows.

    `rule` is the rule in force.
    """
    rows = []
    margins = sorted({*MARGINS, rule.within})
    rules = [*(Choice(CHEAPEST_WITHIN, margin) for margin in margins), Choice(BEST, rule.within)]
    for (name, method), trials in tried.items():
        if name != VALIDATION:
            continue
        sums = Sums(*trials.sums)
        measured = trials.measured(trials.weights(seed, "bootstrap of the choice"))
        for tested in rules:
            in_force = (tested.rule, tested.margin) == (rule.rule, rule.margin)
            row = {
                "method": method,
                "set": name,
                "rule": tested.rule,
                "event_rate_hz": sums.events.sum() / (sums.whole_ms.sum() * 1e-3),
                "within_points": 100 * tested.margin,
                "chosen": int(in_force),
            }
            rows.append(row | choose(trials, tested, measured))
    choice = pd.DataFrame(rows, columns=list(schema("stored_choice"))).assign(best_method=0)
    for _, of_rule in choice.groupby(["rule", "within_points"]):
        is_best = of_rule["method"] == Quoted(of_rule).best
        choice.loc[is_best.index[is_best], "best_method"] = 1
    return choice


def cnn_choices(trials: Trials, method: str, margin: float) -> list[Point]:
    """Return the points of CNNs that validation chooses.

    Of each way to count MACs these are the best to recordings' ends, and with an exit the cheapest
    within `margin` of the best. Each CNN is asked by itself; all sparse CNNs are asked together.
    """
    measured = trials.measured(trials.as_it_is)
    places_of = defaultdict(list)
    for place, point in enumerate(trials.points):
        variant = point.variant if method == PLAIN_CNN else ""
        places_of[variant, point.counted, point.exit is None].append(place)
    chosen = []
    for (_, _, is_whole), places in sorted(places_of.items()):
        within = 0.0 if is_whole else margin
        best = pick(measured.accuracy[0, places], measured.cost[0, places], within)
        chosen.append(trials.points[places[int(best)]])
    return chosen


@dataclass(frozen=True, eq=False)
class Quoted:
    """The points that are in force, one a method: all that tables, figures and the page quote."""

    rows: pd.DataFrame

    @classmethod
    def of(cls, choice: pd.DataFrame) -> "Quoted":
        """Take the rows of `stored_choice` or of ``choice.csv`` that have a 1 in `chosen`."""
        return cls(choice[choice["chosen"] == 1])

    @classmethod
    def read(cls, path: Path) -> "Quoted":
        """Read what the job `choose` stored."""
        return cls.of(read_table(path, "stored_choice"))

    @cached_property
    def points(self) -> dict[str, Point]:
        """The chosen point of each method."""
        rows = self.rows.assign(exit=self.rows["exit"].astype(float))
        return {row["method"]: chosen_point(row) for row in rows.to_dict("records")}

    @property
    def margin(self) -> float:
        """How far below the best accuracy a chosen point may be, a share; 0 without a choice."""
        return self.rows["within_points"].max() / 100 if len(self.rows) else 0.0

    def of_variant(self, variant: str) -> dict[str, Point]:
        """Return the points of a variant's networks by method; none where another was chosen."""
        return {name: point for name, point in self.points.items() if point.variant == variant}

    def networks(self, scales: Mapping[str, Sequence[float]]) -> set[tuple[str, float]]:
        """Return (variant, scale) of the chosen networks that read recordings to their ends.

        Without any choice every variant is quoted, at that of its `scales` nearest to 1.
        """
        chosen = {(p.variant, p.scale) for p in self.points.values() if p.exit is None}
        return chosen or {(variant, nearest_to_one(tried)) for variant, tried in scales.items()}

    @cached_property
    def best(self) -> str | None:
        """The method that gives the study's answer, by the rule that chooses points.

        Of the chosen points it is the cheapest one within the rule's margin of the most accurate,
        on validation. Early exit doesn't compete: it stops the other methods' networks, and what it
        saves depends on how long a recording goes on after the exit. None: nothing was chosen.
        """
        rows = self.rows[self.rows["method"] != EARLY_EXIT]
        if rows.empty:
            return None
        accuracy, cost = rows[["accuracy", "synops_per_3000_events"]].to_numpy(np.float64).T
        margin = rows["within_points"].iloc[0] / 100
        return str(rows["method"].iloc[int(pick(accuracy, cost, margin))])

    @property
    def compared(self) -> list[str]:
        """The best method, and rescaling beside it; none where nothing was chosen.

        Where rescaling is the best, the method whose chosen point is the cheapest is beside it.
        """
        if self.best != RESCALED:
            return [self.best, RESCALED] if self.best else []
        others = self.rows[~self.rows["method"].isin([RESCALED, EARLY_EXIT])]
        return [RESCALED, *others.sort_values("synops_per_3000_events")["method"].head(1)]

    @property
    def methods(self) -> list[str]:
        """The methods of spiking networks that the page quotes; the first gives its answer."""
        return [EARLY_EXIT, *self.compared]

    def answering(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of the best method's chosen variant; all where nothing was chosen."""
        return rows[rows["variant"] == self.points[self.best].variant] if self.best else rows

    def marked(
        self, table: pd.DataFrame, scales: Mapping[str, Sequence[float]] | None = None
    ) -> pd.DataFrame:
        """Return `table` with the column `chosen`: 1 at the `networks`, else 0.

        Rows of the `side` of CNNs stay empty.
        """
        places = pd.MultiIndex.from_arrays([table["variant"], table["scale"].astype(float)])
        is_chosen = places.isin(list(self.networks(scales or {})))
        marks = pd.Series(is_chosen, table.index).astype("Int64")
        return table.assign(chosen=marks.where(table["side"] == SPIKING))


def chosen_point(row: Mapping[Any, Any]) -> Point:
    """Return the point that a row of the choice names: of a spiking network."""
    lead = None if pd.isna(row["exit"]) else float(row["exit"])
    return Point(SPIKING, str(row["variant"]), float(row["scale"]), lead)
