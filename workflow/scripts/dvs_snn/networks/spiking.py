"""A spiking network as plain arrays: what every engine runs, and how it is stored. No torch."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from pydantic import TypeAdapter
from safetensors import safe_open
from safetensors.numpy import save_file

from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError
from dvs_snn.networks.geometry import Layer


class SpikingLayer(NamedTuple):
    """One entry of each tuple of a `SpikingNetwork`."""

    layer: Layer
    weight: np.ndarray
    bias: np.ndarray | None
    threshold: float
    lower_bound: float | None


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

    @classmethod
    def of_parts(cls, name: str, parts: Sequence[SpikingLayer], initial: float) -> "SpikingNetwork":
        """Return the network of these layers."""
        return cls(
            name,
            layers=tuple(part.layer for part in parts),
            weights=tuple(part.weight for part in parts),
            biases=tuple(part.bias for part in parts),
            thresholds=tuple(part.threshold for part in parts),
            lower_bounds=tuple(part.lower_bound for part in parts),
            initial=initial,
        )

    @property
    def parts(self) -> list[SpikingLayer]:
        """Return its layers one by one."""
        return list(
            map(
                SpikingLayer,
                self.layers,
                self.weights,
                self.biases,
                self.thresholds,
                self.lower_bounds,
            )
        )

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
    for part in network.parts:
        arrays[f"{part.layer.name}.weight"] = np.ascontiguousarray(part.weight)
        if part.bias is not None:
            arrays[f"{part.layer.name}.bias"] = part.bias
    facts = {
        "name": network.name,
        "layers": [asdict(layer) for layer in network.layers],
        "thresholds": network.thresholds,
        "lower_bounds": network.lower_bounds,
        "initial": network.initial,
    }
    store_arrays(path, arrays, facts)


def store_arrays(path: Path, arrays: dict[str, np.ndarray], facts: dict[str, Any]) -> None:
    """Store arrays without pickle (safetensors), with facts about them, as JSON."""
    # One entry: safetensors writes several in no fixed order, and the same network must give the
    # same bytes.
    with replacing(path) as temporary:
        save_file(arrays, temporary, metadata={"about": json.dumps(facts, sort_keys=True)})


def read_arrays(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Read what `store_arrays` stored; damaged bytes may raise anything."""
    with safe_open(path, framework="np") as file:
        facts = json.loads((file.metadata() or {})["about"])
        return {key: file.get_tensor(key) for key in file.keys()}, facts


def load_spiking(path: Path) -> SpikingNetwork:
    """Load what `save_spiking` stored; StudyError if damaged or of another kind."""
    try:
        arrays, facts = read_arrays(path)
        layers = TypeAdapter(tuple[Layer, ...]).validate_python(facts["layers"])
        return SpikingNetwork(
            facts["name"],
            layers,
            weights=tuple(arrays[f"{layer.name}.weight"] for layer in layers),
            biases=tuple(arrays.get(f"{layer.name}.bias") for layer in layers),
            thresholds=tuple(facts["thresholds"]),
            lower_bounds=tuple(facts["lower_bounds"]),
            initial=facts["initial"],
        )
    except Exception as error:
        raise StudyError(
            f"{path}: can't be read as a spiking network ({type(error).__name__}), expected what "
            "the convert rule wrote; delete the file and run again."
        ) from error
