"""Exported networks: sinabs gives the expected spikes from the NIR file."""

from pathlib import Path

import nir
import numpy as np
import pandas as pd
import pytest
import sinabs.nir
import torch
from jobs import quiet
from made_recordings import of_digit
from sinabs.layers import IAFSqueeze
from small_networks import lively
from torch import nn

from dvs_snn.files.tables import schema, write_table
from dvs_snn.networks.conversion import ConvertJob, convert, save_weights
from dvs_snn.publication.exports import ExportJob, export
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.store.event_store import StoredRecording, store_recordings
from dvs_snn.settings.data import DIGITS
from dvs_snn.settings.network_settings import NeuronParameters

torch.set_num_threads(1)


def _exported(folder: Path, name: str, initial: float) -> Path:
    """Export the quoted one of two networks; return the exports' folder."""
    columns = ["variant", "method", "chosen", "scale"]
    rows = [("plain", "rescaled", 1, 2.0), ("plain", "rescaled", 0, 1.0), ("other", "x", 0, 1.0)]
    choice = pd.DataFrame(rows, columns=columns).reindex(columns=schema("stored_choice"))
    write_table(choice, folder / "choice.csv", "stored_choice")
    save_weights(folder / "w.safetensors", name, lively(name, 2, 4))
    networks = {f"{name}~3": folder / f"{name}.safetensors" for name in ("other", "plain")}
    for path in networks.values():
        neurons = NeuronParameters(initial_v_mem=initial)
        convert(ConvertJob(folder / "w.safetensors", neurons, path))
    recordings = [
        StoredRecording(f"{d}/x", f"{d}/x", d, "", "", of_digit(d, 3000, d, 64)) for d in (1, 7)
    ]
    files = [folder / name for name in ("set.npy", "set.csv")]
    store_recordings(recordings, *files)
    job = ExportJob(
        networks=list(networks.values()),
        names=list(networks),
        choice=folder / "choice.csv",
        events=files[0],
        recorded=files[1],
        placements={"": Placement()},
        recordings=2,
        step_ms=10.0,
        classes=list(DIGITS),
        folder=folder / "exports",
    )
    export(job, quiet())
    return folder / "exports"


@pytest.fixture(scope="module", params=[("tutorial", 0.0), ("strided", 0.5)])
def exported(request, tmp_path_factory) -> tuple[Path, str, float]:
    """Return the exports' folder, the name of the network and where its potentials start."""
    return _exported(tmp_path_factory.mktemp("study"), *request.param), *request.param


def test_sinabs_gives_the_expected_spikes_once_bounds_and_starts_are_set(exported):
    folder, _, initial = exported
    with np.load(folder / "plain/seed-3/expected.npz", allow_pickle=False) as file:
        expected = {key: file[key] for key in file}
    assert expected["label"].tolist() == [1, 7]
    assert expected["classes"].tolist() == list("0123456789")
    assert expected["initial_v_mem"] == initial
    graph = nir.read(folder / "plain/seed-3/network.nir")
    weights = [node.weight for node in graph.nodes.values() if hasattr(node, "weight")]
    for weight in weights:
        np.testing.assert_array_equal(weight, weight.round())
    assert max(np.abs(weight).max() for weight in weights) <= 128
    loaded = sinabs.nir.from_nir(graph, batch_size=1).eval()
    neurons = [part for part in loaded.modules() if isinstance(part, IAFSqueeze)]

    def answer(i: int) -> np.ndarray:
        step = expected[f"t_{i}"] // round(float(expected["step_ms"]) * 1000)
        frames = np.zeros((len(expected[f"output_{i}"]), 1, 64, 64), np.float32)
        np.add.at(frames, (step, 0, expected[f"row_{i}"], expected[f"column_{i}"]), 1)
        with torch.no_grad():
            loaded(torch.from_numpy(frames[:1]))  # so that potentials have their shapes
            for part in neurons:
                part.reset_states()
                part.v_mem.copy_((initial * part.spike_threshold).expand_as(part.v_mem))
            spikes = loaded(torch.from_numpy(frames))
        return (spikes[0] if isinstance(spikes, tuple) else spikes).numpy()

    assert expected["output_0"].sum() > 10
    # sinabs sets a bound that NIR doesn't know to minus the threshold.
    assert (answer(0) != expected["output_0"]).any()
    for part, bound in zip(neurons, expected["min_v_mem"], strict=True):
        part.min_v_mem = nn.Parameter(torch.tensor(float(bound)), requires_grad=False)
    for i in range(2):
        np.testing.assert_array_equal(answer(i), expected[f"output_{i}"])


def test_only_quoted_networks_are_written_and_their_bytes_repeat(tmp_path, exported):
    folder, *about = exported
    again = _exported(tmp_path, *about)
    paths = [path for path in folder.rglob("*") if path.is_file()]
    names = {path.relative_to(folder).as_posix() for path in paths}
    assert names == {"plain/seed-3/network.nir", "plain/seed-3/expected.npz"}
    for path in paths:
        assert (again / path.relative_to(folder)).read_bytes() == path.read_bytes(), path
