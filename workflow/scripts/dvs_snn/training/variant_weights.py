"""Takes the weights of a variant from what the workflow stored: trains them, or imports a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dvs_snn.files.hashes import sha256_of
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import schema, write_table
from dvs_snn.networks.conversion import load_weights, save_weights
from dvs_snn.networks.given_weights import read_given
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.store.event_store import open_store
from dvs_snn.training.loop import EpochRecord, train
from dvs_snn.training.material import (
    RecordingMaterial,
    Task,
    TrainingMaterial,
    open_frame_material,
)


@dataclass(frozen=True)
class TrainJob:
    """What the rule `train` gives.

    Attributes:
        frames, index: the frame store; a method on recordings only validates on it.
        events, table: store of the recordings that a method trains on; None: it trains on frames.
        step_ms, placements: of these recordings, the length of a time step, and how they lie on
            the network, by scene; None on frames.
        start: the weights from which the training starts; None: fresh ones.
        teacher: the weights of the CNN whose outputs teach a share of the loss; None: no such.
        weights, curve: what is written: the weights of the epoch that is kept, and all epochs.
    """

    variant: str
    seed: int
    task: Task
    step_ms: float | None
    placements: dict[str, Placement] | None
    frames: Path
    index: Path
    weights: Path
    curve: Path
    events: Path | None = None
    table: Path | None = None
    start: Path | None = None
    teacher: Path | None = None


def train_variant(job: TrainJob, progress: Progress) -> None:
    """Train a network; store the weights of the kept epoch and the curve (rule train)."""
    start = load_weights(job.start)[1] if job.start else None
    teacher = load_weights(job.teacher)[1] if job.teacher else None
    trained = train(job.task, _material_of(job), progress, start, teacher)
    save_weights(
        job.weights,
        job.task.network,
        trained.model,
        device=trained.device,
        precision=trained.precision,
        flags=trained.flags,
        kept_epoch=trained.kept_epoch,
    )
    _write_curve(job.variant, job.seed, trained.curve, job.curve)


def _material_of(job: TrainJob) -> TrainingMaterial:
    """Open what a training reads."""
    of_frames = open_frame_material(job.frames, job.index)
    # The rule gives all four, or none.
    if not (job.events and job.table and job.placements and job.step_ms):
        return of_frames
    recorded = open_store(job.events, job.table, job.placements)
    return RecordingMaterial(recorded, round(job.step_ms * 1000), of_frames)


@dataclass(frozen=True)
class ImportJob:
    """What the rule `import_weights` gives: the user's file `given`, and what is written."""

    variant: str
    seed: int
    given: Path
    network: str
    n_classes: int
    weights: Path
    curve: Path


def import_weights(job: ImportJob, progress: Progress) -> None:
    """Take a network's weights from the user's own file (rule import_weights).

    Raises:
        StudyError: the file doesn't hold the weights of this network.
    """
    model = read_given(job.given, job.network, job.n_classes)
    source = {
        "name": f"weights given for {job.variant}",
        "n_files": 1,
        "sha256": sha256_of(job.given),
    }
    save_weights(job.weights, job.network, model, given=source)
    _write_curve(job.variant, job.seed, [], job.curve)
    progress.say(f"took the weights of {job.given}")


def _write_curve(variant: str, seed: int, epochs: Sequence[EpochRecord], path: Path) -> None:
    """Write a training's rows of ``training.csv``."""
    rows = [{"variant": variant, "seed": seed, **vars(record)} for record in epochs]
    write_table(pd.DataFrame(rows, columns=schema("training")), path, "training")
