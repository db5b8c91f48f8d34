"""The points that the page's first sentences and first figure quote, and the CNN beside them."""

from typing import NamedTuple

import pandas as pd

from dvs_snn.evaluation.choosing.points import POINT
from dvs_snn.networks.synops import DENSE, NONZERO
from dvs_snn.settings.set_names import VALIDATION
from dvs_snn.tables.budgets import ENERGY
from dvs_snn.tables.front import CNN

GOALS = (0.96, 0.97)


class Goal(NamedTuple):
    """A share that validation shall read right, and the cheapest point that does."""

    share: float
    # The point's row of another set; None: no point reaches the share.
    point: pd.Series | None


def goals(front: pd.DataFrame, name: str) -> list[Goal]:
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
        enough = both[both["accuracy_tried"] >= share]
        place = enough[f"{ENERGY}_tried"].idxmin() if len(enough) else None
        picked.append(Goal(share, None if place is None else both.loc[place]))
    return picked


def cnn_on(front: pd.DataFrame, name: str, stops: bool = False) -> pd.Series | None:
    """The row of the CNN on a set, mean over the seeds; None if it read none of it.

    It reads whole recordings in the frames that validation picks, all its MACs counted; or, if it
    `stops`, to the exit that validation chose, its MACs at activations that aren't 0.
    """
    rows = front[(front["method"] == CNN) & (front["set"] == name) & front["seed"].isna()]
    is_meant = rows["macs"] == (NONZERO if stops else DENSE)
    rows = rows[is_meant & (rows["exit"].notna() == stops)]
    rows = rows.sort_values("chosen", ascending=False, kind="stable")
    return rows.iloc[0] if len(rows) else None


def even_price(point: pd.Series, cnn: pd.Series) -> float:
    """How many SynOps of a point cost as much as a MAC where both networks cost the same."""
    synops, macs = (row["synops_per_3000_events"] for row in (point, cnn))
    return synops / macs if macs > 0 else float("nan")
