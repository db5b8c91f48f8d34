"""The training of a network: one loop for all methods, on frames or on recordings."""

import copy
import ctypes
import math
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.parametrize import is_parametrized
from torch.optim.swa_utils import AveragedModel

from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Bar, Progress
from dvs_snn.files.randomness import generator, integer_seed
from dvs_snn.files.registry import load
from dvs_snn.networks.architectures import build_network, describe_layers, weighted
from dvs_snn.networks.conversion import rescale_layers
from dvs_snn.networks.devices import choose_device, device_name, make_repeatable, moved
from dvs_snn.settings.method_settings import (
    OnRecordings,
    Pays,
    Taught,
    is_taught,
    learns_on_outputs,
)
from dvs_snn.settings.training_settings import Dropped, GradientSettings, Precise
from dvs_snn.settings.variants import METHODS
from dvs_snn.training.augmentation import random_affine
from dvs_snn.training.forward import Teacher, distance
from dvs_snn.training.material import Batch, RecordingMaterial, Task, TrainingMaterial
from dvs_snn.training.method import DirectMethod, GradientMethod
from dvs_snn.training.optimizers import optimizer_of, schedule_of

Tensors = tuple[torch.Tensor, ...] | list[torch.Tensor]

PATIENCE = 100
"""Batches without any gradient, after which a network is dead; of a short epoch half of them."""

KEPT_BYTES = 1 << 30
# Numbers of settings in glibc's malloc.h.
TRIM_THRESHOLD = -1
MMAP_THRESHOLD = -3


def keep_freed_memory() -> None:
    """Let the C library keep up to a gigabyte of freed memory.

    torch allocates every activation anew. If the memory went back to the system, the system would
    clear and map each page again, which takes a third of a training step.
    """
    # C libraries other than glibc lack the setting.
    with suppress(AttributeError, OSError, TypeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(MMAP_THRESHOLD, KEPT_BYTES)
        mallopt(TRIM_THRESHOLD, KEPT_BYTES)


@dataclass(frozen=True)
class EpochRecord:
    """One row of the training curve; accuracies are shares of training samples and of frames."""

    epoch: int
    loss: float
    train_accuracy: float
    validation_accuracy: float


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """The weights of the epoch that was kept, the curve of all, and what computed them.

    Attributes:
        kept_epoch: from 1; 0 where the method has no epochs.
        precision: type of the activations.
        flags: what `make_repeatable` set.
    """

    model: nn.Sequential
    kept_epoch: int
    curve: list[EpochRecord]
    device: str
    precision: str
    flags: dict[str, str]


def choose_precision(wanted: str, device: torch.device) -> torch.dtype:
    """Return the type of the activations in training; ``auto``: what the hardware multiplies."""
    if wanted != "auto":
        return torch.bfloat16 if wanted == "bfloat16" else torch.float32
    if device.type == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        # No public function tells; a version without this one trains in float32.
        native = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)()
    return torch.bfloat16 if native else torch.float32


def running_average(model: nn.Sequential, decay: float) -> AveragedModel:
    """Return a running average of a network's weights, to be updated after every step.

    The average forgets a share of 1 - `decay` per step. At first it forgets more, so that a short
    training doesn't keep its initial weights.

    Source: Polyak and Juditsky 1992, SIAM J. Control Optim. 30:838; the warm-up as in TensorFlow's
    ExponentialMovingAverage.
    """

    def average_in(averages: Tensors, weights: Tensors, n: torch.Tensor | int) -> None:
        share = min(decay, (1 + int(n)) / (10 + int(n)))
        torch._foreach_lerp_(averages, weights, 1 - share)

    return AveragedModel(model, multi_avg_fn=average_in)


def centre_potentials(network: nn.Module) -> None:
    """Make the potentials of the outputs sum to 0 for any input; change the network in place.

    It subtracts from the last layer's weights their mean over the outputs. A softmax of the
    potentials doesn't change, so training leaves their sum to chance. Spiking neurons depend on it:
    if the sum is low, no output fires, and if it is high, all of them do.

    Weights that a mask prunes stay as they are.
    """
    last = weighted(network)[-1]
    if is_parametrized(last):
        return
    with torch.no_grad():
        for parameter in last.parameters():
            parameter.sub_(parameter.mean(dim=0))


