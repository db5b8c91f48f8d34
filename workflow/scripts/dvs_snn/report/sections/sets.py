"""Results set by set, what the checks found in their recordings, and operations by layer."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.evaluation.power import EnergyModel, power_mw
from dvs_snn.report import live, text
from dvs_snn.report.cells import answer_sets, chosen_layers, ordered
from dvs_snn.report.sections.recordings import QUANTITIES
from dvs_snn.report.study import FinishedStudy
from dvs_snn.settings.set_names import VALIDATION

SMALL_N = 100

DOUBTED_N = 10
"""A class of fewer recordings says nothing about its labels."""

UNEVEN, MANY = 1.2, 10
"""What is told: a mean power of a set that differs from its recordings' median by more than the
first factor, if a recording takes more than the second times the median of SynOps. Measured: a
recording 50 times as long among 120 of N-MNIST moves the mean by 1.16 to 1.33, without it 1.04;
where sizes of MNIST-DVS mix, mean and median differ by 1.25, but none takes over 4.1 times."""


def context(study: FinishedStudy) -> dict[str, Any]:
    sizes = study.chosen.groupby("set", sort=False)["n_symbols"].max()
    layers = chosen_layers(study.table("layers"), study.chosen)
    checks = study.table("checks")
    return {
        "finding": _finding(study),
        "note_on_chosen": study.note_on(study.chosen["set"]),
        "warnings": cautions(study, ordered(study.evaluation["set"])),
        "notes": _notes(checks, study),
        "inputs": ["training", *(entry.name for entry in study.settings.evaluation.sets)],
        "layers_finding": _shares(study.quoted.answering(layers)),
        # Sets whose few symbols make their intervals wide.
        "small": [
            f"{name} ({text.plural(n, 'symbol')})" for name, n in sizes.items() if n < SMALL_N
        ],
    }


def cautions(study: FinishedStudy, names: Sequence[str]) -> list[Markup]:
    """What stands on the page before the numbers of these sets: their marks and warnings."""
    mark = study.marks.of_sets(names)
    return [text.coded(words) for words in [mark, *warnings(study, names)] if words]


def warnings(study: FinishedStudy, names: Sequence[str]) -> list[str]:
    """What is wrong with sets: with their recordings, labels, or mean power."""
    checks, readings = study.table("checks"), study.answered
    bad = checks[(checks["verdict"] == "warning") & checks["set"].isin(names)]
    of_sets = [(name, "; ".join(each)) for name, each in bad.groupby("set", sort=False)["finding"]]
    for name, rows in readings[readings["set"].isin(names)].groupby("set", sort=False):
        of_sets += [(name, _doubt(rows, study)), (name, _uneven(rows, study))]
    return [Markup("{}: {}.").format(name, words) for name, words in of_sets if words]


def _doubt(rows: pd.DataFrame, study: FinishedStudy) -> str:
    """Why the labels of a set may be wrong; empty if nothing tells so, or the study made them."""
    name, n_classes = rows["set"].iloc[0], len(study.classes.names)
    if study.origin.is_simulated(name) and name not in study.origin.added:
        return ""
    signs = []
    if rows["right"].mean() <= 1 / n_classes:
        n = text.plural(rows["recording"].nunique(), "recording")
        share, chance = text.percent(rows["right"].mean()), text.percent(1 / n_classes)
        signs.append(f"{share} of {n} are read right, chance is {chance}")
    for label, part in rows.groupby("label"):
        shares = part["predicted"].value_counts(normalize=True)
        read, share, n = shares.idxmax(), shares.max(), part["recording"].nunique()
        if n >= DOUBTED_N and share > 0.5 and read not in ("", label):
            signs.append(f"{text.percent(share)} of the {n} of {label} are read as {read}")
    look = "are labels shifted or swapped, or flip, rotate or polarity wrong"
    return f"{'; '.join(signs[:10])}: {look}? workflow/check.py shows them" * bool(signs)


def _uneven(rows: pd.DataFrame, study: FinishedStudy) -> str:
    """Which long recording moves a set's mean power off its recordings' median, if one does."""
    each = rows.groupby("recording")[["synops", "n_steps"]].mean()
    seconds = each["n_steps"] * study.settings.inference.step_ms / 1000
    price = EnergyModel(study.power.energy_per_synop_pj, study.power.static_power_mw)
    mean = power_mw(each["synops"].sum(), seconds.sum(), price)
    median = power_mw(each["synops"] / seconds, 1.0, price).median()
    most, times = each["synops"].idxmax(), each["synops"].max() / each["synops"].median()
    if median / UNEVEN <= mean <= median * UNEVEN or times <= MANY:
        return ""
    return Markup(
        "the mean power, {} mW, isn't that of most recordings: their median is {} mW, and {} alone "
        "takes {} of all SynOps and {} times the median duration"
    ).format(
        live.power(mean, study.power),
        live.power(median, study.power),
        most,
        text.percent(each["synops"].max() / each["synops"].sum()),
        text.significant(seconds[most] / seconds.median()),
    )


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
        f"n = {text.count(sets['n'][name])}{', not a result' * (name in study.marks.sets)})"
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
