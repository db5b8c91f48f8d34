"""The choice of an operating point: one scale for all seeds of a variant, by a fixed rule.

The rule sees validation recordings alone. It takes the cheapest scale whose accuracy lies within a
stated margin of the best. Accuracy and cost are means over the seeds; the cost is the SynOps per
3,000 events. Two validation sets may choose: ``validation-nominal`` for a known sensor
(column `chosen`), and the varied ``validation`` for any sensor (`chosen_any`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dvs_snn.evaluation.outcomes import STORED_OUTCOMES
from dvs_snn.files.randomness import generator
from dvs_snn.files.tables import Column, subset
from dvs_snn.networks.key import NETWORK_KEY
from dvs_snn.settings.set_names import NOMINAL_VALIDATION, VALIDATION
from dvs_snn.settings.sweep import Choice, nearest_to_one

CHOSEN_BY = {"chosen": (NOMINAL_VALIDATION, VALIDATION), "chosen_any": (VALIDATION,)}
"""Column -> sets that may choose its scale; the first of them that the study has chooses."""

METHOD = "rescaled"
EARLY_EXIT = "early-exit"
CHEAPEST_WITHIN, BEST = "cheapest-within", "best"
N_DRAWS = 2000
EVENTS = 3000

MARKS = {
    "chosen": Column("whole", "0 or 1", "whether validation chose this scale for a known sensor"),
    "chosen_any": Column("whole", "0 or 1", "whether it chose this scale for any sensor"),
}
CHOICE_COLUMNS = {
    **subset(NETWORK_KEY, "variant"),
    "method": Column(
        "text",
        "",
        "how accuracy was traded for power: `rescaled` or, over all variants, `early-exit`",
    ),
    "set": Column("text", "", "validation set that chose"),
    "rule": Column("text", "", "rule by which it chose: `cheapest-within` or `best`"),
    "within_points": Column(
        "number", "percentage points", "how far below the best accuracy a choice may lie"
    ),
    "chosen": Column("whole", "0 or 1", "whether this choice is in force for a known sensor"),
    "chosen_any": Column("whole", "0 or 1", "whether this choice is in force for any sensor"),
    "scale": Column("number", "", "factor on the weights of the first layer that was chosen"),
    "scale_low": Column("number", "", "2.5 % quantile of the scale over bootstrap draws"),
    "scale_high": Column("number", "", "97.5 % quantile of the scale over bootstrap draws"),
    "edge": Column("text", "", "edge of the grid that the choice lies at, empty inside"),
    "accuracy": Column("number", "share", "accuracy at the chosen scale, mean over the seeds"),
    "best_scale": Column("number", "", "scale of the best accuracy"),
    "best_accuracy": Column("number", "share", "the best accuracy"),
    "synops_per_3000_events": Column(
        "number", "SynOps", "cost at the chosen scale, mean over the seeds"
    ),
    "synops_low": Column("number", "SynOps", "2.5 % quantile of the cost over bootstrap draws"),
    "synops_high": Column("number", "SynOps", "97.5 % quantile of the cost over bootstrap draws"),
    "n_symbols": Column("whole", "symbols", "symbols of the set"),
    "n_seeds": Column("whole", "seeds", "networks whose mean was taken"),
    "n_draws": Column("whole", "draws", "bootstrap draws of the symbols"),
    "event_rate_hz": Column("number", "Hz", "events per second of the set"),
    "exit": Column(
        "number", "spikes", "lead at which the network stops, empty where it runs to the end"
    ),
    "exit_low": Column("number", "spikes", "2.5 % quantile of the lead over bootstrap draws"),
    "exit_high": Column("number", "spikes", "97.5 % quantile of the lead over bootstrap draws"),
    "synops_per_decision": Column(
        "number", "SynOps", "of early exit: SynOps up to the exit, mean over recordings and seeds"
    ),
    "synops_per_decision_low": Column(
        "number", "SynOps", "2.5 % quantile of `synops_per_decision` over bootstrap draws"
    ),
    "synops_per_decision_high": Column(
        "number", "SynOps", "97.5 % quantile of `synops_per_decision` over bootstrap draws"
    ),
}
"""Columns that the job `choose` stores; none of them depends on the energy of a SynOp."""

TRIED = subset(
    STORED_OUTCOMES, "set variant seed scale symbol label predicted synops n_events n_steps"
)
"""Columns of the outcomes that a choice needs."""


@dataclass(frozen=True, eq=False)
class Trials:
    """How the networks of one variant read one set, in sums.

    Attributes:
        scales: ascending, (scale,).
        sums: float64 (quantity, symbol, scale, seed), over the recordings of a symbol. The four
            quantities: recordings read rightly, all recordings, SynOps, events.
    """

    scales: np.ndarray
    sums: np.ndarray

    def points(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return accuracy and SynOps per 3,000 events of each scale, means over the seeds.

        Args:
            weights: float64 (draw, symbol), how often each symbol counts.

        Returns:
            Two float64 arrays (draw, scale). The cost of a set without any event is nan.
        """
        correct, recordings, synops, events = (np.tensordot(weights, each, 1) for each in self.sums)
        per_event = np.divide(synops, events, out=np.full_like(synops, np.nan), where=events > 0)
        return (correct / recordings).mean(axis=-1), EVENTS * per_event.mean(axis=-1)


