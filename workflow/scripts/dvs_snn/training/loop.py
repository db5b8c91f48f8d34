"""Training the CNN on accumulated frames."""

import importlib
import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, astuple, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.optim import lr_scheduler
from torch.optim.swa_utils import AveragedModel

from dvs_snn.datasets.frame_store import open_frames, read_index, split_rows
from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Bar, Progress
from dvs_snn.files.randomness import generator, integer_seed
from dvs_snn.networks.architectures import N_CLASSES, build_network
from dvs_snn.networks.devices import choose_device, device_name, make_repeatable
from dvs_snn.settings.training import TrainingSettings
from dvs_snn.training.augmentation import random_affine
from dvs_snn.training.freed_memory import keep_freed_memory
from dvs_snn.training.measures import dead_units, frame_accuracy, load_batch
from dvs_snn.training.pooling import with_rectified_pooling
from dvs_snn.training.resumption import ResumeFile, TrainingState, key_of

_log = logging.getLogger(__name__)

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class EpochRecord:
    """One row of the training curve; accuracies are shares of frames."""

    epoch: int
    loss: float
    train_accuracy: float
    validation_accuracy: float


@dataclass(frozen=True, eq=False)
class Trained:
    """A trained network: the weights of the epoch that was kept, and the curve of all.

    Attributes:
        device: `device_name` of where it was trained.
        precision: type of the activations.
        flags: what `make_repeatable` set.
    """

    model: nn.Sequential
    kept_epoch: int
    curve: list[EpochRecord]
    device: str
    precision: str
    flags: dict[str, str]


def load_loss(name: str) -> Loss:
    """Import the loss that the setting `training.loss` names, by its module's file name."""
    return importlib.import_module(f"dvs_snn.training.losses.{name.replace('-', '_')}").loss


def choose_precision(wanted: str, device: torch.device) -> torch.dtype:
    """Return the type of the activations in training: what is wanted, ``auto`` by the hardware."""
    if wanted != "auto":
        return torch.bfloat16 if wanted == "bfloat16" else torch.float32
    if device.type == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    elif device.type == "mps":
        native = False
    else:
        # No public function tells; a version without this one trains in float32.
        native = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)()
    return torch.bfloat16 if native else torch.float32


def set_dropout(model: nn.Module, share: float | None) -> None:
    """Let every dropout layer drop `share`; None changes nothing."""
    for module in model.modules():
        if share is not None and isinstance(module, nn.Dropout | nn.Dropout2d):
            module.p = share


def schedule_of(
    optimizer: torch.optim.Optimizer, settings: TrainingSettings, steps: int
) -> lr_scheduler.LRScheduler:
    """Return the course of the step size over `steps` steps: warm-up, then the schedule."""
    rising = round(settings.warmup * steps)
    course = (
        lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps - rising)
        if settings.schedule == "cosine"
        else lr_scheduler.ConstantLR(optimizer, factor=1.0)
    )
    if not rising:
        return course
    rise = lr_scheduler.LinearLR(optimizer, start_factor=1 / rising, total_iters=rising - 1)
    return lr_scheduler.SequentialLR(optimizer, [rise, course], milestones=[rising])


def average_of(model: nn.Sequential, decay: float) -> AveragedModel:
    """Return a running average of a network's weights, to be updated after every step.

    The average forgets a share of 1 - `decay` per step, and more at first: else it would still hold
    initial weights after a short training.

    Source: Polyak and Juditsky 1992, SIAM J. Control Optim. 30:838; the warm-up as in TensorFlow's
    ExponentialMovingAverage.
    """

    def update(averages: list, weights: list, n_averaged: torch.Tensor) -> None:
        n = int(n_averaged)
        torch._foreach_lerp_(averages, weights, 1 - min(decay, (1 + n) / (10 + n)))

    return AveragedModel(model, multi_avg_fn=torch.no_grad()(update))


