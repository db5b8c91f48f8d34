"""The choice of an early exit: one network, scale and lead for all seeds, by the rule in force.

It sees validation recordings alone, as the choice of a scale does, but over the points of all
variants: each (variant, scale, lead), the whole recording among the leads. The cost of a point is
its SynOps per decision.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dvs_snn.evaluation.choice import (
    BEST,
    CHEAPEST_WITHIN,
    CHOICE_COLUMNS,
    CHOSEN_BY,
    EARLY_EXIT,
    EVENTS,
    bootstrap_weights,
    edge_of,
    pick,
)
from dvs_snn.evaluation.exits import Key, SetExits
from dvs_snn.settings.sweep import Choice

Read = Iterable[tuple[Key, SetExits]]
"""Exits of sets under networks, each with its set, variant, seed and scale."""

QUANTITIES = ("correct", "synops", "n_events", "n_steps")


@dataclass(frozen=True, eq=False)
class ExitTrials:
    """How networks that stop early read one set, in sums over recordings.

    Attributes:
        points: a row per point, with `variant`, `scale` and `exit`.
        n_seeds: networks of each variant.
        recordings: float64 (symbol,), recordings of each symbol, once for each seed.
        sums: quantity -> float64 (symbol, point), over recordings and seeds. The quantities:
            recordings read rightly (`correct`), `synops`, `n_events` and `n_steps`.
    """

    points: pd.DataFrame
    n_seeds: int
    recordings: np.ndarray
    sums: dict[str, np.ndarray]

    def weighted(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return accuracy and SynOps per decision of each point, means over the seeds.

        Args:
            weights: float64 (draw, symbol), how often each symbol counts.

        Returns:
            Two float64 arrays (draw, point).
        """
        recordings = (weights @ self.recordings)[:, None]
        return tuple(weights @ self.sums[name] / recordings for name in ("correct", "synops"))


def exit_trials(read: Read) -> ExitTrials:
    """Sum the exits of one set by symbol; all networks read the same recordings."""
    networks: dict[tuple[str, float], list[SetExits]] = {}
    for key, exits in read:
        networks.setdefault((str(key["variant"]), float(key["scale"])), []).append(exits)
    first, *_ = networks.values()
    symbols, of_symbol = np.unique(first[0].symbol, return_inverse=True)
    points, sums = [], {name: [] for name in QUANTITIES}
    for (variant, scale), seeds in sorted(networks.items()):
        points += [{"variant": variant, "scale": scale, "exit": lead} for lead in seeds[0].leads]
        for name, of_networks in sums.items():
            of_symbols = np.zeros((len(symbols), len(seeds[0].leads)))
            np.add.at(of_symbols, of_symbol, sum(getattr(one, name) for one in seeds))
            of_networks.append(of_symbols)
    return ExitTrials(
        points=pd.DataFrame(points),
        n_seeds=len(first),
        recordings=len(first) * np.bincount(of_symbol).astype(np.float64),
        sums={name: np.concatenate(of_networks, axis=1) for name, of_networks in sums.items()},
    )


def _edge(points: pd.DataFrame, chosen: pd.Series) -> str:
    """Say at which edges of the grids of scales and leads a choice lies."""
    of_variant = points[points["variant"] == chosen["variant"]]
    scales, leads = (sorted(of_variant[name].unique()) for name in ("scale", "exit"))
    edges = [edge_of(scales.index(chosen["scale"]), len(scales))]
    edges.append({leads[0]: "the lowest lead", np.inf: "no early exit"}.get(chosen["exit"], ""))
    return ", ".join(filter(None, edges))


