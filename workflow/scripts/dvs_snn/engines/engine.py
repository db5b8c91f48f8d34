"""A spiking network that is ready to run, and what every engine is.

An engine is a module or folder in `kinds/`, known by its name: an `EngineModule`. The workflow
reads `ENGINE`, so the module imports torch and numba only inside functions.

Engines agree to the spike where sums of weights are exact in float32. Elsewhere neurons just at
their threshold may differ: see :mod:`dvs_snn.engines.verification`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from dvs_snn.engines.response import Response
from dvs_snn.files.errors import StudyError
from dvs_snn.files.registry import load, names
from dvs_snn.networks.geometry import Layer
from dvs_snn.networks.spiking_network import SpikingNetwork, load_spiking
from dvs_snn.recordings.steps import StepEvents
from dvs_snn.settings.inference import InferenceSettings

KINDS = "dvs_snn.engines.kinds"
"""The package that holds the engines."""


@dataclass(frozen=True)
class Engine:
    """What the jobs of an engine need.

    Attributes:
        memory_mb, minutes_per_mb: of an evaluation, without its set and for each MB of events.
        counts_layers: whether its responses have `layer_sums`. Without these the table
            `stop_layers` has no rows of the engine, and no model of energy prices its networks.
    """

    memory_mb: int
    minutes_per_mb: float
    counts_layers: bool


@dataclass(frozen=True)
class Spiking:
    """A spiking network ready to run: its weighted layers, and what runs recordings.

    `respond` runs each from zero state, and returns their responses in order.
    """

    layers: Sequence[Layer]
    respond: Callable[[Sequence[StepEvents]], Iterable[Response]]

    @property
    def macs_per_frame(self) -> int:
        """Multiply-accumulate operations of the CNN, which has the same layers, for one frame."""
        return sum(layer.macs for layer in self.layers)


class EngineModule(Protocol):
    """What an engine's module holds."""

    ENGINE: Engine

    def opened(self, network: SpikingNetwork, settings: InferenceSettings) -> Spiking:
        """Return a network that is ready to run."""
        ...


def refuse_biases(has_biases: bool | np.bool) -> None:
    """Raise StudyError if a network that runs by events has biases, which act once a step."""
    if has_biases:
        raise StudyError(
            "config key inference.timing is 'events', but the network has biases, which act once a "
            "time step, expected layers without; set timing to steps, or train such a network."
        )


def engine_of(name: str) -> Engine:
    """Return the engine of a name; StudyError without one."""
    known = names(KINDS)
    if name not in known:
        raise StudyError(
            f"config key inference.engine is {name!r}, expected one of {', '.join(known)}."
        )
    module: EngineModule = load(KINDS, name, EngineModule)
    return module.ENGINE


def open_spiking(path: Path, scale: float, settings: InferenceSettings) -> Spiking:
    """Load a network, its first layer times `scale`, for the engine of the settings.

    sinabs takes `batch_size` recordings at once, our own engine `compute_threads` side by side;
    results don't depend on it.
    """
    module: EngineModule = load(KINDS, settings.engine, EngineModule)
    return module.opened(load_spiking(path).scaled(scale), settings)
