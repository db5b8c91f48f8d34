"""The pure parts of the benchmark, and that each contestant runs the same network as sinabs."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

from speed.engines import LAYOUTS, PEERS, Engine

from dvs_snn.networks.architectures import build_network
from dvs_snn.networks.conversion import as_spiking
from dvs_snn.networks.spiking_network import SpikingNetwork
from dvs_snn.recordings.steps import StepEvents
from dvs_snn.settings.network_settings import NeuronParameters

torch.set_num_threads(1)

SAME = [name for name in PEERS if name != "ann"]


def _network(min_v_mem: float | None = -1.0) -> SpikingNetwork:
    """Return a network whose sums of weights are exact in float32, and whose neurons fire often."""
    torch.manual_seed(3)
    model = build_network("tutorial").eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randint(-12, 17, parameter.shape) / 32)
    return as_spiking("tutorial", model, NeuronParameters(1.0, min_v_mem))


@pytest.fixture(scope="module")
def recordings() -> list[StepEvents]:
    """Return recordings of unequal length, one longer than what is fed at once."""
    random = np.random.default_rng(5)
    made = []
    for n in (5, 33, 4):
        step = np.sort(random.integers(0, n, 60 * n))
        row, column = random.integers(20, 44, (2, len(step)))
        made.append(StepEvents(step, row, column, n, 0))
    return made


@pytest.fixture(scope="module")
def reference(recordings) -> list[np.ndarray]:
    """Return what sinabs answers."""
    answers = Engine("sinabs", _network(), 1.0, 2).answer(recordings)
    assert all(answer.sum() > 0 for answer in answers)
    return answers


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", ["own", "sinabs-steps", "compiled", *SAME])
def test_a_contestant_gives_sinabs_spikes_to_the_last(name, layout, recordings, reference):
    if name in PEERS:
        pytest.importorskip(PEERS[name][0])
    if name == "compiled" and not shutil.which("c++"):
        pytest.skip("no compiler of C++")
    engine = Engine(name, _network(), 1.0, 2, layout)
    for _ in range(2):  # nothing is left over from one run to the next
        for found, expected in zip(engine.answer(recordings), reference, strict=True):
            np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("name", SAME)
def test_a_peer_runs_without_a_lower_bound_and_scales_the_first_layer(name, recordings):
    pytest.importorskip(PEERS[name][0])
    expected = Engine("sinabs", _network(None), 2.0, 1).answer(recordings[:1])
    found = Engine(name, _network(None), 2.0, 1, "steps").answer(recordings[:1])
    np.testing.assert_array_equal(found[0], expected[0])
