"""On real recordings, and where it breaks: results by set, and what the checks found in them.

N-MNIST's real twins show the symbols of the simulated quick movements, so each is held against the
simulated recording of its own symbol. So are the recordings of `simulation.sets` against those of
the test set whose scene they change.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from markupsafe import Markup

from dvs_snn.analysis.power import EnergyModel, power_mw
from dvs_snn.evaluation.statistics import paired_interval, wilson_interval
from dvs_snn.report import live, text
from dvs_snn.report.cells import ordered
from dvs_snn.report.finished_study import FinishedStudy
from dvs_snn.report.front_rows import points_on
from dvs_snn.report.sections.recordings import QUANTITIES
from dvs_snn.report.style import method_name
from dvs_snn.report.template import Context
from dvs_snn.settings.data import Classes
from dvs_snn.settings.guests import NIR, OURS
from dvs_snn.settings.set_names import REAL_TWINS, SACCADES_TEST, TEST_SET_OF, VALIDATION

MIN_SYMBOLS = 40
"""A set of fewer says nothing about its classes."""

DOUBTED_N = 10
"""A class of fewer recordings says nothing about its labels."""

UNEVEN = 1.2
MANY = 10
"""A mean power of a set is told if it differs from its recordings' median by more than the first
factor, and a recording takes more than the second times the median of SynOps. Measured: a recording
50 times as long among 120 of N-MNIST moves the mean by 1.16 to 1.33, without it by 1.04. Where
sizes of MNIST-DVS mix, mean and median differ by 1.25, but none takes over 4.1 times."""


def context(study: FinishedStudy) -> Context:
    names = [name for name in ordered(study.evaluation["set"]) if name != study.lead]
    shown = [name for name in ordered(study.chosen["set"]) if name != VALIDATION]
    finding = _finding(study)
    return {
        "title": _title(study),
        "sentence": finding,
        "figure": study.figure("sets", shown, finding),
        "names": [(study.origin.called(name), name) for name in shown],
        "warnings": cautions(study, names),
        "notes": [*_breaking(study), *_notes(study.table("checks"), study), *_guests(study)],
    }


def cautions(study: FinishedStudy, names: Sequence[str]) -> list[Markup]:
    """What stands on the page before the numbers of these sets: their marks and warnings."""
    mark = study.marks.of_sets(names, study.origin.called)
    return [text.coded(words) for words in [mark, *warnings(study, names)] if words]


def warnings(study: FinishedStudy, names: Sequence[str]) -> list[str]:
    """What is wrong with sets: with their recordings, labels, or mean power."""
    checks = study.table("checks")
    readings = study.answered
    bad = checks[(checks["verdict"] == "warning") & checks["set"].isin(names)]
    of_sets = [(name, "; ".join(each)) for name, each in bad.groupby("set", sort=False)["finding"]]

    for name, rows in readings[readings["set"].isin(names)].groupby("set", sort=False):
        of_sets += [(name, _doubt(rows, study)), (name, _uneven(rows, study))]
    return [
        Markup("{}: {}.").format(study.origin.called(name), words)
        for name, words in of_sets
        if words
    ]


def _doubt(rows: pd.DataFrame, study: FinishedStudy) -> str:
    """Why the labels of a set may be wrong; empty if nothing tells so, or the study made them."""
    name = rows["set"].iloc[0]
    if study.origin.is_simulated(name) and name not in study.origin.added:
        return ""

    signs = []
    right = rows["right"].mean()
    chance = 1 / len(study.classes.names)
    if right <= chance:
        n = text.plural(rows["recording"].nunique(), "recording")
        signs.append(
            f"{text.percent(right)} of {n} are read right, chance is {text.percent(chance)}"
        )

    for label, part in rows.groupby("label"):
        shares = part["predicted"].value_counts(normalize=True)
        read = shares.idxmax()
        n = part["recording"].nunique()
        if n >= DOUBTED_N and shares.max() > 0.5 and read not in ("", label):
            signs.append(f"{text.percent(shares.max())} of the {n} of {label} are read as {read}")

    if not signs:
        return ""
    return (
        f"{'; '.join(signs[:10])}: are labels shifted or swapped, or flip, rotate or polarity "
        "wrong? workflow/check.py shows them"
    )


def _uneven(rows: pd.DataFrame, study: FinishedStudy) -> str:
    """Which long recording moves a set's mean power off its recordings' median, if one does."""
    means = rows.groupby("recording")[["synops", "n_steps"]].mean()
    synops = means["synops"]
    seconds = means["n_steps"] * study.settings.inference.step_ms / 1000

    price = EnergyModel(study.power.energy_per_synop_pj, study.power.static_power_mw)
    mean = power_mw(synops.sum(), seconds.sum(), price)
    median = float(np.median(power_mw((synops / seconds).to_numpy(), 1.0, price)))

    most = synops.idxmax()
    times = synops.max() / synops.median()
    if median / UNEVEN <= mean <= median * UNEVEN or times <= MANY:
        return ""
    return Markup(
        "the mean power, {} mW, isn't that of most recordings: their median is {} mW, and {} alone "
        "takes {} of all SynOps and {} times the median duration"
    ).format(
        live.power(mean, study.power),
        live.power(median, study.power),
        most,
        text.percent(synops.max() / synops.sum()),
        text.significant(seconds[most] / seconds.median()),
    )


def _notes(checks: pd.DataFrame, study: FinishedStudy) -> list[str]:
    """Which classes a set lacks, and what is read of recordings beyond training's range."""
    lacking = checks[(checks["verdict"] == "told") & (checks["check"] == study.classes.words)]
    answers = study.quoted.answering(study.chosen)
    notes = [f"{study.origin.called(row.set)} {row.finding}." for row in lacking.itertuples()]

    for name, rows in answers[answers["n_beyond"] > 0].groupby("set", sort=False):
        marked = study.answered[study.answered["set"] == name].drop_duplicates("recording")
        marks = marked["beyond_training"].dropna().astype(str).str.split().explode()
        how = [f"{QUANTITIES[mark]} {n}" for mark, n in marks.value_counts(sort=False).items()]
        within = rows["accuracy_within"].mean()
        rest = "no other is left" if pd.isna(within) else f"{text.percent(within)} without them"
        notes.append(
            f"{text.count(rows['n_beyond'].max())} of "
            f"{text.plural(rows['n_recordings'].max(), 'recording')} of "
            f"{study.origin.called(name)} lie beyond what training saw ({', '.join(how)}): "
            f"{text.percent(rows['accuracy'].mean())} are read right with them, {rest}."
        )
    return notes


