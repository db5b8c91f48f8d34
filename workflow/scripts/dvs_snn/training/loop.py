"""The training of a network: one loop for all methods, on frames or on recordings."""

import copy
import importlib
import logging
import math
from collections.abc import Callable
from dataclasses import astuple, dataclass, replace

import numpy as np
import torch
from torch import nn
from torch.optim.lr_scheduler import LRScheduler
from torch.optim.swa_utils import AveragedModel

from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Bar, Progress
from dvs_snn.files.randomness import generator, integer_seed
from dvs_snn.networks.architectures import build_network, describe_layers
from dvs_snn.networks.conversion import rescale_layers
from dvs_snn.networks.devices import choose_device, device_name, make_repeatable
from dvs_snn.networks.geometry import N_CLASSES
from dvs_snn.settings.conversion import NeuronParameters
from dvs_snn.settings.training import TrainingSettings, Variant
from dvs_snn.training.augmentation import random_affine
from dvs_snn.training.forward import (
    Forward,
    Making,
    Method,
    Said,
    distance,
    excess,
    said_by,
    teacher_of,
)
from dvs_snn.training.freed_memory import keep_freed_memory
from dvs_snn.training.material import Material
from dvs_snn.training.optimizers import optimizer_of, schedule_of
from dvs_snn.training.resumption import ResumeFile

_log = logging.getLogger(__name__)

PATIENCE = 100
"""Batches without any gradient, after which the optimizer's memory of earlier ones moves no weight.
Of a short epoch half the batches are enough."""

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class EpochRecord:
    """One row of the training curve; accuracies are shares of training samples and of frames."""

    epoch: int
    loss: float
    train_accuracy: float
    validation_accuracy: float


@dataclass(frozen=True, eq=False)
class Trained:
    """A trained network: the weights of the epoch that was kept, and the curve of all.

    Attributes:
        kept_epoch: from 1; 0 where the method has no epochs.
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


def load_method(name: str) -> Method | Making:
    """Import the method that the key `method` of a variant names, by its module's file name."""
    return importlib.import_module(f"dvs_snn.training.methods.{name.replace('-', '_')}")


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


class RunningAverage(AveragedModel):
    """A running average of a network's weights, to be updated after every step.

    The average forgets a share of 1 - `decay` per step, and more at first: else it would still hold
    initial weights after a short training.

    Source: Polyak and Juditsky 1992, SIAM J. Control Optim. 30:838; the warm-up as in TensorFlow's
    ExponentialMovingAverage.
    """

    def __init__(self, model: nn.Sequential, decay: float) -> None:
        super().__init__(model)
        self.decay = decay

    @torch.no_grad()
    def update_parameters(self, model: nn.Module) -> None:
        """Average the weights of `model` in; torch's own method takes three times as long."""
        n = int(self.n_averaged)
        decay = min(self.decay, (1 + n) / (10 + n)) if n else 0.0
        torch._foreach_lerp_(list(self.parameters()), list(model.parameters()), 1 - decay)
        self.n_averaged += 1


@dataclass(frozen=True, eq=False)
class Learner:
    """A network in training, what computes its loss, and what changes its weights.

    Attributes:
        average: the running average of the weights, if one is kept.
        affine: draws the augmentation, on the processor.
    """

    model: nn.Sequential
    forward: Forward
    loss_of: Loss
    taught: Said | None
    optimizer: torch.optim.Optimizer
    scheduler: LRScheduler
    average: RunningAverage | None
    affine: torch.Generator


