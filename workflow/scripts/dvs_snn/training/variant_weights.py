"""Takes the weights of a variant from what the workflow stored: trains them, or imports a file."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd
from torch import nn

from dvs_snn.files.hashes import sha256_of
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import schema, write_table
from dvs_snn.networks.conversion import load_weights, save_weights
from dvs_snn.networks.devices import choose_device, device_name
from dvs_snn.networks.given_weights import read_given
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.store.event_store import open_store
from dvs_snn.training.loop import EpochRecord, choose_precision, train
from dvs_snn.training.material import (
    RecordingMaterial,
    Task,
    TrainingMaterial,
    open_frame_material,
)
from dvs_snn.training.resumption import ResumeFile, key_of


@dataclass(frozen=True)
class TrainJob:
    """What the rule `train` gives.

    Attributes:
        code: hash of the code that trains; a resumed training needs the same.
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
    code: str
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
    """Train a network; store the weights of the kept epoch and the curve (rule train).

    A training that was cut off goes on after its last epoch, if task, hash of the code and data are
    the same.
    """
    resume = ResumeFile(job.weights.with_name("resume.pt"), _key_of(job))
    trained = train(
        job.task,
        _material_of(job),
        progress,
        start=_network_of(job.start),
        teacher=_network_of(job.teacher),
        resume=resume,
    )
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
    resume.path.unlink(missing_ok=True)


def _key_of(job: TrainJob) -> str:
    """Return the key of all that a training's weights depend on."""
    settings = job.task.settings
    device = choose_device(settings.device, "training.device")
    params = {
        "job": asdict(job),
        "device": [device.type, device_name(device)],
        "precision": str(choose_precision(settings.precision, device)),
    }
    files = [job.frames, job.index, job.events, job.table, job.start, job.teacher]
    return key_of(params, [path for path in files if path])


def _material_of(job: TrainJob) -> TrainingMaterial:
    """Open what a training reads."""
    of_frames = open_frame_material(job.frames, job.index)
    if job.events is None:
        return of_frames
    # The rule gives all four, or none.
    assert job.table
    assert job.placements
    assert job.step_ms
    recorded = open_store(job.events, job.table, job.placements)
    return RecordingMaterial(recorded, round(job.step_ms * 1000), of_frames)


def _network_of(weights: Path | None) -> nn.Sequential | None:
    return None if weights is None else load_weights(weights)[1]


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
