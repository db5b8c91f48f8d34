"""The front of each method at the prices of the page's sliders.

Validation picks a front: a point is on it if no other point of its method is as accurate there for
less energy. A price of idle power changes which points those are, so the charts find the front anew
whenever a slider moves.
"""

from typing import Any

import numpy as np
import pandas as pd

from dvs_snn.analysis.points import CNN_POINT, POINT
from dvs_snn.report import chart
from dvs_snn.report.cells import is_known
from dvs_snn.report.chart import Chart, alt
from dvs_snn.settings.set_names import VALIDATION


def with_validation(means: pd.DataFrame) -> pd.DataFrame:
    """Return points of all sets with what their energy and their place on a front depend on.

    Columns beside the front's: `synops` (of a CNN, where `is_cnn` holds, MACs) and `ms` of a
    reading; `validation_accuracy`, `validation_synops` and `validation_ms`, what the point does on
    validation, or without one on the set itself; `may_join`, whether some prices put the point on
    the front.

    Args:
        means: rows of `front`, means over the trainings.
    """
    points = means.assign(
        synops=means["synops_per_reading"],
        ms=means["time_to_exit_ms"].fillna(means["recording_ms"]),
        is_cnn=means["macs"].map(is_known),
    )
    key = [*POINT, *CNN_POINT]
    measured = {name: f"validation_{name}" for name in ("accuracy", "synops", "ms")}
    if (points["set"] == VALIDATION).any():
        on_validation = points.loc[points["set"] == VALIDATION, [*key, *measured]]
        points = points.merge(on_validation.rename(columns=measured), how="left", on=key)
    else:
        points = points.assign(**{name: points[column] for column, name in measured.items()})

    points["may_join"] = False
    for _, rows in points.groupby(["set", "method"]):
        points.loc[rows.index, "may_join"] = _may_join(rows)
    return points


def _may_join(rows: pd.DataFrame) -> np.ndarray:
    """Whether no other point is as accurate with as few operations in as short a time: bool."""
    accuracy = rows["validation_accuracy"].to_numpy()
    synops = rows["validation_synops"].to_numpy()
    ms = rows["validation_ms"].to_numpy()
    is_as_good = (accuracy >= accuracy[:, None]) & (synops <= synops[:, None]) & (ms <= ms[:, None])
    is_better = (accuracy > accuracy[:, None]) | (synops < synops[:, None]) | (ms < ms[:, None])
    return ~(is_as_good & is_better).any(axis=1)


def priced(points: Chart) -> Chart:
    """Give each row of a chart's points `uj` and `on_front` at the prices in force.

    Rows have the columns that `with_validation` adds, and the name of their `method`.
    """
    cheapest_first: dict[str, Any] = {
        "groupby": ["method"],
        "sort": [
            alt.SortField("validation_uj"),
            alt.SortField("validation_accuracy", order="descending"),
        ],
    }
    is_on_front = "datum.may_join && !(datum.validation_accuracy <= datum.best_for_less)"
    return (
        points.transform_calculate(uj=chart.uj(), validation_uj=chart.uj("validation_"))
        # A frame of Vega's always holds its own row, so the best so far comes first.
        .transform_window(best="max(validation_accuracy)", frame=[None, 0], **cheapest_first)
        .transform_window(best_for_less="lag(best)", **cheapest_first)
        .transform_calculate(on_front=is_on_front)
    )


def steps(points: Chart) -> Chart:
    """A step for each method of `priced` points: the best accuracy on its front for less energy."""
    return (
        points.transform_filter("datum.on_front")
        .transform_window(
            best="max(accuracy)",
            groupby=["method"],
            sort=[alt.SortField("uj")],
            frame=[None, 0],
        )
        .mark_line(strokeWidth=2.2, interpolate="step-after")
        .encode(alt.Y("best:Q", title=""))
    )
