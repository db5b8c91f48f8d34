"""Writes the quoted networks of whole numbers, with events and the spikes that they cause.

Whoever has a chip or another program can load a network and compare. A folder of a network holds
`network.nir`, `network.safetensors` (a state dict of sinabs), `network.json` (its layers),
`expected.npz`, `check.py` and `README.txt`.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

from dvs_snn.datasets.samples import PlacedRecording, binned
from dvs_snn.evaluation.choosing.choice import quoted_points
from dvs_snn.files.atomic import replacing, scratch_folder
from dvs_snn.inference.engines.event.discretised import lay_out_discretised
from dvs_snn.inference.engines.event.engine import walk
from dvs_snn.networks.architectures import describe_layers
from dvs_snn.networks.conversion import load_converted
from dvs_snn.networks.discretisation import Discretised, discretise, sum_pool_network
from dvs_snn.networks.nir_file import write_nir
from dvs_snn.settings.data import DIGITS

ABOUT = """\
Network `{network}`, variant {variant}, training seed {seed}, method {method}. Its first layer was
multiplied by {scale:g}. Weights are whole numbers of 8 bits; thresholds and lower bounds of 16.

network.safetensors  state dict of the sinabs network that check.py builds: weights, thresholds
                     (spike_threshold), lower bounds (min_v_mem). Potentials start at
                     {initial_v_mem:g} of the threshold.
network.json         its layers, in order, and the classes that its outputs stand for.
network.nir          the same network as a NIR graph.
expected.npz         {n_recordings} recordings, and what the network answers.
check.py             run `python check.py`: sinabs has to give all of the expected spikes.

expected.npz holds label, the right output of each recording (from 0), and for recording i:
  t_i, row_i, column_i  events on the network's 64x64 pixels; t in microseconds from the first one
  output_i              spikes of each output in each step of {step_ms:g} ms (time, output)
  <layer>_i             spikes of each neuron of a layer, summed over time

What network.nir loses: NIR knows no lower bound of the potential. sinabs' from_nir sets it to minus
the threshold. Set min_v_mem of each layer as in network.json, and the spikes are the same again.
NIR tells neither the time step, {step_ms:g} ms, nor where potentials start. Dropout, which does
nothing here, is left out. The CNN's average pools are sums: the weights after them were divided
by the pools' area.

What a chip does differently: it knows no steps. It takes events one by one and clips potentials at
each of them, so its spikes differ a little from these. Nothing here clips potentials at 16 bits.
"""


def layer_list(network: Discretised) -> list[dict[str, object]]:
    """Return the layers of sinabs' form as plain values: `check.py` builds the network of them."""
    described: list[dict[str, object]] = []
    for part in sum_pool_network(network, 1):
        kind = type(part).__name__
        if isinstance(part, nn.Conv2d):
            names = "in_channels out_channels kernel_size stride padding dilation groups"
        elif isinstance(part, nn.Linear):
            names = "in_features out_features"
        elif kind == "SumPool2d":
            names = "kernel_size stride"
        else:
            names = ""
        own: dict[str, object] = {name: getattr(part, name) for name in names.split()}
        if isinstance(part, nn.Conv2d | nn.Linear):
            own["bias"] = part.bias is not None
        if kind == "IAFSqueeze":
            own["spike_threshold"] = int(part.spike_threshold)
            own["min_v_mem"] = int(part.min_v_mem)
        described.append({"kind": kind, **own})
    return described


def _state(network: Discretised) -> dict[str, torch.Tensor]:
    """Return the state dict of sinabs' form without potentials."""
    state = sum_pool_network(network, 1).state_dict()
    return {key: own.contiguous() for key, own in state.items() if not key.endswith(".v_mem")}


def expected_spikes(
    network: Discretised, recordings: Sequence[PlacedRecording], step_ms: float
) -> dict[str, np.ndarray]:
    """Return the arrays of ``expected.npz``: recordings, and the spikes of every layer."""
    laid_out = lay_out_discretised(network)
    arrays = {"label": np.array([one.label for one in recordings], np.int64)}
    for i, one in enumerate(recordings):
        output, sums = walk(laid_out, binned(one, round(step_ms * 1000)).steps)
        placed = one.placed
        arrays |= {
            f"t_{i}": (placed.t - placed.t_first).astype(np.int64),
            f"row_{i}": placed.row.astype(np.uint8),
            f"column_{i}": placed.column.astype(np.uint8),
            f"output_{i}": output,
        }
        pairs = zip(laid_out.layers, sums, strict=True)
        arrays |= {f"{layer.name}_{i}": spikes for layer, spikes in pairs}
    return arrays


def write_network(
    folder: Path,
    network: Discretised,
    recordings: Sequence[PlacedRecording],
    step_ms: float,
    check: Path,
    **about: object,
) -> None:
    """Write the files of one network into a new folder.

    Args:
        check: the program that is copied as `check.py`.
        about: `variant`, `seed`, `method` and `scale`, as the README tells them, and `classes`.
    """
    folder.mkdir(parents=True)
    expected = expected_spikes(network, recordings, step_ms)
    spiking = [layer.name for layer in describe_layers(network.name, network.cnn)]
    told = {"network": network.name, "step_ms": step_ms, "initial_v_mem": network.initial, **about}
    listed = told | {"spiking": spiking, "layers": layer_list(network)}
    # safetensors makes files that only their owner may read.
    with replacing(folder / "network.safetensors") as temporary:
        save_file(_state(network), temporary)
    write_nir(network, folder / "network.nir")
    np.savez_compressed(folder / "expected.npz", **expected)
    text = json.dumps(listed, indent=1)
    (folder / "network.json").write_text(f"{text}\n", encoding="utf-8")
    readme = ABOUT.format(n_recordings=len(recordings), **told)
    (folder / "README.txt").write_text(readme, encoding="utf-8")
    shutil.copyfile(check, folder / "check.py")


def export_networks(
    choice: Path,
    networks: Mapping[str, Path],
    recordings: Sequence[PlacedRecording],
    step_ms: float,
    check: Path,
    folder: Path,
    classes: Sequence[str] = DIGITS,
) -> int:
    """Write every quoted network to ``<folder>/<variant>/seed-<seed>``; all appear or none.

    Args:
        networks: converted networks by ``<variant>~<seed>``.

    Returns:
        How many were written. Where methods quote the same variant, its folder tells the first.
    """
    written = 0
    with scratch_folder(folder) as scratch:
        whole = scratch / "exports"
        whole.mkdir()
        for name, path in networks.items():
            variant, seed = name.rsplit("~", 1)
            # Early exit stops other methods' networks.
            points = [point for point in quoted_points(choice, variant) if point.exit is None]
            for point in points[:1]:
                network = discretise(load_converted(path), point.scale)
                write_network(
                    whole / variant / f"seed-{seed}", network, recordings, step_ms, check,
                    variant=variant, seed=int(seed), method=point.method, scale=point.scale,
                    classes=list(classes),
                )  # fmt: skip
                written += 1
        if folder.exists():
            shutil.rmtree(folder)
        whole.rename(folder)
    return written
