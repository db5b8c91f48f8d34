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
from torch.optim.swa_utils import AveragedModel

from dvs_snn.datasets.frame_store import open_frames, read_index, split_rows
from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Bar, Progress
from dvs_snn.files.randomness import generator, integer_seed
from dvs_snn.networks.architectures import N_CLASSES, build_network, describe_layers
from dvs_snn.networks.devices import choose_device, device_name, make_repeatable
from dvs_snn.settings.training import TrainingSettings
from dvs_snn.training.augmentation import random_affine
from dvs_snn.training.freed_memory import keep_freed_memory
from dvs_snn.training.pooling import with_rectified_pooling
from dvs_snn.training.resumption import Generators, ResumeFile, TrainingState, key_of

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
) -> torch.optim.lr_scheduler.LRScheduler:
    """Return the course of the step size over `steps` steps: warm-up, then the schedule."""
    rising = round(settings.warmup * steps)
    course = (
        torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps - rising)
        if settings.schedule == "cosine"
        else torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1.0)
    )
    if not rising:
        return course
    rise = torch.optim.lr_scheduler.LinearLR(
        optimizer, start_factor=1 / rising, total_iters=rising - 1
    )
    return torch.optim.lr_scheduler.SequentialLR(optimizer, [rise, course], milestones=[rising])


def average_of(model: nn.Sequential, decay: float) -> AveragedModel:
    """Return a running average of a network's weights, to be updated after every step.

    The average forgets a share of 1 - `decay` a step, at first more: it would still hold the
    initial weights after a short training.

    Source: Polyak and Juditsky 1992, SIAM J. Control Optim. 30:838; the warm-up as in TensorFlow's
    ExponentialMovingAverage.
    """

    def update(averages: list, weights: list, n_averaged: torch.Tensor) -> None:
        n = int(n_averaged)
        torch._foreach_lerp_(averages, weights, 1 - min(decay, (1 + n) / (10 + n)))

    return AveragedModel(model, multi_avg_fn=torch.no_grad()(update))


def load_batch(frames: np.ndarray, rows: np.ndarray, device: torch.device) -> torch.Tensor:
    """Copy `rows` of the memory-mapped uint8 frames to the device as float32."""
    # Sorted rows read the file in order.
    order = np.sort(rows)
    batch = torch.from_numpy(np.ascontiguousarray(frames[order]))
    inverse = torch.from_numpy(np.argsort(np.argsort(rows, kind="stable"), kind="stable"))
    return batch[inverse].to(device).float().contiguous(memory_format=torch.channels_last)


def frame_accuracy(
    model: nn.Module,
    frames: np.ndarray,
    rows: np.ndarray,
    labels: np.ndarray,
    batch_size: int,
) -> float:
    """Return the share of frames that the network reads right (nan without frames).

    A frame that leaves all ten outputs at zero is wrong, as a silent spiking network is.
    """
    if not len(rows):
        return math.nan
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    correct = 0
    with torch.no_grad():
        for start in range(0, len(rows), batch_size):
            chunk = rows[start : start + batch_size]
            outputs = model(load_batch(frames, chunk, device))
            best, predicted = outputs.max(dim=1)
            target = torch.from_numpy(labels[chunk]).to(device)
            correct += int(((predicted == target) & (best > 0)).sum())
    model.train(was_training)
    return correct / len(rows)


