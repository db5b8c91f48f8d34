"""A spiking network as plain arrays: what every engine runs, and how it is stored. No torch."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError
from dvs_snn.networks.geometry import Layer


@dataclass(frozen=True, eq=False)
class SpikingNetwork:
    """Weighted layers, each with integrate-and-fire neurons; all tuples have an entry a layer.

    Attributes:
        layers: the input is the `input_shape` of the first, (channel, height, width). Of two
            channels the first takes OFF events, the second ON events.
        weights: float32, (out, in / groups, row, column) or (out, in).
        biases: float32 (out,), added to the potentials in every time step; None: none.
        thresholds: potential at which a neuron fires, and loses as much.
        lower_bounds: of the potential; None: none.
        initial: potential at the start, a share of the threshold.
    """

    name: str
    layers: tuple[Layer, ...]
    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray | None, ...]
    thresholds: tuple[float, ...]
    lower_bounds: tuple[float | None, ...]
    initial: float = 0.0

    def scaled(self, *factors: float) -> "SpikingNetwork":
        """Return this network with the weights of its first layers, not the biases, rescaled."""
        scaled = [w * np.float32(factor) for w, factor in zip(self.weights, factors, strict=False)]
        return replace(self, weights=(*scaled, *self.weights[len(scaled) :]))


def save_spiking(network: SpikingNetwork, path: Path) -> None:
    """Store a network without pickle (safetensors)."""
    about = {field: getattr(network, field) for field in _ABOUT}
    about["layers"] = [asdict(layer) for layer in network.layers]
    arrays = {"weight": network.weights, "bias": network.biases}
    arrays = {
        f"{layer.name}.{kind}": np.ascontiguousarray(array)
        for kind, of_layers in arrays.items()
        for layer, array in zip(network.layers, of_layers, strict=True)
        if array is not None
    }
    with replacing(path) as temporary:
        save_file(arrays, temporary, metadata={"about": json.dumps(about, sort_keys=True)})


_ABOUT = "name", "thresholds", "lower_bounds", "initial"


def load_spiking(path: Path) -> SpikingNetwork:
    """Load what `save_spiking` stored; StudyError if damaged or of another kind."""
    try:
        with safe_open(path, framework="np") as file:
            about = json.loads((file.metadata() or {})["about"])
            arrays = {key: file.get_tensor(key) for key in file.keys()}
        layers = TypeAdapter(tuple[Layer, ...]).validate_python(about.pop("layers"))
        return SpikingNetwork(
            layers=layers,
            weights=tuple(arrays[f"{layer.name}.weight"] for layer in layers),
            biases=tuple(arrays.get(f"{layer.name}.bias") for layer in layers),
            **{key: _tupled(about[key]) for key in _ABOUT},
        )
    except (SafetensorError, KeyError, OSError, RecursionError, TypeError, ValueError) as error:
        raise StudyError(
            f"{path}: can't be read as a spiking network ({type(error).__name__}), expected what "
            "the convert rule wrote; delete the file and run again."
        ) from error


def _tupled(value: Sequence[float | None] | str | float) -> tuple[float | None, ...] | str | float:
    return tuple(value) if isinstance(value, list) else value
