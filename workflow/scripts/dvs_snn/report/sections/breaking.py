"""Where recordings are misread: which digits, and with how many events, how long, how large.

N-MNIST's real twins show the symbols of the simulated set `saccades-test`, so each is held against
the simulated recording of its own symbol. So are the recordings of `simulation.sets` against those
of the test set whose scene they change. Other real sets have no pairs.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.evaluation.statistics import paired_interval, wilson_interval
from dvs_snn.report import text
from dvs_snn.report.cells import ordered
from dvs_snn.report.material import Material
from dvs_snn.report.methods import answering
from dvs_snn.report.sections.wrong import MNIST_DVS_SCALE, quoted
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


def context(material: Material) -> dict[str, Any]:
    rows = answering(quoted(material.table("predictions")), material.table("choice"))
    rows = rows[rows["set"] != VALIDATION]
    classes = material.classes
    more = (material.origin.simulation or {}).get("sets") or {}
    test_sets = {name: TEST_SET_OF[own["scene"]] for name, own in more.items()}
    test_sets[REAL_TWINS] = SACCADES_TEST
    groups = [
        group
        for name in ordered(rows["set"])
        if name in test_sets or not material.origin.is_simulated(name)
        for group in _groups(name, _beside_twins(rows, name, test_sets.get(name)), classes)
    ]
    return {"finding": _finding(groups, classes), "table": _table(groups, classes)}


def _beside_twins(rows: pd.DataFrame, name: str, test_set: str | None) -> pd.DataFrame:
    """A set's rows with those of their twins in `test_set`; `twin_right` is empty without one."""
    own = rows[rows["set"] == name]
    twins = rows[rows["set"] == test_set]
    twins = twins[["symbol", "variant", "seed", "right", "n_events"]]
    own = own.merge(
        twins.rename(columns={"right": "twin_right", "n_events": "twin_events"}),
        on=["symbol", "variant", "seed"], how="left",
    )  # fmt: skip
    return own.assign(over_twin=own["n_events"] / own["twin_events"])


def _groups(name: str, rows: pd.DataFrame, classes: Classes) -> Iterator[dict[str, Any]]:
    """All recordings of a set, those of each class, and the ends of each quantity that varies."""
    yield _group(name, ALL, rows)
    if rows["symbol"].nunique() < MIN_SYMBOLS:
        return
    for shown in classes.in_order(rows["label"]):
        yield _group(name, f"{classes.word} {shown}", rows[rows["label"] == shown])
    sizes = rows["recording"].astype(str).str.extract(MNIST_DVS_SCALE, expand=False)
    for size, part in rows.groupby(sizes, sort=True):
        yield _group(name, f"size {int(size)}", part)
    for column, (lowest, highest, apart) in ENDS.items():
        values = rows[column].astype(float)
        if not values.quantile(0.9) >= apart * values.quantile(0.1):
            continue
        place = values.groupby([rows[key] for key in ("label", "variant", "seed")]).rank(pct=True)
        low, high = rows[place <= 0.25], rows[place > 0.75]
        if len(low) and len(high):
            yield _group(name, lowest, low)
            yield _group(name, highest, high)


def _group(name: str, which: str, rows: pd.DataFrame) -> dict[str, Any]:
    """What was read of some recordings of a set: means over the seeds, n counts symbols."""
    right, n = rows["right"].astype(bool), int(rows["symbol"].nunique())
    accuracy = float(right.mean())
    low, high = wilson_interval(accuracy, n)
    found = {
        "set": name, "which": which, "n": n, "events": rows["n_events"].median(),
        "accuracy": accuracy, "accuracy_low": low, "accuracy_high": high,
        "twins": None, "difference": None, "difference_low": None, "difference_high": None,
    }  # fmt: skip
    if rows["twin_right"].isna().any():
        return found
    twin = rows["twin_right"].astype(bool)
    cells = [
        float((one & other).sum()) * n / len(rows)
        for one, other in ((right, twin), (right, ~twin), (~right, twin), (~right, ~twin))
    ]
    low, high = paired_interval(*cells)
    return found | {
        "twins": float(twin.mean()), "difference": accuracy - float(twin.mean()),
        "difference_low": low, "difference_high": high,
    }  # fmt: skip