def train(
    task: Task,
    material: TrainingMaterial,
    progress: Progress,
    start: nn.Sequential | None = None,
    teacher: nn.Sequential | None = None,
) -> TrainedNetwork:
    """Train a network by gradients; a method that takes none makes it from `start`, on the CPU.

    Both compute on one thread: with another number torch adds in another order.

    Args:
        start: the network whose weights the training starts from; None: fresh weights.
        teacher: the CNN whose outputs teach a share of the loss.

    Returns:
        The network with the weights of one epoch: the best on validation frames, the earlier on a
        tie. It is the last epoch if the settings say so or there are no validation frames.

    Raises:
        StudyError: the loss isn't finite; no weight has had a gradient for `PATIENCE` batches; or
            the device isn't visible.
    """
    torch.set_num_threads(1)
    keep_freed_memory()
    settings = task.settings
    if not isinstance(settings, GradientSettings):
        assert start is not None  # its settings name one
        model = rescale_layers(copy.deepcopy(start), settings.start_scale).eval()
        direct: DirectMethod = load(METHODS, settings.method, DirectMethod)
        model = direct.make(model, material, task, progress)
        return TrainedNetwork(model, 0, [], "cpu", "float32", {})

    method: GradientMethod = load(METHODS, settings.method, GradientMethod)
    device = choose_device(settings.device)
    flags = make_repeatable(device)
    # Initial weights and dropout have no generator argument in torch: fork its global one.
    with torch.random.fork_rng(devices=[0] if device.type == "cuda" else []):
        torch.manual_seed(integer_seed(task.seed, "weights and dropout", task.replicate))
        training = _Training(task, method, material, start, teacher, device)
        training.run(progress)

    model = training.model.cpu()
    model.load_state_dict(training.kept_weights)
    model = method.finish(model, task)
    return TrainedNetwork(
        model.eval(),
        training.kept_epoch,
        training.curve,
        device_name(device),
        str(training.precision).removeprefix("torch."),
        flags,
    )


