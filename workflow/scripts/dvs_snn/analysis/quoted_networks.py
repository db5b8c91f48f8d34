"""The job that chooses on validation, and lists the networks that tables and page quote."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.analysis.choice import Quoted, choose_points
from dvs_snn.analysis.trials import CNN, Point, Trials, Weights, read_set_readings, trials_by_method
from dvs_snn.evaluation.cheapest import pick
from dvs_snn.evaluation.frame_choice import pick_frames
from dvs_snn.evaluation.readings import read_readings
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import schema, write_table
from dvs_snn.settings.set_names import VALIDATION
from dvs_snn.settings.sweep import Choice

GOALS = (0.96, 0.97)
"""Shares of the validation recordings: the page quotes the cheapest point that reads as many."""


def cheapest_reaching(accuracy: np.ndarray, cost: np.ndarray, share: float) -> int | None:
    """Return the place of the cheapest point that reads a share, all (point,); None: none does."""
    reaches = accuracy >= share
    return int(np.where(reaches, cost, np.inf).argmin()) if reaches.any() else None


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

    These are the chosen ones, those of the points that reach `GOALS`, and the CNN in the frames
    that validation picks.
    """
    trials = trials_by_method(read_set_readings(job.readings, [VALIDATION]), job.methods)
    choice = choose_points(trials, job.rule, job.seed)
    write_table(choice, job.choice, "stored_choice")

    points = [*Quoted.of(choice).points.values(), *_reaching_goals(trials.values())]
    networks = sorted({(point.variant, point.scale) for point in points})
    rows: list[dict[str, object]] = [
        {"variant": variant, "scale": scale} for variant, scale in networks
    ]
    rows += [{"frames": frames} for frames in sorted(set(_cnn_frames(job)))]
    table = pd.DataFrame(rows, columns=list(schema("quoted_networks")))
    write_table(table, job.quoted, "quoted_networks")
    progress.say(f"{len(choice)} choices, {len(networks)} networks quoted")


def _reaching_goals(trials: Iterable[Trials]) -> Iterator[Point]:
    """Yield the points of least SynOps a reading that reach `GOALS`, means over the trainings."""
    points: list[Point] = []
    accuracy = [np.zeros(0)]
    per_reading = [np.zeros(0)]
    for tried in trials:
        measured = tried.measured(_as_it_is(tried))
        points += tried.points
        accuracy.append(measured.accuracy[0])
        per_reading.append(measured.per_reading[0])
    for share in GOALS:
        place = cheapest_reaching(np.concatenate(accuracy), np.concatenate(per_reading), share)
        if place is not None:
            yield points[place]


def _cnn_frames(job: ChooseJob) -> Iterator[str]:
    """Yield the names of the frames in which tables and page tell of the CNN.

    Of each training those that it reads best in; and of each variant and kind of MACs, over all
    trainings, those of the best point to the end and of the cheapest exit near the best.
    """
    for path in job.cnn_readings:
        frames = pick_frames(read_readings(path, [VALIDATION]))
        if frames:
            yield frames
    readings = read_set_readings(job.cnn_readings, [VALIDATION])
    for (_, method), tried in trials_by_method(readings, job.methods).items():
        if method != CNN:
            continue
        measured = tried.measured(_as_it_is(tried))
        kinds = [(point.variant, point.macs, point.exit is None) for point in tried.points]
        for kind in set(kinds):
            places = np.array([place for place, each in enumerate(kinds) if each == kind])
            margin = 0.0 if kind[-1] else job.rule.margin
            best = pick(measured.accuracy[0, places], measured.cost[0, places], margin)
            yield tried.points[places[best]].frames


def _as_it_is(trials: Trials) -> Weights:
    """Return weights of one draw, in which each symbol and training counts once."""
    return Weights(np.ones((1, len(trials.symbols))), np.ones((1, len(trials.seeds))))
