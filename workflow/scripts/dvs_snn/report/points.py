"""Points of the front: those that the first sentences quote, the CNN, and all as charts show."""

import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from dvs_snn.evaluation.choosing.points import POINT
from dvs_snn.evaluation.choosing.trials import EARLY_EXIT
from dvs_snn.networks.synops import DENSE, NONZERO
from dvs_snn.report import chart
from dvs_snn.report.cells import flagged, is_known, network_names, ordered, point_text
from dvs_snn.report.chart import Chart, alt
from dvs_snn.report.style import INK, method_name
from dvs_snn.settings.set_names import VALIDATION
from dvs_snn.tables.budgets import ENERGY
from dvs_snn.tables.front import CNN, undominated

GOALS = (0.96, 0.97)


class Goal(NamedTuple):
    """A share that validation shall read right, and the cheapest point that does."""

    share: float
    # The point's row of another set; None: no point reaches the share.
    point: pd.Series | None


def goals(front: pd.DataFrame, name: str) -> list[Goal]:
    """Pick the cheapest point for each of `GOALS` on validation; give its row of the set `name`.

    Both rows are means over the seeds. Empty without validation.
    """
    means = front[front["seed"].isna() & front["scale"].notna()]
    tried = means.loc[means["set"] == VALIDATION, [*POINT, "accuracy", ENERGY]]
    both = tried.merge(means[means["set"] == name], on=POINT, suffixes=("_tried", ""))
    if both.empty:
        return []
    picked = []
    for share in GOALS:
        enough = both[both["accuracy_tried"] >= share]
        place = enough[f"{ENERGY}_tried"].idxmin() if len(enough) else None
        picked.append(Goal(share, None if place is None else both.loc[place]))
    return picked


def reaching(front: pd.DataFrame, name: str) -> list[pd.Series]:
    """The points of `goals` that there are; a point that reaches both shares stands once."""
    points = [goal.point for goal in goals(front, name) if goal.point is not None]
    return points[:1] + [each for each in points[1:] if not each[POINT].equals(points[0][POINT])]


def cnn_on(front: pd.DataFrame, name: str, stops: bool = False) -> pd.Series | None:
    """The row of the CNN on a set, mean over the seeds; None if it read none of it.

    It reads whole recordings in the frames that validation picks, all its MACs counted; or, if it
    `stops`, to the exit that validation chose, its MACs at activations that aren't 0.
    """
    rows = front[(front["method"] == CNN) & (front["set"] == name) & front["seed"].isna()]
    is_meant = rows["macs"] == (NONZERO if stops else DENSE)
    rows = rows[is_meant & (rows["exit"].notna() == stops)]
    rows = rows.sort_values("chosen", ascending=False, kind="stable")
    return rows.iloc[0] if len(rows) else None


def points_on(points: Sequence[pd.Series], front: pd.DataFrame, name: str | None) -> pd.DataFrame:
    """The rows of some points, the CNN's too, on a set, the cheapest first: means over seeds."""
    same = [*POINT, "ann_frames", "macs"]
    asked = pd.DataFrame(points, columns=front.columns)[same].astype(front.dtypes[same])
    rows = front[(front["set"] == name) & front["seed"].isna()].merge(asked.drop_duplicates())
    return rows.sort_values("energy_per_reading_uj")


def chosen_on(front: pd.DataFrame, name: str | None) -> pd.DataFrame:
    """Points that validation chose, of the spiking networks and the CNN: their means on a set."""
    return front[flagged(front["chosen"]) & front["seed"].isna() & (front["set"] == name)]


def even_price(point: pd.Series, cnn: pd.Series) -> float:
    """How many SynOps of a point cost as much as a MAC where both networks cost the same."""
    synops, macs = (row["synops_per_3000_events"] for row in (point, cnn))
    return synops / macs if macs > 0 else float("nan")


# --- as charts show them --------------------------------------------------------------------------

WAYS = {False: "every MAC", True: "stops early, skips zeros"}
"""How the CNN reads: whole recordings, all its MACs counted, or not."""

SPAN = 0.12
"""How far below the best accuracy the axis reaches: cheaper points aren't worth their savings."""

UJ = "datum.synops * pj * 1e-6 + static_mw * datum.ms"


