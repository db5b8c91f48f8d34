"""Networks that are trained further learn what a lesson shows, and nothing else."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from jobs import quiet
from made_recordings import on_network
from small_networks import offered
from torch import nn

from dvs_snn.datasets.samples import PlacedRecording, binned
from dvs_snn.evaluation.cnn import ann_predict
from dvs_snn.realism.learning.further import train_further
from dvs_snn.realism.learning.lessons import Lesson
from dvs_snn.settings.conversion import NeuronParameters
from dvs_snn.settings.frames import FrameRule
from dvs_snn.settings.training import AffineRanges, Variant
from dvs_snn.training.materials.frames import Frames
from dvs_snn.training.materials.recordings import Recordings

STILL = AffineRanges((1.0, 1.0), (0.0, 0.0), 0.0)
SETTINGS = Variant(
    epochs=12, batch_size=16, learning_rate=0.01, affine=STILL,
    loss_on="potentials",
)  # fmt: skip


def rows_network() -> nn.Sequential:
    return nn.Sequential(nn.AvgPool2d(4), nn.Flatten(), nn.Linear(256, 10, bias=False), nn.ReLU())


def hidden_network() -> nn.Sequential:
    torch.manual_seed(1)
    first, second = nn.Linear(256, 32, bias=False), nn.Linear(32, 10, bias=False)
    return nn.Sequential(nn.AvgPool2d(4), nn.Flatten(), first, nn.ReLU(), second, nn.ReLU())


def frame(digit: int) -> np.ndarray:
    """Events in four rows that tell the digit."""
    pixels = np.zeros((1, 64, 64), np.uint8)
    pixels[0, 12 + 4 * digit : 16 + 4 * digit, 8:56] = 3
    return pixels


def recording(digit: int, number: int) -> PlacedRecording:
    _, row, column = np.nonzero(frame(digit))
    placed = on_network(np.arange(len(row)), row, column)
    return PlacedRecording("", f"{digit}/{number:04d}", digit, "", placed)


# Simulated frames show the digits 0 to 4, real recordings 5 to 9.
SIMULATED = Frames(
    np.stack([frame(digit) for digit in range(5)] * 40), np.tile(np.arange(5), 40), np.arange(200),
    np.arange(0),
)  # fmt: skip
REAL = [recording(digit, number) for digit in range(5, 10) for number in (1, 2, 3, 4)]


@pytest.fixture(autouse=True)
def small():
    with offered(rows_network, "small"), offered(hidden_network, "hidden"):
        yield


def further(
    lesson: str, start: nn.Sequential | None, replicate=1, simulated=SIMULATED, settings=SETTINGS,
    name="small",
) -> nn.Sequential:  # fmt: skip
    return train_further(
        name, simulated, REAL, Lesson.named(lesson), FrameRule("events", 192, 96, 1.0), None,
        10_000, settings, NeuronParameters(1.0, None), start, None, 1, replicate, quiet(),
    ).model  # fmt: skip


@pytest.fixture
def trained() -> nn.Sequential:
    """A network that knows no digit yet and whose outputs live."""
    torch.manual_seed(1)
    network = rows_network()
    nn.init.uniform_(network[2].weight, 0.0, 0.05)
    return network


def known(network: nn.Sequential) -> set[int]:
    return {digit for digit in range(10) if ann_predict(network, [frame(digit)]) == digit}


@pytest.mark.parametrize(
    ("lesson", "digits"),
    [("0", {0, 1, 2, 3, 4}), ("10", set(range(10))), ("10-alone", {5, 6, 7, 8, 9})],
)
def test_a_network_learns_the_digits_of_its_lesson(trained, lesson, digits, monkeypatch):
    # A longer course than the study's, for so few steps.
    course = {"epochs": 12, "learning_rate": 0.01}
    monkeypatch.setitem(train_further.__globals__, "ON_FRAMES", course)
    monkeypatch.setitem(train_further.__globals__, "FURTHER", {})
    before = copy.deepcopy(trained.state_dict())
    start = None if lesson.endswith("alone") else trained
    found = known(further(lesson, start))
    assert found >= digits
    # It may guess one of the digits that it never saw.
    assert len(found - digits) <= 1
    assert all(torch.equal(before[key], value) for key, value in trained.state_dict().items())


@pytest.mark.parametrize(
    ("lesson", "digits"),
    [("0", {0, 1, 2, 3, 4}), ("10", set(range(10))), ("10-alone", {5, 6, 7, 8, 9})],
)
def test_a_network_in_steps_learns_the_digits_of_its_lesson(lesson, digits, monkeypatch):
    course = {"epochs": 12, "learning_rate": 0.01}
    monkeypatch.setitem(train_further.__globals__, "IN_STEPS", course)
    monkeypatch.setitem(train_further.__globals__, "FURTHER", {})
    ours = [recording(digit, number) for digit in range(5) for number in range(40)]
    simulated = Recordings([binned(one, 10_000) for one in ours], SIMULATED)
    settings = replace(SETTINGS, method="bptt", start="plain", precision="float32")
    start = None if lesson.endswith("alone") else hidden_network()
    found = known(further(lesson, start, simulated=simulated, settings=settings, name="hidden"))
    assert found >= digits
    assert len(found - digits) <= 1


def test_the_course_repeats_and_other_trainings_see_other_recordings(trained):
    first, again, other = (further("5", trained, replicate) for replicate in (1, 1, 2))
    assert torch.equal(first[2].weight, again[2].weight)
    assert not torch.equal(first[2].weight, other[2].weight)


def test_the_study_goes_on_in_small_steps(trained):
    """Twelve epochs of the variant's own would move it further."""
    moved = (further("0", trained)[2].weight - trained[2].weight).abs().max()
    assert 0 < moved < 0.05
