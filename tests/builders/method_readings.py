"""Readings of several methods, made up: who reads what, and for how many SynOps."""

import pandas as pd

from dvs_snn.points.trials import trials_by_method
from dvs_snn.settings.sides import SPIKING

STEP_MS = 10.0


def make_readings(name, variant, right, synops, scales=None, n_events=1000, digit=0):
    """Readings to recordings' ends, of one set and variant; a recording lasts ten steps.

    Args:
        right: (scale, seed, symbol) of 0 and 1.
        synops: of each scale, the same for all its recordings.
        scales: 0.5, 1, 2, ... if not given.
    """
    scales = scales or [0.5 * 2**i for i in range(len(right))]
    rows = [
        {
            "seed": seed + 1,
            "scale": scale,
            "recording": f"r{k}",
            "symbol": f"{digit}/{k:04d}",
            "correct": hit,
            "operations": spent,
        }
        for scale, spent, of_scale in zip(scales, synops, right, strict=True)
        for seed, of_seed in enumerate(of_scale)
        for k, hit in enumerate(of_seed)
    ]
    return pd.DataFrame(rows).assign(
        set=name,
        variant=variant,
        timing="events",
        frames="",
        side=SPIKING,
        exit=float("nan"),
        operations_nonzero=float("nan"),
        n_events=n_events,
        recording_ms=10 * STEP_MS,
        time_ms=10 * STEP_MS,
        n_events_read=n_events,
        reached=False,
    )


def make_exits(ends, right, synops, leads=(1.0, 2.0), n_steps=4):
    """The same readings stopped at each lead, of one network and seed; half of the events are read.

    Args:
        right: (exit, recording) of 0 and 1.
        synops: of each lead, the same for all recordings.
    """
    return pd.concat(
        [
            ends.assign(
                exit=lead,
                correct=hits,
                operations=spent,
                time_ms=n_steps * STEP_MS,
                n_events_read=ends["n_events"] // 2,
                reached=True,
            )
            for lead, hits, spent in zip(leads, right, synops, strict=True)
        ]
    )


def first(*numbers, n=100, seeds=1):
    """Return `right`: at each scale the first `number` of `n` symbols are read, by every seed."""
    return [[[int(k < number) for k in range(n)]] * seeds for number in numbers]


def trials_of(*tables, **methods):
    """The trials of readings, by set and method; `methods` are those of the variants."""
    readings = pd.concat(tables)
    return trials_by_method((rows for _, rows in readings.groupby("set", sort=False)), methods)
