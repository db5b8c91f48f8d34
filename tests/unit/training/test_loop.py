"""Training on small sets: it learns, repeats, keeps its best epoch and says when it died."""

import copy
import json
import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from small_networks import offered
from small_trainings import (
    block_frames,
    coarse_network,
    stored,
    three_to_one,
    trained,
    variant,
    weights_of,
)
from torch import nn
from torch.nn.utils.parametrize import register_parametrization

from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import converted
from dvs_snn.networks.architectures import build_network
from dvs_snn.recordings.steps import StepEvents
from dvs_snn.recordings.store.event_store import BinnedRecording
from dvs_snn.settings.method_settings import Variant
from dvs_snn.settings.network_settings import NeuronParameters
from dvs_snn.settings.training_settings import AffineRanges
from dvs_snn.settings.variants import trained_by
from dvs_snn.training.forward import Masked
from dvs_snn.training.loop import (
    TrainedNetwork,
    centre_potentials,
    choose_precision,
    running_average,
)
from dvs_snn.training.material import (
    FrameMaterial,
    RecordingMaterial,
    Task,
    accuracy_on_test_frames,
    frame_accuracy,
    open_frame_material,
)
from dvs_snn.training.optimizers import schedule_of

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
    return variant(**values)


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
    short, dropping, averaged = (
        _train(_settings(epochs=1, **changes))
        for changes in ({}, {"dropout": 0.9}, {"averaging": 0.999})
    )
    # Dropout of nearly everything slows it down. The average changes what is kept alone.
    assert dropping.curve[0].loss > short.curve[0].loss == averaged.curve[0].loss
    assert weights_of(averaged) != weights_of(short)
    # In bfloat16 it learns alike, with weights that stay float32.
    half = _train(_settings(epochs=8, precision="bfloat16"))
    assert half.curve[-1].loss == pytest.approx(plain.curve[-1].loss, abs=0.15)
    assert half.curve[-1].loss != plain.curve[-1].loss
    assert {value.dtype for value in half.model.state_dict().values()} == {torch.float32}


def test_the_same_seed_trains_the_same_weights_and_another_others():
    settings = _settings(affine=AffineRanges(), dropout=0.3, epochs=2)
    torch.manual_seed(5)
    first = _train(settings)
    # Other draws from torch's global generator don't matter, and the training leaves it alone.
    drawn = torch.rand(3)
    again = _train(settings)
    torch.manual_seed(5)
    assert torch.equal(torch.rand(3), drawn)
    assert first.curve == again.curve
    assert weights_of(first) == weights_of(again)
    for changes in ({"seed": 2}, {"replicate": 2}):
        assert weights_of(first) != weights_of(_train(settings, **changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"loss_on": "potentials"},
        {"loss_on": "potentials", "averaging": 0.9},
        # Its loss is on potentials in any case, and so is that of a network that a CNN teaches.
        {"method": "quantised"},
        {"method": "trained-on", "loss_on": "outputs", "teacher_weight": 0.5},
    ],
)
def test_outputs_that_all_start_silent_read_what_training_on_potentials_taught(plain, changes):
    start = copy.deepcopy(plain.model)
    with torch.no_grad():
        start[5].weight.sub_(1.0)
    material = three_to_one(*block_frames(120))
    assert material.accuracy(start) == 0.0

    settings = _settings(epochs=1, learning_rate=1e-5, **changes)
    read = trained("coarse", material, settings, start=start, teacher=start)
    assert read.curve[0].validation_accuracy == 1.0
    potentials = read.model[:-1](torch.from_numpy(material.frames).float())
    assert torch.allclose(potentials.sum(dim=1), torch.zeros(120), atol=1e-3)


def test_centred_potentials_sum_to_zero_and_keep_their_differences():
    network = nn.Sequential(nn.Flatten(), nn.Linear(6, 4), nn.ReLU())
    frames = torch.rand(5, 1, 2, 3)
    before = network[:-1](frames)
    centre_potentials(network)
    after = network[:-1](frames)
    assert torch.allclose(after.sum(dim=1), torch.zeros(5), atol=1e-5)
    assert torch.allclose(after - after[:, :1], before - before[:, :1], atol=1e-5)