def trials_of(outcomes: pd.DataFrame) -> Trials:
    """Sum the outcomes of one set and variant, with the columns `TRIED`, by symbol, scale, seed."""
    correct = (outcomes["predicted"] == outcomes["label"]).fillna(False).astype(float)
    rows = outcomes.assign(correct=correct, recordings=1.0)
    names = ["correct", "recordings", "synops", "n_events"]
    sums = rows.groupby(["symbol", "scale", "seed"])[names].sum()
    shape = tuple(len(level) for level in sums.index.levels)
    arrays = np.stack([sums[name].to_numpy(np.float64).reshape(shape) for name in names])
    return Trials(sums.index.levels[1].to_numpy(np.float64), arrays)


def pick(accuracy: np.ndarray, cost: np.ndarray, margin: float) -> np.ndarray:
    """Return which point is the cheapest within `margin` of the most accurate.

    Args:
        accuracy, cost: (..., point). Of equally cheap points it takes the first; a cost of nan
            counts as the highest.
        margin: a share, 0.01 for one percentage point.

    Returns:
        Places along the last axis, int64 (...).
    """
    # Means of the same numbers may differ in the last bit.
    near_enough = accuracy >= accuracy.max(axis=-1, keepdims=True) - margin - 1e-9
    price = np.where(np.isnan(cost), np.finfo(np.float64).max, cost)
    return np.where(near_enough, price, np.inf).argmin(axis=-1)


def edge_of(place: int, n_scales: int) -> str:
    """Say at which edge of the grid of scales a choice lies: a wider grid might change it."""
    if n_scales == 1:
        return "the only scale"
    return {0: "the lowest scale", n_scales - 1: "the highest scale"}.get(place, "")


def choose(trials: Trials, rule: Choice, draws: np.ndarray) -> dict[str, object]:
    """Choose a scale, and measure by bootstrap how much the choice depends on the symbols.

    Args:
        draws: float64 (draw, symbol), bootstrap weights: how often each draw holds a symbol.

    Returns:
        The columns of `CHOICE_COLUMNS` from `scale` to `n_draws`. `low` and `high` are the 2.5 and
        97.5 % quantiles over the draws, each with the cost that the draw itself measured.
    """
    _, n_symbols, _, n_seeds = trials.sums.shape
    accuracy, cost = (row[0] for row in trials.points(np.ones((1, n_symbols))))
    place, best = int(pick(accuracy, cost, rule.margin)), int(pick(accuracy, cost, 0.0))
    drawn_accuracy, drawn_cost = trials.points(draws)
    drawn = pick(drawn_accuracy, drawn_cost, rule.margin)
    costs = np.take_along_axis(drawn_cost, drawn[:, None], axis=1)
    low, high = np.quantile(costs, [0.025, 0.975])
    # Scales are points of a grid: none between two of them was tried.
    scale_low, scale_high = np.quantile(trials.scales[drawn], [0.025, 0.975], method="inverted_cdf")
    return {
        "scale": trials.scales[place],
        "scale_low": scale_low,
        "scale_high": scale_high,
        "edge": edge_of(place, len(trials.scales)),
        "accuracy": accuracy[place],
        "best_scale": trials.scales[best],
        "best_accuracy": accuracy[best],
        "synops_per_3000_events": cost[place],
        "synops_low": low,
        "synops_high": high,
        "n_symbols": n_symbols,
        "n_seeds": n_seeds,
        "n_draws": len(draws),
    }


