"""What every point of every method reads and costs: ``front.csv``; the job that compares them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd

from dvs_snn.analysis.budgets import STATIC_MW, budgets_table
from dvs_snn.analysis.choice import Quoted, cnn_choices
from dvs_snn.analysis.comparison import read_published
from dvs_snn.analysis.equal_accuracy import equal_accuracy_table, fronts_of, rivals_table, sides_of
from dvs_snn.analysis.factors import factors_table
from dvs_snn.analysis.points import POINT, accuracy_intervals, mean_points, set_points
from dvs_snn.analysis.power import EnergyModel
from dvs_snn.analysis.trials import SPARSE_CNN, Point, Trials, front_of, read_trials
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


MethodPoint = tuple[str, Point]
"""A point and its method."""


def _front(points: pd.DataFrame) -> set[MethodPoint]:
    """Return the points on the front of validation; `points` (`POINT_COLUMNS`) are of all sets."""
    means = mean_points(points, VALIDATION)
    accuracy = means["accuracy"].to_numpy(np.float64)
    cost = means["synops_per_3000_events"].to_numpy(np.float64)
    to_the_end = means["exit"].isna().to_numpy()
    of_networks = undominated(accuracy, cost, to_the_end)
    of_all = undominated(accuracy, cost, np.ones_like(to_the_end))
    return set(_named(means[np.where(to_the_end, of_networks, of_all)]))


def _named(rows: pd.DataFrame) -> list[MethodPoint]:
    """Return which method's point each row is."""
    return [(row["method"], Point.of(row)) for row in rows.to_dict("records")]


def _marked(rows: pd.DataFrame, points: Collection[MethodPoint]) -> list[int]:
    """Return 1 at the rows of these points, else 0."""
    return [int(named in points) for named in _named(rows)]


def cnn_points(trials: Mapping[tuple[str, str], Trials], margin: float) -> pd.DataFrame:
    """Return the points of CNNs by frames, kind of MACs and exit, by seed and as means.

    `cnn_choices` says which of them validation chooses. Columns as in ``front.csv``.
    """
    # MACs have prices of their own.
    points = set_points(trials, EnergyModel(0.0))
    means = [mean_points(points, name).assign(set=name) for name in points["set"].unique()]
    points = pd.concat([points, *means], ignore_index=True)
    chosen: set[MethodPoint] = set()
    on_front: set[MethodPoint] = set()
    for (name, method), tried in trials.items():
        if name == VALIDATION:
            chosen |= {(method, point) for point in cnn_choices(tried, method, margin)}
            if method == SPARSE_CNN:
                on_front |= {(method, point) for point in front_of(tried)}
    marked = points.assign(
        chosen=_marked(points, chosen), on_front=_marked(points, on_front), note=CNN_NOTE
    )
    return marked.drop(columns=["energy_per_reading_uj", "power_while_reading_mw", "power_mw"])


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
    drawn: Mapping[tuple[str, str, Point], tuple[float, float]] = MappingProxyType({}),
) -> pd.DataFrame:
    """Return ``front.csv``: every method's points, the CNN at its MACs, the published points.

    Validation chose the points and the front; each other set was measured once. Without a choice
    the points that ``evaluation.csv`` marks are marked here too.

    Args:
        points: of all methods and sets, columns `POINT_COLUMNS`.
        cnn: `cnn_points`.
        drawn: `drawn_intervals`, for means over trainings; other rows have Wilson's.
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
    rows = rows.assign(
        on_front=_marked(rows, _front(points)),
        chosen=_marked(rows, set(_named(marks))),
        note="",
        # All networks of a study ran in one timing.
        timing=evaluation.loc[evaluation["scale"].notna(), "timing"].max(),
    )
    rows = pd.concat([rows, cnn, _published_rows(published)], ignore_index=True)
    intervals = []
    for row in rows.to_dict("records"):
        key = (row["set"], row["method"], Point.of(row))
        if pd.isna(row["n_symbols"]):
            intervals.append((np.nan, np.nan))
        elif pd.isna(row["seed"]) and key in drawn:
            intervals.append(drawn[key])
        else:
            intervals.append(wilson_interval(row["accuracy"], int(row["n_symbols"])))
    rows["accuracy_low"] = [low for low, _ in intervals]
    rows["accuracy_high"] = [high for _, high in intervals]
    return rows.reindex(columns=list(schema("front")))


def drawn_intervals(
    trials: Mapping[tuple[str, str], Trials], seed: int
) -> dict[tuple[str, str, Point], tuple[float, float]]:
    """Return the 95 % interval of each point's accuracy, by set, method and point.

    A bootstrap draws trainings and symbols at once.
    """
    intervals = {}
    for (name, method), tried in trials.items():
        drawn = tried.measured(tried.weights(seed, "bootstrap of the front")).accuracy
        ends = accuracy_intervals(drawn, len(tried.symbols), len(tried.seeds))
        for point, (low, high) in zip(tried.points, ends.tolist(), strict=True):
            intervals[name, method, point] = (low, high)
    return intervals


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
    trials = read_trials(job.readings, job.methods)
    of_cnns = read_trials(job.cnn_readings, job.methods)
    front = front_table(
        set_points(trials, job.energy),
        evaluation,
        quoted,
        read_published(job.published),
        cnn_points(of_cnns, margin),
        drawn_intervals(trials, job.seed),
    )
    statics = sorted({*STATIC_MW, job.energy.static_power_mw})
    pj = job.energy.energy_per_synop_pj
    sides = sides_of(trials, of_cnns, job.methods)
    fronts = fronts_of(sides, job.seed)
    tables = {
        "budgets": budgets_table(trials, pj, job.seed, statics),
        "front": front,
        "factors": factors_table(trials, chosen, job.seed),
        "equal_accuracy": equal_accuracy_table(fronts),
        "rivals": rivals_table(fronts, sides, front, job.seed),
    }
    for name, table in tables.items():
        write_table(table, job.outputs[name], name)
