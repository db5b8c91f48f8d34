"""Exported networks: sinabs gives the expected spikes, from both of their files."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import nir
import numpy as np
import pandas as pd
import pytest
import sinabs.nir
import torch
from made_recordings import of_digit
from sinabs.layers import IAFSqueeze
from torch import nn

from dvs_snn.datasets.samples import PlacedRecording
from dvs_snn.evaluation.choosing.choice import CHOICE_COLUMNS
from dvs_snn.evaluation.exports import export_networks, write_network
from dvs_snn.events.placement import Placement, place
from dvs_snn.files.tables import write_table
from dvs_snn.networks import architectures as model
from dvs_snn.networks.conversion import Converted, convert, save_weights
from dvs_snn.networks.discretisation import Discretised, discretise
from dvs_snn.settings.conversion import NeuronParameters

CHECK = Path(__file__).parents[3] / "workflow" / "data" / "check_export.py"
torch.set_num_threads(1)


def _cnn(name: str) -> nn.Sequential:
    torch.manual_seed(2)
    cnn = model.build_network(name).eval()
    with torch.no_grad():
        for part in cnn:
            if isinstance(part, nn.Conv2d | nn.Linear):
                part.weight.mul_(4)
    return cnn


@pytest.fixture(scope="module")
def recordings() -> list[PlacedRecording]:
    return [
        PlacedRecording(
            f"{d}/x", f"{d}/x", d, "", place(of_digit(d, 3000, d, 64), Placement(1.0, 0, "none"))
        )
        for d in (1, 7)
    ]


@pytest.fixture(scope="module", params=["tutorial", "sorbaro"])
def network(request) -> Discretised:
    return discretise(Converted(request.param, _cnn(request.param), NeuronParameters()), 2.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, network, recordings) -> Path:
    folder = tmp_path_factory.mktemp("exports") / "one"
    about = {"variant": "plain", "seed": 1, "method": "rescaled", "scale": 2.0}
    write_network(folder, network, recordings, 10.0, CHECK, **about)
    return folder


def _check(folder: Path):
    """Load the folder's own program as a module."""
    spec = importlib.util.spec_from_file_location("check_export", folder / "check.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _expected(folder: Path) -> dict[str, np.ndarray]:
    with np.load(folder / "expected.npz", allow_pickle=False) as file:
        return {key: file[key] for key in file}


def _frames(expected: dict) -> torch.Tensor:
    frames = np.zeros((len(expected["output_0"]), 1, 64, 64), np.float32)
    np.add.at(frames, (expected["t_0"] // 10_000, 0, expected["row_0"], expected["column_0"]), 1)
    return torch.from_numpy(frames)


def test_sinabs_gives_the_expected_spikes_from_the_state_dict(folder):
    expected = _expected(folder)
    assert sum(int(expected[f"output_{i}"].sum()) for i in range(2)) > 10
    assert expected["label"].tolist() == [1, 7]
    check = _check(folder)
    assert check.differing() == 0
    # It would tell if a weight were another one.
    built = check.network

    def changed():
        network = built()
        network[0].weight.data[0] += 9
        return network

    check.network = changed
    assert check.differing() > 0


def test_the_program_runs_alone(folder):
    done = subprocess.run(
        [sys.executable, "check.py"], cwd=folder, capture_output=True, text=True, check=True
    )
    assert done.stdout == "0 numbers of spikes differ from the expected ones\n"


def test_the_nir_file_round_trips_once_the_lower_bounds_are_set(folder):
    about = json.loads((folder / "network.json").read_text(encoding="utf-8"))
    bounds = [one["min_v_mem"] for one in about["layers"] if one["kind"] == "IAFSqueeze"]
    expected = _expected(folder)
    loaded = sinabs.nir.from_nir(nir.read(folder / "network.nir"), batch_size=1).eval()
    neurons = [part for part in loaded.modules() if isinstance(part, IAFSqueeze)]
    assert len(neurons) == len(bounds)
    # What it loses: sinabs sets the bound to minus the threshold.
    for part, bound in zip(neurons, bounds, strict=True):
        assert (part.min_v_mem == -part.spike_threshold).all()
        assert bound < float(part.min_v_mem.min())

    def answer() -> np.ndarray:
        for part in neurons:
            part.reset_states()
        with torch.no_grad():
            found = loaded(_frames(expected))
        found = found[0] if isinstance(found, tuple) else found
        return found.numpy()

    assert (answer() != expected["output_0"]).any()
    for part, bound in zip(neurons, bounds, strict=True):
        part.min_v_mem = nn.Parameter(torch.tensor(float(bound)), requires_grad=False)
    np.testing.assert_array_equal(answer(), expected["output_0"])


def test_the_nir_file_holds_the_whole_numbers(folder, network):
    graph = nir.read(folder / "network.nir")
    weights = [node for node in graph.nodes.values() if isinstance(node, nir.Conv2d | nir.Affine)]
    for node, part, threshold in zip(weights, network.weighted, network.thresholds, strict=True):
        np.testing.assert_array_equal(node.weight, part.weight.detach().numpy())
        assert np.abs(node.weight).max() <= 128
        assert not np.any(node.bias)
        assert threshold == int(threshold)
    fired = [node for node in graph.nodes.values() if isinstance(node, nir.IF)]
    assert [node.v_threshold.ravel()[0] for node in fired] == list(network.thresholds)


def test_the_same_network_gives_the_same_bytes(tmp_path, folder, network, recordings):
    about = {"variant": "plain", "seed": 1, "method": "rescaled", "scale": 2.0}
    write_network(tmp_path / "two", network, recordings, 10.0, CHECK, **about)
    names = sorted(path.name for path in folder.iterdir() if path.is_file())
    for name in names:
        assert (tmp_path / "two" / name).read_bytes() == (folder / name).read_bytes(), name
    assert len(names) == 6


def test_only_quoted_networks_are_written(tmp_path, recordings):
    columns = ["variant", "method", "chosen", "scale"]
    rows = [("plain", "rescaled", 1, 2.0), ("plain", "rescaled", 0, 1.0), ("other", "x", 0, 1.0)]
    choice = pd.DataFrame(rows, columns=columns).reindex(columns=list(CHOICE_COLUMNS))
    write_table(choice, tmp_path / "choice.csv", CHOICE_COLUMNS)
    networks = {}
    for variant in ("other", "plain"):
        save_weights(tmp_path / "w.safetensors", "sorbaro", _cnn("sorbaro"))
        networks[f"{variant}~3"] = tmp_path / f"{variant}.safetensors"
        convert(tmp_path / "w.safetensors", NeuronParameters(), networks[f"{variant}~3"])
    found = export_networks(
        tmp_path / "choice.csv", networks, recordings, 10.0, CHECK, tmp_path / "exports"
    )
    assert found == 1
    assert [path.name for path in (tmp_path / "exports").iterdir()] == ["plain"]
    readme = (tmp_path / "exports/plain/seed-3/README.txt").read_text(encoding="utf-8")
    assert "method rescaled" in readme
    assert "multiplied by 2" in readme


def test_potentials_may_start_above_zero(tmp_path, recordings):
    found = {}
    for initial in (0.0, 0.5):
        neurons = NeuronParameters(initial_v_mem=initial)
        network = discretise(Converted("sorbaro", _cnn("sorbaro"), neurons), 2.0)
        folder = tmp_path / f"{initial}"
        about = {"variant": "plain", "seed": 1, "method": "qcfs", "scale": 2.0}
        write_network(folder, network, recordings, 10.0, CHECK, **about)
        assert _check(folder).differing() == 0
        found[initial] = _expected(folder)["conv1_0"].sum()
    assert found[0.5] > found[0.0]
