"""Rows of the table `front` that the page quotes: the chosen points, and the CNN."""

from collections.abc import Sequence

import pandas as pd

from dvs_snn.analysis.choice import Quoted
from dvs_snn.analysis.energy_costs import stopping_cnn
from dvs_snn.analysis.points import CNN_POINT, POINT
from dvs_snn.analysis.trials import CNN, SPARSE_CNN
from dvs_snn.networks.synops import DENSE, NONZERO
from dvs_snn.report.cells import flagged


def dense_cnn(front: pd.DataFrame, name: str | None) -> pd.Series | None:
    """The row of the CNN on a set, mean over the seeds; None if it read none of it.

    It reads whole recordings in the frames that validation picks, all its MACs counted.
    """
    rows = front[(front["method"] == CNN) & (front["set"] == name) & front["seed"].isna()]
    rows = rows[(rows["macs"] == DENSE) & rows["exit"].isna()]
    rows = rows.sort_values("chosen", ascending=False, kind="stable")
    return rows.iloc[0] if len(rows) else None


def cnn_tried(front: pd.DataFrame) -> pd.DataFrame:
    """All settings of the CNN that skips zeros, means over the seeds.

    It is the sparse CNN where there is one.
    """
    rows = front[(front["macs"] == NONZERO) & front["seed"].isna()]
    is_sparse = rows["method"] == SPARSE_CNN
    if is_sparse.any():
        rows = rows[is_sparse]
    # Of the chosen ones that which stops: it stands beside early exit.
    return rows.assign(chosen=(flagged(rows["chosen"]) & rows["exit"].notna()).astype(int))


def points_on(points: Sequence[pd.Series], front: pd.DataFrame, name: str | None) -> pd.DataFrame:
    """The rows of some points, the CNN's too, on a set, the cheapest first: means over seeds."""
    on_set = front[(front["set"] == name) & front["seed"].isna()]
    asked = pd.DataFrame(points, columns=front.columns)
    rows = rows_of_networks(on_set, asked, *POINT, *CNN_POINT)
    return rows.sort_values("energy_per_reading_uj")


def quoted_spiking(front: pd.DataFrame, quoted: Quoted, name: str | None) -> pd.DataFrame:
    """The quoted spiking networks on a set, means over the seeds; the page's answer is the first.

    They stand in the order of `quoted.methods`. Without a choice all that are on the set.
    """
    rows = front[front["scale"].notna() & front["seed"].isna() & (front["set"] == name)]
    rows = rows[flagged(rows["chosen"])]
    if quoted.compared:
        rows = rows[rows["method"].isin(quoted.methods)]
    places = {method: place for place, method in enumerate(quoted.methods)}
    return rows.sort_values("method", key=lambda methods: methods.map(places), kind="stable")


def quoted_cnns(front: pd.DataFrame, name: str | None) -> list[pd.Series]:
    """The CNN on a set that stops early and skips zeros, then that which does every MAC.

    Sentences quote the first.
    """
    cnns = (stopping_cnn(front, name), dense_cnn(front, name))
    return [cnn for cnn in cnns if cnn is not None]


def quoted_networks(front: pd.DataFrame, quoted: Quoted, name: str | None) -> pd.DataFrame:
    """The quoted networks on a set, means over the seeds: spiking ones, then the CNNs."""
    cnns = pd.DataFrame(quoted_cnns(front, name), columns=front.columns)
    return pd.concat([quoted_spiking(front, quoted, name), cnns.astype(front.dtypes)])


def quoted_cnn(front: pd.DataFrame, name: str | None) -> pd.Series | None:
    """The row of the CNN that sentences quote."""
    return next(iter(quoted_cnns(front, name)), None)


def rows_of_networks(rows: pd.DataFrame, points: pd.DataFrame, *key: str) -> pd.DataFrame:
    """The rows of another table that are of the networks `points`, found by the columns `key`."""
    networks = points[[*key]].drop_duplicates()
    # A table without rows has no types of its own.
    return rows.merge(networks.astype(rows.dtypes[[*key]]))