def _title(study: FinishedStudy) -> str:
    """How the quoted networks read real recordings, in the fewest words."""
    rows = study.quoted.answering(study.chosen)
    real = [name for name in ordered(rows["set"]) if not study.origin.is_simulated(name)]
    real = [name for name in real if name != VALIDATION]
    # Sets of a few symbols stand in the sentence alone, with their mark.
    real = [name for name in real if name not in study.marks.sets] or real
    if not real:
        return "No real recording was read: how well it reads a real camera isn't known"

    points = [] if study.chosen_point is None else [study.chosen_point]
    shares = []
    for name in real:
        read = points_on(points, study.front, name)["accuracy"].map(text.percent)
        called = study.origin.called(name)
        if "real" not in called:
            called += " (real)"
        shares.append(f"{text.listed(read)} of {called}")
    return f"It reads {text.listed(shares)}"


def _finding(study: FinishedStudy) -> str:
    """What the answering method reads of real recordings, beside the simulated test sets."""
    rows = study.quoted.answering(study.chosen)
    rows = rows[rows["set"] != VALIDATION]
    sets = rows.groupby("set", sort=False).agg(read=("accuracy", "mean"), n=("n_symbols", "max"))
    if sets.empty:
        return "No recordings with labels were read."
    parts = []
    for name in sorted(sets.index, key=study.origin.is_simulated):
        kind = f"{study.origin.kind(name)}, n = {text.count(sets['n'][name])}"
        if name in study.marks.sets:
            kind += ", not a result"
        parts.append(f"{text.percent(sets['read'][name])} of {study.origin.called(name)} ({kind})")

    best = method_name(study.quoted.best) if study.quoted.best else "the network as converted"
    return f"Run to the end, {best} reads {text.listed(parts)} right."


def _breaking(study: FinishedStudy) -> Iterator[str]:
    """The class that each real or changed set loses most, beside its twins where it has some."""
    changed = study.simulation.sets if study.simulation else {}
    twins_of = {name: TEST_SET_OF[each.scene] for name, each in changed.items()}
    twins_of[REAL_TWINS] = SACCADES_TEST

    rows = study.answered
    for name in ordered(rows["set"]):
        if name == VALIDATION or (name not in twins_of and study.origin.is_simulated(name)):
            continue
        beside = _beside_twins(rows, name, twins_of.get(name))
        if beside["symbol"].nunique() < MIN_SYMBOLS:
            few = f"{study.origin.called(name)} holds fewer than {MIN_SYMBOLS} symbols"
            yield f"{few}: too few to say which recordings are misread."
        else:
            twins = study.origin.called(twins_of.get(name, ""))
            yield _worst_class(study.origin.called(name), beside, study.classes, twins)