def bootstrap_weights(n_symbols: int, seed: int) -> np.ndarray:
    """Draw symbols with replacement: float64 (`N_DRAWS`, symbol), how often each is drawn.

    Source: Efron 1979, Ann. Stat. 7:1. All recordings of a symbol and all seeds stay together.
    """
    rng = generator(seed, "bootstrap of the choice")
    even = np.full(n_symbols, 1 / n_symbols)
    return rng.multinomial(n_symbols, even, size=N_DRAWS).astype(np.float64)


def choose_scales(outcomes: pd.DataFrame, rule: Choice, step_ms: float, seed: int) -> pd.DataFrame:
    """Return what both rules choose on each validation set, and how surely: `CHOICE_COLUMNS`.

    Args:
        outcomes: rows of any sets, with the columns `TRIED`.
        rule: the rule in force, whose choices get a 1 in `chosen` and `chosen_any`.
        step_ms: length of a time step in milliseconds.
        seed: the study's; draws the bootstrap.

    Returns:
        Empty where there is no validation set: then nothing can be chosen.
    """
    fills = {
        column: next((name for name in sets if (outcomes["set"] == name).any()), None)
        for column, sets in CHOSEN_BY.items()
    }
    rows = []
    for variant in outcomes["variant"].unique():
        for name in dict.fromkeys(filter(None, fills.values())):
            mine = outcomes[(outcomes["variant"] == variant) & (outcomes["set"] == name)]
            if mine.empty:
                continue
            trials = trials_of(mine)
            draws = bootstrap_weights(trials.sums.shape[1], seed)
            events_per_s = mine["n_events"].sum() / (mine["n_steps"].sum() * step_ms * 1e-3)
            for tried in (Choice(CHEAPEST_WITHIN, rule.within), Choice(BEST, rule.within)):
                row = {"variant": variant, "method": METHOD, "set": name, "rule": tried.rule}
                row |= {"within_points": 100 * tried.margin, "event_rate_hz": events_per_s}
                for column, filled_by in fills.items():
                    row[column] = int(tried.rule == rule.rule and filled_by == name)
                rows.append(row | choose(trials, tried, draws))
    return pd.DataFrame(rows, columns=list(CHOICE_COLUMNS))


Quoted = Mapping[str, Mapping[str, float]]
"""The quoted scales: `chosen` (known sensor) or `chosen_any` (any sensor) -> variant -> scale."""


def of_whole_recordings(choice: pd.DataFrame) -> pd.DataFrame:
    """Return the choices of scales: those of methods that run recordings to their ends."""
    return choice[choice["method"] != EARLY_EXIT]


def quoted_scales(choice: pd.DataFrame, variants: Sequence[str], scales: Sequence[float]) -> Quoted:
    """Return the scales that `choose_scales` chose; without a choice, the one nearest to 1."""
    fallback = dict.fromkeys(variants, nearest_to_one(scales))
    choice = of_whole_recordings(choice)
    chosen = {column: choice[choice[column] == 1] for column in CHOSEN_BY}
    return {
        column: fallback | dict(zip(rows["variant"], rows["scale"], strict=True))
        for column, rows in chosen.items()
    }


def mark_quoted(table: pd.DataFrame, quoted: Quoted) -> pd.DataFrame:
    """Return `table` with the columns `chosen` and `chosen_any`: 1 at the quoted scale, else 0.

    Rows without a scale stay empty: no spiking network made them.
    """
    scale = table["scale"].astype(float)
    marks = {
        column: (scale == table["variant"].map(of_variants).astype(float)).astype("Int64")
        for column, of_variants in quoted.items()
    }
    return table.assign(**{column: mark.mask(scale.isna()) for column, mark in marks.items()})
