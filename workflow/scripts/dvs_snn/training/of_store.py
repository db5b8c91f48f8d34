"""Trains a variant of the study on what the workflow stored."""

import importlib
from dataclasses import asdict
from pathlib import Path

from torch import nn

from dvs_snn.files.job import Progress
from dvs_snn.networks.conversion import load_weights
from dvs_snn.networks.devices import choose_device, device_name
from dvs_snn.networks.geometry import N_CLASSES
from dvs_snn.recordings.store.frame_store import open_frames, read_index, split_rows
from dvs_snn.settings.conversion import NeuronParameters
from dvs_snn.settings.training import Variant
from dvs_snn.training.loop import Trained, choose_precision, train
from dvs_snn.training.material import Material, StoredMaterial
from dvs_snn.training.measures import dead_units
from dvs_snn.training.resumption import ResumeFile, key_of


def open_material(stored: StoredMaterial, settings: Variant) -> Material:
    """Open what a variant works on, by a module that its job names as text."""
    module = importlib.import_module(f"dvs_snn.training.materials.{settings.material}")
    return module.open_material(stored)


def load_networks(stored: StoredMaterial) -> tuple[nn.Sequential | None, nn.Sequential | None]:
    """Load the network from which a training starts, and its teacher; None without such a file."""
    start, teacher = (
        load_weights(path)[1] if path else None for path in (stored.start, stored.teacher)
    )
    return start, teacher


def train_on_store(
    name: str,
    stored: StoredMaterial,
    settings: Variant,
    neurons: NeuronParameters,
    seed: int,
    replicate: int,
    progress: Progress,
    resume_path: Path | None = None,
    code: str = "",
    n_classes: int = N_CLASSES,
) -> Trained:
    """Train on stored frames or recordings and choose the epoch on the validation frames.

    An interrupted training of the same params, hash of the code and data goes on after its last
    epoch, from `resume_path`. The caller deletes that file once the results are written.
    """
    device = choose_device(settings.device, "training.device")
    params = {
        "code": code,
        "network": [name, n_classes],
        "settings": asdict(settings),
        "neurons": asdict(neurons),
        "step_ms": stored.step_ms,
        "placements": {scene: asdict(own) for scene, own in stored.placements.items()},
        "seed": seed,
        "replicate": replicate,
        "device": [device.type, device_name(device)],
        "precision": str(choose_precision(settings.precision, device)),
    }
    resume = None
    if resume_path:
        resume = ResumeFile(resume_path, key_of(params, stored.files()))
    start, teacher = load_networks(stored)
    material = open_material(stored, settings)
    trained = train(
        name, material, settings, neurons, start, seed, replicate, progress, resume, teacher,
        n_classes,
    )  # fmt: skip
    index = read_index(stored.index, ["split"])
    rows = split_rows(index, "validation")
    if len(rows):
        dead = dead_units(name, trained.model, open_frames(stored.frames), rows)
        told = ", ".join(f"{layer} {n} of {units}" for layer, (n, units) in dead.items())
        progress.say(f"units that no validation frame drives above zero: {told}")
    return trained
