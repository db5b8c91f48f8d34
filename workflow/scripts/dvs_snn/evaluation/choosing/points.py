"""The points of all methods: what each reads and costs on every set, by seed and on average."""

import itertools
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from dvs_snn.evaluation.choosing.trials import EARLY_EXIT, Sums, Trials
from dvs_snn.evaluation.power import EnergyModel, energy_uj, power_mw
from dvs_snn.settings.training import SYNOPS_EVENTS

POINT = ["method", "variant", "scale", "exit"]
MEANS = (
    "accuracy", "synops_per_3000_events", "event_rate_hz", "time_to_decision_ms",
    "synops_per_decision", "energy_per_decision_uj",
)  # fmt: skip
POINT_COLUMNS = ["set", *POINT, "seed", *MEANS, "n_symbols"]


def network_points(evaluation: pd.DataFrame) -> pd.DataFrame:
    """Return the points that read recordings to their end: `POINT_COLUMNS`, a row for each seed.

    `time_to_decision_ms` is the time after which the reading stays. It is known only at the end, so
    a decision costs what the whole recording does. `evaluation` is ``evaluation.csv``.
    """
    whole = {"synops_per_recording": "synops_per_decision", "energy_uj": "energy_per_decision_uj"}
    rows = evaluation[evaluation["scale"].notna()].rename(columns=whole).assign(exit=np.nan)
    return rows[POINT_COLUMNS].astype(dict.fromkeys(MEANS, "float64"))


def exit_points(
    trials: Mapping[tuple[str, str], Trials], energy: EnergyModel, step_ms: float
) -> Iterator[pd.DataFrame]:
    """Yield the points of early exit, set by set: `POINT_COLUMNS`, a row for each seed.

    SynOps per 3,000 events are those until the exit over all events. After it the network rests,
    so power is a mean over whole recordings. `trials` are by set and method.
    """
    for (name, method), tried in trials.items():
        if method != EARLY_EXIT:
            continue
        # From (symbol, point, seed) to (point, seed).
        sums = Sums(*tried.sums.sum(axis=1))
        seconds = sums.steps_run * step_ms * 1e-3
        events = np.where(sums.events > 0, sums.events, np.nan)
        measured = {
            "accuracy": sums.correct / sums.recordings,
            "synops_per_3000_events": SYNOPS_EVENTS * sums.synops / events,
            "event_rate_hz": sums.events / (sums.steps * step_ms * 1e-3),
            "time_to_decision_ms": 1e3 * seconds / sums.recordings,
            "synops_per_decision": sums.synops / sums.recordings,
            "energy_per_decision_uj": energy_uj(sums.synops, seconds, energy) / sums.recordings,
        }  # fmt: skip
        of_seeds = itertools.product(tried.points, tried.seeds)
        table = pd.DataFrame([{**point._asdict(), "seed": seed} for point, seed in of_seeds])
        about = {"set": name, "method": method, "n_symbols": len(tried.symbols)}
        measured = {key: each.ravel() for key, each in measured.items()}
        yield table.assign(**about, **measured)[POINT_COLUMNS]


def mean_points(points: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the points of a set, means over the seeds, by method, variant, scale and exit."""
    rows = points[points["set"] == name]
    grouped = rows.groupby(POINT, dropna=False)
    return grouped.agg(dict.fromkeys(MEANS, "mean") | {"n_symbols": "max"}).reset_index()


def same_point(points: pd.DataFrame, point: Mapping[str, object]) -> pd.Series:
    """Return where `points` are the `point` of these variant, scale and exit: bool."""
    same_exit = (points["exit"] == point["exit"]) | (points["exit"].isna() & pd.isna(point["exit"]))
    return (points["variant"] == point["variant"]) & (points["scale"] == point["scale"]) & same_exit


def power_of(points: pd.DataFrame, energy: EnergyModel) -> pd.Series:
    """Return the power of points in mW: SynOps per 3,000 events times events per second."""
    per_s = points["synops_per_3000_events"] / SYNOPS_EVENTS * points["event_rate_hz"]
    return power_mw(per_s, 1.0, energy)
