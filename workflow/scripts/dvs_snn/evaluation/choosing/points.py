"""The points of all methods: what each reads and costs on every set, by seed and on average.

The energy of a reading is that of its SynOps until the network stops, at the exit or at the end of
the recording, and static power for as long. Power while reading is this energy over this time. The
power over whole recordings is that of a stream of recordings, one after the other: after an exit
the network rests, and static power goes on.
"""

import itertools
from collections.abc import Mapping

import numpy as np
import pandas as pd

from dvs_snn.evaluation.choosing.trials import Sums, Trials
from dvs_snn.evaluation.power import EnergyModel, energy_uj
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.settings.training_settings import SYNOPS_EVENTS

POINT = ["method", "variant", "scale", "exit"]
MEANS = (
    "accuracy", "synops_per_3000_events", "synops_per_reading", "time_to_exit_ms", "recording_ms",
    "energy_per_reading_uj", "power_while_reading_mw", "power_mw",
)  # fmt: skip
POINT_COLUMNS = ["set", *POINT, "seed", *MEANS, "n_symbols"]


def measures(sums: Sums, energy: EnergyModel, step_ms: float) -> dict[str, np.ndarray]:
    """Return `MEANS` of sums over recordings, each sum over sum and of their shape.

    SynOps per 3,000 events are those until the exit over all events, nan without any event.
    """
    reading_s, whole_s = (steps * step_ms * 1e-3 for steps in (sums.steps_run, sums.steps))
    spent_uj, with_rest_uj = (energy_uj(sums.synops, s, energy) for s in (reading_s, whole_s))
    n = sums.recordings
    return {
        "accuracy": sums.correct / n,
        "synops_per_3000_events": SYNOPS_EVENTS * _ratio(sums.synops, sums.events),
        "synops_per_reading": sums.synops / n,
        "time_to_exit_ms": 1e3 * reading_s / n,
        "recording_ms": 1e3 * whole_s / n,
        "energy_per_reading_uj": spent_uj / n,
        "power_while_reading_mw": 1e-3 * _ratio(spent_uj, reading_s),
        "power_mw": 1e-3 * _ratio(with_rest_uj, whole_s),
    }


def _ratio(over: np.ndarray, under: np.ndarray) -> np.ndarray:
    return over / np.where(under > 0, under, np.nan)


def set_points(
    trials: Mapping[tuple[str, str], Trials], energy: EnergyModel, step_ms: float
) -> pd.DataFrame:
    """Return the points of `trials` (by set and method): `POINT_COLUMNS`, a row for each seed."""
    tables = []
    for (name, method), tried in trials.items():
        # From (symbol, point, seed) to (point, seed).
        measured = measures(Sums(*tried.sums.sum(axis=1)), energy, step_ms)
        of_seeds = itertools.product(tried.points, tried.seeds)
        table = pd.DataFrame([{**point._asdict(), "seed": seed} for point, seed in of_seeds])
        about = {"set": name, "method": method, "n_symbols": len(tried.symbols)}
        measured = {key: each.ravel() for key, each in measured.items()}
        tables.append(table.astype({"exit": float}).assign(**about, **measured)[POINT_COLUMNS])
    return pd.concat(tables or [pd.DataFrame(columns=POINT_COLUMNS)], ignore_index=True)


def mean_points(points: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the points of a set, means over the seeds, by method, variant, scale and exit."""
    rows = points[points["set"] == name]
    grouped = rows.groupby(POINT, dropna=False)
    how = dict.fromkeys(MEANS, "mean") | {"n_symbols": "max", "seed": "nunique"}
    return grouped.agg(how).rename(columns={"seed": "n_seeds"}).reset_index()


def accuracy_intervals(drawn: np.ndarray, n_symbols: int, n_seeds: int) -> np.ndarray:
    """Return 95 % intervals of accuracies, means over trainings: float64 (point, 2).

    At each end the wider of two: Wilson's, which has a width even if every symbol was read, and the
    bootstrap's, which knows how trainings differ; of one training Wilson's. `drawn` (draw, point)
    begins with the set itself.
    """
    wilson = np.array([wilson_interval(float(share), n_symbols) for share in drawn[0]])
    if n_seeds == 1:
        return wilson
    low, high = np.quantile(drawn[1:], [0.025, 0.975], axis=0)
    return np.stack([np.minimum(wilson[:, 0], low), np.maximum(wilson[:, 1], high)], axis=1)


def same_point(points: pd.DataFrame, point: Mapping[str, object]) -> pd.Series:
    """Return where `points` are the `point` of these variant, scale and exit: bool."""
    same_exit = (points["exit"] == point["exit"]) | (points["exit"].isna() & pd.isna(point["exit"]))
    return (points["variant"] == point["variant"]) & (points["scale"] == point["scale"]) & same_exit
