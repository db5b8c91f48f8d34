"""How far to trust it: limits with their numbers, and what moves if one thing is changed."""

import pandas as pd

from dvs_snn.probes.changes import changes
from dvs_snn.report import text
from dvs_snn.report.cells import label_text, ordered
from dvs_snn.report.finished_study import FinishedStudy
from dvs_snn.report.template import Context
from dvs_snn.settings.set_names import VALIDATION

SMALL_N = 100
"""A set of fewer symbols has wide intervals."""

NOMINAL = "nominal"
"""The part of rows whose sensor isn't changed."""

HELD_OUT = "even"
"""The half of the symbols that fitted nothing."""


def context(study: FinishedStudy) -> Context:
    probes = study.table("probes")
    sizes = study.chosen.groupby("set", sort=False)["n_symbols"].max()
    moves = changes(probes, study.quoted).groupby("condition")["seen"].any()
    sets = [name for name in ordered(probes["set"]) if name in set(study.evaluation["set"])]

    calibration = study.table("calibration")
    held_out = calibration[calibration["half"] == HELD_OUT]

    return {
        "n_changes": len(moves),
        "n_seen": moves.sum(),
        "figure": study.figure("probes", sets),
        "small": [
            f"{study.origin.called(name)} ({text.plural(n, 'symbol')})"
            for name, n in sizes.items()
            if n < SMALL_N and name != VALIDATION
        ],
        "verification": _verification(study.table("verification")),
        "n_quantities": len(held_out),
        "n_reproduced": (held_out["verdict"] == "reproduced").sum(),
        "told_apart": _told_apart(study.table("realism")),
    }


def _verification(compared: pd.DataFrame) -> Context | None:
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
        "entries": compared["entries"].sum(),
        "entries_differing": compared["entries_differing"].sum(),
        "synops_share": distance / synops if synops else None,
        "n_by_events": by_events["recording"].nunique(),
        "by_events": by_events["entries"].sum(),
        "by_events_differing": by_events["entries_differing"].sum(),
        "predictions": len(compared),
        "predictions_differing": predicted.nunique(axis=1).gt(1).sum(),
    }


def _told_apart(realism: pd.DataFrame) -> dict[str, str] | None:
    """How a classifier tells real from simulated on the held-out half; None without its symbols."""
    is_nominal = realism["part"] == NOMINAL
    is_all = realism["statistic"] == "all"
    together = realism[(realism["half"] == HELD_OUT) & is_nominal & is_all]
    if together.empty:
        return None
    wrong = realism.loc[~is_nominal & is_all, "auc"]
    return {
        "auc": text.interval_of(together.iloc[0], "auc", text.significant),
        "n": text.count(together["n"].iloc[0]),
        "n_wrong": text.count(len(wrong)),
        "wrong_low": text.significant(wrong.min()) if len(wrong) else "",
    }
