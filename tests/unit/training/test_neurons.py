"""Neurons in training against their equations in plain torch, forward and backward."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch.nn import functional

from dvs_snn.settings.network_settings import NeuronParameters
from dvs_snn.training.neurons import fire

FIRSTS = np.array([0, 5, 6, 13])


class _Fired(torch.autograd.Function):
    """Spikes by the potential in units of the threshold, and the surrogate of their derivative."""

    @staticmethod
    def forward(ctx, x, is_straight):
        ctx.save_for_backward(x)
        ctx.is_straight = is_straight
        return torch.floor(x.clamp(min=0))

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        slope = (x > 0).float() if ctx.is_straight else x.clamp(0, 1)
        return gradient * slope, None


def _reference(currents, fanouts, pool, neurons, is_straight):
    """The same by torch's own gradients, step by step."""
    threshold, lower = neurons.spike_threshold, neurons.min_v_mem
    spikes = []
    for begin, end in pairwise(FIRSTS):
        v = torch.full_like(currents[0], neurons.initial_v_mem * threshold)
        for image in range(begin, end):
            v = v + currents[image]
            n = _Fired.apply(v / threshold, is_straight)
            v = v - n * threshold
            if lower is not None:
                v = torch.where(v >= lower, v, torch.full_like(v, lower))
            spikes.append(n)
    spikes = torch.stack(spikes)
    synops = (spikes * fanouts).sum()
    return functional.avg_pool2d(spikes, 2) if pool == 2 else spikes, synops


@pytest.mark.parametrize(
    ("shape", "pool", "neurons", "is_straight"),
    [
        ((3, 7, 6), 1, NeuronParameters(1.0, None), False),
        ((3, 7, 6), 2, NeuronParameters(1.0, -0.5), False),
        ((3, 7, 6), 2, NeuronParameters(0.5, -2.0, 0.5), False),
        ((9,), 1, NeuronParameters(2.0, None), True),
        ((9,), 1, NeuronParameters(0.5, -2.0, 0.5), False),
    ],
)
def test_spikes_and_gradients_are_those_of_the_equations(shape, pool, neurons, is_straight):
    draw = torch.Generator().manual_seed(4)
    # Eighths: sums are exact, and some potentials lie just at the threshold and at the bound.
    currents = torch.randint(-14, 22, (FIRSTS[-1], *shape), generator=draw) / 8
    fanouts = torch.randint(1, 9, shape, generator=draw).float()
    rows = fanouts.permute(1, 2, 0).reshape(shape[1], -1) if len(shape) == 3 else fanouts[None]
    ours, theirs = (currents.clone().requires_grad_() for _ in range(2))
    spikes, synops = fire(ours, FIRSTS, rows.contiguous().numpy(), pool, neurons, is_straight)
    expected, expected_synops = _reference(theirs, fanouts, pool, neurons, is_straight)
    assert torch.equal(spikes, expected)
    assert synops.item() == expected_synops.item() > 0
    weights = torch.randn(expected.shape, generator=draw)
    for out, total in ((spikes, synops), (expected, expected_synops)):
        ((out * weights).sum() + 0.125 * total).backward()
    assert torch.allclose(ours.grad, theirs.grad, rtol=1e-4, atol=1e-5)
    assert ours.grad.abs().sum() > 1
