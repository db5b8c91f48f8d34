"""Networks in training fire as the engines do, to the spike; what they refuse; what SynOps cost."""

import numpy as np
import pytest
import torch
from small_networks import (
    offered,
    random_recordings,
    run,
    small_network,
    small_network_with_biases,
    with_small_weights,
)
from small_trainings import variant
from torch import nn

from dvs_snn.files.errors import StudyError
from dvs_snn.files.registry import load
from dvs_snn.networks.architectures import describe_layers
from dvs_snn.networks.conversion import as_spiking
from dvs_snn.networks.synops import fanout_map
from dvs_snn.recordings.steps import StepEvents
from dvs_snn.settings.method_settings import Variant
from dvs_snn.settings.network_settings import NeuronParameters
from dvs_snn.settings.variants import METHODS
from dvs_snn.training.forward import Forward
from dvs_snn.training.material import Batch, Task
from dvs_snn.training.method import GradientMethod
from dvs_snn.training.spiking_forward import split_frames

BPTT = variant("bptt")


def _batch(recordings: list[StepEvents]) -> Batch:
    images = np.concatenate([steps.dense(0, steps.n_steps) for steps in recordings])
    steps = torch.tensor([steps.n_steps for steps in recordings])
    return Batch(torch.from_numpy(images), torch.zeros(len(recordings), dtype=torch.int64), steps)


def _forward(network: nn.Sequential, neurons: NeuronParameters, settings: Variant) -> Forward:
    layers = describe_layers("test", network)
    task = Task("test", settings, neurons, 1, 1, 10)
    method = load(METHODS, settings.method, GradientMethod)
    return method.forward_of(network, layers, task, torch.float32)


def _with_readout(network: nn.Sequential) -> nn.Sequential:
    """Add a layer whose currents are the spikes of the network's ten outputs."""
    readout = nn.Linear(10, 10, bias=False)
    nn.init.eye_(readout.weight)
    return nn.Sequential(*network, readout, nn.ReLU())


def _cut(recording: StepEvents, n_steps: int) -> StepEvents:
    kept = recording.step < n_steps
    events = (getattr(recording, name)[kept] for name in ("step", "row", "column"))
    return StepEvents(*events, n_steps, 0)


@pytest.mark.parametrize("engine", ["own", "sinabs"])
@pytest.mark.parametrize("neurons", [NeuronParameters(1.0, -1.0), NeuronParameters(0.5, None, 0.5)])
def test_through_time_every_spike_is_the_engines(engine, neurons):
    recordings = random_recordings()
    network = with_small_weights(small_network(), np.random.default_rng(5), -1).eval()
    with offered(small_network, "small") as name:
        expected = list(run(as_spiking(name, network, neurons), 1.0, recordings, 3, engine))
    assert sum(response.spikes.sum() for response in expected) > 50
    forward = _forward(_with_readout(network), neurons, BPTT)
    for recording, response in zip(recordings, expected, strict=True):
        # A recording cut after each of its steps: what each step adds are the spikes of that step.
        cuts = [_cut(recording, n + 1) for n in range(recording.n_steps)]
        with torch.no_grad():
            summed, _ = forward(_batch(cuts))
        np.testing.assert_array_equal(np.diff(summed.numpy(), axis=0, prepend=0), response.spikes)
    with torch.no_grad():
        _, synops = _forward(network, neurons, BPTT)(_batch(recordings))
    total = sum(response.synops for response in expected)
    events = sum(len(recording.step) for recording in recordings)
    assert float(synops) == pytest.approx(total / events * 3000, rel=1e-12)


@pytest.mark.parametrize("settings", [variant("quantised"), variant("synop-loss", synops=1.0)])
def test_on_frames_each_relu_counts_whole_spikes(settings):
    """Layer by layer in plain torch: what is left of a spike is lost, and pools keep quarters."""
    rng = np.random.default_rng(2)
    frames = torch.from_numpy(rng.integers(0, 4, (6, 1, 64, 64)).astype(np.float32))
    network, threshold = with_small_weights(small_network(), rng, -2), 1.5
    layers = describe_layers("test", network)
    forward = _forward(network, NeuronParameters(threshold, -0.1), settings)
    with torch.no_grad():
        outputs, synops = forward(Batch(frames, torch.zeros(6, dtype=torch.int64)))
        value, total = frames, int((frames.sum(0).numpy() * fanout_map(layers[0])).sum())
        for number, first in enumerate((0, 3), start=1):
            spikes = torch.floor(torch.relu(network[first](value)) / threshold)
            total += int((spikes.sum(0).numpy() * fanout_map(layers[number])).sum())
            value = nn.functional.avg_pool2d(spikes, 2)
        expected = network[7](value.flatten(1))
    assert spikes.sum() > 0
    assert torch.equal(outputs, expected)
    assert float(synops) == pytest.approx(total / float(frames.sum()) * 3000, rel=1e-12)


