"""Networks in NIR files: ours come back, others' do what they do in torch, wrong ones are told."""

import importlib
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import h5py
import nir
import numpy as np
import pytest
import torch
from nir_files import write_nir
from real_files import REAL, needs_real_files
from sinabs.activation import MembraneSubtract, MultiSpike
from sinabs.layers import IAFSqueeze, SumPool2d
from small_networks import ENGINES, assert_same_response, facts_of, lively, run, sinabs_spikes
from torch import nn
from walked_networks import assert_as_walked, walked

from dvs_snn.engines.kinds.own.layout import lay_out
from dvs_snn.engines.kinds.sinabs import one_a_step
from dvs_snn.engines.response import Response
from dvs_snn.engines.verification import first_events
from dvs_snn.files.errors import StudyError
from dvs_snn.networks.architectures import weighted
from dvs_snn.networks.conversion import as_spiking
from dvs_snn.networks.discretisation import discretise
from dvs_snn.networks.nir_guests import read_nir
from dvs_snn.networks.spiking_network import SpikingNetwork
from dvs_snn.recordings.placement import Placement, place
from dvs_snn.recordings.recording import read_recording
from dvs_snn.recordings.steps import StepEvents, bin_steps
from dvs_snn.settings.network_settings import NeuronParameters

torch.set_num_threads(1)
RNG = np.random.default_rng(8)


def _whole(*shape: int) -> np.ndarray:
    """Weights whose sums are exact in float32, with which neurons fire."""
    return RNG.integers(-2, 4, shape).astype(np.float32) / 4


def _neurons(*shape: int, threshold: float = 1.0, r: float = 1.0) -> nir.IF:
    return nir.IF(np.full(shape, r), np.full(shape, threshold))


def _nodes() -> dict[str, nir.NIRNode]:
    """A network with one of each node, on 9x7 pixels of two polarities; names in no order."""
    return {
        "z": nir.Input({"input": np.array([2, 9, 7])}),
        "y": nir.Conv2d(
            np.array([9, 7]), _whole(4, 1, 3, 3), (1, 1), (1, 1), (1, 1), 2, np.zeros(4)
        ),
        "c": _neurons(4, 9, 7, r=2.0),
        "x": nir.SumPool2d(np.array([2, 2]), np.array([2, 2]), np.array([0, 0])),
        "a": nir.Conv2d((4, 3), _whole(3, 4, 2, 2), (1, 1), (1, 0), (1, 1), 1, np.zeros(3)),
        "b": _neurons(3, 5, 2, threshold=2.0),
        "w": nir.AvgPool2d(np.array([2, 1]), np.array([2, 1]), np.array([0, 0])),
        "v": nir.Flatten({"input": np.array([3, 2, 2])}, start_dim=0),
        "e": nir.Linear(_whole(5, 12)),
        "u": _neurons(5),
        "d": nir.Affine(_whole(3, 5), np.zeros(3)),
        "t": _neurons(3),
        "out": nir.Output({"output": np.array([3])}),
    }


def _written(path: Path, nodes: dict[str, nir.NIRNode], edges=None) -> Path:
    ordered = {name: nodes[name] for name in sorted(nodes)}
    nir.write(path, nir.NIRGraph(ordered, sorted(edges or pairwise(nodes))))
    return path


def _two_polarities(n: int, shape: tuple[int, int, int], n_steps: int) -> StepEvents:
    step, channel, row, column = (np.sort(RNG.integers(0, n_steps, n)),
                                  *(RNG.integers(0, size, n) for size in shape))  # fmt: skip
    return StepEvents(step, row, column, n_steps, 0, None, channel, shape)


