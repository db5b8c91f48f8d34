"""What a trained network reads in recordings as they lie and flipped or turned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dvs_snn.evaluation.choosing.choice import best_method
from dvs_snn.events.placement import Placement, place
from dvs_snn.events.steps import bin_steps
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import read_table
from dvs_snn.inference.engines.interface import Spiking, open_spiking
from dvs_snn.inference.engines.registry import engine_of
from dvs_snn.inference.response import decide
from dvs_snn.plausibility.orientations import ORIENTATIONS, together
from dvs_snn.plausibility.pictures import UNKNOWN
from dvs_snn.report.preview.scan import some_rows
from dvs_snn.results.choice import CHOICE_TABLE
from dvs_snn.settings.inference import InferenceSettings
from dvs_snn.settings.sweep import nearest_to_one
from dvs_snn.sources.split_table import open_recording

MOST_RECORDINGS = 100
"""Recordings that the network reads in each orientation."""


@dataclass(frozen=True)
class Trained:
    """A network of a study.

    Attributes:
        file: what its engine runs.
        method: empty where validation chose no scale.
    """

    file: Path
    variant: str
    seed: int
    scale: float
    method: str


@dataclass(frozen=True)
class Reading:
    """What a network makes of one recording in one orientation.

    Attributes:
        predicted: the digit; None for a silent network.
        lead: spikes of the most active output neuron, minus those of the second.
        n_spikes: of all output neurons.
    """

    predicted: int | None
    lead: int
    n_spikes: int


@dataclass(frozen=True)
class Way:
    """An orientation: the settings `flip` and `rotate` that make it, and what is read then."""

    flip: str
    rotate: int
    readings: tuple[Reading, ...]

    @property
    def mean_lead(self) -> float:
        """Return the mean lead over the recordings, in spikes."""
        return float(np.mean([reading.lead for reading in self.readings]))

    def right_share(self, labels: Sequence[int]) -> float | None:
        """Return the share of the labelled recordings that is read right; None without any."""
        judged = [
            reading.predicted == label
            for reading, label in zip(self.readings, labels, strict=True)
            if label != UNKNOWN
        ]
        return float(np.mean(judged)) if judged else None


def trained_network(settings: Mapping[str, Any], results: Path) -> Trained | None:
    """Return the network that gives a study's answer: of the best method, at its chosen scale.

    Where validation chose nothing it is the first variant, at the scale nearest to 1.

    Args:
        settings: the whole study's, as :func:`~dvs_snn.settings.study.as_dict` gives them.
        results: folder of the study's results.

    Returns:
        None if the study hasn't trained it.

    Raises:
        StudyError: its table isn't whole, or the settings name no engine.
    """
    inference, table = settings["inference"], results / "tables" / "choice.csv"
    choice = read_table(table, CHOICE_TABLE) if table.exists() else pd.DataFrame()
    method = "" if choice.empty else best_method(choice)
    if method:
        point = choice[(choice["method"] == method) & (choice["chosen"] == 1)].iloc[0]
        variant, scale = str(point["variant"]), float(point["scale"])
    else:
        variant = min(name for name, own in settings["variants"].items() if own is not None)
        scale = nearest_to_one(settings["sweep"]["scales"])
    suffix = engine_of(inference["engine"], inference["device"]).suffix
    for seed in settings["seeds"]:
        file = results / "networks" / variant / f"seed-{seed}{suffix}"
        if file.exists():
            return Trained(file, variant, seed, scale, method or "")
    return None


def ways_of(where: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Return `flip` and `rotate` of all orientations of recordings, as they lie first."""
    return [together((where["flip"], where["rotate"]), way) for way in ORIENTATIONS]


def read_all_ways(
    network: Spiking,
    rows: pd.DataFrame,
    where: Mapping[str, Any],
    step_us: int,
    progress: Progress,
) -> tuple[list[int], list[Way]]:
    """Let a network read some recordings in every orientation.

    Args:
        rows: of a split table.
        where: how they lie on the network.

    Returns:
        The label of each recording that was read, and the orientations, as they lie first.

    Raises:
        StudyError: a recording is too long, or was altered since it was listed.
    """
    rows, ways = some_rows(rows, MOST_RECORDINGS), ways_of(where)
    found: list[list[Reading]] = [[] for _ in ways]
    with progress.bar(len(rows), "recording", "read in eight orientations") as bar:
        for row in rows.itertuples():
            recording = open_recording(row)
            # One at a time: eight copies of a long recording would fill the memory.
            for own, (flip, rotate) in zip(found, ways, strict=True):
                placed = place(recording, Placement(where["zoom"], rotate, flip))
                (response,) = network.respond([bin_steps(placed, step_us)])
                own.append(reading_of(response.spikes))
            bar.advance(1)
    labels = [int(label) for label in rows["label"]]
    return labels, [Way(*way, tuple(own)) for way, own in zip(ways, found, strict=True)]


def reading_of(spikes: np.ndarray) -> Reading:
    """Return what output spikes (time, class) say."""
    total = spikes.sum(axis=0)
    second, best = np.sort(total)[-2:]
    # The decision doesn't depend on the length of a step.
    return Reading(decide(spikes, 1.0).predicted, int(best - second), int(total.sum()))


def open_trained(trained: Trained, settings: Mapping[str, Any]) -> Spiking:
    """Open a network for the engine of the settings.

    Raises:
        StudyError: its file is damaged.
    """
    own = InferenceSettings(**settings["inference"])
    engine = engine_of(own.engine, own.device).module
    return open_spiking(
        trained.file, trained.scale, engine, own.batch_size, own.compute_threads, own.device
    )
