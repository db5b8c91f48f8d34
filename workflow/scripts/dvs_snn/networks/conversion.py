"""From the trained CNN to the spiking network, and from that to sinabs' own form."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError
from dvs_snn.networks.architectures import build_network, describe_layers, weighted
from dvs_snn.networks.geometry import INSIDE
from dvs_snn.networks.spiking import SpikingNetwork, save_spiking
from dvs_snn.settings.conversion import NeuronParameters

DAMAGED = AttributeError, KeyError, OSError, RuntimeError, TypeError, ValueError


def save_weights(path: Path, name: str, model: nn.Sequential, **about: object) -> None:
    """Store weights without pickle (safetensors), with what is needed to rebuild the network."""
    state = {key: value.contiguous() for key, value in model.state_dict().items()}
    # One entry: safetensors writes several in no fixed order, and the same network must give the
    # same bytes.
    metadata = {"about": json.dumps({"network": name, **about}, sort_keys=True)}
    with replacing(path) as temporary:
        save_file(state, temporary, metadata=metadata)


def load_weights(path: Path) -> tuple[str, nn.Sequential, dict[str, object]]:
    """Load `save_weights`' name, CNN in evaluation mode and the rest; StudyError if damaged."""
    try:
        with safe_open(path, framework="pt") as file:
            about = json.loads((file.metadata() or {})["about"])
            state = {key: file.get_tensor(key) for key in file.keys()}
        name = about.pop("network")
        # A flat network's keys begin with the number of the layer.
        last = max(state, key=lambda key: int(key.split(".")[0]))
        model = build_network(name, len(state[last]))
        model.load_state_dict(state)
    except (SafetensorError, *DAMAGED) as error:
        raise StudyError(
            f"{path}: can't be read as the weights of a network ({type(error).__name__}), "
            f"expected what the train or convert rule wrote; delete the file and run again."
        ) from error
    return name, model.eval(), about


def as_spiking(name: str, cnn: nn.Sequential, neurons: NeuronParameters) -> SpikingNetwork:
    """Return a CNN as a spiking network: the same `neurons` in place of each ReLU."""
    parts = weighted(cnn)
    biases = (None if part.bias is None else _array(part.bias) for part in parts)
    return SpikingNetwork(
        name,
        layers=tuple(describe_layers(name, cnn)),
        weights=tuple(_array(part.weight) for part in parts),
        biases=tuple(biases),
        thresholds=(neurons.spike_threshold,) * len(parts),
        lower_bounds=(neurons.min_v_mem,) * len(parts),
        initial=neurons.initial_v_mem,
    )


def _array(parameter: nn.Parameter) -> np.ndarray:
    return parameter.detach().numpy().astype(np.float32)


def convert(weights: Path, neurons: NeuronParameters, network: Path) -> None:
    """Store a trained CNN with its neuron parameters as a spiking network.

    sinabs builds the network once here: if it can't be converted, this job fails and no later one.
    """
    name, model, _ = load_weights(weights)
    spiking = as_spiking(name, model, neurons)
    spiking_network(spiking, scale=1.0, batch_size=1)
    save_spiking(spiking, network)


def rescale_layers(model: nn.Sequential, *factors: float) -> nn.Sequential:
    """Multiply the weights of the first layers, not their biases, by `factors`, in place."""
    with torch.no_grad():
        for part, factor in zip(weighted(model), factors, strict=False):
            part.weight.mul_(factor)
    return model


def torch_layers(network: SpikingNetwork) -> Iterator[list[nn.Module]]:
    """Yield each layer in torch, without its neurons: pools, perhaps a Flatten, the weights."""
    for layer, weight, bias in zip(network.layers, network.weights, network.biases, strict=True):
        parts: list[nn.Module] = [
            nn.AvgPool2d(
                pool.kernel,
                pool.stride,
                pool.padding,
                count_include_pad=pool.divisor != INSIDE,
                divisor_override=pool.divisor or None,
            )
            for pool in layer.pools
        ]
        if layer.kind == "linear":
            parts += [nn.Flatten(), nn.Linear(weight.shape[1], len(weight), bias is not None)]
        else:
            channels = weight.shape[1] * layer.groups, len(weight)
            geometry = layer.kernel, layer.stride, layer.padding, layer.dilation, layer.groups
            parts.append(nn.Conv2d(*channels, *geometry, bias=bias is not None))
        state = {"weight": torch.tensor(weight)}
        state |= {} if bias is None else {"bias": torch.tensor(bias)}
        parts[-1].load_state_dict(state)
        yield parts


def spiking_network(network: SpikingNetwork, scale: float, batch_size: int) -> nn.Sequential:
    """Build sinabs' spiking network with its first layer scaled by `scale`.

    The flat Sequential, in evaluation mode, takes (batch x time, channel, height, width) event
    counts, time running fastest, and keeps its state from call to call.
    """
    # Imported here, since jobs that only load a network import this module too.
    from sinabs.activation import MembraneSubtract, MultiSpike
    from sinabs.layers import IAFSqueeze

    parts: list[nn.Module] = []
    neurons = zip(network.layers, network.thresholds, network.lower_bounds, strict=True)
    layers = torch_layers(network.scaled(scale))
    for before, (layer, threshold, bound) in zip(layers, neurons, strict=True):
        spiking = IAFSqueeze(
            batch_size=batch_size,
            spike_threshold=torch.tensor(float(threshold)),
            spike_fn=MultiSpike,
            reset_fn=MembraneSubtract(),
            min_v_mem=bound,
        )
        spiking.init_state_with_shape((batch_size, *layer.output_shape))
        spiking.v_mem.fill_(network.initial * threshold)
        parts += [*before, spiking]
    return nn.Sequential(*parts).eval()
