"""What every point of every method reads and costs: ``front.csv``; the job that compares them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.evaluation.choosing.choice import Quoted
from dvs_snn.evaluation.choosing.points import (
    MEANS,
    POINT,
    accuracy_intervals,
    mean_points,
    same_point,
    set_points,
)
from dvs_snn.evaluation.choosing.trials import (
    Reading,
    Trials,
    bootstrap_weights,
    exit_readings,
    pick,
    read_readings,
    trials_by_method,
)
from dvs_snn.evaluation.exits import read_exits
from dvs_snn.evaluation.power import EnergyModel
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.files.tables import read_table, schema, write_table
from dvs_snn.settings.guests import NIR
from dvs_snn.settings.set_names import VALIDATION
from dvs_snn.tables.budgets import STATIC_MW, budgets_table
from dvs_snn.tables.comparison import read_published
from dvs_snn.tables.factors import factors_table

CNN, PUBLISHED = "cnn", "published"
"""What stands beside the methods in the column `method`."""

CNN_NOTE = "the CNN on frames; its cost is MACs in place of SynOps"
DIFFERS = (
    "{source} ({certainty}): {conditions}. What differs: MNIST-DVS scale 16 in samples of 3,000 "
    "events, 1 ms steps, a network of three convolutions, no edges. Their count includes the input "
    "layer (3,000 x 72 = 0.216 M), as ours does"
)


def undominated(accuracy: np.ndarray, cost: np.ndarray, against: np.ndarray) -> np.ndarray:
    """Return which points none of those `against` them beats: all (point,), the last two bool.

    A point beats another if it is as accurate and as cheap, and better in one of both.
    """
    beats = (
        (accuracy >= accuracy[:, None])
        & (cost <= cost[:, None])
        & ((accuracy > accuracy[:, None]) | (cost < cost[:, None]))
        & against
    )
    return ~beats.any(axis=1)


def _front(points: pd.DataFrame) -> pd.DataFrame:
    """Return the points on the front of validation; `points` (`POINT_COLUMNS`) are of all sets."""
    means = mean_points(points, VALIDATION)
    accuracy, cost = means[list(MEANS[:2])].to_numpy(np.float64).T
    to_the_end = means["exit"].isna().to_numpy()
    of_networks = undominated(accuracy, cost, to_the_end)
    of_all = undominated(accuracy, cost, np.ones_like(to_the_end))
    return means.loc[np.where(to_the_end, of_networks, of_all), POINT]


def _marked(rows: pd.DataFrame, points: pd.DataFrame) -> pd.Series:
    """Return 1 at the rows of these points, else 0."""
    is_marked = pd.Series(False, rows.index)
    for point in points.to_dict("records"):
        is_marked |= same_point(rows, point) & (rows["method"] == point["method"])
    return is_marked.astype("Int64")


def cnn_points(paths: Iterable[Path], margin: float) -> pd.DataFrame:
    """Return the CNN's points by frames, kind of MACs and exit, by seed and as means.

    Validation chooses two for each variant and kind of MACs: the best to recordings' ends, and with
    an exit the cheapest within `margin` of the best. Columns as in ``front.csv``.
    """
    readings: list[Reading] = []
    for path in paths:
        for key, exits in read_exits(path):
            name, *about = key["set"].rsplit(", ", 2)
            key = {**key, "set": name, "variant": "\t".join([str(key["variant"]), *about])}
            # The end of recordings is a point as others are: the last lead isn't read.
            readings += exit_readings(key, replace(exits, leads=np.append(exits.leads, np.inf)))
    points = set_points(trials_by_method(readings, {}), EnergyModel(0.0), 1.0)
    means = [mean_points(points, name).assign(set=name) for name in points["set"].unique()]
    points = pd.concat([points, *means], ignore_index=True).assign(chosen=0, method=CNN)
    names = points["variant"].str.split("\t", expand=True).reindex(columns=range(3))
    points[["kind", "ann_frames", "macs"]] = names
    on_validation = points[(points["set"] == VALIDATION) & points["seed"].isna()]
    for _, tried in on_validation.groupby(["kind", "macs"]):
        to_the_end = np.isinf(tried["exit"])
        for rows, within in ((tried[to_the_end], 0.0), (tried[~to_the_end], margin)):
            accuracy, cost = rows[list(MEANS[:2])].to_numpy(np.float64).T
            chosen = rows.iloc[int(pick(accuracy, cost, within))]
            points.loc[same_point(points, chosen), "chosen"] = 1
    # MACs have prices of their own.
    unpriced = ["scale", "energy_per_reading_uj", "power_while_reading_mw", "power_mw"]
    points = points.assign(
        variant=points.pop("kind"), exit=points["exit"].replace(np.inf, np.nan), note=CNN_NOTE
    )
    return points.drop(columns=unpriced)


def _published_rows(published: pd.DataFrame) -> pd.DataFrame:
    """Return the paper's points with what differs, from ``workflow/data/published.tsv``."""
    figures = published.set_index("quantity").sort_index().astype({"value": float})
    points = figures[figures.index.str.fullmatch("sorbaro_.*_accuracy")]
    names = points.index.str.removesuffix("_accuracy")
    rows = {
        "variant": names.str.removeprefix("sorbaro_").str.replace("_", " "),
        "accuracy": points["value"].to_numpy(),
        "synops_per_3000_events": figures.loc[names + "_synops", "value"].to_numpy(),
        "note": [DIFFERS.format(**about) for about in points.to_dict("records")],
    }
    return pd.DataFrame(rows).assign(set="", method=PUBLISHED)


