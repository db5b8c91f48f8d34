"""Recordings beyond the range of those that trained the network, one by one and as a set."""

import numpy as np
import pandas as pd

from dvs_snn.plausibility.finding import Finding, count_words
from dvs_snn.plausibility.quantities import in_steps, per_step, quantities

MARKED = ("duration_s", "events_per_s", "outside_share", "box_px")
"""The quantities by which a recording is marked."""

MARGIN = 1.1
"""A recording is beyond training's range if it exceeds the range by a tenth."""

OUTSIDE_MARGIN = 0.05
"""The same for the share of events outside, which is mostly 0 in training."""


def beyond(found: pd.DataFrame, seen: pd.DataFrame) -> pd.DataFrame:
    """Return which quantities of which recordings lie beyond training's range, bool.

    Args:
        found: quantities of recordings, or some of them.
        seen: what training saw of these quantities; nothing is beyond what isn't known.
    """
    marks = {}
    for name, values in found.items():
        low, high = seen.loc[name, ["smallest", "largest"]] if name in seen.index else (-1, np.inf)
        above = high + OUTSIDE_MARGIN if name == "outside_share" else high * MARGIN
        marks[name] = (values < low / MARGIN) | (values > above)
    return pd.DataFrame(marks, index=found.index)


def marks(outcomes: pd.DataFrame, seen: pd.DataFrame) -> pd.Series:
    """Return the quantities beyond training's range as text, `duration_s box_px`; empty without.

    Args:
        outcomes: rows of recordings under networks
            (:data:`~dvs_snn.evaluation.outcomes.OUTCOME_COLUMNS`).
    """
    facts = outcomes.rename(columns={"n_events_outside": "n_outside"})
    facts = facts.assign(n_events=facts["n_events"] + facts["n_outside"], n_pixels=1)
    found = beyond(quantities(facts)[list(MARKED)], seen)
    text = pd.Series("", index=outcomes.index, dtype=str)
    for name, is_beyond in found.items():
        text = text.where(~is_beyond, text + f" {name}")
    return text.str.strip()


def within(outcomes: pd.DataFrame, seen: pd.DataFrame) -> dict[str, object]:
    """Return :data:`~dvs_snn.plausibility.columns.WITHIN` of a set's recordings under one network.

    Args:
        outcomes: with the columns `correct` and `beyond_training`.
        seen: what training saw.
    """
    is_within = outcomes["beyond_training"] == ""
    n_beyond = int((~is_within).sum()) if len(seen) else None
    return {"n_beyond": n_beyond, "accuracy_within": outcomes.loc[is_within, "correct"].mean()}


def event_rate(rows: pd.DataFrame, seen: pd.DataFrame, step_ms: float) -> Finding | None:
    """Tell if the median recording's rate is beyond training's range: the power follows it.

    Args:
        rows: of a split table, those of one set.
        seen: what training saw.
    """
    if seen.empty:
        return None
    ours = float(per_step(rows, step_ms)["events_per_step"].median())
    trained = in_steps(seen, step_ms).loc["events_per_step"]
    if trained["smallest"] / MARGIN <= ours <= trained["largest"] * MARGIN:
        return None
    times = ours / trained["median"]
    told = f"{count_words(times)} times" if times >= 1 else f"{times:.2g} of"
    sentence = f"events per step {told} those of training, and the power follows them"
    return Finding("events_per_step", "warning", sentence)
