"""The points of all methods: what each reads and costs on every set, by seed and on average.

The energy of a reading is that of its SynOps until the network stops, at the exit or at the end of
the recording, and static power for as long. Power while reading is this energy over this time. The
power over whole recordings is that of a stream of recordings, one after the other: after an exit
the network rests, and static power goes on.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from dvs_snn.analysis.power import EnergyModel, energy_uj
from dvs_snn.analysis.trials import Point, Sums, Trials, ratio
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.settings.training_settings import SYNOPS_EVENTS

POINT = ["method", "variant", "scale", "exit"]
"""Columns that name a point of a spiking network."""

CNN_POINT = ["cnn_frames", "cnn_scale", "macs"]
"""Columns that name a point of the CNN, beside those of `POINT`."""

MEANS = (
    "accuracy",
    "synops_per_3000_events",
    "synops_per_reading",
    "time_to_exit_ms",
    "recording_ms",
    "energy_per_reading_uj",
    "power_while_reading_mw",
    "power_mw",
)
POINT_COLUMNS = ["set", *POINT, *CNN_POINT, "seed", *MEANS, "n_symbols"]


def measures(sums: Sums, energy: EnergyModel) -> dict[str, np.ndarray]:
    """Return `MEANS` of sums over recordings, each sum over sum and of their shape.

    SynOps per 3,000 events are those until the exit over all events, nan without any event.
    """
    reading_s = sums.time_ms * 1e-3
    whole_s = sums.whole_ms * 1e-3
    spent_uj = energy_uj(sums.operations, reading_s, energy)
    with_rest_uj = energy_uj(sums.operations, whole_s, energy)
    n = sums.recordings
    return {
        "accuracy": sums.correct / n,
        "synops_per_3000_events": SYNOPS_EVENTS * ratio(sums.operations, sums.events),
        "synops_per_reading": sums.operations / n,
        "time_to_exit_ms": 1e3 * reading_s / n,
        "recording_ms": 1e3 * whole_s / n,
        "energy_per_reading_uj": spent_uj / n,
        "power_while_reading_mw": 1e-3 * ratio(spent_uj, reading_s),
        "power_mw": 1e-3 * ratio(with_rest_uj, whole_s),
    }


def named_points(points: Sequence[Point]) -> pd.DataFrame:
    """Return points as rows, with the columns of `POINT` and `CNN_POINT` but for the method.

    The scale of a spiking network is in `scale`, that of a CNN in `cnn_scale`.
    """
    table = pd.DataFrame(points, columns=Point._fields).rename(columns={"frames": "cnn_frames"})
    table = table.astype({"scale": float, "exit": float})
    is_cnn = table["macs"] != ""
    return table.assign(scale=table["scale"].mask(is_cnn), cnn_scale=table["scale"].where(is_cnn))


def set_points(trials: Mapping[tuple[str, str], Trials], energy: EnergyModel) -> pd.DataFrame:
    """Return the points of `trials` (by set and method): `POINT_COLUMNS`, a row for each seed."""
    if not trials:
        return pd.DataFrame(columns=POINT_COLUMNS)
    tables = []
    for (name, method), tried in trials.items():
        table = named_points([point for point in tried.points for _ in tried.seeds])
        table = table.assign(set=name, method=method, n_symbols=len(tried.symbols))
        table["seed"] = np.tile(tried.seeds, len(tried.points))
        # From (symbol, point, seed) to (point, seed).
        for key, values in measures(Sums(*tried.sums.sum(axis=1)), energy).items():
            table[key] = values.ravel()
        tables.append(table)
    return pd.concat(tables, ignore_index=True)[POINT_COLUMNS]


def mean_points(points: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the points of a set, means over the seeds, by method, variant, scale and exit."""
    rows = points[points["set"] == name]
    grouped = rows.groupby(["method", "variant", *CNN_POINT, "scale", "exit"], dropna=False)
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


def same_point(points: pd.DataFrame, point: Mapping[str, object] | pd.Series) -> pd.Series:
    """Return where `points` are the `point` of these variant, scale and exit: bool."""
    same_exit = (points["exit"] == point["exit"]) | (points["exit"].isna() & pd.isna(point["exit"]))
    return (points["variant"] == point["variant"]) & (points["scale"] == point["scale"]) & same_exit