def test_a_network_of_all_nodes_is_read_along_its_edges_and_runs_in_both_engines(tmp_path):
    nodes = _nodes()
    network = read_nir(_written(tmp_path / "theirs.nir", nodes), -1.0)
    assert [layer.name for layer in network.layers] == ["conv1", "conv2", "fc1", "fc2"]
    assert network.layers[1].output_shape == (3, 5, 2)
    assert [part.threshold for part in network.parts] == [1.0, 2.0, 1.0, 1.0]
    steps = _two_polarities(300, (2, 9, 7), 5)
    response = _by_both(network, steps)
    assert_as_walked(response, walked(network, steps))
    assert response.spikes.sum() > 10
    np.testing.assert_array_equal(response.spikes, sinabs_spikes(_by_hand(nodes), steps)[0])
    lone, alone = _by_both(network, steps, "events"), walked(network, one_a_step(steps))
    assert [layer.synops for layer in lone.layers] == alone.synops
    np.testing.assert_array_equal(lone.spikes.sum(axis=0), alone.spikes.sum(axis=0))
    assert lone.spikes.sum() > 10


def _by_both(network: SpikingNetwork, steps: StepEvents, timing: str = "steps") -> Response:
    """Return what both engines answer alike."""
    answers = (run(network, 1.0, [steps], 1, kind, timing=timing) for kind in ENGINES)
    (ours,), (theirs,) = map(list, answers)
    assert_same_response(ours, theirs)
    return ours


def _by_hand(nodes: dict[str, nir.NIRNode]) -> nn.Sequential:
    """Write the same network in torch; sinabs' own reader takes names for the order of nodes."""

    def neurons(threshold: float) -> IAFSqueeze:
        kinds = {"spike_fn": MultiSpike, "reset_fn": MembraneSubtract(), "min_v_mem": -1.0}
        return IAFSqueeze(batch_size=1, spike_threshold=torch.tensor(threshold), **kinds)

    network = nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1, groups=2, bias=False), neurons(1.0), SumPool2d(2),
        nn.Conv2d(4, 3, 2, padding=(1, 0), bias=False), neurons(2.0), nn.AvgPool2d((2, 1)),
        nn.Flatten(), nn.Linear(12, 5, bias=False), neurons(1.0), nn.Linear(5, 3, bias=False),
        neurons(1.0),
    )  # fmt: skip
    weights = 2 * nodes["y"].weight, nodes["a"].weight, nodes["e"].weight, nodes["d"].weight
    for part, weight in zip(weighted(network), weights, strict=True):
        part.weight.data = torch.tensor(weight)
    return network


def _padded() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(1, 2, 5, stride=2, padding=(2, 1), bias=False), nn.ReLU(), nn.AvgPool2d((2, 3)),
        nn.AvgPool2d(2, padding=1), nn.Flatten(), nn.Linear(2 * 9 * 6, 4, bias=False), nn.ReLU(),
    )  # fmt: skip


@pytest.mark.parametrize("bound", [None, -0.25])
def test_our_networks_come_back_as_they_were_written(tmp_path, bound):
    neurons = NeuronParameters(0.5, bound, 0.25)
    networks = [discretise(as_spiking("strided-wide", lively("strided_wide", 3, 4), neurons), 1.41)]
    networks.append(as_spiking("padded", _padded(), neurons))
    for network in networks:
        write_nir(network, tmp_path / "network.nir")
        back = read_nir(tmp_path / "network.nir", -5.0)
        assert facts_of(back) == facts_of(network)


def _changed(*edges: tuple[str, str], **changes: nir.NIRNode) -> Callable[[Path], Path]:
    nodes = _nodes() | changes
    return lambda path: _written(path, nodes, [*pairwise(nodes), *edges])


def _damaged(change: Callable[[h5py.File], None]) -> Callable[[Path], Path]:
    def written(path: Path) -> Path:
        with h5py.File(_written(path, _nodes()), "r+") as file:
            change(file)
        return path

    return written


