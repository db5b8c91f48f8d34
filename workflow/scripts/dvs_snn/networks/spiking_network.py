"""A spiking network as plain arrays: what every engine runs, and how it is stored. No torch."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from pydantic import TypeAdapter
from safetensors import safe_open
from safetensors.numpy import save_file

from dvs_snn.files.atomic import replacing
from dvs_snn.networks.geometry import Layer


class SpikingLayer(NamedTuple):
    """A weighted layer and its integrate-and-fire neurons.

    Attributes:
        weight: float32, (out, in / groups, row, column) or (out, in).
        bias: float32 (out,), added to the potentials in every time step; None: none.
        threshold: potential at which a neuron fires, and loses as much.
        lower_bound: of the potential; None: none.
    """

    layer: Layer
    weight: np.ndarray
    bias: np.ndarray | None
    threshold: float
    lower_bound: float | None

    @property
    def has_bias(self) -> bool:
        """Whether it has a bias that isn't 0."""
        return self.bias is not None and bool(self.bias.any())


@dataclass(frozen=True, eq=False)
class SpikingNetwork:
    """A spiking network.

    Attributes:
        parts: the input is the `input_shape` of the first, (channel, height, width). Of two
            channels the first takes OFF events, the second ON events.
        initial: potential at the start, a share of the threshold.
    """

    name: str
    parts: tuple[SpikingLayer, ...]
    initial: float = 0.0

    @property
    def layers(self) -> tuple[Layer, ...]:
        return tuple(part.layer for part in self.parts)

    @property
    def has_biases(self) -> bool:
        return any(part.has_bias for part in self.parts)

    def scaled(self, scale: float) -> "SpikingNetwork":
        """Return this network with its first layer's weights, not biases, times a scale."""
        first, *others = self.parts
        first = first._replace(weight=first.weight * np.float32(scale))
        return replace(self, parts=(first, *others))

    def bounded(self, lower_bound: float | None) -> "SpikingNetwork":
        """Return this network with one lower bound of all potentials; None: none."""
        bounded = tuple(part._replace(lower_bound=lower_bound) for part in self.parts)
        return replace(self, parts=bounded)


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
        "thresholds": [part.threshold for part in network.parts],
        "lower_bounds": [part.lower_bound for part in network.parts],
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
    """Read what `store_arrays` stored."""
    with safe_open(path, framework="np") as file:
        facts = json.loads((file.metadata() or {})["about"])
        return {key: file.get_tensor(key) for key in file.keys()}, facts


def load_spiking(path: Path) -> SpikingNetwork:
    """Load what `save_spiking` stored."""
    arrays, facts = read_arrays(path)
    layers = TypeAdapter(tuple[Layer, ...]).validate_python(facts["layers"])
    neurons = zip(facts["thresholds"], facts["lower_bounds"], strict=True)
    parts = tuple(
        SpikingLayer(
            layer,
            arrays[f"{layer.name}.weight"],
            arrays.get(f"{layer.name}.bias"),
            threshold,
            bound,
        )
        for layer, (threshold, bound) in zip(layers, neurons, strict=True)
    )
    return SpikingNetwork(facts["name"], parts, facts["initial"])