def test_weights_that_a_mask_prunes_stay():
    network = nn.Sequential(nn.Flatten(), nn.Linear(6, 4, bias=False), nn.ReLU())
    mask = torch.eye(4, 6) > 0
    register_parametrization(network[1], "weight", Masked(mask))
    before = network[1].weight.clone()
    centre_potentials(network)
    assert torch.equal(network[1].weight, before)


class Recorded:
    """Frames as recordings in a few time steps: every pixel's events lie in one of them."""

    def __init__(self) -> None:
        # Those asked for, in microseconds.
        self.lengths: list[int] = []

    def __len__(self) -> int:
        return 80

    def in_steps(self, step_us: int) -> list[BinnedRecording]:
        self.lengths.append(step_us)
        recordings = []
        for number, (frame, label) in enumerate(zip(*block_frames(80, 3), strict=True)):
            places = np.indices((64, 64)).reshape(2, -1)
            row, column = (place.repeat(frame[0].ravel()) for place in places)
            n_steps = 2 + number % 2 + step_us % 3
            step = np.sort((row + column) % n_steps)
            steps = StepEvents(step, row, column, n_steps, 0)
            recordings.append(BinnedRecording(str(number), "", int(label), "", steps, 0, 0.03))
        return recordings


def _train_from(recorded: Recorded, settings: Variant) -> TrainedNetwork:
    """Train further from fresh weights, on recordings if the method does so."""
    material = three_to_one(*block_frames(80, 3))
    if settings.through_time:
        material = RecordingMaterial(recorded, 0, material)
    with torch.random.fork_rng():
        torch.manual_seed(9)
        start = build_network("coarse")
    neurons = NeuronParameters(0.5, -1.0)
    return trained("coarse", material, settings, neurons=neurons, start=start)


def test_a_task_that_a_rule_gives_as_plain_values_has_the_settings_of_its_method():
    settings = _settings(**DRAWN)
    given = {
        "network": "coarse", "settings": trained_by(settings), "neurons": {"min_v_mem": -1.0},
        "seed": 1, "replicate": 2, "n_classes": 10,
    }  # fmt: skip
    task = converted({"task": Task}, {"task": json.loads(json.dumps(given))})["task"]
    assert task == Task("coarse", settings, NeuronParameters(min_v_mem=-1.0), 1, 2, 10)


DRAWN = {
    "method": "bptt", "synops": 20_000.0, "synops_start": 80_000.0, "drawn_step_ms": (1.0, 10.0),
    "epochs": 2,
}  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"optimizer": "soap", "dropout": 0.3},
        {"method": "qcfs", "dropout": 0.3},
        DRAWN,
        {"method": "quantised", "frame_steps": 2, "epochs": 2},
        {"method": "pruned", "epochs": 2},
    ],
    ids=["soap", "qcfs", "drawn", "split", "pruned"],
)
def test_every_method_trains_the_same_bytes_twice(changes):
    # Everything that draws or changes with time is on.
    drawing = {
        "batch_size": 16, "schedule": "cosine", "affine": AffineRanges(), "averaging": 0.9,
        "warmup": 0.3,
    }  # fmt: skip
    settings = _settings(**drawing | changes)
    first = _train_from(Recorded(), settings)
    again = _train_from(Recorded(), settings)
    assert weights_of(first) == weights_of(again)
    assert first.curve == again.curve


def test_each_batch_has_time_steps_of_its_own_length_from_the_whole_range():
    recorded = Recorded()
    _train_from(recorded, _settings(**DRAWN, batch_size=2))
    # Two epochs of 30 batches: half of the lengths lie below the geometric mean.
    lengths = np.array(recorded.lengths)
    assert len(set(recorded.lengths)) > 50
    assert 1000 <= lengths.min() < 1500 < 7000 < lengths.max() <= 10_000
    assert (lengths < 1000 * 10**0.5).mean() == pytest.approx(0.5, abs=0.15)


def test_the_best_epoch_on_validation_is_kept():
    frames, labels = block_frames(80)
    rng = np.random.default_rng(1)
    # Half of the labels are wrong, so that accuracy goes up and down.
    wrong = rng.random(len(labels)) < 0.5
    material = three_to_one(frames, np.where(wrong, rng.integers(0, 10, len(labels)), labels))
    settings = _settings(epochs=12, learning_rate=0.02)
    kept = _train(settings, material=material)
    accuracies = [record.validation_accuracy for record in kept.curve]
    assert kept.kept_epoch == accuracies.index(max(accuracies)) + 1
    assert kept.kept_epoch < len(accuracies)
    held = frames, material.validation_rows, material.labels
    assert frame_accuracy(kept.model, *held) == max(accuracies)
    # The weights equal the weights of a training that stops there.
    shorter = _train(replace(settings, epochs=kept.kept_epoch), material=material)
    assert weights_of(kept) == weights_of(shorter)
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
    assert frame_accuracy(kept.model, dark, np.arange(2), np.zeros(2, dtype=int)) == 0.0


