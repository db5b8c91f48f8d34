"""A spiking network that is ready to run, the same for every engine."""

import importlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dvs_snn.engines.response import Response
from dvs_snn.networks.geometry import Layer
from dvs_snn.recordings.steps import StepEvents


@dataclass(frozen=True)
class Spiking:
    """A spiking network ready to run.

    Attributes:
        layers: its weighted layers.
        respond: runs recordings, each from zero state, and returns their responses in order.
    """

    layers: Sequence[Layer]
    respond: Callable[[Sequence[StepEvents]], Iterable[Response]]

    @property
    def macs_per_frame(self) -> int:
        """Multiply-accumulate operations of the CNN, which has the same layers, for one frame."""
        return sum(layer.macs for layer in self.layers)


def open_spiking(
    path: Path, scale: float, engine: str, batch_size: int, threads: int, device: str = "cpu"
) -> Spiking:
    """Load a network, its first layer times `scale`, for an engine.

    Args:
        path: what the convert rule wrote for this engine.
        engine: its module, in full.
        batch_size: recordings at once in sinabs (10 is fastest on two cores: larger batches leave
            the cache). The event engine walks them one by one.
        threads: in sinabs, threads of torch; in the event engine, recordings that run side by
            side, on which results don't depend.
        device: where sinabs computes. Each device adds weights in an order of its own.

    Raises:
        StudyError: a damaged file, or a device that isn't visible.
    """
    module = importlib.import_module(engine)
    return module.open_network(path, scale, batch_size, threads, device)
