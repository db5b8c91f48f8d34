"""Which frames the CNN reads: validation picks them, anew for each training."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.evaluation.cheapest import pick
from dvs_snn.evaluation.readings import ends, read_readings
from dvs_snn.settings.frame_settings import FrameRule
from dvs_snn.settings.set_names import VALIDATION


def pick_frames(readings: Iterable[pd.DataFrame]) -> str | None:
    """Return the name of the frames that read most of `readings` rightly, at fewest MACs.

    MACs are those at activations that aren't 0. Each table holds the readings of one set; None
    without any.
    """
    sums = []
    for table in readings:
        whole = ends(table)
        by_frames = whole.groupby("frames", sort=False, observed=True)
        sums.append(by_frames[["correct", "operations_nonzero"]].sum())
    if not sums:
        return None
    total = pd.concat(sums).groupby(level=0, sort=False, observed=True).sum()
    right = total["correct"].to_numpy(np.float64)
    macs = total["operations_nonzero"].to_numpy(np.float64)
    return str(total.index[int(pick(right, macs, 0.0))])


def picked_frames(readings: Sequence[Path], frames: Sequence[FrameRule]) -> FrameRule:
    """Return those of `frames` that validation picks, by the CNN's readings; else the first."""
    of_validation = (table for path in readings for table in read_readings(path, sets=[VALIDATION]))
    name = pick_frames(of_validation)
    by_name = {rule.name: rule for rule in frames}
    return frames[0] if name is None else by_name[name]
