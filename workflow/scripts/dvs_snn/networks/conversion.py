"""From the trained CNN to the spiking network, and from that to sinabs' own form."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from dvs_snn.networks.architectures import build_network, describe_layers, weighted
from dvs_snn.networks.spiking_network import (
    SpikingLayer,
    SpikingNetwork,
    read_arrays,
    save_spiking,
    store_arrays,
)
from dvs_snn.settings.network_settings import NeuronParameters


@dataclass(frozen=True)
class ConvertJob:
    """What the rule `convert` gives: trained weights, and where their spiking network is stored."""

    weights: Path
    neurons: NeuronParameters
    network: Path


def convert(job: ConvertJob) -> None:
    """Store a trained CNN with its neuron parameters as a spiking network."""
    name, model, _ = load_weights(job.weights)
    save_spiking(as_spiking(name, model, job.neurons), job.network)


def save_weights(path: Path, name: str, model: nn.Sequential, **facts: object) -> None:
    """Store weights, with what is needed to rebuild the network."""
    state = {key: value.contiguous().numpy() for key, value in model.state_dict().items()}
    store_arrays(path, state, {"network": name, **facts})


def load_weights(path: Path) -> tuple[str, nn.Sequential, dict[str, Any]]:
    """Load what `save_weights` stored: the name, the CNN in evaluation mode and the facts."""
    arrays, facts = read_arrays(path)
    state = {key: torch.from_numpy(array) for key, array in arrays.items()}
    name = facts.pop("network")
    # A flat network's keys begin with the number of the layer.
    last = max(state, key=lambda key: int(key.split(".")[0]))
    model = build_network(name, len(state[last]))
    model.load_state_dict(state)
    return name, model.eval(), facts


def _array(parameter: torch.Tensor) -> np.ndarray:
    return parameter.detach().numpy().astype(np.float32)


def as_spiking(name: str, cnn: nn.Sequential, neurons: NeuronParameters) -> SpikingNetwork:
    """Return a CNN as a spiking network: the same `neurons` in place of each ReLU."""
    parts = tuple(
        SpikingLayer(
            layer,
            _array(module.weight),
            None if module.bias is None else _array(module.bias),
            neurons.spike_threshold,
            neurons.min_v_mem,
        )
        for layer, module in zip(describe_layers(name, cnn), weighted(cnn), strict=True)
    )
    return SpikingNetwork(name, parts, neurons.initial_v_mem)


def rescale_layers(model: nn.Sequential, *factors: float) -> nn.Sequential:
    """Multiply the weights of the first layers, not their biases, by `factors`, in place."""
    with torch.no_grad():
        for part, factor in zip(weighted(model), factors, strict=False):
            part.weight.mul_(factor)
    return model


def torch_layers(network: SpikingNetwork) -> Iterator[list[nn.Module]]:
    """Yield each layer in torch, without its neurons: pools, perhaps a Flatten, the weights."""
    for layer, weight, bias, _, _ in network.parts:
        parts: list[nn.Module] = [
            nn.AvgPool2d(pool.kernel, pool.stride, pool.padding, divisor_override=pool.divisor)
            for pool in layer.pools
        ]
        last: nn.Linear | nn.Conv2d
        if layer.kind == "linear":
            parts.append(nn.Flatten())
            last = nn.Linear(weight.shape[1], len(weight), bias is not None)
        else:
            last = nn.Conv2d(
                weight.shape[1] * layer.groups,
                len(weight),
                layer.kernel,
                layer.stride,
                layer.padding,
                layer.dilation,
                layer.groups,
                bias is not None,
            )
        last.weight.data = torch.tensor(weight)
        if bias is not None:
            last.bias = nn.Parameter(torch.tensor(bias))
        yield [*parts, last]


def spiking_network(network: SpikingNetwork, batch_size: int) -> nn.Sequential:
    """Build sinabs' spiking network, a flat Sequential in evaluation mode.

    It takes event counts (batch x time, channel, height, width), time running fastest, and keeps
    its state from call to call.
    """
    # Imported here, since jobs that only load a network import this module too.
    from sinabs.activation import MembraneSubtract, MultiSpike
    from sinabs.layers import IAFSqueeze

    modules: list[nn.Module] = []
    for before, part in zip(torch_layers(network), network.parts, strict=True):
        neurons = IAFSqueeze(
            batch_size=batch_size,
            spike_threshold=torch.tensor(float(part.threshold)),
            spike_fn=MultiSpike,
            reset_fn=MembraneSubtract(),
            min_v_mem=part.lower_bound,
        )
        neurons.init_state_with_shape((batch_size, *part.layer.output_shape))
        neurons.v_mem.fill_(network.initial * part.threshold)
        modules += [*before, neurons]
    return nn.Sequential(*modules).eval()
