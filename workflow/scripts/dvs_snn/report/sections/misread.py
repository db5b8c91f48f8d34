"""Misread recordings: which classes, and whether few events go with it.

N-MNIST's real twins show the symbols of the simulated set `saccades-test`, so each is held against
the simulated recording of its own symbol. So are the recordings of `simulation.sets` against those
of the test set whose scene they change. Other real sets have no pairs.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pandas as pd

from dvs_snn.evaluation.statistics import paired_interval, wilson_interval
from dvs_snn.report import text
from dvs_snn.report.cells import answer_sets, ordered
from dvs_snn.report.study import FinishedStudy
from dvs_snn.settings.data import Classes
from dvs_snn.settings.set_names import REAL_TWINS, SACCADES_TEST, TEST_SET_OF, VALIDATION

MIN_SYMBOLS = 40
"""A set of fewer says nothing about its classes."""


class Share(NamedTuple):
    """The share of recordings that is read right, or its difference to that of their twins."""

    value: float
    low: float
    high: float
    n: int
    words: str


def context(study: FinishedStudy) -> dict[str, Any] | None:
    """What the page shows of misread recordings; None if no prediction is known."""
    rows = study.answered
    if rows.empty and "failures" not in study.figures:
        return None
    return {
        "sets": rows["set"],
        "finding": _worst(rows, study.classes),
        "confused": _confused(rows),
        "breaking": " ".join(_breaking(rows, study)),
    }


def _worst(rows: pd.DataFrame, classes: Classes) -> str:
    """Which class is misread most in each test set."""
    parts = []
    for name in answer_sets(rows["set"]):
        part = rows[rows["set"] == name]
        shares = (~part["right"]).groupby(part["label"]).mean()
        if len(shares) and shares.max() > 0:
            shown = shares.idxmax()
            parts.append(f"the {shown} on {name} ({text.percent(shares[shown])} misread)")
    return f"The worst {classes.word} is {text.listed(parts)}." if parts else ""


def _confused(rows: pd.DataFrame) -> str:
    """What is taken for another class most often in the test sets."""
    wrong = rows[rows["set"].isin(answer_sets(rows["set"])) & ~rows["right"]]
    wrong = wrong[wrong["predicted"] != ""]
    if wrong.empty:
        return "None is read as another."
    shown, read = wrong.groupby(["label", "predicted"]).size().idxmax()
    return f"Most often the {shown} is read as {read}."


def _breaking(rows: pd.DataFrame, study: FinishedStudy) -> Iterator[str]:
    """Sentences on each set that is real, or that has twins."""
    changed = study.simulation.sets if study.simulation else {}
    test_sets = {name: TEST_SET_OF[each.scene] for name, each in changed.items()}
    test_sets[REAL_TWINS] = SACCADES_TEST
    for name in ordered(rows["set"]):
        if name != VALIDATION and (name in test_sets or not study.origin.is_simulated(name)):
            beside = _beside_twins(rows, name, test_sets.get(name))
            if beside["symbol"].nunique() < MIN_SYMBOLS:
                few = f"{name} holds fewer than {MIN_SYMBOLS} symbols"
                yield f"{few}: too few to say which recordings are misread."
            else:
                yield _of_set(name, beside, study.classes)


def _beside_twins(rows: pd.DataFrame, name: str, test_set: str | None) -> pd.DataFrame:
    """A set's rows with those of their twins in `test_set`; `twin_right` is empty without one."""
    symbol = ["symbol", "variant", "seed"]
    twins = rows.loc[rows["set"] == test_set, [*symbol, "right", "n_events"]]
    twins = twins.rename(columns={"right": "twin_right", "n_events": "twin_events"})
    rows = rows[rows["set"] == name].merge(twins, on=symbol, how="left")
    return rows.assign(over_twin=rows["n_events"] / rows["twin_events"])


def _share(rows: pd.DataFrame, paired: bool) -> Share:
    """Means over the seeds; n counts symbols."""
    right, n = rows["right"].astype(bool), int(rows["symbol"].nunique())
    value, written = float(right.mean()), text.percent
    low, high = wilson_interval(value, n)
    if paired:
        twin = rows["twin_right"].astype(bool)
        cells = (right & twin, right & ~twin, ~right & twin, ~right & ~twin)
        low, high = paired_interval(*(float(cell.sum()) * n / len(rows) for cell in cells))
        value, written = value - float(twin.mean()), text.points
    words = text.interval_of({"it": value, "it_low": low, "it_high": high}, "it", written)
    return Share(value, low, high, n, words)


def _of_set(name: str, rows: pd.DataFrame, classes: Classes) -> str:
    """The worst class of a set: beside the simulated twins of its recordings, or alone."""
    paired = bool(rows["twin_right"].notna().all())
    shares = {label: _share(part, paired) for label, part in rows.groupby("label")}
    label = min(classes.in_order(shares), key=lambda label: shares[label].value)
    worst = shares[label]
    words = (
        f"{worst.words}, n = {worst.n}, picked afterwards of {len(shares)} {classes.words}."
        f"{classes.worded(_quarters(rows, paired))}"
    )
    if paired:
        whole = f"{name} minus its simulated twins: {_share(rows, paired).words} points. "
        if worst.value < 0:
            return f"{whole}The {classes.word} {label} loses most: {words}"
        return f"{whole}No {classes.word} is read worse than its twins."
    if worst.value == 1:
        return f"No recording of {name} is misread."
    return f"Of {name} the {classes.word} {label} is read worst: {words}"


def _quarters(rows: pd.DataFrame, paired: bool) -> str:
    """The quarters of each class with the fewest and the most events, and whether they differ."""
    counted, beside = ("over_twin", " beside the twin") if paired else ("n_events", "")
    of_class = rows.groupby(["label", "variant", "seed"])[counted]
    place = of_class.rank(pct=True)
    ends = rows[place <= 0.25], rows[place > 0.75]
    if all(map(len, ends)):
        few, many = (_share(part, paired) for part in ends)
        low, high = sorted((few, many))
        verdict = (
            "The number of events goes with it."
            if low.high < high.low
            else "These intervals overlap: the number of events alone doesn't tell why."
        )
        return (
            f" With the fewest events{beside} (a quarter of each digit) the "
            f"{'difference' if paired else 'accuracy'} is {few.words}, with the most "
            f"events{beside} {many.words}. {verdict}"
        )
    return ""