def _beside_twins(rows: pd.DataFrame, name: str, test_set: str | None) -> pd.DataFrame:
    """A set's rows with those of their twins in `test_set`; `twin_right` is empty without one."""
    symbol = ["symbol", "variant", "seed"]
    twins = rows.loc[rows["set"] == test_set, [*symbol, "right"]]
    twins = twins.rename(columns={"right": "twin_right"})
    return rows[rows["set"] == name].merge(twins, on=symbol, how="left")


class Share(NamedTuple):
    """A share read right, or its difference to that of the twins, and both in words with 95 %."""

    value: float
    words: str


def _share(rows: pd.DataFrame) -> Share:
    """The share read right: a mean over the seeds; the interval's n counts symbols."""
    right = float(rows["right"].mean())
    low, high = wilson_interval(right, int(rows["symbol"].nunique()))
    return _with_interval(right, low, high, text.percent)


def _beside(rows: pd.DataFrame) -> Share:
    """The share read right minus that of the twins: as `_share`."""
    right = rows["right"].astype(bool)
    twin = rows["twin_right"].astype(bool)

    def symbols(among: pd.Series) -> float:
        return float(among.sum()) * rows["symbol"].nunique() / len(rows)

    low, high = paired_interval(
        symbols(right & twin),
        symbols(right & ~twin),
        symbols(~right & twin),
        symbols(~right & ~twin),
    )
    return _with_interval(float(right.mean()) - float(twin.mean()), low, high, text.points)


def _with_interval(
    value: float, low: float, high: float, written: Callable[[float | None], str]
) -> Share:
    row = {"share": value, "share_low": low, "share_high": high}
    return Share(value, text.interval_of(row, "share", written))


def _worst_class(name: str, rows: pd.DataFrame, classes: Classes, twins: str) -> str:
    """Which class of a set loses most beside its twins, or without twins is read worst, if any.

    Args:
        name, twins: what the page calls the set, and the set of its twins.
        rows: of `_beside_twins`; if any row lacks its twin, the set stands alone.
    """
    paired = bool(rows["twin_right"].notna().all())
    share_of = _beside if paired else _share
    shares = {label: share_of(part) for label, part in rows.groupby("label")}
    label = min(classes.in_order(shares), key=lambda label: shares[label].value)
    worst = shares[label]
    n = rows.loc[rows["label"] == label, "symbol"].nunique()
    words = f"{worst.words}, n = {n}, picked afterwards of {len(shares)} {classes.words}."
    if paired:
        whole = f"{name} minus the same symbols of {twins}: {_beside(rows).words} points. "
        if worst.value < 0:
            return f"{whole}The {classes.word} {label} loses most: {words}"
        return f"{whole}No {classes.word} is read worse."
    if worst.value == 1:
        return f"No recording of {name} is misread."
    return f"Of {name} the {classes.word} {label} is read worst: {words}"


def _guests(study: FinishedStudy) -> Iterator[str]:
    """What a network from a NIR file reads, and what 8 bits by events, as a chip does, cost it."""
    read = study.evaluation[study.evaluation["method"] == NIR]
    for row in read.to_dict("records"):
        knew = ", many of which trained it" if row["symbols_trained_on"] > 0 else ""
        name = study.origin.called(row["set"])
        yield f"{row['variant']}, from a NIR file, reads {text.interval_of(row)} of {name}{knew}."

    checked = study.table("chip_check")
    checked = checked[checked["accuracy"].notna()].replace({"platform": {OURS: "our count"}})
    steps = (checked["timing"] == "steps") & (checked["step_ms"] == 1) & (checked["bits"] == 32)
    by_events = checked[(checked["timing"] == "events") & (checked["bits"] == 8)]
    for _, row in checked[steps].merge(by_events, on=["network", "set"]).iterrows():
        change = text.points(row["accuracy_y"] - row["accuracy_x"])
        yield (
            f"{row['network']} on {row['set']}: {row['platform_y']} read "
            f"{text.percent(row['accuracy_y'])} one event at a time in 8 bits, {change} percentage "
            f"points against {row['platform_x']} in steps of 1\u00a0ms in float32."
        )
