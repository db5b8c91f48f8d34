"""The job that chooses on validation, and lists the networks that tables and page quote."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dvs_snn.evaluation.frame_choice import pick_frames
from dvs_snn.evaluation.readings import read_readings
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import schema, write_table
from dvs_snn.points.choice import Quoted, choose_points, cnn_choices
from dvs_snn.points.front import fronts_of_validation, grouped, of_cnn
from dvs_snn.points.point import NONZERO_MACS, SPARSE_CNN, Point
from dvs_snn.points.trials import read_trials
from dvs_snn.settings.set_names import VALIDATION
from dvs_snn.settings.sweep import Choice
from dvs_snn.settings.training_settings import RESCALED


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
    seed: int
    choice: Path
    quoted: Path


def choose_on_validation(job: ChooseJob, progress: Progress) -> None:
    """Choose from the readings of validation, and list the networks that are quoted.

    These are the chosen ones, the CNNs beside them, and the sparse CNNs of validation's front.
    """
    tried = read_trials(job.readings, job.methods, [VALIDATION])
    choice = choose_points(tried, job.rule, job.seed)
    write_table(choice, job.choice, "stored_choice")

    tried_cnns = read_trials(job.cnn_readings, job.methods, [VALIDATION])
    chosen = {(point.variant, point.scale, "") for point in Quoted.of(choice).points.values()}
    chosen |= set(_frames_beside(job))
    for (_, method), trials in tried_cnns.items():
        chosen |= _keys(cnn_choices(trials, method, job.rule.margin))
    fronts = fronts_of_validation(grouped(tried_cnns, job.methods))
    on_front = _keys(fronts.get(of_cnn(SPARSE_CNN, NONZERO_MACS), []))
    rows = [(*key, int(key in chosen)) for key in sorted(chosen | on_front)]
    table = pd.DataFrame(rows, columns=list(schema("quoted_networks")))
    write_table(table, job.quoted, "quoted_networks")
    progress.say(f"{len(choice)} choices, {len(table)} networks quoted")


def _keys(points: Iterable[Point]) -> set[tuple[str, float, str]]:
    """Return variant, scale and frames of each point."""
    return {(point.variant, point.scale, point.frames) for point in points}


def _frames_beside(job: ChooseJob) -> Iterator[tuple[str, float, str]]:
    """Yield variant, scale and frames of each CNN that stands beside the networks made from it."""
    for path in job.cnn_readings:
        for table in read_readings(path, [VALIDATION]):
            variant = str(table["variant"].iloc[0])
            frames = pick_frames([table])
            if job.methods[variant] == RESCALED and frames:
                yield variant, float(table["scale"].iloc[0]), frames
