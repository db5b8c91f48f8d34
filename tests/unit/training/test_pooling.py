"""Fused ReLUs and pools against torch's own functions, bit by bit."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from dvs_snn.networks.architectures import build_network
from dvs_snn.settings.network_settings import NeuronParameters
from dvs_snn.training.neurons import fire
from dvs_snn.training.pooling import RectifiedPooling, with_rectified_pooling

SHAPES = st.tuples(st.integers(1, 3), st.integers(1, 17), st.integers(2, 9), st.integers(2, 9))


def _both(maps: torch.Tensor, seed: int = 0):
    """Return (map, gradient) of the fused module and of torch's functions."""
    results = []
    plain = nn.Sequential(nn.ReLU(), nn.AvgPool2d(2))
    for module in (RectifiedPooling(), plain):
        x = maps.clone().requires_grad_()
        pooled = module(x)
        generator = torch.Generator().manual_seed(seed)
        gradient = torch.randn(pooled.shape, generator=generator).to(maps.dtype)
        pooled.backward(gradient)
        results.append((pooled.detach(), x.grad))
    return results


@settings(max_examples=40, deadline=None)
@given(
    shape=SHAPES,
    seed=st.integers(0, 2**16),
    channels_last=st.booleans(),
    scale=st.sampled_from([1e-38, 1e-3, 1.0, 1e30]),
)  # fmt: skip
def test_equals_torch_in_every_bit(shape, seed, channels_last, scale):
    generator = torch.Generator().manual_seed(seed)
    maps = (torch.randn(shape, generator=generator) * scale).to(torch.bfloat16)
    if channels_last:
        maps = maps.contiguous(memory_format=torch.channels_last)
    (ours, our_gradient), (theirs, their_gradient) = _both(maps, seed)
    assert torch.equal(ours, theirs)
    assert torch.equal(our_gradient, their_gradient)


def test_zero_passes_no_gradient_infinity_passes_and_no_number_is_not_hidden():
    maps = torch.tensor([[0.0, -0.0], [float("inf"), -1.0]], dtype=torch.bfloat16)
    (ours, our_gradient), (theirs, their_gradient) = _both(maps[None, None])
    assert torch.equal(ours, theirs)
    assert torch.equal(our_gradient, their_gradient)
    assert our_gradient[0, 0, 0].tolist() == [0, 0]
    no_number = torch.full((1, 1, 2, 2), float("nan"), dtype=torch.bfloat16)
    assert torch.isnan(RectifiedPooling()(no_number)).all()
    fanouts, firsts = np.ones((2, 2), np.float32), np.arange(2)
    spikes, _ = fire(no_number.float(), firsts, fanouts, 2, NeuronParameters())
    assert torch.isnan(spikes).all()


@pytest.mark.parametrize(
    "parts",
    [
        [nn.ReLU(), nn.AvgPool2d(3)],
        [nn.ReLU(), nn.AvgPool2d(2, ceil_mode=True)],
        [nn.AvgPool2d(2), nn.ReLU()],
    ],
)
def test_other_pools_and_those_without_relu_stay_as_they_are(parts):
    kinds = [type(part) for part in with_rectified_pooling(build_network("tutorial"))]
    assert kinds.count(RectifiedPooling) == 3
    assert not {nn.AvgPool2d} & set(kinds)
    network = nn.Sequential(nn.Conv2d(1, 2, 3), *parts)
    assert list(with_rectified_pooling(network)) == list(network)