def train(
    name: str,
    material: Material,
    settings: Variant,
    neurons: NeuronParameters,
    start: nn.Sequential | None,
    seed: int,
    replicate: int,
    progress: Progress,
    resume: ResumeFile | None = None,
    teacher: nn.Sequential | None = None,
    n_classes: int = N_CLASSES,
) -> Trained:
    """Train the network `name` by the optimizer, the method and the loss that the settings name.

    A method that takes no gradients makes the network from the start at once, on the processor.
    A training computes on one thread: with another number torch adds in another order.

    Args:
        material: what it is trained and validated on.
        neurons: of the spiking network that it will be converted to.
        start: the network from whose weights it starts; None for fresh weights.
        seed, replicate: the study's seed and the number of this training.
        resume: file that keeps the state after each epoch. If it belongs to this training, the
            training goes on from it, with the same result to the byte.
        teacher: the CNN whose outputs teach a share `settings.teacher_weight` of the loss.

    Returns:
        The weights of the epoch with the best validation accuracy (the earlier on a tie). The last
        epoch's weights if the settings say so or there are no validation frames.

    Raises:
        StudyError: the loss isn't finite, all outputs died, or the device isn't visible.
    """
    torch.set_num_threads(1)
    keep_freed_memory()
    method = load_method(settings.method)
    if hasattr(method, "make"):
        cpu = torch.device("cpu")
        model = rescale_layers(copy.deepcopy(start), settings.start_scale).eval()
        model = method.make(name, model, material, neurons, settings, seed, progress)
        return Trained(model, 0, [], device_name(cpu), "float32", make_repeatable(cpu))
    device = choose_device(settings.device, "training.device")
    flags = make_repeatable(device)
    precision = choose_precision(settings.precision, device) if method.MIXED else torch.float32
    taught = None
    if settings.teacher_weight:
        potentials = teacher_of(teacher, device, choose_precision(settings.precision, device))
        taught = said_by(potentials, material, settings, device)
    affine = torch.Generator().manual_seed(integer_seed(seed, "affine", replicate))
    shuffle = generator(seed, "shuffle", replicate)
    orders = [shuffle.permutation(material.rows) for _ in range(settings.epochs)]
    # Initial weights and dropout have no generator argument in torch: fork its global one.
    with torch.random.fork_rng(devices=[0] if device.type == "cuda" else []):
        torch.manual_seed(integer_seed(seed, "weights and dropout", replicate))
        model = build_network(name, n_classes)
        layers = describe_layers(name, model)
        model = model.to(device, memory_format=torch.channels_last).train()
        if start is not None:
            model.load_state_dict(start.state_dict())
            rescale_layers(model, settings.start_scale)
        set_dropout(model, settings.dropout)
        # A method may put activations with weights of their own into the network.
        forward = method.forward_of(model, layers, neurons, settings, precision)
        optimizer = optimizer_of(model, settings)
        steps = math.ceil(len(material.rows) / settings.batch_size) * settings.epochs
        scheduler = schedule_of(optimizer, settings, steps)
        average = RunningAverage(model, settings.averaging) if settings.averaging else None
        kept = average.module if average else model
        learner = Learner(
            model, forward, load_loss(settings.loss), taught, optimizer, scheduler, average, affine
        )
        curve: list[EpochRecord] = []
        kept_weights: dict[str, torch.Tensor] = {}
        kept_accuracy = -1.0
        kept_epoch = 0
        # All that changes from epoch to epoch. Dropout draws from the device's global generator.
        drawn = torch if device.type == "cpu" else getattr(torch, device.type)
        parts = {"model": model, "optimizer": optimizer, "scheduler": scheduler, "average": average}
        changing = {
            "affine": (affine.get_state, affine.set_state),
            "dropout": (drawn.get_rng_state, drawn.set_rng_state),
            **{key: (part.state_dict, part.load_state_dict) for key, part in parts.items() if part},
        }
        if resume and (saved := resume.load()):
            for key, (_, change) in changing.items():
                change(saved[key])
            curve = [EpochRecord(*row) for row in saved["curve"]]
            kept_weights, kept_accuracy, kept_epoch = saved["kept"]
            progress.say(f"goes on after epoch {len(curve)}, where it was cut off")
        n_left = len(material.rows) * (settings.epochs - len(curve))
        with progress.bar(n_left, material.unit, f"seed {replicate}") as bar:
            for epoch in range(len(curve) + 1, settings.epochs + 1):
                order = orders[epoch - 1]
                loss, train_accuracy = _train_epoch(learner, material, settings, order, bar, epoch)
                accuracy = material.accuracy(kept)
                curve.append(EpochRecord(epoch, loss, train_accuracy, accuracy))
                progress.say(
                    f"epoch {epoch} of {settings.epochs}: loss {loss:.4f}, accuracy on training "
                    f"{material.unit}s {train_accuracy:.4f}, on validation frames {accuracy:.4f}"
                )
                is_last = settings.keep == "last" or math.isnan(accuracy)
                if is_last or accuracy > kept_accuracy:
                    kept_accuracy, kept_epoch = accuracy, epoch
                    kept_weights = {
                        key: value.detach().cpu().clone()
                        for key, value in kept.state_dict().items()
                    }
                if resume:
                    saved = {key: get() for key, (get, _) in changing.items()}
                    saved["curve"] = [astuple(record) for record in curve]
                    saved["kept"] = (kept_weights, kept_accuracy, kept_epoch)
                    resume.save(saved)
    model = model.cpu()
    model.load_state_dict(kept_weights)
    if hasattr(method, "finish"):
        model = method.finish(name, model, neurons)
    name_of_precision = str(precision).removeprefix("torch.")
    return Trained(model.eval(), kept_epoch, curve, device_name(device), name_of_precision, flags)


