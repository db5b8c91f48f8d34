"""A spiking network as plain arrays: what every engine runs, and how it is stored. No torch."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter
from safetensors import safe_open
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

    @property
    def parts(self) -> Iterator[tuple[Layer, np.ndarray, np.ndarray | None, float, float | None]]:
        """Of each layer itself, its weights, bias, threshold and lower bound."""
        neurons = self.thresholds, self.lower_bounds
        return zip(self.layers, self.weights, self.biases, *neurons, strict=True)

    @property
    def has_biases(self) -> bool:
        return any(bias is not None and bias.any() for bias in self.biases)

    def scaled(self, *factors: float) -> "SpikingNetwork":
        """Return this network with the weights of its first layers, not the biases, rescaled."""
        scaled = [w * np.float32(factor) for w, factor in zip(self.weights, factors, strict=False)]
        return replace(self, weights=(*scaled, *self.weights[len(scaled) :]))

    def bounded(self, lower_bound: float | None) -> "SpikingNetwork":
        """Return this network with one lower bound of all potentials; None: none."""
        return replace(self, lower_bounds=(lower_bound,) * len(self.layers))


def save_spiking(network: SpikingNetwork, path: Path) -> None:
    """Store a network; its layers name its arrays."""
    arrays = {}
    for layer, weight, bias, *_ in network.parts:
        arrays[f"{layer.name}.weight"] = np.ascontiguousarray(weight)
        arrays |= {} if bias is None else {f"{layer.name}.bias": bias}
    about = {key: value for key, value in vars(network).items() if key not in ("weights", "biases")}
    store_arrays(path, arrays, about | {"layers": [asdict(layer) for layer in network.layers]})


def store_arrays(path: Path, arrays: dict[str, np.ndarray], about: dict[str, object]) -> None:
    """Store arrays without pickle (safetensors), with what tells about them."""
    # One entry: safetensors writes several in no fixed order, and the same network must give the
    # same bytes.
    with replacing(path) as temporary:
        save_file(arrays, temporary, metadata={"about": json.dumps(about, sort_keys=True)})


def read_arrays(path: Path) -> tuple[dict[str, np.ndarray], dict[str, object]]:
    """Read what `store_arrays` stored; damaged bytes may raise anything."""
    with safe_open(path, framework="np") as file:
        about = json.loads((file.metadata() or {})["about"])
        return {key: file.get_tensor(key) for key in file.keys()}, about


def load_spiking(path: Path) -> SpikingNetwork:
    """Load what `save_spiking` stored; StudyError if damaged or of another kind."""
    try:
        arrays, about = read_arrays(path)
        layers = TypeAdapter(tuple[Layer, ...]).validate_python(about["layers"])
        return SpikingNetwork(
            about["name"],
            layers,
            weights=tuple(arrays[f"{layer.name}.weight"] for layer in layers),
            biases=tuple(arrays.get(f"{layer.name}.bias") for layer in layers),
            thresholds=tuple(about["thresholds"]),
            lower_bounds=tuple(about["lower_bounds"]),
            initial=about["initial"],
        )
    except Exception as error:
        raise StudyError(
            f"{path}: can't be read as a spiking network ({type(error).__name__}), expected what "
            "the convert rule wrote; delete the file and run again."
        ) from error
