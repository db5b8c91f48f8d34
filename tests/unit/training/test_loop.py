"""Training on small sets: it learns, repeats, keeps its best epoch and says when it died."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from jobs import quiet
from small_networks import offered
from small_trainings import (
    block_frames,
    coarse_network,
    stored,
    three_to_one,
    trained,
    weights_of,
)
from torch import nn

from dvs_snn.files.errors import StudyError
from dvs_snn.networks import architectures as model
from dvs_snn.settings.conversion import NeuronParameters
from dvs_snn.settings.training import AffineRanges, Variant
from dvs_snn.training.loop import RunningAverage, TrainedNetwork, choose_precision
from dvs_snn.training.material import (
    FrameMaterial,
    Task,
    accuracy_on_test_frames,
    frame_accuracy,
)
from dvs_snn.training.of_store import train_on_store
from dvs_snn.training.optimizers import optimizer_of, schedule_of

STILL = AffineRanges((1.0, 1.0), (0.0, 0.0), 0.0)


@pytest.fixture(scope="module", autouse=True)
def coarse() -> Iterator[str]:
    with offered(coarse_network, "coarse") as name:
        yield name


def _settings(**changes) -> Variant:
    values = {
        "epochs": 3, "batch_size": 32, "learning_rate": 0.003, "schedule": "constant",
        "affine": STILL,
    } | changes  # fmt: skip
    return Variant(**values)


def _train(
    settings: Variant, seed=1, replicate=1, material: FrameMaterial | None = None
) -> TrainedNetwork:
    material = material or three_to_one(*block_frames(120))
    return trained("coarse", material, settings, seed=seed, replicate=replicate)


@pytest.fixture(scope="module")
def plain(coarse) -> TrainedNetwork:
    """What eight epochs train, for the tests that compare with it."""
    return _train(_settings(epochs=8))


def test_a_separable_set_is_learned(plain):
    assert plain.curve[plain.kept_epoch - 1].validation_accuracy == 1.0
    assert plain.curve[-1].loss < 0.5 < plain.curve[0].loss
    assert [record.epoch for record in plain.curve] == list(range(1, 9))
    assert (plain.device, plain.precision) == ("cpu", "float32")
    assert not plain.model.training
    # Dropout of nearly everything slows it down.
    assert _train(_settings(epochs=1, dropout=0.9)).curve[0].loss > plain.curve[0].loss


def test_the_same_seed_trains_the_same_weights_and_another_others():
    settings = _settings(affine=AffineRanges(), dropout=0.3, epochs=2)
    torch.manual_seed(5)
    first = _train(settings)
    # Other draws from torch's global generator don't matter, and the training leaves it alone.
    drawn = torch.rand(3)
    again, other_seed, other_replicate = (
        _train(settings), _train(settings, seed=2), _train(settings, replicate=2),
    )  # fmt: skip
    torch.manual_seed(5)
    assert torch.equal(torch.rand(3), drawn)
    assert first.curve == again.curve
    assert weights_of(first) == weights_of(again)
    for other in (other_seed, other_replicate):
        assert weights_of(first) != weights_of(other)


def test_the_best_epoch_on_validation_is_kept():
    frames, labels = block_frames(80)
    rng = np.random.default_rng(1)
    # Half of the labels are wrong, so that accuracy goes up and down.
    wrong = rng.random(len(labels)) < 0.5
    material = three_to_one(frames, np.where(wrong, rng.integers(0, 10, len(labels)), labels))
    settings = _settings(epochs=12, learning_rate=0.02)
    found = _train(settings, material=material)
    accuracies = [record.validation_accuracy for record in found.curve]
    assert found.kept_epoch == accuracies.index(max(accuracies)) + 1
    assert found.kept_epoch < len(accuracies)
    assert min(accuracies[found.kept_epoch :]) < max(accuracies)
    held = frames, material.validation_rows, material.labels
    assert frame_accuracy(found.model, *held) == max(accuracies)
    # The weights equal the weights of a training that stops there.
    shorter = _train(replace(settings, epochs=found.kept_epoch), material=material)
    assert weights_of(found) == weights_of(shorter)
    last = _train(replace(settings, keep="last"), material=material)
    assert last.kept_epoch == len(accuracies)
    assert frame_accuracy(last.model, *held) == accuracies[-1]
    # So it is without validation frames.
    alone = FrameMaterial(*block_frames(40), np.arange(40), np.arange(0))
    unjudged = _train(_settings(epochs=2), material=alone)
    assert unjudged.kept_epoch == 2
    assert math.isnan(unjudged.curve[-1].validation_accuracy)
    # A frame that leaves all outputs at zero is wrong.
    dark = np.zeros((2, 1, 64, 64), dtype=np.uint8)
    assert frame_accuracy(found.model, dark, np.arange(2), np.zeros(2, dtype=int)) == 0.0


@pytest.fixture
def one_dead(monkeypatch) -> None:
    """Let the output of digit 6 start below zero for every frame."""

    def one_dead() -> nn.Sequential:
        network = coarse_network()
        with torch.no_grad():
            network[5].weight[6] = -0.05
        return network

    monkeypatch.setitem(model._NETWORKS, "coarse", one_dead)


@pytest.mark.usefixtures("one_dead")
def test_a_dead_output_comes_to_life_only_by_its_potential(caplog):
    on_potentials = _train(_settings(loss_on="potentials", epochs=12, learning_rate=0.01))
    assert on_potentials.curve[on_potentials.kept_epoch - 1].validation_accuracy == 1.0
    caplog.clear()
    on_outputs = _train(_settings(loss_on="outputs", epochs=12))
    assert max(record.validation_accuracy for record in on_outputs.curve) <= 0.9
    assert "epoch 12: the outputs [6] are zero for every frame" in caplog.text


def test_a_network_that_cannot_learn_is_told_early_with_what_to_set(monkeypatch):
    finite = r"expected a finite number.* lower training.learning_rate \(now 1e\+30\)"
    with pytest.raises(StudyError, match=finite):
        _train(_settings(learning_rate=1e30))

    def dead(layer: int) -> None:
        def built() -> nn.Sequential:
            network = coarse_network()
            nn.init.constant_(network[layer].weight, -0.05)
            return network

        monkeypatch.setitem(model._NETWORKS, "coarse", built)

    dead(1)
    with pytest.raises(StudyError, match=r"no weight had a gradient in 2 batches .* of epoch 1,"):
        _train(_settings(loss_on="potentials", epochs=50))
    dead(5)
    with pytest.raises(StudyError, match="stuck at 2.3026.* set training.loss_on to potentials"):
        _train(_settings(loss_on="outputs"))
    with pytest.raises(StudyError, match="all 10 outputs are zero") as error:
        _train(_settings(loss_on="potentials", learning_rate=1e-6))
    assert "loss_on" not in str(error.value)


def test_training_from_a_store_uses_its_split(tmp_path):
    frames, labels = block_frames(80)
    parts = ["train", "train", "validation", "test"]
    place = np.arange(len(labels)) // 10 % 4
    store = stored(tmp_path, frames, labels, [parts[at] for at in place])
    settings = _settings(epochs=5)
    task = Task("coarse", settings, NeuronParameters(), 1, 1)
    on_store = train_on_store(task, store, quiet(), tmp_path / "resume.pt")
    rows = np.flatnonzero(place < 2), np.flatnonzero(place == 2)
    expected = _train(settings, material=FrameMaterial(frames, labels, *rows))
    assert weights_of(on_store) == weights_of(expected)
    accuracy, n = accuracy_on_test_frames(on_store.model, store.frames, store.index)
    assert n == 20
    expected = frame_accuracy(on_store.model, frames, np.flatnonzero(place == 3), labels)
    assert accuracy == expected


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
@pytest.mark.parametrize(("warmup", "rising"), [(0.01, 0), (0.25, 3)])
def test_the_step_size_rises_in_equal_parts_and_then_follows_its_schedule(schedule, warmup, rising):
    steps, start = 12, 0.02
    optimizer = torch.optim.Adam([nn.Parameter(torch.zeros(1))], lr=start)
    settings = _settings(schedule=schedule, warmup=warmup, learning_rate=start)
    course = schedule_of(optimizer, settings, steps)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        course.step()
    rise = [start * (step + 1) / rising for step in range(rising)]
    left = steps - rising
    fall = [
        start if schedule == "constant" else start * (1 + math.cos(math.pi * step / left)) / 2
        for step in range(left)
    ]
    assert found == pytest.approx([*rise, *fall])


def _height(optimizer: str, turn: torch.Tensor) -> float:
    """Descend 60 steps in a valley whose axes `turn` turns; return the height in the end."""
    rng = torch.Generator().manual_seed(4)
    model = nn.Linear(4, 3, bias=False)
    model.weight.data = torch.randn(3, 4, generator=rng) @ turn
    steep = turn.T @ torch.diag(torch.tensor([100.0, 30.0, 5.0, 1.0])) @ turn
    descending = optimizer_of(model, _settings(optimizer=optimizer, learning_rate=0.01))
    for _ in range(60):
        descending.zero_grad()
        height = (model.weight @ steep * model.weight).sum() / 2
        height.backward()
        descending.step()
    return float(height.detach())


def test_soap_takes_the_same_course_however_the_weights_axes_lie():
    """Adam scales each weight by itself, so its course hangs on the axes (Vyas et al. 2025)."""
    rng = torch.Generator().manual_seed(1)
    turn = torch.linalg.qr(torch.randn(4, 4, generator=rng)).Q
    assert _height("soap", turn) == pytest.approx(_height("soap", torch.eye(4)), rel=0.01)
    assert _height("adam", turn) != pytest.approx(_height("adam", torch.eye(4)), rel=0.1)


def test_the_average_forgets_its_beginning_first_and_then_by_the_decay():
    network = nn.Linear(1, 1, bias=False)
    averaged = RunningAverage(nn.Sequential(network), 0.6)
    values = [5.0, 3.0, 8.0, -2.0, 4.0, 1.0, 0.0, 7.0, 2.0]
    expected = values[0]
    for n, value in enumerate(values):
        with torch.no_grad():
            network.weight.fill_(value)
        averaged.update_parameters(nn.Sequential(network))
        if n:
            decay = min(0.6, (1 + n) / (10 + n))
            expected = decay * expected + (1 - decay) * value
            assert averaged.module[0].weight.item() == pytest.approx(expected, rel=1e-5)


def test_the_average_is_validated_and_kept(monkeypatch, plain):
    """The training itself is the same; what it validates and returns is the average."""
    averages, trained = [], []

    class Spied(RunningAverage):
        def update_parameters(self, model):
            super().update_parameters(model)
            averages[:] = [value.clone() for value in self.module.parameters()]
            trained[:] = [value.clone() for value in model.parameters()]

    monkeypatch.setattr("dvs_snn.training.loop.RunningAverage", Spied)
    kept = _train(_settings(epochs=1, averaging=0.999))
    assert kept.curve[0].loss == plain.curve[0].loss
    for a, b, c in zip(kept.model.parameters(), averages, trained, strict=True):
        assert torch.equal(a, b)
        assert not torch.equal(a, c)


def test_the_precision_is_what_is_wanted_or_what_the_processor_has(monkeypatch):
    cpu = torch.device("cpu")
    assert choose_precision("float32", cpu) == torch.float32
    assert choose_precision("bfloat16", cpu) == torch.bfloat16
    for native, expected in ((True, torch.bfloat16), (False, torch.float32)):
        monkeypatch.setattr(
            torch.cpu, "_is_avx512_bf16_supported", lambda native=native: native, raising=False
        )
        assert choose_precision("auto", cpu) == expected


def test_bfloat16_learns_as_float32_does_with_weights_that_stay_float32(plain):
    half, again = (_train(_settings(epochs=6, precision="bfloat16")) for _ in range(2))
    assert half.precision == "bfloat16"
    assert all(value.dtype == torch.float32 for value in half.model.state_dict().values())
    assert weights_of(half) == weights_of(again)
    assert half.curve[-1].loss == pytest.approx(plain.curve[5].loss, abs=0.15)
    assert half.curve[-1].loss != plain.curve[5].loss
    assert half.curve[-1].loss < 0.8 * half.curve[0].loss