def train(
    name: str,
    frames: np.ndarray,
    labels: np.ndarray,
    train_rows: np.ndarray,
    validation_rows: np.ndarray,
    settings: TrainingSettings,
    seed: int,
    replicate: int,
    progress: Progress,
    resume: ResumeFile | None = None,
) -> Trained:
    """Train the network `name` with Adam and the loss that the settings name.

    Args:
        frames: uint8 (frame, channel, height, width), may be memory-mapped.
        labels: int64 (frame,), the digit of each frame.
        train_rows, validation_rows: int64 row numbers into `frames`.
        seed, replicate: the study's seed and the number of this training.
        resume: file that keeps the state after each epoch. If it belongs to this training, the
            training goes on from it, with the same result to the byte.

    Returns:
        The weights of the epoch with the best validation accuracy (the earlier on a tie). The last
        epoch's weights if the settings say so or there are no validation frames.

    Raises:
        StudyError: the loss isn't finite, all outputs died, or the device isn't visible.
    """
    torch.set_num_threads(settings.compute_threads)
    keep_freed_memory()
    device = choose_device(settings.device, "training.device")
    flags = make_repeatable(device)
    precision = choose_precision(settings.precision, device)
    loss_of = load_loss(settings.loss)
    affine = torch.Generator().manual_seed(integer_seed(seed, "affine", replicate))
    # Initial weights and dropout have no generator argument in torch: fork its global one.
    with torch.random.fork_rng(devices=[0] if device.type == "cuda" else []):
        torch.manual_seed(integer_seed(seed, "weights and dropout", replicate))
        model = build_network(name).to(device, memory_format=torch.channels_last)
        set_dropout(model, settings.dropout)
        optimizer = torch.optim.Adam(model.parameters(), lr=settings.learning_rate, fused=True)
        steps = math.ceil(len(train_rows) / settings.batch_size) * settings.epochs
        scheduler = schedule_of(optimizer, settings, steps)
        average = average_of(model, settings.averaging) if settings.averaging else None
        kept = average.module if average else model
        curve: list[EpochRecord] = []
        kept_weights: dict[str, torch.Tensor] = {}
        kept_accuracy = -1.0
        kept_epoch = 0
        shuffle = generator(seed, "shuffle", replicate)
        state = TrainingState(model, optimizer, scheduler, average, shuffle, affine, device)
        if resume and (course := resume.restore(state)):
            curve = [EpochRecord(*row) for row in course["curve"]]
            kept_weights, kept_accuracy, kept_epoch = course["kept"]
            progress.say(f"goes on after epoch {len(curve)}, where it was cut off")
        n_left = len(train_rows) * (settings.epochs - len(curve))
        with progress.bar(n_left, "frame", f"seed {replicate}") as bar:
            for epoch in range(len(curve) + 1, settings.epochs + 1):
                loss, train_accuracy = _train_epoch(
                    state, frames, labels, train_rows, settings, loss_of, precision, bar, epoch
                )
                accuracy = frame_accuracy(
                    kept, frames, validation_rows, labels, settings.batch_size
                )
                curve.append(EpochRecord(epoch, loss, train_accuracy, accuracy))
                progress.say(
                    f"epoch {epoch} of {settings.epochs}: loss {loss:.4f}, accuracy on "
                    f"training frames {train_accuracy:.4f}, on validation frames {accuracy:.4f}"
                )
                is_last = settings.keep == "last" or math.isnan(accuracy)
                if is_last or accuracy > kept_accuracy:
                    kept_accuracy, kept_epoch = accuracy, epoch
                    kept_weights = {
                        key: value.detach().cpu().clone()
                        for key, value in kept.state_dict().items()
                    }
                if resume:
                    course = {
                        "curve": [astuple(record) for record in curve],
                        "kept": (kept_weights, kept_accuracy, kept_epoch),
                    }
                    resume.save(state, course)
    model = model.cpu()
    model.load_state_dict(kept_weights)
    name_of_precision = str(precision).removeprefix("torch.")
    return Trained(model.eval(), kept_epoch, curve, device_name(device), name_of_precision, flags)


