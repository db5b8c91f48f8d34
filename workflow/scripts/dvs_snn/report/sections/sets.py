"""Results set by set, what the checks found in their recordings, and operations by layer."""

from typing import Any

import pandas as pd

from dvs_snn.report import text
from dvs_snn.report.cells import answer_sets, chosen_layers
from dvs_snn.report.sections.recordings import QUANTITIES
from dvs_snn.report.study import FinishedStudy
from dvs_snn.settings.set_names import VALIDATION

SMALL_N = 100


def context(study: FinishedStudy) -> dict[str, Any]:
    sizes = study.chosen.groupby("set", sort=False)["n_symbols"].max()
    layers = chosen_layers(study.table("layers"), study.chosen)
    checks = study.table("checks")
    return {
        "finding": _finding(study),
        "note_on_chosen": study.origin.note_on(study.chosen["set"]),
        "warnings": [text.coded(warning) for warning in warnings(checks)],
        "notes": _notes(checks, study),
        "inputs": ["training", *(entry.name for entry in study.settings.evaluation.sets)],
        "layers_finding": _shares(study.quoted.answering(layers)),
        # Sets whose few symbols make their intervals wide.
        "small": [
            f"{name} ({text.plural(n, 'symbol')})" for name, n in sizes.items() if n < SMALL_N
        ],
    }


def warnings(checks: pd.DataFrame) -> list[str]:
    """The one warning of each set that has one, from `tables/checks.csv`."""
    bad = checks[checks["verdict"] == "warning"]
    return [
        f"{name}: {'; '.join(rows['finding'])}." for name, rows in bad.groupby("set", sort=False)
    ]


def _notes(checks: pd.DataFrame, study: FinishedStudy) -> list[str]:
    """Which classes a set lacks, and what is read of recordings beyond training's range."""
    lacking = checks[(checks["verdict"] == "told") & (checks["check"] == study.classes.words)]
    answers = study.quoted.answering(study.chosen)
    notes = [f"{row.set} {row.finding}." for row in lacking.itertuples()]
    for name, rows in answers[answers["n_beyond"] > 0].groupby("set", sort=False):
        beyond = checks[(checks["set"] == name) & (checks["n_beyond"] > 0)]
        how = [
            f"{QUANTITIES[row.check]} {row.n_beyond:.0f}"
            for row in beyond[beyond["check"].isin(QUANTITIES)].itertuples()
        ]
        within = rows["accuracy_within"].mean()
        rest = "no other is left" if pd.isna(within) else f"{text.percent(within)} without them"
        notes.append(
            f"{text.count(rows['n_beyond'].max())} of "
            f"{text.plural(rows['n_recordings'].max(), 'recording')} of {name} lie beyond what "
            f"training saw ({', '.join(how)}): {text.percent(rows['accuracy'].mean())} are read "
            f"right with them, {rest}."
        )
    return notes


def _finding(study: FinishedStudy) -> str:
    """What the answering method reads of real recordings, beside the simulated test sets."""
    rows = study.quoted.answering(study.chosen)
    rows = rows[rows["set"] != VALIDATION]
    sets = rows.groupby("set", sort=False).agg(read=("accuracy", "mean"), n=("n_symbols", "max"))
    if sets.empty:
        return ""
    names = sorted(
        sets.index, key=lambda name: (study.origin.is_simulated(name), SMALL_N > sets["n"][name])
    )
    parts = [
        f"{text.percent(sets['read'][name])} of {name} ({study.origin.kind(name)}, "
        f"n = {text.count(sets['n'][name])})"
        for name in names
    ]
    reader = f"{study.quoted.best} reads" if study.quoted.best else "The networks read"
    return f"{reader} {text.listed(parts)} right, means over the seeds."


def _shares(layers: pd.DataFrame) -> str:
    """Which layer takes most of the SynOps of the answering method, and what the input takes."""
    sets = answer_sets(layers["set"])
    synops = layers[layers["set"].isin(sets[:1])].groupby("layer", sort=False)["synops"].sum()
    if synops.sum() == 0:
        return ""
    shares, most = synops / synops.sum(), synops.idxmax()
    return (
        f"On {sets[0]}, {most} takes {text.percent(shares[most])} of the SynOps, and the first "
        f"layer, which no method can spare, {text.percent(shares.iloc[0])}."
    )
