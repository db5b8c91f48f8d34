"""Rows of the table `front` that the page quotes: the cheapest points, the chosen ones, the CNN."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from dvs_snn.analysis.budgets import ENERGY
from dvs_snn.analysis.points import POINT
from dvs_snn.analysis.quoted_networks import GOALS, cheapest_reaching
from dvs_snn.analysis.trials import CNN
from dvs_snn.networks.synops import DENSE, NONZERO
from dvs_snn.report.cells import flagged
from dvs_snn.settings.set_names import VALIDATION

WAYS = {False: "every MAC", True: "stops early, skips zeros"}
"""How the CNN reads: whole recordings, all its MACs counted, or not."""


class Goal(NamedTuple):
    """A share that validation shall read right, and the cheapest point that does."""

    share: float
    # The point's row of another set; None: no point reaches the share.
    point: pd.Series | None


def goals(front: pd.DataFrame, name: str | None) -> list[Goal]:
    """Pick the cheapest point for each of `GOALS` on validation; give its row of the set `name`.

    Both rows are means over the seeds. Empty without validation.
    """
    means = front[front["seed"].isna() & front["scale"].notna()]
    tried = means.loc[means["set"] == VALIDATION, [*POINT, "accuracy", ENERGY]]
    both = tried.merge(means[means["set"] == name], on=POINT, suffixes=("_tried", ""))
    if both.empty:
        return []
    picked = []
    for share in GOALS:
        accuracy = both["accuracy_tried"].to_numpy(np.float64)
        cost = both[f"{ENERGY}_tried"].to_numpy(np.float64)
        place = cheapest_reaching(accuracy, cost, share)
        picked.append(Goal(share, None if place is None else both.iloc[place]))
    return picked


def reaching(front: pd.DataFrame, name: str | None) -> list[pd.Series]:
    """The points of `goals` that there are; a point that reaches both shares stands once."""
    points = [goal.point for goal in goals(front, name) if goal.point is not None]
    return points[:1] + [each for each in points[1:] if not each[POINT].equals(points[0][POINT])]


def cnn_on(front: pd.DataFrame, name: str | None, stops: bool = False) -> pd.Series | None:
    """The row of the CNN on a set, mean over the seeds; None if it read none of it.

    It reads whole recordings in the frames that validation picks, all its MACs counted; or, if it
    `stops`, to the exit that validation chose, its MACs at activations that aren't 0.
    """
    rows = front[(front["method"] == CNN) & (front["set"] == name) & front["seed"].isna()]
    is_meant = rows["macs"] == (NONZERO if stops else DENSE)
    rows = rows[is_meant & (rows["exit"].notna() == stops)]
    rows = rows.sort_values("chosen", ascending=False, kind="stable")
    return rows.iloc[0] if len(rows) else None


def points_on(points: Sequence[pd.Series], front: pd.DataFrame, name: str | None) -> pd.DataFrame:
    """The rows of some points, the CNN's too, on a set, the cheapest first: means over seeds."""
    same = [*POINT, "ann_frames", "macs"]
    asked = pd.DataFrame(points, columns=front.columns)[same].astype(front.dtypes[same])
    rows = front[(front["set"] == name) & front["seed"].isna()].merge(asked.drop_duplicates())
    return rows.sort_values("energy_per_reading_uj")


def chosen_on(front: pd.DataFrame, name: str | None) -> pd.DataFrame:
    """Points that validation chose, of the spiking networks and the CNN: their means on a set."""
    return front[flagged(front["chosen"]) & front["seed"].isna() & (front["set"] == name)]


def even_price(point: pd.Series, cnn: pd.Series) -> float:
    """How many SynOps of a point cost as much as a MAC where both networks cost the same."""
    macs = cnn["synops_per_3000_events"]
    return point["synops_per_3000_events"] / macs if macs > 0 else float("nan")