def dead_units(
    name: str, model: nn.Sequential, frames: np.ndarray, rows: np.ndarray, batch_size: int = 256
) -> dict[str, tuple[int, int]]:
    """Count the units of each weighted layer that no frame drives above zero.

    A unit is a channel of a convolution or an output of a linear layer. Dead ones add nothing to
    what the network can tell apart, and passed no gradient that could have woken them.

    Args:
        frames: uint8 (frame, channel, height, width); only `rows` of them are shown.

    Returns:
        For each layer its dead units and all its units.
    """
    layers = describe_layers(name, model)
    largest = [torch.zeros(layer.output_shape[0]) for layer in layers]
    device = next(model.parameters()).device
    with torch.no_grad():
        for start in range(0, len(rows), batch_size):
            value = load_batch(frames, rows[start : start + batch_size], device)
            number = 0
            for part in model:
                value = part(value)
                if isinstance(part, nn.ReLU):
                    reached = value.flatten(2).amax(2) if value.dim() == 4 else value
                    largest[number] = largest[number].maximum(reached.amax(0).cpu())
                    number += 1
    return {
        layer.name: (int((top == 0).sum()), len(top))
        for layer, top in zip(layers, largest, strict=True)
    }


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
        resume: file that keeps the state after each epoch; training starts from it if it fits. The
            result is the same, to the byte.

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
    shuffle = generator(seed, "shuffle", replicate)
    affine_draws = torch.Generator().manual_seed(integer_seed(seed, "affine", replicate))
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
        state = TrainingState(
            model, optimizer, scheduler, Generators(shuffle, affine_draws, device), average
        )
        if resume and (course := resume.restore(state)):
            curve = [EpochRecord(*row) for row in course["curve"]]
            kept_weights, kept_accuracy, kept_epoch = course["kept"]
            progress.say(f"goes on after epoch {len(curve)}, where it was cut off")
        n_left = len(train_rows) * (settings.epochs - len(curve))
        with progress.bar(n_left, "frame", f"seed {replicate}") as bar:
            for epoch in range(len(curve) + 1, settings.epochs + 1):
                record = _train_epoch(
                    model, average, optimizer, scheduler, frames, labels,
                    shuffle.permutation(train_rows), settings, loss_of, precision,
                    affine_draws, bar, epoch,
                )  # fmt: skip
                accuracy = frame_accuracy(
                    kept, frames, validation_rows, labels, settings.batch_size
                )
                curve.append(EpochRecord(epoch, *record, accuracy))
                progress.say(
                    f"epoch {epoch} of {settings.epochs}: loss {record[0]:.4f}, accuracy on "
                    f"training frames {record[1]:.4f}, on validation frames {accuracy:.4f}"
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
    model: nn.Sequential,
    average: AveragedModel | None,
    optimizer: torch.optim.Optimizer,
    scheduler: torch.optim.lr_scheduler.LRScheduler,
    frames: np.ndarray,
    labels: np.ndarray,
    order: np.ndarray,
    settings: TrainingSettings,
    loss_of: Loss,
    precision: torch.dtype,
    affine_draws: torch.Generator,
    bar: Bar,
    epoch: int,
) -> tuple[float, float]:
    """Train one epoch; return its mean loss and its accuracy on the augmented frames."""
    model.train()
    # The last module is the final ReLU: describe_layers makes sure of it.
    part = with_rectified_pooling(model if settings.loss_on == "outputs" else model[:-1])
    device = next(model.parameters()).device
    total = correct = 0.0
    alive = torch.zeros(N_CLASSES, dtype=torch.bool, device=device)
    for start in range(0, len(order), settings.batch_size):
        rows = order[start : start + settings.batch_size]
        batch = load_batch(frames, rows, device)
        batch = random_affine(batch, settings.affine, affine_draws)
        target = torch.from_numpy(labels[rows]).to(device)
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(device.type, torch.bfloat16, enabled=precision == torch.bfloat16):
            outputs = part(batch)
        outputs = outputs.float()
        loss = loss_of(outputs, target)
        loss.backward()
        optimizer.step()
        scheduler.step()
        if average:
            average.update_parameters(model)
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
        name,
        frames,
        index["label"].to_numpy(),
        split_rows(index, "train"),
        validation_rows,
        settings,
        seed,
        replicate,
        progress,
        resume,
    )
    if len(validation_rows):
        dead = dead_units(name, trained.model, frames, validation_rows)
        told = ", ".join(f"{layer} {n} of {units}" for layer, (n, units) in dead.items())
        progress.say(f"units that no validation frame drives above zero: {told}")
    return trained


def test_frames_accuracy(
    model: nn.Sequential, array_path: Path, index_path: Path
) -> tuple[float, int]:
    """Return the CNN's accuracy on the store's test frames and their number."""
    index = read_index(index_path, ["label", "split"])
    rows = split_rows(index, "test")
    frames = open_frames(array_path)
    return frame_accuracy(model, frames, rows, index["label"].to_numpy(), 256), len(rows)