def test_a_store_is_split_as_its_index_says(tmp_path):
    frames, labels = block_frames(40)
    splits = ["train", "train", "validation", "test"] * 10
    store = stored(tmp_path, frames, labels, splits)
    material = open_frame_material(*store)
    assert [splits[row] for row in material.rows] == ["train"] * 20
    assert [splits[row] for row in material.validation_rows] == ["validation"] * 10
    model, rows = coarse_network(), np.arange(3, 40, 4)
    expected = frame_accuracy(model, frames, rows, labels), 10
    assert accuracy_on_test_frames(model, *store) == expected


def test_a_dead_output_comes_to_life_only_by_its_potential():
    def one_dead() -> nn.Sequential:
        network = coarse_network()
        nn.init.constant_(network[5].weight[6], -0.05)
        return network

    # The output of digit 6 starts below zero for every frame.
    with offered(one_dead, "coarse"):
        on_potentials = _train(_settings(loss_on="potentials", epochs=12, learning_rate=0.01))
        assert on_potentials.curve[on_potentials.kept_epoch - 1].validation_accuracy == 1.0
        on_outputs = _train(_settings(loss_on="outputs", epochs=12))
    assert max(record.validation_accuracy for record in on_outputs.curve) <= 0.9


def test_a_network_that_cannot_learn_is_told_early_with_what_to_set():
    finite = r"expected a finite number.* lower training.learning_rate \(now 1e\+30\)"
    # Settings refuse steps so large, but smaller ones may do the same to other networks.
    endless = _settings()
    object.__setattr__(endless, "learning_rate", 1e30)
    with pytest.raises(StudyError, match=finite):
        _train(endless)

    def dead(layer: int) -> nn.Sequential:
        network = coarse_network()
        nn.init.constant_(network[layer].weight, -0.05)
        return network

    with offered(lambda: dead(1), "coarse"):
        told = r"no weight had a gradient in 2 batches .* in epoch 1,"
        with pytest.raises(StudyError, match=told):
            _train(_settings(loss_on="potentials", epochs=50))
    with offered(lambda: dead(5), "coarse"):
        told = "stuck at 2.3026.* set training.loss_on to potentials"
        with pytest.raises(StudyError, match=told):
            _train(_settings(loss_on="outputs"))


@pytest.mark.parametrize(
    ("schedule", "warmup", "rising"),
    [("constant", 0.25, 3), ("cosine", 0.01, 0), ("cosine", 0.25, 3)],
)
def test_the_step_size_rises_in_equal_parts_and_then_follows_its_schedule(schedule, warmup, rising):
    steps, start = 12, 0.02
    optimizer = torch.optim.Adam([nn.Parameter(torch.zeros(1))], lr=start)
    settings = _settings(schedule=schedule, warmup=warmup, learning_rate=start)
    course = schedule_of(optimizer, settings, steps)
    sizes = []
    for _ in range(steps):
        sizes.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        course.step()
    rise = [start * (step + 1) / rising for step in range(rising)]
    left = steps - rising
    fall = [
        start if schedule == "constant" else start * (1 + math.cos(math.pi * step / left)) / 2
        for step in range(left)
    ]
    assert sizes == pytest.approx([*rise, *fall])


def test_the_average_forgets_its_beginning_first_and_then_by_the_decay():
    network = nn.Linear(1, 1, bias=False)
    averaged = running_average(nn.Sequential(network), 0.6)
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


def test_the_precision_is_what_is_wanted_or_what_the_processor_has(monkeypatch):
    cpu = torch.device("cpu")
    assert choose_precision("float32", cpu) == torch.float32
    assert choose_precision("bfloat16", cpu) == torch.bfloat16
    for native, expected in ((True, torch.bfloat16), (False, torch.float32)):
        monkeypatch.setattr(
            torch.cpu, "_is_avx512_bf16_supported", lambda native=native: native, raising=False
        )
        assert choose_precision("auto", cpu) == expected