def _train_epoch(
    state: TrainingState,
    frames: np.ndarray,
    labels: np.ndarray,
    train_rows: np.ndarray,
    settings: TrainingSettings,
    loss_of: Loss,
    precision: torch.dtype,
    bar: Bar,
    epoch: int,
) -> tuple[float, float]:
    """Train one epoch; return its mean loss and its accuracy on the augmented frames."""
    model, device = state.model, state.device
    model.train()
    # The last module is the final ReLU, as describe_layers checks.
    part = with_rectified_pooling(model if settings.loss_on == "outputs" else model[:-1])
    order = state.shuffle.permutation(train_rows)
    total = correct = 0.0
    alive = torch.zeros(N_CLASSES, dtype=torch.bool, device=device)
    for start in range(0, len(order), settings.batch_size):
        rows = order[start : start + settings.batch_size]
        batch = random_affine(load_batch(frames, rows, device), settings.affine, state.affine)
        target = torch.from_numpy(labels[rows]).to(device)
        state.optimizer.zero_grad(set_to_none=True)
        with torch.autocast(device.type, torch.bfloat16, enabled=precision == torch.bfloat16):
            outputs = part(batch).float()
        loss = loss_of(outputs, target)
        loss.backward()
        state.optimizer.step()
        state.scheduler.step()
        if state.average:
            state.average.update_parameters(model)
        value = float(loss.detach())
        if not math.isfinite(value):
            raise StudyError(
                f"the loss is {value} in epoch {epoch}, expected a finite number: "
                f"{_remedy(settings)}."
            )
        total += value * len(rows)
        correct += int((outputs.argmax(dim=1) == target).sum())
        alive |= (outputs > 0).any(dim=0)
        bar.advance(len(rows), loss=f"{value:.3f}")
    dead = torch.nonzero(~alive).flatten().tolist()
    # Potentials below zero still pass a gradient and may rise again, until training ends.
    final = settings.loss_on == "outputs" or epoch == settings.epochs
    if len(dead) == N_CLASSES and final:
        found = f"{total / len(order):.4f}"
        stuck = f"stuck at ln 10 = {math.log(N_CLASSES):.4f} (found {found})"
        raise StudyError(
            f"all ten outputs are zero for every frame of epoch {epoch} and the loss is "
            f"{stuck if settings.loss_on == 'outputs' else found}: the final ReLU is dead; "
            f"{_remedy(settings)}."
        )
    if dead:
        _log.warning("epoch %d: the outputs of digits %s are zero for every frame", epoch, dead)
    return total / len(order), correct / len(order)


def _remedy(settings: TrainingSettings) -> str:
    other = ", set training.loss_on to potentials," if settings.loss_on == "outputs" else ""
    return (
        f"lower training.learning_rate (now {settings.learning_rate:g}){other} or try another seed"
    )


def train_on_store(
    name: str,
    array_path: Path,
    index_path: Path,
    settings: TrainingSettings,
    seed: int,
    replicate: int,
    progress: Progress,
    resume_path: Path | None = None,
    code: Sequence[Path] = (),
) -> Trained:
    """Train on the frame store's training frames and choose the epoch on its validation frames.

    An interrupted training of the same params, `code` and data goes on after its last epoch, from
    `resume_path`. The caller deletes that file once the results are written.
    """
    index = read_index(index_path, ["label", "split"])
    device = choose_device(settings.device, "training.device")
    params = {
        "network": name,
        "settings": asdict(settings),
        "seed": seed,
        "replicate": replicate,
        "device": [device.type, device_name(device)],
        "precision": str(choose_precision(settings.precision, device)),
    }
    resume = None
    if resume_path:
        resume = ResumeFile(resume_path, key_of(params, code, [array_path, index_path]))
    frames = open_frames(array_path)
    validation_rows = split_rows(index, "validation")
    trained = train(
        name, frames, index["label"].to_numpy(), split_rows(index, "train"), validation_rows,
        settings, seed, replicate, progress, resume,
    )  # fmt: skip
    if len(validation_rows):
        dead = dead_units(name, trained.model, frames, validation_rows)
        told = ", ".join(f"{layer} {n} of {units}" for layer, (n, units) in dead.items())
        progress.say(f"units that no validation frame drives above zero: {told}")
    return trained
