"""QCFS: its activation by the paper's formula, and a conversion that counts the same levels."""

import math

import pytest
import torch
from small_networks import offered, small_network
from small_trainings import variant
from torch import nn

from dvs_snn.networks.architectures import describe_layers
from dvs_snn.settings.network_settings import NeuronParameters
from dvs_snn.training.forward import CappedReLU
from dvs_snn.training.material import Batch, Task
from dvs_snn.training.methods import qcfs, quantised


def test_the_activation_is_the_papers():
    activation = CappedReLU()
    values = [-3.0, -0.26, 0.0, 0.24, 0.26, 0.74, 0.76, 3.9, 7.7, 7.8, 8.0, 30.0]
    cap, levels = 8.0, 16
    expected = [
        cap * min(max(math.floor(x * levels / cap + 0.5) / levels, 0), 1) for x in values
    ]  # fmt: skip
    with torch.no_grad():
        assert activation(torch.tensor(values)).tolist() == expected


def test_its_gradients_pass_the_floor_and_train_the_cap():
    activation = CappedReLU()
    x = torch.tensor([-1.0, 2.3, 9.0], requires_grad=True)
    y = activation(x)
    (of_x,) = torch.autograd.grad(y.sum(), x, retain_graph=True)
    assert of_x.tolist() == [0, 1, 0]
    # Below the cap a larger cap moves a value by what rounding added; above it with the cap.
    of_cap = [torch.autograd.grad(part, activation.cap, retain_graph=True)[0].item() for part in y]
    assert of_cap == pytest.approx([0, (2.5 - 2.3) / 8, 1], abs=1e-6)


@pytest.mark.parametrize("threshold", [1.0, 0.7])
def test_below_the_caps_spikes_are_the_levels(threshold):
    torch.manual_seed(3)
    network = small_network()
    with torch.no_grad():
        for part in (network[0], network[3], network[7]):
            part.weight.mul_(3.0)
    layers = describe_layers("test", network)
    frames = torch.randint(0, 4, (5, 1, 64, 64)).float()
    batch = Batch(frames, torch.zeros(5, dtype=torch.int64))
    neurons = NeuronParameters(threshold, None, 0.5)
    forward = qcfs.forward_of(network, layers, None, torch.float32)
    capped = [part for part in network if isinstance(part, CappedReLU)]
    with torch.no_grad():
        for part, cap in zip(capped, (40.0, 60.0), strict=True):
            part.cap.fill_(cap)
        expected, _ = forward(batch)
        with offered(small_network, "small") as name:
            plain = qcfs.finish(network, Task(name, variant("qcfs"), neurons, 1, 1, 10))
        assert not any(isinstance(part, CappedReLU) for part in plain)
        assert [key for key in plain.state_dict() if "cap" in key] == []
        task = Task("small", variant("quantised"), neurons, 1, 1, 10)
        counted = quantised.forward_of(plain, layers, task, torch.float32)
        outputs, _ = counted(batch)
    assert expected.abs().max() > 0.1
    assert torch.allclose(outputs / threshold, expected, atol=1e-4)
    assert isinstance(plain[1], nn.ReLU)