def _finding(groups: list[dict[str, Any]], classes: Classes) -> str:
    """Which class is read worst, and whether the number of events goes with it."""
    by_set: dict[str, dict[str, dict[str, Any]]] = {}
    for group in groups:
        by_set.setdefault(group["set"], {})[group["which"]] = group
    large = {name: of for name, of in by_set.items() if of[ALL]["n"] >= MIN_SYMBOLS}
    said = [
        _of_twins(of) if of[ALL]["twins"] is not None else _alone(of, classes)
        for of in large.values()
    ]
    if small := [name for name in by_set if name not in large]:
        said.append(
            f"{text.listed(small)} {'holds' if len(small) == 1 else 'hold'} fewer than "
            f"{MIN_SYMBOLS} symbols: too few to say which recordings are misread."
        )
    return " ".join(said)


def _of_twins(of: Mapping[str, Mapping[str, Any]]) -> str:
    """A set beside the simulated twins of its recordings."""
    digits = [group for which, group in of.items() if which.startswith("digit ")]
    worst = min(digits, key=lambda group: group["difference"])
    said = f"{worst['set']} minus its simulated twins: {_points(of[ALL])} points. "
    if worst["difference"] >= 0:
        return f"{said}No digit is read worse than its twins."
    return (
        f"{said}The {worst['which']} loses most: {_points(worst)}, n = {worst['n']}, picked "
        f"afterwards of {len(digits)} digits.{_ends(of, (FEWER, MORE), 'difference', _points)}"
    )


def _alone(of: Mapping[str, Mapping[str, Any]], classes: Classes) -> str:
    """A real set without twins."""
    of_classes = [group for which, group in of.items() if which.startswith(f"{classes.word} ")]
    worst = min(of_classes, key=lambda group: group["accuracy"])
    if worst["accuracy"] == 1:
        return f"No recording of {worst['set']} is misread."
    return (
        f"Of {worst['set']} the {worst['which']} is read worst: {_share(worst)}, n = {worst['n']}, "
        f"picked afterwards of {len(of_classes)} {classes.words}."
        f"{classes.worded(_ends(of, (FEWEST, MOST), 'accuracy', _share))}"
    )


def _ends(
    of: Mapping[str, Mapping[str, Any]],
    names: tuple[str, str],
    column: str,
    written: Callable[[Mapping[str, Any]], str],
) -> str:
    """Two quarters beside each other, and whether they differ."""
    if names[0] not in of:
        return ""
    low, high = (of[name] for name in names)
    apart = (
        low[f"{column}_high"] < high[f"{column}_low"]
        or high[f"{column}_high"] < low[f"{column}_low"]
    )
    verdict = (
        "The number of events goes with it."
        if apart
        else "These intervals overlap: the number of events alone doesn't tell why."
    )
    return (
        f" With the {names[0]} (a quarter of each digit) the {column} is {written(low)}, with the "
        f"{names[1]} {written(high)}. {verdict}"
    )


def _points(group: Mapping[str, Any]) -> str:
    return text.interval_of(group, "difference", text.points)


def _share(group: Mapping[str, Any]) -> str:
    return text.interval_of(group, "accuracy")


def _table(groups: list[dict[str, Any]], classes: Classes) -> Markup | None:
    """A row for each group of recordings; the columns of twins only where there are any."""
    paired = any(group["twins"] is not None for group in groups)
    rows = [
        {
            "set": group["set"],
            "recordings": group["which"],
            "n": text.count(group["n"]),
            "events, median": text.count(group["events"]),
            "read right (95 %)": _share(group),
        }
        | (
            {
                "of their simulated twins": text.percent(group["twins"]),
                "difference in points (95 %)": _points(group),
            }
            if paired
            else {}
        )
        for group in groups
    ]
    caption = (
        "Recordings at the quoted point, means over the seeds; n counts symbols. Fewest, most "
        f"and the like are the quarter of each {classes.word} at that end, so {classes.words} "
        "don't mix in"
    )
    if paired:
        caption += ". Simulated twins show the same symbols in a test set"
    return text.table_html(rows, caption, source="predictions")
