"""How far both inference engines agree, and the bounds beyond which the study stops.

If sums of the weights are exact in float32, the engines agree in every entry. If not, they differ
by rounding, since each adds in its own order. A neuron just at its threshold may then fire a step
sooner or later. This module counts how often.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from dvs_snn.files.errors import StudyError
from dvs_snn.settings.data import Classes

ENTRIES_SHARE = 1e-3
"""Most output entries (step, class) that may differ, as a share of all."""

SYNOPS_SHARE = 1e-4
"""Most SynOps that may differ, as a share of all."""

PREDICTIONS_SHARE = 1e-3
"""Most predictions that may differ, as a share of all. One prediction may differ in any case, if
its margin is at most `MARGIN_SPIKES`."""

MARGIN_SPIKES = 2
"""A prediction whose first and second class are further apart than this may not differ."""


@dataclass(frozen=True)
class Agreement:
    """How far both engines agree over a whole comparison.

    Attributes:
        entries_share, synops_share: share that differs. For SynOps it is the
            sum of the steps' absolute differences, so opposite differences don't cancel.
        n_predictions: predictions that differ.
    """

    entries_share: float
    synops_share: float
    n_predictions: int


def named(comparison: pd.DataFrame, classes: Sequence[str]) -> pd.DataFrame:
    """Return the table with the names of the classes in place of labels."""
    columns = ("predicted_event", "predicted_sinabs")
    return comparison.assign(**{name: Classes(classes).named(comparison[name]) for name in columns})


def _differs(comparison: pd.DataFrame) -> pd.Series:
    # A silent network has no prediction: two missing predictions are equal.
    event, sinabs = (
        comparison[column].astype("Int64").fillna(-1)
        for column in ("predicted_event", "predicted_sinabs")
    )
    return (event != sinabs).astype(bool)


def agreement(comparison: pd.DataFrame) -> Agreement:
    """Sum up a comparison of at least one row."""
    differs = _differs(comparison)
    distance = comparison["synops_differing"].sum()
    return Agreement(
        entries_share=float(comparison["entries_differing"].sum() / comparison["entries"].sum()),
        synops_share=float(distance / max(1, comparison["synops_sinabs"].sum())),
        n_predictions=int(differs.sum()),
    )


def check(comparison: pd.DataFrame) -> Agreement:
    """Sum up a comparison; StudyError if it is empty or breaks a bound."""
    remedy = (
        "set inference.engine: sinabs, and report the network and the recording, for the engines "
        "should agree."
    )
    if not comparison["entries"].sum():
        raise StudyError(
            "verification: no output was compared, expected at least one recording and one scale; "
            "name one."
        )
    far = comparison[_differs(comparison) & (comparison["margin_spikes"] > MARGIN_SPIKES)]
    for row in far.itertuples():
        raise StudyError(
            f"verification: inference.engine event reads recording {row.recording} at scale "
            f"{row.scale:.2f} as {row.predicted_event}, sinabs as {row.predicted_sinabs}, with "
            f"{row.margin_spikes} spikes between the first and the second class, expected the same "
            f"class above {MARGIN_SPIKES}; {remedy}"
        )
    found = agreement(comparison)
    for what, share, bound in (
        ("output entries", found.entries_share, ENTRIES_SHARE),
        ("SynOps", found.synops_share, SYNOPS_SHARE),
    ):
        if share > bound:
            raise StudyError(
                f"verification: a share of {share:.2g} of the {what} differs between "
                f"inference.engine event and sinabs, expected at most {bound:g}; {remedy}"
            )
    if found.n_predictions > max(1, PREDICTIONS_SHARE * len(comparison)):
        raise StudyError(
            f"verification: {found.n_predictions} of {len(comparison)} predictions differ between "
            f"inference.engine event and sinabs, expected at most 1 in "
            f"{1 / PREDICTIONS_SHARE:.0f}; {remedy}"
        )
    return found