ONE = np.ones(3)


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (_changed(t=nir.LIF(ONE, ONE, 0 * ONE, ONE)), "node .t. ..LIF.. can't run.*train with"),
        (_changed(t=nir.LI(ONE, ONE, 0 * ONE)), "node .t. ..LI.. can't run.*let the outputs spike"),
        (_changed(d=nir.Affine(_whole(3, 5), ONE)), "node .d. ..Affine.. has biases, exp"),
        (_changed(t=nir.IF(ONE, np.arange(1.0, 4.0))), "node .t. ..IF.. has thresholds"),
        (_changed(t=nir.IF(ONE, 0 * ONE)), "node .t. ..IF.. has .* none above zero"),
        (_changed(e=nir.Linear(_whole(5, 99))), "layer e .Linear. can't take an input of shape"),
        (_changed(u=_nodes()["v"]), "layer d .Linear. follows a weighted layer without"),
        (_changed(z=nir.Input({"input": np.array([3, 9, 7])})), "node .z. ..Input.. has shape"),
        (_changed(("u", "d2"), ("d2", "t")), "an edge names the node 'd2', expected one that"),
        (_changed(("t", "e")), "13 edges don't lead .* without branches and loops"),
        (_damaged(lambda file: file.pop("node/nodes/d/bias")), "node .d. ..Affine.. has other"),
        (_damaged(lambda file: file.pop("node/nodes/d")), "an edge names the node .d., expected"),
        (_damaged(lambda file: file.pop("node/edges")), "can't be read as a NIR graph"),
        (lambda path: path, "can't be read as a NIR graph .*; write it with nir.write"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_run_is_told_in_one_sentence(tmp_path, made, told):
    with pytest.raises(StudyError, match=told) as raised:
        read_nir(made(tmp_path / "theirs.nir"), -1.0)
    assert str(raised.value).startswith(f"{tmp_path}/theirs.nir: ")
    assert "\n" not in str(raised.value)


def test_a_network_that_norse_wrote_is_read_and_runs(tmp_path):
    """Its thresholds are one number a layer, its input a batch of one; it writes no Flatten."""
    norse = pytest.importorskip("norse.torch", reason="benchmarks/requirements.txt has norse")
    to_nir = importlib.import_module("norse.torch.utils.export_nir").to_nir
    torch.manual_seed(3)
    shapes = (2, 4, 5), (4, 10, 6)
    convolutions = [nn.Conv2d(n_in, n_out, size, stride=3) for n_in, n_out, size in shapes]
    parameters = norse.IAFParameters(v_th=torch.tensor(0.125))
    parts = [part for conv in convolutions for part in (conv, norse.IAFCell(parameters))]
    for conv in convolutions:
        nn.init.zeros_(conv.bias)
    graph = to_nir(norse.SequentialState(*parts), torch.zeros(1, 2, 22, 22))
    for name, side in (("0", 22), ("2", 6)):
        graph.nodes[name].input_shape = (side, side)  # nir.write can't leave it out
    nir.write(tmp_path / "norse.nir", graph)
    network = read_nir(tmp_path / "norse.nir", -1.0)
    assert [part.threshold for part in network.parts] == [0.125, 0.125]
    assert [layer.output_shape for layer in network.layers] == [(4, 6, 6), (10, 1, 1)]
    for part, conv in zip(network.parts, convolutions, strict=True):
        np.testing.assert_array_equal(part.weight, conv.weight.detach())
    steps = _two_polarities(400, (2, 22, 22), 6)
    assert _by_both(discretise(network, 1.0), steps).spikes.sum() > 10


@needs_real_files
def test_the_published_network_reads_real_recordings_as_published():
    """sinabs read 0.9847 of its test set at 1 ms; these 100 recordings also trained it."""
    network = read_nir(REAL / "nir" / "cnn_sinabs.nir", -1.0)
    assert network.layers[0].input_shape == (2, 34, 34)
    assert sum(layer.weights for layer in network.layers) == 39_584
    files = sorted((REAL / "nmnist" / "train").glob("*/*.bin"))[::10]
    recordings = [read_recording(file, (34, 34)) for file in files]
    placement = Placement(1.88).on((2, 34, 34))
    placed = [place(recording, placement) for recording in recordings]
    assert not any(each.n_outside for each in placed)
    for one, recording in zip(placed, recordings, strict=True):
        np.testing.assert_array_equal(one.column, recording.events["x"])
        np.testing.assert_array_equal(one.channel, recording.events["p"])
    read = lay_out(network).respond([bin_steps(each, 1000) for each in placed])
    digits = [int(file.parent.name) for file in files]
    assert np.mean([answer.predicted for answer in read] == np.array(digits)) >= 0.97
    # In whole numbers both engines agree to the spike.
    whole, steps = discretise(network, 1.0), bin_steps(placed[0], 10_000)
    _by_both(whole, steps)
    _by_both(whole, first_events(steps, 500), "events")
