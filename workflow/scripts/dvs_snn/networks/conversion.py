"""From the trained CNN to the spiking network, and its stored form."""

import copy
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError
from dvs_snn.networks.architectures import INPUT_SHAPE, build_network, weighted
from dvs_snn.settings.conversion import NeuronParameters

DAMAGED = AttributeError, KeyError, OSError, RuntimeError, TypeError, ValueError


@dataclass(frozen=True, eq=False)
class Converted:
    """A network as stored: its CNN with trained weights and its neurons."""

    name: str
    cnn: nn.Sequential
    neurons: NeuronParameters


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


def convert(trained: Path, neurons: NeuronParameters, path: Path) -> None:
    """Store a trained CNN with its neuron parameters as a spiking network.

    sinabs builds the network once here: if it can't be converted, this job fails and no later one.
    """
    name, model, about = load_weights(trained)
    spiking_network(Converted(name, model, neurons), scale=1.0, batch_size=1)
    save_weights(path, name, model, neurons=asdict(neurons), **about)


def load_converted(path: Path) -> Converted:
    """Load a stored spiking network; StudyError if damaged, or if it wasn't converted."""
    name, model, about = load_weights(path)
    if "neurons" not in about:
        raise StudyError(
            f"{path}: holds no neuron parameters, expected a converted network, which the convert "
            "rule writes."
        )
    return Converted(name, model, NeuronParameters(**about["neurons"]))


def rescale_layers(model: nn.Sequential, *factors: float) -> nn.Sequential:
    """Multiply the weights of the first layers, not their biases, by `factors`, in place."""
    with torch.no_grad():
        for part, factor in zip(weighted(model), factors, strict=False):
            part.weight.mul_(factor)
    return model


def spiking_network(converted: Converted, scale: float, batch_size: int) -> nn.Sequential:
    """Build sinabs' spiking network with its first layer scaled by `scale`.

    The flat Sequential, in evaluation mode, takes (batch x time, 1, 64, 64) event counts, time
    running fastest, and keeps its state from call to call until it is reset.
    """
    # Imported here, since jobs that only load a network import this module too.
    import sinabs.layers
    from sinabs.activation import MembraneSubtract, MultiSpike
    from sinabs.from_torch import from_model

    model = rescale_layers(copy.deepcopy(converted.cnn).eval(), scale)
    network = from_model(
        model,
        input_shape=INPUT_SHAPE,
        spike_threshold=torch.tensor(converted.neurons.spike_threshold),
        spike_fn=MultiSpike,
        reset_fn=MembraneSubtract(),
        min_v_mem=converted.neurons.min_v_mem,
        batch_size=batch_size,
        spike_layer_class=sinabs.layers.IAFSqueeze,
    )
    return network.spiking_model.eval()
