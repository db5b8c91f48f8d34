"""A teacher's outputs against a hand-worked example; a network that learns from them alone."""

import math

import numpy as np
import pytest
import torch
from small_networks import offered
from small_trainings import block_frames, coarse_network, three_to_one, trained, variant
from torch import nn

from dvs_snn.settings.training_settings import AffineRanges
from dvs_snn.training.forward import Teacher, distance

CPU = torch.device("cpu")


def test_the_distance_is_the_divergence_of_two_digits_worked_by_hand():
    # Probabilities 3/4 and 1/4 of the teacher, 1/2 and 1/2 of the network, at temperature 2.
    taught = torch.tensor([[2 * math.log(3), 0.0]])
    outputs = torch.tensor([[5.0, 5.0]])
    expected = 0.75 * math.log(0.75 / 0.5) + 0.25 * math.log(0.25 / 0.5)
    assert float(distance(outputs, taught, 2.0)) == pytest.approx(4 * expected, rel=1e-6)


def _flat() -> nn.Sequential:
    network = nn.Sequential(
        nn.AvgPool2d(16), nn.Conv2d(1, 16, 1, bias=False), nn.ReLU(), nn.Dropout(0.5),
        nn.Flatten(), nn.Linear(256, 10, bias=False), nn.ReLU(),
    )  # fmt: skip
    nn.init.uniform_(network[1].weight, 0.1, 1.0)
    return network


def test_a_teacher_neither_drops_nor_rectifies_nor_changes_with_the_network():
    torch.manual_seed(0)
    network = _flat().train()
    images = torch.randint(0, 3, (8, 1, 64, 64)).float()
    rows, teacher = np.arange(8), Teacher(network, None, variant(), CPU, torch.float32)
    with torch.no_grad():
        expected = network.eval()[:-1](images)
        network[5].weight.zero_()
    torch.testing.assert_close(teacher.outputs(rows, images), expected)
    assert (expected < 0).any()
    assert not teacher.outputs(rows, images).requires_grad


def test_a_network_learns_from_its_teacher_where_the_labels_say_nothing():
    frames, digits = block_frames(240)
    labelled = three_to_one(frames, digits)
    shuffled = digits.copy()
    np.random.default_rng(0).shuffle(shuffled[:180])
    unlabelled = three_to_one(frames, shuffled)
    settings = {
        "epochs": 12, "batch_size": 20, "learning_rate": 0.01,
        "affine": AffineRanges((1.0, 1.0), (0.0, 0.0)), "keep": "last",
    }  # fmt: skip

    def accuracy(material, teacher, **changes) -> tuple[float, nn.Sequential]:
        with offered(coarse_network, "coarse") as name:
            learning = variant(**settings | changes)
            network = trained(name, material, learning, start=teacher, teacher=teacher)
        return network.curve[-1].validation_accuracy, network.model

    of_cnn, cnn = accuracy(labelled, None, loss_on="potentials")
    assert of_cnn > 0.95
    alone, _ = accuracy(unlabelled, cnn, method="quantised")
    taught, _ = accuracy(unlabelled, cnn, method="quantised", teacher_weight=1.0)
    assert taught > 0.95 > alone + 0.2
