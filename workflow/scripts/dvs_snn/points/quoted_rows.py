"""Rows of ``points.csv`` that the page and the documentation quote, means over the trainings."""

from collections.abc import Sequence

import pandas as pd

from dvs_snn.points.choice import Quoted
from dvs_snn.points.point import (
    ALL_MACS,
    NONZERO_MACS,
    PLAIN_CNN,
    PUBLISHED,
    SPARSE_CNN,
    Point,
    points_of,
)
from dvs_snn.settings.guests import NIR
from dvs_snn.settings.sides import SPIKING


def means(points: pd.DataFrame) -> pd.DataFrame:
    """Return the means over trainings of the study's own networks."""
    is_own = ~points["method"].isin([PUBLISHED, NIR])
    return points[points["seed"].isna() & is_own]


def rows_at(points: pd.DataFrame, asked: Sequence[Point], name: str | None) -> pd.DataFrame:
    """Return the rows of some points on a set, means over trainings, in the order of `asked`."""
    rows = means(points[points["set"] == name])
    places = {point: place for place, point in enumerate(asked)}
    order = [places.get(point, -1) for point in points_of(rows)]
    rows = rows.assign(order=order)
    return rows[rows["order"] >= 0].sort_values("order", kind="stable").drop(columns="order")


def trainings_of(points: pd.DataFrame, row: pd.Series) -> pd.DataFrame:
    """Return the rows of the trainings behind a mean."""
    on_set = points[(points["set"] == row["set"]) & points["seed"].notna()]
    asked = Point.of(row)
    return on_set[[point == asked for point in points_of(on_set)]]


def dense_cnn(points: pd.DataFrame, name: str | None) -> pd.Series | None:
    """Return the CNN on a set that reads whole recordings, all its MACs counted.

    It reads the frames that validation picks. None: no CNN read the set.
    """
    rows = means(points[points["set"] == name])
    rows = rows[(rows["method"] == PLAIN_CNN) & (rows["counted"] == ALL_MACS)]
    rows = rows[rows["exit"].isna()].sort_values("chosen", ascending=False, kind="stable")
    return rows.iloc[0] if len(rows) else None


def stopping_cnn(points: pd.DataFrame, name: str | None) -> pd.Series | None:
    """Return the CNN on a set that skips zeros and stops where validation chose.

    A sparse CNN comes first; None without any.
    """
    rows = means(points[points["set"] == name])
    rows = rows[(rows["counted"] == NONZERO_MACS) & (rows["chosen"] == 1) & rows["exit"].notna()]
    rows = rows.sort_values("method", ascending=False, key=lambda method: method == SPARSE_CNN)
    return rows.iloc[0] if len(rows) else None


def quoted_cnns(points: pd.DataFrame, name: str | None) -> list[pd.Series]:
    """Return the CNN on a set that stops early and skips zeros, then that which does every MAC."""
    cnns = (stopping_cnn(points, name), dense_cnn(points, name))
    return [cnn for cnn in cnns if cnn is not None]


def quoted_spiking(points: pd.DataFrame, quoted: Quoted, name: str | None) -> pd.DataFrame:
    """Return the quoted spiking networks on a set; the page's answer is the first.

    They stand in the order of `quoted.methods`. Without a choice all that are on the set.
    """
    rows = means(points[(points["set"] == name) & (points["side"] == SPIKING)])
    rows = rows[rows["chosen"] == 1]
    if quoted.compared:
        rows = rows[rows["method"].isin(quoted.methods)]
    places = {method: place for place, method in enumerate(quoted.methods)}
    return rows.sort_values("method", key=lambda methods: methods.map(places), kind="stable")


def quoted_networks(points: pd.DataFrame, quoted: Quoted, name: str | None) -> pd.DataFrame:
    """Return the quoted networks on a set: spiking ones, then the CNNs."""
    cnns = pd.DataFrame(quoted_cnns(points, name), columns=points.columns)
    return pd.concat([quoted_spiking(points, quoted, name), cnns.astype(points.dtypes)])


def tried_near(points: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return what charts of the front show of some sets, means over the trainings.

    These are all spiking networks to recordings' ends. Of all others they are the points on the
    front, and those that are quoted.
    """
    rows = means(points[points["set"].isin(names)])
    is_whole = (rows["side"] == SPIKING) & rows["exit"].isna()
    is_chosen = (rows["side"] == SPIKING) & (rows["chosen"] == 1)
    cnns = {Point.of(cnn) for name in names for cnn in quoted_cnns(points, name)}
    is_quoted = pd.Series([point in cnns for point in points_of(rows)], rows.index, dtype=bool)
    rows = rows.assign(is_on_front=rows["on_front"] == 1, is_chosen=is_chosen | is_quoted)
    return rows[is_whole | rows["is_on_front"] | rows["is_chosen"]]
