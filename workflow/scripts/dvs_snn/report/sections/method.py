"""The method: which symbols train and test, both engines compared, and published figures."""

from functools import partial
from typing import Any

import pandas as pd

from dvs_snn.probes.twins import N_TWINS, TWINS_PER_DIGIT
from dvs_snn.report import text
from dvs_snn.report.cells import label_text
from dvs_snn.report.study import FinishedStudy
from dvs_snn.report.table import column
from dvs_snn.settings.simulation import Simulation
from dvs_snn.tables.comparison import COMPUTED

ARITHMETIC = "same arithmetic"
"""The verdict on a printed number that was computed again from other printed numbers."""

NOT_COMPARABLE = "not comparable"


def context(study: FinishedStudy) -> dict[str, Any]:
    return {
        "drawn": _drawn(study.simulation) if study.simulation else None,
        "verification": _verification(study.table("verification")),
        "published": _published(study.table("comparison")),
    }


def _drawn(simulation: Simulation) -> dict[str, Any]:
    """Which symbols test, and whether the frames of training hold other numbers of events."""
    test = simulation.symbols.test
    few, many = text.count(min(test)), text.count(max(test))
    twins = ""
    if test == TWINS_PER_DIGIT:
        twins = "the very"
    elif all(n <= n_twins for n, n_twins in zip(test, TWINS_PER_DIGIT, strict=True)):
        twins = "all among the"
    return {
        "n_test": sum(test),
        "per_digit": few if few == many else text.from_to(few, many),
        "twins": twins,
        "n_twins": N_TWINS,
        "frame_events": any(plan.frame_events for plan in simulation.training.values()),
    }


def _verification(compared: pd.DataFrame) -> dict[str, Any] | None:
    """What both inference engines made of the same recordings, summed over the networks."""
    by_events = compared[compared["timing"] == "events"]
    compared = compared[compared["timing"] == "steps"]
    if compared.empty:
        return None
    # A silent network has no prediction: two of them agree.
    predicted = compared[["predicted_event", "predicted_sinabs"]].map(label_text)
    distance = (compared["synops_event"] - compared["synops_sinabs"]).abs().sum()
    synops = compared["synops_sinabs"].sum()
    return {
        "n_recordings": compared["recording"].nunique(),
        "n_networks": len(compared[["variant", "seed"]].drop_duplicates()),
        "scales": [f"{scale:.2f}" for scale in sorted(compared["scale"].unique())],
        "entries": compared["entries"].sum(),
        "entries_differing": compared["entries_differing"].sum(),
        "synops_share": distance / synops if synops else None,
        "n_by_events": by_events["recording"].nunique(),
        "by_events": by_events["entries"].sum(),
        "by_events_differing": by_events["entries_differing"].sum(),
        "predictions": len(compared),
        "predictions_differing": predicted.nunique(axis=1).gt(1).sum(),
    }


def _published(comparison: pd.DataFrame) -> dict[str, Any]:
    """Published figures beside ours, but for those of other data."""
    computed = comparison["why"].astype(str).str.startswith(COMPUTED)
    is_arithmetic = computed & (comparison["verdict"] == "reproduced")
    verdict = comparison["verdict"].mask(is_arithmetic, ARITHMETIC)
    written = partial(text.significant, digits=4)

    def ours(row: dict[str, Any]) -> str:
        if row["ours_low"] == row["ours_high"]:
            return written(row["ours"])
        return text.interval_of(row, "ours", written)

    quantity = comparison["quantity"].astype(str).str.replace("_", " ")
    rows = comparison.assign(
        quantity=quantity + " (" + comparison["unit"].astype(str) + ")",
        published=comparison["published"].map(written),
        ours=column(comparison, ours),
        verdict=verdict,
    )
    powers = comparison.set_index("quantity")[["published", "ours"]].stack()
    return {
        "rows": rows[verdict != NOT_COMPARABLE],
        "verdicts": text.counted(verdict[verdict != ""]),
        "n": (verdict != "").sum(),
        "printed_mw": powers.get(("tutorial_power_printed", "published")),
        "correct_mw": powers.get(("tutorial_power_at_10_pj", "ours")),
    }
