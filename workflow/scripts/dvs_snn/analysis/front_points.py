"""What every point of every method reads and costs: ``front.csv``; the job that compares them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.analysis.budgets import STATIC_MW, budgets_table
from dvs_snn.analysis.choice import Quoted, cnn_choices
from dvs_snn.analysis.comparison import read_published
from dvs_snn.analysis.equal_accuracy import equal_accuracy_table, fronts_of, rivals_table, sides_of
from dvs_snn.analysis.factors import factors_table
from dvs_snn.analysis.points import (
    CNN_POINT,
    POINT,
    accuracy_intervals,
    mean_points,
    named_points,
    same_point,
    set_points,
)
from dvs_snn.analysis.power import EnergyModel
from dvs_snn.analysis.trials import (
    SPARSE_CNN,
    Trials,
    front_places,
    read_set_readings,
    trials_by_method,
)
from dvs_snn.evaluation.cheapest import undominated
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.files.tables import read_table, schema, write_table
from dvs_snn.settings.guests import NIR
from dvs_snn.settings.set_names import VALIDATION

PUBLISHED = "published"
"""What stands beside the methods in the column `method`."""

CNN_NOTE = "a CNN on frames; its cost is MACs in place of SynOps"
DIFFERS = (
    "{source} ({certainty}): {conditions}. What differs: MNIST-DVS scale 16 in samples of 3,000 "
    "events, 1 ms steps, a network of three convolutions, no edges. Their count includes the input "
    "layer (3,000 x 72 = 0.216 M), as ours does"
)


def _front(points: pd.DataFrame) -> pd.DataFrame:
    """Return the points on the front of validation; `points` (`POINT_COLUMNS`) are of all sets."""
    means = mean_points(points, VALIDATION)
    accuracy = means["accuracy"].to_numpy(np.float64)
    cost = means["synops_per_3000_events"].to_numpy(np.float64)
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


def cnn_points(trials: Mapping[tuple[str, str], Trials], margin: float) -> pd.DataFrame:
    """Return the points of CNNs by frames, kind of MACs and exit, by seed and as means.

    `cnn_choices` says which of them validation chooses. Columns as in ``front.csv``.
    """
    # MACs have prices of their own.
    points = set_points(trials, EnergyModel(0.0))
    means = [mean_points(points, name).assign(set=name) for name in points["set"].unique()]
    points = pd.concat([points, *means], ignore_index=True).assign(chosen=0, on_front=0)
    for (name, method), tried in trials.items():
        if name == VALIDATION:
            measured = tried.measured(tried.as_it_is)
            chosen = cnn_choices(tried.points, method, measured, margin)
            points.loc[_are(points, tried.of_points(np.array(chosen))), "chosen"] = 1
            if method == SPARSE_CNN:
                on_front = tried.of_points(front_places(tried))
                points.loc[_are(points, on_front), "on_front"] = 1
    unpriced = ["energy_per_reading_uj", "power_while_reading_mw", "power_mw"]
    return points.assign(note=CNN_NOTE).drop(columns=unpriced)


def _are(points: pd.DataFrame, trials: Trials) -> pd.Series:
    """Return which rows are the points of CNNs of these trials: bool."""
    columns = ["variant", *CNN_POINT, "exit"]
    asked = named_points(trials.points)[columns].drop_duplicates()
    merged = points[columns].merge(asked, "left", columns, indicator=True)["_merge"]
    return pd.Series((merged == "both").to_numpy(), points.index)


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
    rows = rows.assign(
        on_front=_marked(rows, _front(points)),
        chosen=_marked(rows, marks),
        note="",
        # All networks of a study ran in one timing.
        timing=evaluation.loc[evaluation["scale"].notna(), "timing"].max(),
    )
    rows = pd.concat([rows, cnn, _published_rows(published)], ignore_index=True)
    intervals = [
        (np.nan, np.nan) if pd.isna(n) else wilson_interval(float(share), int(n))
        for share, n in zip(rows["accuracy"], rows["n_symbols"], strict=True)
    ]
    rows["accuracy_low"] = [low for low, _ in intervals]
    rows["accuracy_high"] = [high for _, high in intervals]
    return rows.reindex(columns=list(schema("front")))


def with_trainings(
    front: pd.DataFrame, trials: Mapping[tuple[str, str], Trials], seed: int
) -> pd.DataFrame:
    """Return the front with intervals of mean accuracies over trainings and symbols together."""
    tables = []
    for (name, method), tried in trials.items():
        drawn = tried.measured(tried.weights(seed, "bootstrap of the front")).accuracy
        intervals = accuracy_intervals(drawn, len(tried.symbols), len(tried.seeds))
        points = named_points(tried.points).assign(set=name, method=method)
        points["drawn_low"] = intervals[:, 0]
        points["drawn_high"] = intervals[:, 1]
        tables.append(points)
    if not tables:
        return front
    ends = pd.concat(tables)[["set", *POINT, "drawn_low", "drawn_high"]]
    beside = front.merge(ends, "left", ["set", *POINT])
    is_mean = front["seed"].isna() & beside["drawn_low"].notna()
    for end in ("low", "high"):
        column = f"accuracy_{end}"
        front[column] = front[column].mask(is_mean, beside[f"drawn_{end}"])
    return front


@dataclass(frozen=True)
class CompareJob:
    """What the rule `compare_methods` gives.

    Attributes:
        readings, cnn_readings: files of every network that was trained, and of every CNN.
        evaluation, choice: the tables `evaluation` and `stored_choice`.
        methods: of the variants.
        outputs: the files of the tables ``budgets``, ``front``, ``factors``, ``equal_accuracy`` and
            ``rivals``.
    """

    readings: list[Path]
    cnn_readings: list[Path]
    evaluation: Path
    choice: Path
    published: Path
    energy: EnergyModel
    methods: dict[str, str]
    seed: int
    outputs: dict[str, Path]


def compare_methods(job: CompareJob) -> None:
    """Write the tables that compare methods, and spiking networks with CNNs."""
    evaluation = read_table(job.evaluation, "evaluation")
    evaluation = evaluation[evaluation["method"] != NIR]
    chosen = read_table(job.choice, "stored_choice")
    quoted = Quoted.of(chosen)
    margin = quoted.rows["within_points"].max() / 100 if len(quoted.rows) else 0.0
    trials = trials_by_method(read_set_readings(job.readings), job.methods)
    of_cnns = trials_by_method(read_set_readings(job.cnn_readings), job.methods)
    points = set_points(trials, job.energy)
    cnn = cnn_points(of_cnns, margin)
    front = front_table(points, evaluation, quoted, read_published(job.published), cnn)
    statics = sorted({*STATIC_MW, job.energy.static_power_mw})
    pj = job.energy.energy_per_synop_pj
    sides = sides_of(trials, of_cnns)
    fronts = fronts_of(sides, job.seed)
    tables = {
        "budgets": budgets_table(trials, pj, job.seed, statics),
        "front": with_trainings(front, trials, job.seed),
        "factors": factors_table(trials, chosen, job.seed),
        "equal_accuracy": equal_accuracy_table(fronts),
        "rivals": rivals_table(fronts, sides, front, job.seed),
    }
    for name, table in tables.items():
        write_table(table, job.outputs[name], name)
