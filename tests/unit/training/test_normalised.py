"""Normalisation: worked out by hand, and what must hold of any network."""

import copy

import numpy as np
import pytest
import torch
from small_networks import small_network, small_network_with_biases
from small_trainings import trained, variant
from torch import nn

from dvs_snn.training.material import FrameMaterial
from dvs_snn.training.methods import normalised

PIXELS = torch.tensor([[1.0, 0.0], [2.0, 1.0], [3.0, 0.0], [4.0, 5.0]])


def _two_layers(first, second) -> nn.Sequential:
    network = nn.Sequential(
        nn.Linear(2, 2, bias=False), nn.ReLU(), nn.Linear(2, 1, bias=False), nn.ReLU()
    )
    with torch.no_grad():
        network[0].weight.copy_(torch.tensor(first))
        network[2].weight.copy_(torch.tensor(second))
    return network


def _outputs(network: nn.Sequential, frames: torch.Tensor) -> list[np.ndarray]:
    """The outputs of each ReLU."""
    outputs, value = [], frames
    with torch.no_grad():
        for part in network:
            value = part(value)
            if isinstance(part, nn.ReLU):
                outputs.append(value.numpy())
    return outputs


def test_weights_by_hand():
    # Outputs of the first layer: 2 4 6 8, and 0 1 0 5; half of all eight lie below 3. Those of the
    # second: 1.0, 2.5, 3.0, 6.5, with the median 2.75.
    network = _two_layers([[2.0, 0.0], [0.0, 1.0]], [[0.5, 0.5]])
    assert normalised.normalise(network, PIXELS, 50.0, 1.0) == [3.0, 2.75]
    torch.testing.assert_close(network[0].weight, torch.tensor([[2 / 3, 0.0], [0.0, 1 / 3]]))
    torch.testing.assert_close(network[2].weight, torch.tensor([[1.5 / 2.75, 1.5 / 2.75]]))


@pytest.mark.parametrize(
    ("build", "percentile"), [(small_network, 100.0), (small_network_with_biases, 99.9)]
)
def test_the_percentile_becomes_one_and_outputs_keep_their_proportions(build, percentile):
    torch.manual_seed(2)
    network = build().eval()
    frames = torch.randint(0, 4, (20, 1, 64, 64)).float()
    before = _outputs(network, frames)
    scales = normalised.normalise(network, frames, percentile, 1.0)
    after = _outputs(network, frames)
    assert len(scales) == len(after) == 3
    for old, new, scale in zip(before, after, scales, strict=True):
        assert scale == pytest.approx(np.percentile(old, percentile), rel=1e-5)
        assert np.percentile(new, percentile) == pytest.approx(1.0, rel=1e-4)
        np.testing.assert_allclose(new * scale, old, atol=1e-4 * scale)


def test_with_another_threshold_a_neuron_fires_as_often():
    """Spikes are currents over the threshold: those of the second layer come from such spikes."""
    threshold = 0.4
    whole, lower = (_two_layers([[2.0, 1.0], [1.0, 1.0]], [[0.5, 0.25]]) for _ in range(2))
    normalised.normalise(whole, PIXELS, 90.0, 1.0)
    normalised.normalise(lower, PIXELS, 90.0, threshold)
    with torch.no_grad():
        first = lower[0](PIXELS).relu() / threshold
        torch.testing.assert_close(first, whole[0](PIXELS).relu())
        torch.testing.assert_close(lower[2](first).relu() / threshold, whole(PIXELS))


def test_the_training_has_no_epochs_and_leaves_the_start_as_it_was():
    torch.manual_seed(2)
    start = small_network().eval()
    before = copy.deepcopy(start.state_dict())
    frames = np.random.default_rng(1).integers(0, 4, (40, 1, 64, 64)).astype(np.uint8)
    # Bright frames to validate on must not count.
    frames[30:] *= 9
    material = FrameMaterial(frames, np.arange(40) % 10, np.arange(30), np.arange(30, 40))
    settings = variant("normalised", percentile=99.0)
    network = trained("small", material, settings, start=start)
    assert (network.curve, network.kept_epoch, network.precision) == ([], 0, "float32")
    torch.testing.assert_close(start.state_dict(), before, rtol=0, atol=0)
    outputs = _outputs(network.model, torch.from_numpy(frames[:30]).float())
    assert [np.percentile(layer, 99.0) for layer in outputs] == pytest.approx([1.0] * 3, rel=1e-4)
