"""The CNN that pays for its MACs: what it reads, what it counts, and what its gradient pulls."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from small_trainings import variant
from torch import nn

from dvs_snn.evaluation.cnn import CountedCnn
from dvs_snn.networks.architectures import build_network, describe_layers
from dvs_snn.recordings.frames import Frame
from dvs_snn.settings.network_settings import NeuronParameters
from dvs_snn.training.material import Batch, Task
from dvs_snn.training.whole_activations import whole_forward

torch.set_num_threads(1)


@pytest.fixture
def cnn() -> nn.Sequential:
    torch.manual_seed(3)
    network = build_network("tutorial")
    with torch.no_grad():
        for weight in network.parameters():
            weight.mul_(2.0)
    return network


def forward_of(cnn: nn.Sequential):
    task = Task("tutorial", variant("mac-loss", synops=1e6), NeuronParameters(), 1, 1, 10)
    return whole_forward(cnn, describe_layers("tutorial", cnn), task)


def test_it_reads_and_counts_as_the_evaluation_does(cnn):
    pixels = np.random.default_rng(1).poisson(0.3, (3, 1, 64, 64)).astype(np.uint8)
    batch = Batch(torch.from_numpy(pixels).float(), torch.zeros(3, dtype=torch.long))
    outputs, macs = forward_of(cnn)(batch)
    counted = replace(CountedCnn.of("tutorial", cnn.eval()), threshold=1.0)
    read = counted.response([Frame(each, 0, 0, 0) for each in pixels])
    np.testing.assert_allclose(torch.relu(outputs).detach().numpy(), read.outputs, rtol=1e-5)
    assert float(macs) == pytest.approx(read.macs_nonzero.sum() / pixels.sum() * 3000)
    # Most activations are 0, but not all: the count says something.
    assert 0.02 < read.macs_nonzero.sum() / (3 * counted.macs_per_frame) < 0.9


def test_paying_for_macs_makes_them_fewer(cnn):
    pixels = torch.poisson(torch.full((4, 1, 64, 64), 0.3))
    batch = Batch(pixels, torch.zeros(4, dtype=torch.long))
    forward = forward_of(cnn)
    optimizer = torch.optim.SGD(cnn.parameters(), lr=0.02)
    _, before = forward(batch)
    for _ in range(30):
        optimizer.zero_grad()
        _, macs = forward(batch)
        torch.log(macs).backward()
        optimizer.step()
    _, after = forward(batch)
    assert float(after) < 0.8 * float(before)
