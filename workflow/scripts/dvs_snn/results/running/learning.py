"""``learning.csv``: what networks read right that real recordings helped to train."""

import pandas as pd

from dvs_snn.evaluation.outcomes import KEY
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.files.tables import Column, subset
from dvs_snn.realism.learning.columns import LESSON
from dvs_snn.results.sensitivity import compare_with_nominal, interval_columns
from dvs_snn.results.summaries import EVALUATION_TABLE

LEARNING_TABLE = {
    **subset(KEY, "variant seed scale"),
    **LESSON,
    **subset(KEY, "set"),
    **subset(EVALUATION_TABLE, "n_symbols accuracy accuracy_low accuracy_high"),
    "difference": Column(
        "number", "share", "accuracy minus that without any real recording, on the same symbols"
    ),
    **interval_columns("difference"),
    "p_value": Column("number", "", "McNemar's exact test of the difference"),
    **subset(EVALUATION_TABLE, "synops_per_3000_events"),
}

_NETWORK = ["variant", "seed", "scale", "set"]


def learning_table(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return ``learning.csv`` from the rows of `read_held_out` of all networks and lessons.

    The sets hold one recording of each symbol, so n is that of recordings and of symbols.

    Args:
        outcomes: `LEARNING_OUTCOMES`; each lesson of a network read the same recordings in the
            same order, and one of the lessons has no real recording.
    """
    rows = []
    for key, of_set in outcomes.groupby(_NETWORK, sort=False):
        lessons = dict(iter(of_set.groupby(list(LESSON), sort=False)))
        without = lessons[1, 0]["correct"].tolist()
        for lesson, own in lessons.items():
            right, n = own["correct"].tolist(), len(own)
            low, high = wilson_interval(sum(right) / n, n)
            row = {
                **dict(zip(_NETWORK, key, strict=True)), **dict(zip(LESSON, lesson, strict=True)),
                "n_symbols": n, "accuracy": sum(right) / n, "accuracy_low": low,
                "accuracy_high": high, "difference": 0.0,
                "synops_per_3000_events": own["synops"].sum() / own["n_events"].sum() * 3000,
            }  # fmt: skip
            compared = compare_with_nominal(right, without) if lesson != (1, 0) else {}
            rows.append(row | compared)
    return pd.DataFrame(rows, columns=list(LEARNING_TABLE))
