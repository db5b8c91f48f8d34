"""The search for a scale of each layer, against brute force and the network walked by hand."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from small_networks import offered, random_steps, small_network
from small_trainings import RecordedInSteps, trained
from torch import nn
from walked_networks import walked

from dvs_snn.engines.response import Response
from dvs_snn.networks.conversion import as_spiking, rescale_layers
from dvs_snn.recordings.store.event_store import BinnedRecording
from dvs_snn.settings.network_settings import NeuronParameters
from dvs_snn.settings.training_settings import Variant
from dvs_snn.training.material import FrameMaterial, RecordingMaterial
from dvs_snn.training.methods import layer_search

NEURONS = NeuronParameters(1.0, -1.0)


@settings(max_examples=50)
@given(st.lists(st.integers(-6, 6), min_size=1, max_size=4))
def test_where_layers_cost_apart_it_finds_the_best_of_the_whole_grid(best):
    def cost(place):
        return sum(abs(a - b) for a, b in zip(place, best, strict=True))

    assert layer_search.descend(cost, len(best)) == tuple(best)


def _network() -> nn.Sequential:
    torch.manual_seed(6)
    network = small_network().eval()
    with torch.no_grad():
        for part in network:
            if isinstance(part, nn.Conv2d | nn.Linear):
                part.weight.mul_(2.0)
    return network


def _recordings(n: int) -> list[BinnedRecording]:
    rng = np.random.default_rng(4)
    # A network answers only some of the recordings with these digits.
    return [
        BinnedRecording(str(number), "", number % 10, "", random_steps(rng, 80, 6, 40), 0, 0.06)
        for number in range(n)
    ]


def _cost(exponents: tuple[int, ...], recordings: list[BinnedRecording], weight: float) -> float:
    """The cost as the docstring tells it, of a network that is walked spike by spike."""
    network = _network()
    before = 0
    for part, exponent in zip((network[0], network[3], network[7]), exponents, strict=True):
        with torch.no_grad():
            part.weight.mul_(2 ** ((exponent - before) / 2))
        before = exponent
    spiking = as_spiking("small", network, NEURONS)
    wrong = synops = events = 0
    for recording in recordings:
        result = walked(spiking, recording.steps)
        wrong += Response(result.spikes, (), ()).predicted != recording.label
        synops += sum(result.synops)
        events += len(recording.steps.step)
    return 100 * wrong / len(recordings) + weight * math.log(3000 * synops / events)


@pytest.mark.parametrize("weight", [1.0, 30.0])
def test_the_network_found_is_the_best_of_a_brute_force(monkeypatch, weight):
    # A small grid that a round visits as a whole, layer by layer.
    monkeypatch.setattr(layer_search, "LARGEST", 1)
    recordings = _recordings(12)
    # Two thirds of the labels are the start's own answers, so that spikes are worth something.
    start = as_spiking("small", _network(), NEURONS)
    for n, recording in enumerate(recordings):
        answer = Response(walked(start, recording.steps).spikes, (), ()).predicted
        if n % 3:
            recordings[n] = replace(recording, label=answer or 0)
    nothing = FrameMaterial(np.zeros((0, 1, 64, 64), np.uint8), *[np.arange(0)] * 3)
    with offered(small_network, "small") as name:
        variant = Variant(method="layer-search", start="plain", synops_weight=weight)
        material = RecordingMaterial(RecordedInSteps(recordings), 1, nothing)
        network = trained(name, material, variant, neurons=NEURONS, start=_network())
    assert (network.curve, network.kept_epoch) == ([], 0)
    costs = {
        place: _cost(place, recordings, weight) for place in itertools.product((-1, 0, 1), repeat=3)
    }

    def weights_of(place):
        return rescale_layers(_network(), *layer_search.layer_factors(place)).state_dict()

    (place,) = [
        place for place in costs
        if all(map(torch.equal, weights_of(place).values(), network.model.state_dict().values()))
    ]  # fmt: skip
    assert costs[place] < costs[0, 0, 0]
    # No single move is cheaper; with so few layers none of the whole grid is.
    assert costs[place] == pytest.approx(min(costs.values()))
