"""``exits.csv``: what networks that stop early read, and what a decision costs them."""

import math
from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from dvs_snn.evaluation.choosing.choice import Quoted
from dvs_snn.evaluation.choosing.points import same_point
from dvs_snn.evaluation.choosing.trials import EARLY_EXIT
from dvs_snn.evaluation.exits import Key, SetExits
from dvs_snn.evaluation.power import EnergyModel, energy_uj
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.files.tables import schema
from dvs_snn.settings.training import SYNOPS_EVENTS


def _rows(exits: SetExits, energy: EnergyModel, step_ms: float) -> Iterator[dict[str, object]]:
    n, n_symbols = len(exits.symbol), len(np.unique(exits.symbol))
    all_events = int(exits.n_events[:, -1].sum())
    for place, lead in enumerate(exits.leads):
        accuracy = float(exits.correct[:, place].mean())
        low, high = wilson_interval(accuracy, n_symbols)
        synops, events = (int(each[:, place].sum()) for each in (exits.synops, exits.n_events))
        times = exits.n_steps[:, place] * step_ms
        yield {
            "exit": lead if math.isfinite(lead) else math.nan,
            "n_recordings": n,
            "n_symbols": n_symbols,
            "accuracy": accuracy,
            "accuracy_low": low,
            "accuracy_high": high,
            "synops_per_decision": synops / n,
            "events_per_decision": events / n,
            "time_to_exit_ms": float(times.mean()),
            "time_to_exit_median_ms": float(np.median(times)),
            "exited_fraction": float(exits.exited[:, place].mean()),
            "energy_per_decision_uj": energy_uj(synops, float(times.sum()) * 1e-3, energy) / n,
            "synops_per_3000_events": SYNOPS_EVENTS * synops / (all_events or math.nan),
        }


def exits_table(
    read: Iterable[tuple[Key, SetExits]], quoted: Quoted, energy: EnergyModel, step_ms: float
) -> pd.DataFrame:
    """Return ``exits.csv``: a row per set, network, scale, lead; the quoted one is marked."""
    rows = [{**key, **row} for key, exits in read for row in _rows(exits, energy, step_ms)]
    table = pd.DataFrame(rows, columns=[name for name in schema("exits") if name != "chosen"])
    point = quoted.points.get(EARLY_EXIT)
    chosen = same_point(table, point._asdict()).astype(int) if point else 0
    return table.assign(chosen=chosen)[list(schema("exits"))]