def test_the_gradient_on_frames_is_that_of_the_cnn_where_no_spike_is_broken():
    """With whole weights, threshold 1 and sums of four, quantising changes nothing."""
    rng = np.random.default_rng(6)
    frames = torch.from_numpy(4.0 * rng.integers(0, 3, (3, 1, 64, 64)).astype(np.float32))
    network = with_small_weights(small_network(), rng, 2)
    outputs, _ = _forward(network, NeuronParameters(), variant("quantised"))(
        Batch(frames, torch.zeros(3, dtype=torch.int64))
    )
    expected = network[:-1](frames)
    assert torch.equal(outputs, expected)
    weights = [part.weight for part in network if hasattr(part, "weight")]
    gradients = (torch.autograd.grad(out.square().sum(), weights) for out in (outputs, expected))
    for ours, theirs in zip(*gradients, strict=True):
        assert torch.allclose(ours, theirs, rtol=1e-3)
        assert ours.abs().sum() > 0


@pytest.mark.parametrize("method", ["quantised", "pruned", "bptt"])
def test_networks_with_biases_are_refused_in_one_sentence(method):
    with pytest.raises(StudyError, match=rf"has a bias \(0.bias\), but method {method} can only"):
        _forward(small_network_with_biases(), NeuronParameters(), variant(method))


def test_the_surrogate_is_the_relus_on_frames_and_a_ramp_through_time_unless_it_is_set():
    """Of a neuron with less current than a spike needs, the ramp lets a part of it pass."""
    torch.manual_seed(1)
    network = with_small_weights(small_network(), np.random.default_rng(6), -3)
    frames = torch.from_numpy(np.random.default_rng(2).integers(0, 3, (3, 1, 64, 64))).float()
    batch = Batch(frames, torch.zeros(3, dtype=torch.int64), torch.ones(3, dtype=torch.int64))

    def gradient(method: str, **keys: str) -> torch.Tensor:
        outputs, _ = _forward(network, NeuronParameters(), variant(method, **keys))(batch)
        (of_weights,) = torch.autograd.grad(outputs.square().sum(), network[0].weight)
        return of_weights

    straight, ramp = (gradient("quantised", surrogate=name) for name in ("straight", "ramp"))
    assert not torch.equal(straight, ramp)
    assert torch.equal(gradient("quantised"), straight)
    assert torch.equal(gradient("bptt"), ramp)
    assert torch.equal(gradient("bptt", surrogate="straight"), straight)


def test_events_of_a_frame_fall_into_steps_evenly_and_none_is_lost():
    frames = torch.from_numpy(np.random.default_rng(1).integers(0, 9, (5, 1, 64, 64))).float()
    torch.manual_seed(3)
    split = split_frames(frames, 4).view(5, 4, 1, 64, 64)
    assert torch.equal(split.sum(dim=1), frames)
    assert torch.equal(split, split.round())
    assert (split >= 0).all()
    # Each event falls into one of four steps: mean and variance of a binomial's share.
    eights = split.permute(1, 0, 2, 3, 4)[:, frames == 8]
    assert eights.mean(dim=1).numpy() == pytest.approx([2.0] * 4, abs=0.15)
    assert eights.var(dim=1).numpy() == pytest.approx([8 * 0.25 * 0.75] * 4, abs=0.2)


def test_a_split_frame_is_a_recording_whose_steps_are_its_parts():
    rng = np.random.default_rng(4)
    frames = torch.from_numpy(rng.integers(0, 4, (3, 1, 64, 64)).astype(np.float32))
    network, neurons = with_small_weights(small_network(), rng, -2), NeuronParameters(1.0, -0.5)
    split, labels = variant("quantised", frame_steps=3), torch.zeros(3, dtype=torch.int64)
    with torch.no_grad():
        torch.manual_seed(7)
        outputs, synops = _forward(network, neurons, split)(Batch(frames, labels))
        torch.manual_seed(7)
        steps = Batch(split_frames(frames, 3), labels, torch.full((3,), 3))
        expected, counted = _forward(network, neurons, BPTT)(steps)
        whole, _ = _forward(network, neurons, variant("quantised"))(Batch(frames, labels))
    assert torch.equal(outputs, expected)
    assert float(synops) == float(counted)
    assert not torch.equal(outputs, whole)
