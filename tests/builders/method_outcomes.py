"""Outcomes of several methods, made up: who reads what, and for how many SynOps."""

import numpy as np
import pandas as pd

from dvs_snn.evaluation.choosing.trials import readings_of, trials_by_method
from dvs_snn.evaluation.exits import SetExits

STEP_MS = 10.0


def make_outcomes(name, variant, right, synops, scales=None, n_events=1000, digit=0):
    """Rows as the evaluation writes them, of one set and variant.

    Args:
        right: (scale, seed, symbol) of 0 and 1.
        synops: of each scale, the same for all its recordings.
        scales: 0.5, 1, 2, ... if not given.
    """
    scales = scales or [0.5 * 2**i for i in range(len(right))]
    return pd.DataFrame(
        [
            {
                "set": name, "variant": variant, "seed": seed + 1, "scale": scale,
                "recording": f"r{k}", "symbol": f"{digit}/{k:04d}", "label": digit,
                "predicted": digit if hit else digit + 1, "n_events": n_events, "n_steps": 10,
                "synops": spent,
            }
            for scale, spent, of_scale in zip(scales, synops, right, strict=True)
            for seed, of_seed in enumerate(of_scale)
            for k, hit in enumerate(of_seed)
        ]
    )  # fmt: skip


def make_exits(outcomes, right, synops, leads=(1.0, 2.0), n_steps=4):
    """Exits of one network and seed, with their key, as `read_exits` returns them.

    Args:
        right: (exit, recording) of 0 and 1; at the end of recordings it reads as `outcomes` say.
        synops: of each lead, the same for all recordings.
    """
    label = outcomes["label"].to_numpy()
    n, end = len(outcomes), [outcomes[name] for name in ("predicted", "synops", "n_steps")]
    predicted = [np.where(np.array(hits) == 1, label, label + 1) for hits in right]
    stopped = [np.full(n, n_steps)] * len(leads)
    key = outcomes.iloc[0][["set", "variant", "seed", "scale"]].to_dict()
    return key, SetExits(
        leads=np.array([*leads, np.inf]),
        symbol=outcomes["symbol"].to_numpy(str),
        label=label,
        predicted=np.column_stack([*predicted, end[0]]),
        synops=np.column_stack([*(np.full(n, spent) for spent in synops), end[1]]),
        # Half of the events come before an exit.
        n_events=np.column_stack([*[outcomes["n_events"] // 2] * len(leads), outcomes["n_events"]]),
        n_steps=np.column_stack([*stopped, end[2]]),
        exited=np.tile([*[True] * len(leads), False], (n, 1)),
        stop_predicted=np.empty((n, 0)),
        stop_synops=np.empty((n, 0)),
    )


def first(*numbers, n=100, seeds=1):
    """Return `right`: at each scale the first `number` of `n` symbols are read, by every seed."""
    return [[[int(k < number) for k in range(n)]] * seeds for number in numbers]


def trials_of(*tables, **methods):
    """The trials of tables of outcomes, by set and method; `methods` are those of the variants."""
    readings = [reading for table in tables for reading in readings_of(table)]
    return trials_by_method(readings, methods)