def choose_point(
    trials: ExitTrials, rule: Choice, draws: np.ndarray, step_ms: float
) -> dict[str, object]:
    """Choose a point, and measure by bootstrap how much the choice depends on the symbols.

    Args:
        draws: float64 (draw, symbol), bootstrap weights: how often each draw holds a symbol.
        step_ms: length of a time step in milliseconds.

    Returns:
        The columns of `CHOICE_COLUMNS` that depend on the trials. Ranges are the 2.5 and 97.5 %
        quantiles over the draws; each draw chooses anew, any variant, and measures its own costs.
    """
    n_symbols = len(trials.recordings)
    even = np.ones((1, n_symbols))
    accuracy, cost = (row[0] for row in trials.weighted(even))
    place, best = int(pick(accuracy, cost, rule.margin)), int(pick(accuracy, cost, 0.0))
    drawn_accuracy, drawn_cost = trials.weighted(draws)
    drawn = pick(drawn_accuracy, drawn_cost, rule.margin)
    per_decision = np.take_along_axis(drawn_cost, drawn[:, None], axis=1)
    events = np.einsum("ds,sd->d", draws, trials.sums["n_events"][:, drawn])
    synops = np.einsum("ds,sd->d", draws, trials.sums["synops"][:, drawn])
    per_events = EVENTS * np.divide(
        synops, events, out=np.full_like(synops, np.nan), where=events > 0
    )
    total = {name: float(sums[:, place].sum()) for name, sums in trials.sums.items()}
    points = trials.points
    ranges = {
        "scale": _range(points["scale"].to_numpy()[drawn], method="inverted_cdf"),
        "exit": _range(points["exit"].to_numpy()[drawn], method="inverted_cdf"),
        "synops": _range(per_events),
        "synops_per_decision": _range(per_decision),
    }
    of_events = total["synops"] / total["n_events"] if total["n_events"] else np.nan
    return {
        **points.iloc[place],
        **{f"{name}_{end}": value for name, both in ranges.items() for end, value in both.items()},
        "edge": _edge(points, points.iloc[place]),
        "accuracy": accuracy[place],
        "best_scale": points["scale"].iloc[best],
        "best_accuracy": accuracy[best],
        "synops_per_3000_events": EVENTS * of_events,
        "synops_per_decision": cost[place],
        "event_rate_hz": total["n_events"] / (total["n_steps"] * step_ms * 1e-3),
        "n_symbols": n_symbols,
        "n_seeds": trials.n_seeds,
        "n_draws": len(draws),
    }


def _range(values: np.ndarray, **how: str) -> dict[str, float]:
    low, high = np.quantile(values, [0.025, 0.975], **how)
    return {"low": float(low), "high": float(high)}


def with_early_exit(
    choice: pd.DataFrame,
    read: Sequence[tuple[Key, SetExits]],
    rule: Choice,
    step_ms: float,
    seed: int,
) -> pd.DataFrame:
    """Return the choices of scales, and behind them those of early exit.

    `exit` and its range are empty where recordings run to their ends.

    Args:
        choice: what `choose_scales` returned.
        read, rule, step_ms, seed: as of `choose_exits`.
    """
    rows = [*choice.to_dict("records"), *choose_exits(read, rule, step_ms, seed)]
    table = pd.DataFrame(rows, columns=list(CHOICE_COLUMNS))
    leads = ["exit", "exit_low", "exit_high"]
    return table.assign(**table[leads].astype(float).replace(np.inf, np.nan))


def choose_exits(
    read: Sequence[tuple[Key, SetExits]], rule: Choice, step_ms: float, seed: int
) -> list[dict[str, object]]:
    """Return what both rules choose on each validation set, and how surely: `CHOICE_COLUMNS`.

    The lead is infinite where recordings run to their ends.

    Args:
        read: exits of validation sets.
        rule: the rule in force, whose choices get a 1 in `chosen` and `chosen_any`.
        step_ms: length of a time step in milliseconds.
        seed: the study's; draws the bootstrap.
    """
    present = {key["set"] for key, _ in read}
    fills = {
        column: next((name for name in sets if name in present), None)
        for column, sets in CHOSEN_BY.items()
    }
    rows = []
    for name in dict.fromkeys(filter(None, fills.values())):
        trials = exit_trials((key, exits) for key, exits in read if key["set"] == name)
        draws = bootstrap_weights(len(trials.recordings), seed)
        for tried in (Choice(CHEAPEST_WITHIN, rule.within), Choice(BEST, rule.within)):
            row = {"method": EARLY_EXIT, "set": name, "rule": tried.rule}
            row["within_points"] = 100 * tried.margin
            for column, filled_by in fills.items():
                row[column] = int(tried.rule == rule.rule and filled_by == name)
            rows.append(row | choose_point(trials, tried, draws, step_ms))
    return rows
