"""The job that chooses on validation, and which networks that quotes."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dvs_snn.analysis.budgets import ENERGY
from dvs_snn.analysis.choice import Quoted, choose_points
from dvs_snn.analysis.front_points import cnn_points
from dvs_snn.analysis.gathering import picked_readings
from dvs_snn.analysis.points import mean_points, set_points
from dvs_snn.analysis.power import EnergyModel
from dvs_snn.analysis.trials import read_set_readings, trials_by_method
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import schema, write_table
from dvs_snn.settings.set_names import VALIDATION
from dvs_snn.settings.sweep import Choice

GOALS = (0.96, 0.97)
"""Shares of the validation recordings: the page quotes the cheapest point that reads as many."""


def cheapest_reaching(points: pd.DataFrame, share: float) -> pd.Series | None:
    """Return the row of the least energy a reading among those that read a share; None: none."""
    enough = points[points["accuracy"] >= share]
    return points.loc[enough[ENERGY].idxmin()] if len(enough) else None


@dataclass(frozen=True)
class ChooseJob:
    """What the rule `choose` gives.

    Attributes:
        readings: files of all networks that may be chosen.
        cnn_readings: of all CNNs.
        methods: of the variants.
        rule: the rule in force.
        choice, quoted: the files of the tables `stored_choice` and `quoted_networks`.
    """

    readings: list[Path]
    cnn_readings: list[Path]
    methods: dict[str, str]
    rule: Choice
    energy: EnergyModel
    seed: int
    choice: Path
    quoted: Path


def choose_on_validation(job: ChooseJob, progress: Progress) -> None:
    """Choose from the readings of validation, and list the networks that are quoted.

    These are the chosen ones, those of the points that reach `GOALS`, and the CNN in the frames
    that validation picks.
    """
    trials = trials_by_method(read_set_readings(job.readings, [VALIDATION]), job.methods)
    choice = choose_points(trials, job.rule, job.seed)
    write_table(choice, job.choice, "stored_choice")

    networks = {(point.variant, point.scale) for point in Quoted.of(choice).points.values()}
    means = mean_points(set_points(trials, job.energy), VALIDATION)
    for share in GOALS:
        point = cheapest_reaching(means, share)
        if point is not None:
            networks.add((point["variant"], point["scale"]))
    rows = [{"variant": variant, "scale": scale} for variant, scale in sorted(networks)]
    rows += [{"frames": frames} for frames in sorted(_quoted_frames(job))]
    write_table(
        pd.DataFrame(rows, columns=list(schema("quoted_networks"))), job.quoted, "quoted_networks"
    )
    progress.say(f"{len(choice)} choices, {len(networks)} networks quoted")


def _quoted_frames(job: ChooseJob) -> set[str]:
    """Return the names of the frames in which tables and page tell of the CNN."""
    read = read_set_readings(job.cnn_readings, [VALIDATION])
    points = cnn_points(trials_by_method(read, job.methods), job.rule.margin)
    picked = picked_readings(job.cnn_readings, [VALIDATION])
    of_trainings = {str(table["frames"].iloc[0]) for table in picked.values()}
    return of_trainings | set(points.loc[points["chosen"] == 1, "ann_frames"])
