"""From the trained CNN to the spiking network, and from that to sinabs' own form."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import nn

from dvs_snn.files.errors import StudyError
from dvs_snn.networks.architectures import build_network, describe_layers, weighted
from dvs_snn.networks.geometry import INSIDE
from dvs_snn.networks.spiking import SpikingNetwork, read_arrays, save_spiking, store_arrays
from dvs_snn.settings.network_settings import NeuronParameters


def save_weights(path: Path, name: str, model: nn.Sequential, **about: object) -> None:
    """Store weights, with what is needed to rebuild the network."""
    state = {key: value.contiguous().numpy() for key, value in model.state_dict().items()}
    store_arrays(path, state, {"network": name, **about})


def load_weights(path: Path) -> tuple[str, nn.Sequential, dict[str, object]]:
    """Load `save_weights`' name, CNN in evaluation mode and the rest; StudyError if damaged."""
    try:
        arrays, about = read_arrays(path)
        state = {key: torch.from_numpy(array) for key, array in arrays.items()}
        name = about.pop("network")
        # A flat network's keys begin with the number of the layer.
        last = max(state, key=lambda key: int(key.split(".")[0]))
        model = build_network(name, len(state[last]))
        model.load_state_dict(state)
    except Exception as error:
        raise StudyError(
            f"{path}: can't be read as the weights of a network ({type(error).__name__}), "
            f"expected what the train or convert rule wrote; delete the file and run again."
        ) from error
    return name, model.eval(), about


def as_spiking(name: str, cnn: nn.Sequential, neurons: NeuronParameters) -> SpikingNetwork:
    """Return a CNN as a spiking network: the same `neurons` in place of each ReLU."""
    parts = weighted(cnn)

    def arrays(of: str) -> tuple[np.ndarray | None, ...]:
        each = (getattr(part, of) for part in parts)
        return tuple(None if v is None else v.detach().numpy().astype(np.float32) for v in each)

    return SpikingNetwork(
        name,
        layers=tuple(describe_layers(name, cnn)),
        weights=arrays("weight"),
        biases=arrays("bias"),
        thresholds=(neurons.spike_threshold,) * len(parts),
        lower_bounds=(neurons.min_v_mem,) * len(parts),
        initial=neurons.initial_v_mem,
    )


def convert(weights: Path, neurons: NeuronParameters, network: Path) -> None:
    """Store a trained CNN with its neuron parameters as a spiking network."""
    name, model, _ = load_weights(weights)
    save_spiking(as_spiking(name, model, neurons), network)


def rescale_layers(model: nn.Sequential, *factors: float) -> nn.Sequential:
    """Multiply the weights of the first layers, not their biases, by `factors`, in place."""
    with torch.no_grad():
        for part, factor in zip(weighted(model), factors, strict=False):
            part.weight.mul_(factor)
    return model


def torch_layers(network: SpikingNetwork) -> Iterator[list[nn.Module]]:
    """Yield each layer in torch, without its neurons: pools, perhaps a Flatten, the weights."""
    for layer, weight, bias, *_ in network.parts:
        parts: list[nn.Module] = []
        for pool in layer.pools:
            of_all, divisor = pool.divisor != INSIDE, pool.divisor or None
            window = pool.kernel, pool.stride, pool.padding
            parts.append(nn.AvgPool2d(*window, False, of_all, divisor))
        if layer.kind == "linear":
            parts += [nn.Flatten(), nn.Linear(weight.shape[1], len(weight), bias is not None)]
        else:
            channels = weight.shape[1] * layer.groups, len(weight)
            geometry = layer.kernel, layer.stride, layer.padding, layer.dilation, layer.groups
            parts.append(nn.Conv2d(*channels, *geometry, bias=bias is not None))
        parts[-1].weight.data = torch.tensor(weight)
        if bias is not None:
            parts[-1].bias.data = torch.tensor(bias)
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
    layers = zip(torch_layers(network.scaled(scale)), network.parts, strict=True)
    for before, (layer, _, _, threshold, bound) in layers:
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
