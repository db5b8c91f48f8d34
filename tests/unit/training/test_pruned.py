"""Pruned networks: which weights stay, that zeros stay zeros, and what their SynOps count."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from small_networks import offered, random_recordings, run, small_network, with_small_weights
from small_trainings import (
    block_frames,
    coarse_network,
    three_to_one,
    trained,
    variant,
    weights_of,
)

from dvs_snn.networks.architectures import build_network, describe_layers
from dvs_snn.networks.conversion import as_spiking
from dvs_snn.settings.method_settings import Variant
from dvs_snn.settings.network_settings import NeuronParameters
from dvs_snn.settings.training_settings import AffineRanges
from dvs_snn.training.material import Batch, Task
from dvs_snn.training.methods import pruned

STILL = AffineRanges((1.0, 1.0), (0.0, 0.0), 0.0)


def _variant(**changes) -> Variant:
    values = {"epochs": 3, "batch_size": 30, "affine": STILL, "keep": "last"}
    return variant(**values | changes)


def test_the_largest_weights_stay_and_of_equal_ones_the_earlier():
    weight = torch.tensor([[0.1, -0.5], [0.3, 0.0], [-0.3, 0.2]])
    kept = {share: pruned.largest(weight, share).int().tolist() for share in (0.5, 1 / 3, 0.01, 1)}
    assert kept[0.5] == [[0, 1], [1, 0], [1, 0]]
    assert kept[1 / 3] == [[0, 1], [1, 0], [0, 0]]
    assert kept[0.01] == [[0, 1], [0, 0], [0, 0]]
    assert kept[1] == [[1, 1]] * 3


@pytest.mark.parametrize("optimizer", ["adam", "soap"])
def test_training_moves_the_kept_weights_alone(optimizer):
    with offered(coarse_network, "coarse") as name:
        torch.manual_seed(2)
        start = build_network(name)
        settings = _variant(
            method="pruned", kept_share=0.25, optimizer=optimizer, averaging=0.9, learning_rate=0.01
        )
        material = three_to_one(*block_frames(120))
        network = trained(name, material, settings, start=start)
    assert list(network.model.state_dict()) == list(start.state_dict())
    for before, after in zip(start.parameters(), network.model.parameters(), strict=True):
        sizes = before.detach().abs().flatten().numpy()
        kept = sizes >= np.sort(sizes)[-len(sizes) // 4]
        weights = after.detach().flatten().numpy()
        assert np.flatnonzero(weights).tolist() == np.flatnonzero(kept).tolist()
        assert not np.allclose(weights[kept], before.detach().flatten().numpy()[kept], atol=1e-4)
    losses = [record.loss for record in network.curve]
    assert all(later < sooner for sooner, later in pairwise(losses))


def test_training_counts_the_synops_that_the_engine_counts_at_weights_that_are_not_zero():
    recordings, neurons = random_recordings(), NeuronParameters()
    network = with_small_weights(small_network(), np.random.default_rng(5), -1).eval()
    task = Task("small", _variant(method="pruned", kept_share=0.3), neurons, 1, 1, 10)
    forward = pruned.forward_of(network, describe_layers("t", network), task, torch.float32)
    images = np.concatenate([each.dense(0, each.n_steps) for each in recordings])
    steps = torch.tensor([each.n_steps for each in recordings])
    with torch.no_grad():
        batch = Batch(torch.from_numpy(images), torch.zeros(len(steps), dtype=torch.int64), steps)
        _, synops = forward(batch)
    plain = pruned.finish(network, task)
    with offered(small_network, "small") as name:
        responses = list(run(as_spiking(name, plain, neurons), 1.0, recordings, 3, "own"))
    total = sum(response.synops_nonzero for response in responses)
    events = sum(len(recording.step) for recording in recordings)
    assert 0 < total < 0.6 * sum(response.synops for response in responses)
    assert float(synops) == pytest.approx(total / events * 3000, rel=1e-9)


def test_controls_without_paying_are_what_they_say():
    """A weight of 0 pays nothing; `trained-on` is the CNN, with its teacher."""
    material = three_to_one(*block_frames(120))
    with offered(coarse_network, "coarse") as name:
        cnn = trained(name, material, _variant(loss_on="potentials"), replicate=2).model

        def weights(**changes) -> list[bytes]:
            settings = _variant(**changes)
            return weights_of(trained(name, material, settings, start=cnn, teacher=cnn))

        free = weights(method="synop-loss", synops=10.0, synops_weight=0.0, teacher_weight=0.5)
        assert free == weights(method="quantised", teacher_weight=0.5)
        assert free != weights(method="synop-loss", synops=10.0, teacher_weight=0.5)
        on_potentials = {"loss_on": "potentials"}
        assert weights(method="trained-on", **on_potentials) == weights(**on_potentials)
        # It begins as its teacher, and at this rate stays so.
        still = {"teacher_weight": 1.0, "dropout": 0.0, "learning_rate": 1e-9}
        still = _variant(method="trained-on", **still)
        network = trained(name, material, still, start=cnn, teacher=cnn)
        assert network.curve[-1].loss == pytest.approx(0, abs=1e-6)