def shown_points(front: pd.DataFrame, sets: Sequence[str]) -> pd.DataFrame:
    """Points of some sets near the best, means over the trainings, as the charts read them.

    Columns beside the front's: `ms`, `synops` of a reading, `n` symbols, `joined` by a line, and
    `words` of the tooltip. Of early exit only the joined and the chosen ones stand.
    """
    measured = front[front["scale"].notna()]
    measured = measured.assign(joined=joined(measured))
    means = measured[measured["seed"].isna() & measured["set"].isin(sets)]
    is_told = means["joined"] | flagged(means["chosen"])
    means = means[is_told | (means["method"] != EARLY_EXIT)]
    tables = [means.assign(ms=means["time_to_exit_ms"], synops=means["synops_per_reading"])]
    for name, stops in itertools.product(sets, WAYS):
        cnn, of_set = cnn_on(front, name, stops), means[means["set"] == name]
        if cnn is not None and len(of_set):
            # A set's own events make operations of a reading proportional to those of 3,000.
            ratio = of_set["synops_per_reading"] / of_set["synops_per_3000_events"]
            row = {**cnn, "synops": cnn["synops_per_3000_events"] * ratio.median()}
            row |= {"ms": cnn["time_to_exit_ms"], "joined": False, "chosen": 1, "way": WAYS[stops]}
            if not is_known(row["ms"]):
                row["ms"] = of_set["recording_ms"].max()
            tables.append(pd.DataFrame([row]))
    points = pd.concat(tables, ignore_index=True)
    points = points[points["accuracy"] >= points["accuracy"].max() - SPAN]
    names = network_names(front)
    points["point"] = [
        f"{row['way']}, {point_text(row, names)}"
        if row["method"] == CNN
        else point_text(row, names)
        for row in points.to_dict("records")
    ]
    points = points.assign(
        name=points["method"].map(method_name),
        millions=points["synops"] / 1e6,
        n=points["n_symbols"].astype(int),
        is_chosen=flagged(points["chosen"]),
    )
    return chart.worded(
        points,
        "{name}, {point}: {accuracy:.1%} right ({accuracy_low:.1%} to {accuracy_high:.1%}, "
        "n = {n}) with {millions:.3g} M operations in {ms:.0f} ms",
    )


def layers(points: pd.DataFrame, method: tuple[Any, Any]) -> list[Chart]:
    """The lines and marks of one set's `shown_points`."""
    colour, shape = method
    read = alt.Y("accuracy:Q", title="recordings read right")
    # Room for labels, but no tick above all recordings.
    read = read.axis(format="~%", labelExpr="datum.value > 1 ? '' : datum.label")
    read = read.scale(zero=False, padding=22)
    uj = alt.X("uj:Q", title="energy of a reading (µJ)").scale(type="log", nice=False, padding=16)
    uj = uj.axis(format="~r", tickCount=5, labelSeparation=8)

    def at(rows: pd.DataFrame) -> Chart:
        names = ["name", "ms", "synops", "accuracy", "accuracy_low", "accuracy_high", "words"]
        data = rows[names].rename(columns={"name": "method"})
        return alt.Chart(data).transform_calculate(uj=UJ).encode(uj, read, colour)

    chosen, lines = points[points["is_chosen"]], points[points["joined"]]
    ends = alt.Y("accuracy_low:Q", title=""), alt.Y2("accuracy_high:Q")
    return [
        at(lines).mark_line(strokeWidth=2.4).encode(order="synops:Q"),
        at(points[~points["is_chosen"]])
        .mark_point(filled=True, size=40, opacity=0.8)
        .encode(shape, tooltip="words:N"),
        at(chosen).mark_rule(strokeWidth=1.5).encode(*ends),
        at(chosen)
        .mark_point(filled=True, size=200, opacity=1, stroke=INK)
        .encode(shape, tooltip="words:N"),
    ]


def joined(measured: pd.DataFrame) -> pd.Series:
    """Where a point is on its method's front on validation, or on its own set without one: bool."""
    sets = ordered(measured["set"])
    means = measured[measured["seed"].isna()]
    if VALIDATION in sets:
        means = means[means["set"] == VALIDATION]
    on_front = [
        rows[undominated(*rows[["accuracy", ENERGY]].to_numpy().T, np.full(len(rows), True))]
        for _, rows in means.groupby(["set", "method"])
    ]
    key = POINT if VALIDATION in sets else ["set", *POINT]
    merged = measured[key].merge(pd.concat(on_front)[key], how="left", indicator=True)["_merge"]
    return pd.Series((merged == "both").to_numpy(), measured.index)
