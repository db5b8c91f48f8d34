"""Shards: the same bytes on any number of threads, and together the gradient of the whole batch."""

import io
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from small_networks import offered, random_recordings, small_network
from torch import nn
from torch.nn import functional

from dvs_snn.datasets.samples import BinnedRecording
from dvs_snn.files.job import Progress
from dvs_snn.settings.conversion import NeuronParameters
from dvs_snn.settings.training import AffineRanges, Variant
from dvs_snn.training.forward import excess, in_precision
from dvs_snn.training.loop import train
from dvs_snn.training.materials.frames import Frames
from dvs_snn.training.materials.recordings import Recordings
from dvs_snn.training.threads.gradients import add_gradients, cost_of
from dvs_snn.training.threads.shards import cut, in_threads

COUNTED = {"start": "plain", "synops": 1000.0, "synops_weight": 5.0, "teacher_weight": 0.5}
# The last batch has fewer samples than shards.
SETTINGS = Variant(
    epochs=2, batch_size=14, learning_rate=0.002, dropout=0.3, averaging=0.9, shards=4,
    loss_on="potentials",
)  # fmt: skip


def _material(variant: Variant) -> Frames | Recordings:
    rng = np.random.default_rng(5)
    rows = np.arange(44)
    frames = Frames(rng.poisson(0.4, (60, 1, 64, 64)).astype(np.uint8), rng.integers(0, 10, 60),
                    rows, np.arange(44, 60))  # fmt: skip
    if not variant.through_time:
        return frames
    recordings = [
        BinnedRecording(str(i), "", i % 10, "", one, 0, 0.05)
        for i, one in enumerate(random_recordings())
    ]
    return Recordings(recordings * (44 // len(recordings) + 1), frames)


def _bytes(variant: Variant, threads: int) -> tuple[bytes, list]:
    """Train and return the weights' bytes and the curve."""
    start = teacher = None
    if variant.start:
        with torch.random.fork_rng():
            torch.manual_seed(3)
            start = teacher = small_network()
        # Large positive weights, so that every output is alive.
        with torch.no_grad():
            for part in start.parameters():
                part.abs_().mul_(4)
    with offered(small_network, "small") as name:
        trained = train(
            name, _material(variant), variant, NeuronParameters(), start, 1, 1,
            Progress(io.StringIO()), None, teacher, threads=threads,
        )  # fmt: skip
    return b"".join(one.detach().numpy().tobytes() for one in trained.model.parameters()), (
        trained.curve
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"precision": "float32"},
        {"precision": "bfloat16"},
        {"optimizer": "soap"},
        {"method": "quantised", "start": "plain"},
        {"method": "qcfs", "start": "plain"},
        {"method": "synop-loss", "precision": "bfloat16", **COUNTED},
        {"method": "bptt", "batch_size": 6, "epochs": 1, **COUNTED, "teacher_weight": 0.0},
    ],
    ids=["float32", "bfloat16", "soap", "quantised", "qcfs", "synop-loss", "bptt"],
)
def test_any_number_of_threads_trains_the_same_bytes(changes):
    variant = replace(SETTINGS, **changes)
    found = [_bytes(variant, threads) for threads in (1, 2, 4, 7)]
    assert all(one == found[0] for one in found)
    assert _bytes(replace(variant, shards=2), 1) != found[0]


def test_threads_end_with_the_training_and_torch_has_one_in_each():
    def seen(number: int) -> tuple[int, int]:
        return number, torch.get_num_threads()

    with in_threads(3) as run:
        assert run(seen, [5, 6, 7, 8]) == [(5, 1), (6, 1), (7, 1), (8, 1)]
    with in_threads(1) as run:
        assert run(seen, [5, 6]) == [(5, 1), (6, 1)]


@pytest.mark.parametrize("n_shards", [1, 3, 4])
def test_the_shards_gradients_add_up_to_that_of_the_whole_batch(n_shards):
    torch.manual_seed(2)
    model = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(108, 10))
    model.double()
    images, target = torch.rand(11, 1, 8, 8).double(), torch.randint(0, 10, (11,))
    shards = cut(model, lambda network: network, n_shards, 1, 1)
    parts = np.array_split(np.arange(11), n_shards)
    losses = [
        functional.cross_entropy(shard.forward(images[part]), target[part])
        for shard, part in zip(shards, parts, strict=True)
    ]
    _, _, slopes, _ = cost_of(
        [float(one.detach()) for one in losses], [], [*map(len, parts)], [], None, 0.0
    )
    for loss, slope in zip(losses, slopes, strict=True):
        (loss * slope).backward()
    add_gradients(model, shards)
    found = [part.grad.clone() for part in model.parameters()]
    model.zero_grad()
    functional.cross_entropy(model(images), target).backward()
    for ours, whole in zip(found, model.parameters(), strict=True):
        torch.testing.assert_close(ours, whole.grad)


def test_a_step_of_the_network_is_seen_by_its_shards():
    model = small_network()
    shards = cut(model, lambda network: in_precision(network, torch.float32), 2, 1, 1)
    with torch.no_grad():
        next(model.parameters()).mul_(2)
    for shard in shards:
        for mine, shared in zip(shard.model.parameters(), model.parameters(), strict=True):
            assert torch.equal(mine, shared)


def test_what_a_batch_costs_is_worked_by_hand():
    """Three and one samples, 3,000 and 1,000 events; the batch's SynOps are 0.75 x 8 + 0.25 x 4."""
    cost, synops, by_loss, by_synops = cost_of([1.0, 3.0], [8.0, 4.0], [3, 1], [3000, 1000], 3.5, 2)
    assert synops == 7.0
    assert cost == pytest.approx(1.5 + 2 * math.log(2))
    assert by_loss == [0.75, 0.25]
    assert by_synops == pytest.approx([2 * 0.75 / 7, 2 * 0.25 / 7])
    below = cost_of([1.0, 3.0], [8.0, 4.0], [3, 1], [3000, 1000], 7.5, 2)
    assert below[0] == 1.5
    assert below[3] == [0, 0]
    assert float(excess(torch.tensor(7.0), 3.5)) == pytest.approx(math.log(2))


@pytest.mark.parametrize("layer", [nn.Dropout(0.25), nn.Dropout2d(0.25)])
def test_a_shard_drops_its_share_with_numbers_of_its_own(layer):
    shards = cut(nn.Sequential(nn.Conv2d(1, 1, 1), layer), lambda network: network, 2, 1, 1)
    ones = torch.ones(500, 20, 3, 3)
    first, second = (shard.model[1](ones) for shard in shards)
    assert not torch.equal(first, second)
    kept = first > 0
    assert kept.float().mean() == pytest.approx(0.75, abs=0.02)
    assert first[kept].unique().tolist() == pytest.approx([4 / 3])
    whole = kept.flatten(2).float().mean(2)
    is_channel = set(whole.flatten().tolist()) == {0.0, 1.0}
    assert is_channel == isinstance(layer, nn.Dropout2d)
    shards[0].model.eval()
    assert torch.equal(shards[0].model[1](ones), ones)


def test_augmentation_of_shards_differs():
    variant = replace(SETTINGS, affine=AffineRanges(), dropout=0.0, shards=2)
    assert _bytes(variant, 1) == _bytes(variant, 2)
