"""Takes the weights of a variant from what the workflow stored: trains them, or imports a file."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from dvs_snn.files.hashes import sha256_of
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import schema, write_table
from dvs_snn.networks.conversion import load_weights, save_weights
from dvs_snn.networks.devices import choose_device, device_name
from dvs_snn.networks.given_weights import read_given
from dvs_snn.recordings.placement import Placement
from dvs_snn.settings.network_settings import NeuronParameters
from dvs_snn.settings.training_settings import Variant
from dvs_snn.training.loop import EpochRecord, choose_precision, train
from dvs_snn.training.material import Task, open_material
from dvs_snn.training.resumption import ResumeFile, key_of


def train_variant(
    variant: str,
    seed: int,
    network: str,
    n_classes: int,
    settings: Variant,
    neurons: NeuronParameters,
    study_seed: int,
    code: str,
    frames: Path,
    index: Path,
    weights: Path,
    curve: Path,
    progress: Progress,
    step_ms: float | None,
    placements: dict[str, Placement] | None,
    timing: str | None,
    events: Path | None = None,
    table: Path | None = None,
    start: Path | None = None,
    teacher: Path | None = None,
) -> None:
    """Train a network; store the weights of the kept epoch and the curve (rule train).

    A training that was cut off goes on after its last epoch, if task, hash of the code and data are
    the same.
    """
    task = Task(network, settings, neurons, study_seed, seed, n_classes, timing)
    device = choose_device(settings.device, "training.device")
    params = {
        "code": code,
        "task": asdict(task),
        "step_ms": step_ms,
        "placements": {scene: asdict(place) for scene, place in (placements or {}).items()},
        "device": [device.type, device_name(device)],
        "precision": str(choose_precision(settings.precision, device)),
    }
    files = [path for path in (frames, index, events, table, start, teacher) if path]
    resume = ResumeFile(weights.with_name("resume.pt"), key_of(params, files))
    material = open_material(frames, index, events, table, step_ms, placements)
    first, taught = (load_weights(path)[1] if path else None for path in (start, teacher))
    trained = train(task, material, progress, first, taught, resume)
    about = {key: getattr(trained, key) for key in ("device", "precision", "flags", "kept_epoch")}
    save_weights(weights, network, trained.model, **about)
    _write_curve(variant, seed, trained.curve, curve)
    resume.path.unlink(missing_ok=True)


def import_weights(
    variant: str,
    seed: int,
    given: Path,
    network: str,
    n_classes: int,
    weights: Path,
    curve: Path,
    progress: Progress,
) -> None:
    """Take a network's weights from the user's own file (rule import_weights).

    Raises:
        StudyError: the file doesn't hold the weights of this network.
    """
    model = read_given(given, network, n_classes)
    about = {"name": f"weights given for {variant}", "n_files": 1, "sha256": sha256_of(given)}
    save_weights(weights, network, model, given=about)
    _write_curve(variant, seed, [], curve)
    progress.say(f"took the weights of {given}")


def _write_curve(variant: str, seed: int, epochs: Sequence[EpochRecord], path: Path) -> None:
    """Write a training's rows of ``training.csv``."""
    rows = [{"variant": variant, "seed": seed, **vars(record)} for record in epochs]
    write_table(pd.DataFrame(rows, columns=schema("training")), path, "training")