def front_table(
    points: pd.DataFrame,
    evaluation: pd.DataFrame,
    quoted: Quoted,
    published: pd.DataFrame,
    cnn: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return ``front.csv``: every method's points, the CNN at its MACs, the published points.

    Validation chose the points and the front; each other set was measured once. Without a choice
    the points that ``evaluation.csv`` marks are marked here too. `points` are of all methods and
    sets, columns `POINT_COLUMNS`; `cnn` are `cnn_points`.
    """
    tables = []
    # In the order of the evaluation, as the page names them.
    for name in evaluation.loc[evaluation["scale"].notna(), "set"].unique():
        of_set = points[points["set"] == name]
        tables.append(of_set.sort_values([*POINT, "seed"], na_position="first"))
        tables.append(mean_points(points, name).assign(set=name, seed=pd.NA))
    rows = pd.concat(tables, ignore_index=True) if tables else points
    marks = quoted.rows
    if marks.empty:
        marks = evaluation[evaluation["chosen"] == 1].assign(exit=np.nan)
        marks = marks[POINT].drop_duplicates()
    on_front, chosen = (_marked(rows, marked) for marked in (_front(points), marks))
    rows = rows.assign(on_front=on_front, chosen=chosen, note="")
    # All networks of a study ran in one timing.
    rows = rows.assign(timing=evaluation.loc[evaluation["scale"].notna(), "timing"].max())
    rows = pd.concat([rows, cnn, _published_rows(published)], ignore_index=True)
    intervals = [
        (np.nan, np.nan) if pd.isna(n) else wilson_interval(float(share), int(n))
        for share, n in zip(rows["accuracy"], rows["n_symbols"], strict=True)
    ]
    low, high = np.array(intervals).reshape(-1, 2).T
    rows = rows.assign(accuracy_low=low, accuracy_high=high)
    return rows.reindex(columns=list(schema("front")))


def with_trainings(
    front: pd.DataFrame, trials: Mapping[tuple[str, str], Trials], seed: int
) -> pd.DataFrame:
    """Return the front with intervals of mean accuracies over trainings and symbols together."""
    tables = []
    for (name, method), tried in trials.items():
        sizes = len(tried.symbols), len(tried.seeds)
        weights = bootstrap_weights(*sizes, seed, "bootstrap of the front")
        points = pd.DataFrame(tried.points).astype({"exit": float})
        ends = accuracy_intervals(tried.measured(weights).accuracy, *sizes)
        points[["drawn_low", "drawn_high"]] = ends
        tables.append(points.assign(set=name, method=method))
    if not tables:
        return front
    drawn = front.merge(pd.concat(tables), "left", ["set", *POINT])
    is_mean = front["seed"].isna() & drawn["drawn_low"].notna()
    for end in ("low", "high"):
        front[f"accuracy_{end}"] = front[f"accuracy_{end}"].mask(is_mean, drawn[f"drawn_{end}"])
    return front


def compare_methods(
    outcomes: list[Path],
    exits: list[Path],
    cnn_exits: list[Path],
    evaluation: Path,
    choice: Path,
    published: Path,
    energy: EnergyModel,
    step_ms: float,
    methods: dict[str, str],
    seed: int,
    outputs: dict[str, Path],
) -> None:
    """Write ``budgets.csv``, ``front.csv`` and ``factors.csv``, by name to `outputs`.

    `outcomes` and `exits` are of every set and network, `methods` of the variants.
    """
    evaluated, chosen = read_table(evaluation, "evaluation"), read_table(choice, "stored_choice")
    quoted = Quoted.of(chosen)
    evaluated = evaluated[evaluated["method"] != NIR]
    trials = trials_by_method(read_readings(outcomes, exits), methods)
    points = set_points(trials, energy, step_ms)
    statics = sorted({*STATIC_MW, energy.static_power_mw})
    pj = energy.energy_per_synop_pj
    margin = quoted.rows["within_points"].max() / 100 if len(quoted.rows) else 0.0
    cnn = cnn_points(cnn_exits, margin)
    front = front_table(points, evaluated, quoted, read_published(published), cnn)
    tables = {
        "budgets": budgets_table(trials, pj, step_ms, seed, statics),
        "front": with_trainings(front, trials, seed),
        "factors": factors_table(trials, chosen, seed),
    }
    for name, table in tables.items():
        write_table(table, outputs[name], name)