class _Training:
    """A training by gradients under way: the network, what changes its weights, and the curve."""

    def __init__(
        self,
        task: Task,
        method: GradientMethod,
        material: TrainingMaterial,
        start: nn.Sequential | None,
        teacher: nn.Sequential | None,
        device: torch.device,
    ) -> None:
        settings = task.settings
        assert isinstance(settings, GradientSettings)  # `train` asked
        self.task = task
        self.settings = settings
        self.material = material
        self.device = device

        built = build_network(task.network, task.n_classes)
        layers = describe_layers(task.network, built)
        model = moved(built, device).train()
        if start is not None:
            model.load_state_dict(start.state_dict())
            rescale_layers(model, settings.start_scale)
        dropout = settings.dropout if isinstance(settings, Dropped) else None
        for module in model.modules():
            if dropout is not None and isinstance(module, nn.Dropout | nn.Dropout2d):
                module.p = dropout
        self.model = model

        precision = torch.float32
        self.precision = torch.float32
        if isinstance(settings, Precise):
            precision = choose_precision(settings.precision, device)
            self.precision = precision if settings.is_mixed else torch.float32
        # A method may put activations with weights of their own into the network.
        self.forward = method.forward_of(model, layers, task, self.precision)
        self.teacher = None
        if is_taught(settings):
            assert teacher is not None  # the rule gives the CNN's file
            self.teacher = Teacher(teacher, material, settings, device, precision)

        self.optimizer = optimizer_of(model, settings)
        n_batches = math.ceil(len(material.rows) / settings.batch_size)
        self.scheduler = schedule_of(self.optimizer, settings, n_batches * settings.epochs)
        self.average = running_average(model, settings.averaging) if settings.averaging else None
        self.affine = torch.Generator()
        self.affine.manual_seed(integer_seed(task.seed, "affine", task.replicate))

        self.curve: list[EpochRecord] = []
        self.kept_weights: dict[str, torch.Tensor] = {}
        self.kept_accuracy = -1.0
        self.kept_epoch = 0

    def run(self, progress: Progress) -> None:
        """Train all epochs."""
        rows = self.material.rows
        epochs = self.settings.epochs
        shuffle = generator(self.task.seed, "shuffle", self.task.replicate)
        title = f"seed {self.task.replicate}"
        with progress.bar(len(rows) * epochs, "sample", title) as bar:
            for epoch in range(1, epochs + 1):
                order = shuffle.permutation(rows)
                loss, train_accuracy = self._train_epoch(order, epoch, bar)
                trained = self.average.module if self.average else self.model
                if not learns_on_outputs(self.settings):
                    centre_potentials(trained)
                accuracy = self.material.accuracy(trained)
                self.curve.append(EpochRecord(epoch, loss, train_accuracy, accuracy))
                progress.say(
                    f"epoch {epoch} of {epochs}: loss {loss:.4f}, accuracy on training samples "
                    f"{train_accuracy:.4f}, on validation frames {accuracy:.4f}"
                )
                keeps_last = self.settings.keep == "last" or math.isnan(accuracy)
                if keeps_last or accuracy > self.kept_accuracy:
                    weights = trained.state_dict().items()
                    self.kept_weights = {key: part.detach().cpu().clone() for key, part in weights}
                    self.kept_accuracy = accuracy
                    self.kept_epoch = epoch

    def _train_epoch(self, order: np.ndarray, epoch: int, bar: Bar) -> tuple[float, float]:
        """Train one epoch; return its mean loss and its accuracy on the augmented samples."""
        settings = self.settings
        remedy = _remedy(settings.learning_rate, learns_on_outputs(settings))
        drawn = settings.drawn_step_ms if isinstance(settings, OnRecordings) else None
        total = 0.0
        correct = 0
        lengths = generator(self.task.seed, f"steps of epoch {epoch}", self.task.replicate)
        patience = min(PATIENCE, math.ceil(len(order) / settings.batch_size / 2))
        left = patience
        for start in range(0, len(order), settings.batch_size):
            rows = order[start : start + settings.batch_size]
            material = self.material
            if drawn and isinstance(material, RecordingMaterial):
                shortest, longest = np.log(drawn)
                material = material.in_steps(math.exp(lengths.uniform(shortest, longest)))
            batch = material.batch(rows, self.device)
            done = (epoch - 1 + start / len(order)) / settings.epochs
            loss, outputs, synops = self._loss(batch, rows, done)

            value = float(loss.detach())
            if not math.isfinite(value):
                raise StudyError(
                    f"the loss is {value} in epoch {epoch}, expected a finite number: {remedy}."
                )
            left = patience if self._pull(loss) else left - 1
            if not left:
                raise StudyError(
                    f"no weight had a gradient in {patience} batches in a row, in epoch "
                    f"{epoch}, and the loss is stuck at {value:.4f}: the network is dead and can't "
                    f"learn any more; {remedy}."
                )

            total += value * len(rows)
            correct += int((outputs.argmax(dim=1) == batch.target).sum())
            shown = {} if synops is None else {"synops": f"{float(synops.detach()):.3g}"}
            bar.advance(len(rows), loss=f"{value:.3f}", **shown)
        return total / len(order), correct / len(order)

    def _loss(
        self, batch: Batch, rows: np.ndarray, done: float
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
        """Return the loss of a batch, its outputs and its SynOps (None: not counted).

        `done` is the share of steps taken before.
        """
        settings = self.settings
        images = random_affine(batch.images, settings.affine, self.affine, batch.steps)
        self.optimizer.zero_grad(set_to_none=True)
        outputs, synops = self.forward(replace(batch, images=images))
        loss = functional.cross_entropy(outputs, batch.target)
        if self.teacher and isinstance(settings, Taught):
            taught = self.teacher.outputs(rows, images)
            apart = distance(outputs, taught, settings.teacher_temperature)
            loss = torch.lerp(loss, apart, settings.teacher_weight)
        if synops is not None and isinstance(settings, Pays):
            limit = settings.synops_limit(done)
            if limit is not None:
                # The logarithm pulls alike at any number of SynOps.
                loss = loss + settings.synops_weight * torch.relu(torch.log(synops / limit))
        return loss, outputs, synops

    def _pull(self, loss: torch.Tensor) -> bool:
        """Change the weights by the gradients of a loss; return whether there are any."""
        loss.backward()
        is_pulled = any(
            part.grad is not None and bool(part.grad.any()) for part in self.model.parameters()
        )
        self.optimizer.step()
        self.scheduler.step()
        if self.average:
            self.average.update_parameters(self.model)
        return is_pulled


def _remedy(learning_rate: float, is_on_outputs: bool) -> str:
    potentials = ", set training.loss_on to potentials," if is_on_outputs else ""
    rate = f"lower training.learning_rate (now {learning_rate:g})"
    return f"{rate}{potentials} or try another seed"
