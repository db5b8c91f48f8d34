"""Where recordings are misread: which digits, and with how many events, how long, how large.

N-MNIST's real twins show the symbols of the simulated set `saccades-test`, so each is held against
the simulated recording of its own symbol. So are the recordings of `simulation.sets` against those
of the test set whose scene they change. Other real sets have no pairs.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd

from dvs_snn.evaluation.statistics import paired_interval, wilson_interval
from dvs_snn.report import text
from dvs_snn.report.cells import ordered
from dvs_snn.report.sections.wrong import MNIST_DVS_SCALE, answered
from dvs_snn.report.study import FinishedStudy
from dvs_snn.settings.data import Classes
from dvs_snn.settings.set_names import REAL_TWINS, SACCADES_TEST, TEST_SET_OF, VALIDATION

MIN_SYMBOLS = 40
"""A set of fewer says nothing about its digits."""

ALL, FEWEST, MOST = "all", "fewest events", "most events"
FEWER, MORE = "fewest events beside the twin", "most events beside the twin"
ENDS = {
    "n_events": (FEWEST, MOST, 1.0),
    "over_twin": (FEWER, MORE, 1.0),
    "n_steps": ("shortest", "longest", 1.2),
}
"""Column -> names of the recordings of the lowest and of the highest quarter within their digit,
and how many times its lowest tenth the column's highest tenth must be."""

Group = dict[str, Any]
"""What was read of some recordings of a set: a row of the page's table."""


def context(study: FinishedStudy) -> dict[str, Any]:
    rows, classes = answered(study), study.classes
    changed = study.simulation.sets if study.simulation else {}
    test_sets = {name: TEST_SET_OF[each.scene] for name, each in changed.items()}
    test_sets[REAL_TWINS] = SACCADES_TEST
    by_set = {
        name: dict(_groups(_beside_twins(rows, name, test_sets.get(name)), classes))
        for name in ordered(rows["set"])
        if name != VALIDATION and (name in test_sets or not study.origin.is_simulated(name))
    }
    paired = any("difference" in groups[ALL] for groups in by_set.values())
    return {
        "finding": _finding(by_set, classes),
        "paired": paired,
        "rows": pd.DataFrame(
            [
                group | {"set": name, "which": which}
                for name, groups in by_set.items()
                for which, group in groups.items()
            ]
        ),
    }


def _beside_twins(rows: pd.DataFrame, name: str, test_set: str | None) -> pd.DataFrame:
    """A set's rows with those of their twins in `test_set`; `twin_right` is empty without one."""
    symbol = ["symbol", "variant", "seed"]
    twins = rows.loc[rows["set"] == test_set, [*symbol, "right", "n_events"]]
    twins = twins.rename(columns={"right": "twin_right", "n_events": "twin_events"})
    rows = rows[rows["set"] == name].merge(twins, on=symbol, how="left")
    return rows.assign(over_twin=rows["n_events"] / rows["twin_events"])


def _groups(rows: pd.DataFrame, classes: Classes) -> Iterator[tuple[str, Group]]:
    """All recordings of a set, those of each class, and the ends of each quantity that varies."""
    yield ALL, _group(rows)
    if rows["symbol"].nunique() < MIN_SYMBOLS:
        return
    for label in classes.in_order(rows["label"]):
        yield f"{classes.word} {label}", _group(rows[rows["label"] == label])
    sizes = rows["recording"].astype(str).str.extract(MNIST_DVS_SCALE, expand=False)
    for size, part in rows.groupby(sizes, sort=True):
        yield f"size {int(size)}", _group(part)
    for column, (lowest, highest, apart) in ENDS.items():
        values = rows[column].astype(float)
        if not values.quantile(0.9) >= apart * values.quantile(0.1):
            continue
        place = values.groupby([rows[key] for key in ("label", "variant", "seed")]).rank(pct=True)
        low, high = rows[place <= 0.25], rows[place > 0.75]
        if len(low) and len(high):
            yield lowest, _group(low)
            yield highest, _group(high)


def _group(rows: pd.DataFrame) -> Group:
    """Means over the seeds; n counts symbols. With twins also the difference to what they read."""
    right, n = rows["right"].astype(bool), int(rows["symbol"].nunique())
    accuracy = float(right.mean())
    low, high = wilson_interval(accuracy, n)
    group = {"n": n, "events": rows["n_events"].median()}
    group |= {"accuracy": accuracy, "accuracy_low": low, "accuracy_high": high}
    group["read"] = text.interval_of(group)
    if rows["twin_right"].isna().any():
        return group
    twin = rows["twin_right"].astype(bool)
    cells = (right & twin, right & ~twin, ~right & twin, ~right & ~twin)
    low, high = paired_interval(*(float(cell.sum()) * n / len(rows) for cell in cells))
    difference = accuracy - float(twin.mean())
    group |= {"difference": difference, "difference_low": low, "difference_high": high}
    return group | {"twins": text.percent(twin.mean()), "points": _points(group)}


def _finding(by_set: Mapping[str, Mapping[str, Group]], classes: Classes) -> str:
    """Which class is read worst, and whether the number of events goes with it."""
    small = [name for name, groups in by_set.items() if groups[ALL]["n"] < MIN_SYMBOLS]
    sentences = [
        _of_set(name, groups, classes) for name, groups in by_set.items() if name not in small
    ]
    if small:
        sentences.append(
            f"{text.listed(small)} {'holds' if len(small) == 1 else 'hold'} fewer than "
            f"{MIN_SYMBOLS} symbols: too few to say which recordings are misread."
        )
    return " ".join(sentences)


def _of_set(name: str, groups: Mapping[str, Group], classes: Classes) -> str:
    """The worst class of a set: beside the simulated twins of its recordings, or alone."""
    paired = "twins" in groups[ALL]
    column, written = ("difference", _points) if paired else ("accuracy", text.interval_of)
    of_classes = {which: groups[which] for which in groups if which.startswith(f"{classes.word} ")}
    which, worst = min(of_classes.items(), key=lambda item: item[1][column])
    ends = (FEWER, MORE) if paired else (FEWEST, MOST)
    words = (
        f"{written(worst)}, n = {worst['n']}, picked afterwards of {len(of_classes)} "
        f"{classes.words}.{classes.worded(_ends(groups, ends, column, written))}"
    )
    if paired:
        whole = f"{name} minus its simulated twins: {_points(groups[ALL])} points. "
        is_worse = worst[column] < 0
        loses = f"The {which} loses most: {words}"
        return whole + (loses if is_worse else "No digit is read worse than its twins.")
    if worst[column] == 1:
        return f"No recording of {name} is misread."
    return f"Of {name} the {which} is read worst: {words}"


def _ends(
    groups: Mapping[str, Group],
    names: tuple[str, str],
    column: str,
    written: Callable[[Group], str],
) -> str:
    """Two quarters beside each other, and whether they differ."""
    if names[0] not in groups:
        return ""
    low, high = sorted((groups[name] for name in names), key=lambda group: group[column])
    apart = low[f"{column}_high"] < high[f"{column}_low"]
    verdict = (
        "The number of events goes with it."
        if apart
        else "These intervals overlap: the number of events alone doesn't tell why."
    )
    few, many = names
    return (
        f" With the {few} (a quarter of each digit) the {column} is {written(groups[few])}, with "
        f"the {many} {written(groups[many])}. {verdict}"
    )


def _points(group: Group) -> str:
    return text.interval_of(group, "difference", text.points)