def _train_epoch(
    learner: Learner,
    material: Material,
    settings: Variant,
    order: np.ndarray,
    bar: Bar,
    epoch: int,
) -> tuple[float, float]:
    """Train one epoch; return its mean loss and its accuracy on the augmented samples."""
    device = next(learner.model.parameters()).device
    total = correct = 0.0
    alive: torch.Tensor | bool = False
    without_gradient = 0
    patience = min(PATIENCE, math.ceil(len(order) / settings.batch_size / 2))
    for start in range(0, len(order), settings.batch_size):
        rows = order[start : start + settings.batch_size]
        batch = material.batch(rows, device)
        images = random_affine(batch.images, settings.affine, learner.affine, batch.steps)
        learner.optimizer.zero_grad(set_to_none=True)
        outputs, synops = learner.forward(replace(batch, images=images))
        loss = learner.loss_of(outputs, batch.target)
        if learner.taught:
            far = distance(outputs, learner.taught(rows, images), settings.teacher_temperature)
            loss = torch.lerp(loss, far, settings.teacher_weight)
        limit = settings.synops_limit((epoch - 1 + start / len(order)) / settings.epochs)
        if synops is not None and limit is not None:
            loss = loss + settings.synops_weight * excess(synops, limit)
        value = float(loss.detach())
        if not math.isfinite(value):
            raise StudyError(
                f"the loss is {value} in epoch {epoch}, expected a finite number: "
                f"{_remedy(settings)}."
            )
        loss.backward()
        is_pulled = any(bool(part.grad.any()) for part in learner.model.parameters())
        without_gradient = 0 if is_pulled else without_gradient + 1
        if without_gradient == patience:
            raise StudyError(
                f"no weight had a gradient in {patience} batches one after the other of epoch "
                f"{epoch}, and the loss is stuck at {value:.4f}: the network is dead and can't "
                f"learn any more; {_remedy(settings)}."
            )
        learner.optimizer.step()
        learner.scheduler.step()
        if learner.average:
            learner.average.update_parameters(learner.model)
        total += value * len(rows)
        correct += int((outputs.argmax(dim=1) == batch.target).sum())
        alive = (outputs > 0).any(dim=0) | alive
        shown = {} if synops is None else {"synops": f"{float(synops.detach()):.3g}"}
        bar.advance(len(rows), loss=f"{value:.3f}", **shown)
    dead = torch.nonzero(~alive).flatten().tolist()
    # Potentials below zero still pass a gradient and may rise again, until training ends.
    if len(dead) == len(alive) and epoch == settings.epochs:
        raise StudyError(
            f"all {len(alive)} outputs are zero for every {material.unit} of epoch {epoch}, the "
            f"last, and the loss is {total / len(order):.4f}: the final ReLU is dead; "
            f"{_remedy(settings)}."
        )
    if dead:
        unit = material.unit
        _log.warning("epoch %d: the outputs %s are zero for every %s", epoch, dead, unit)
    return total / len(order), correct / len(order)


def _remedy(settings: TrainingSettings) -> str:
    other = ", set training.loss_on to potentials," if settings.loss_on == "outputs" else ""
    return (
        f"lower training.learning_rate (now {settings.learning_rate:g}){other} or try another seed"
    )
