"""The event engine: opens, runs and prepares networks.

torch is imported only where a network comes from torch: jobs that run a laid-out network do
without.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dvs_snn.events.steps import StepEvents
from dvs_snn.inference.engines.event.network import load_event_network, save_event_network
from dvs_snn.inference.engines.event.walk import respond
from dvs_snn.inference.engines.interface import Spiking
from dvs_snn.inference.response import Response

if TYPE_CHECKING:
    from dvs_snn.networks.conversion import Converted


def open_network(path: Path, scale: float, batch_size: int, threads: int, device: str) -> Spiking:
    """Load a laid-out network; arguments as of `interface.open_spiking`."""
    network = load_event_network(path).scaled(scale)
    return Spiking(network.layers, lambda recordings: respond(network, recordings, threads))


def run(
    converted: "Converted",
    scale: float,
    recordings: Sequence[StepEvents],
    batch_size: int,
    threads: int = 1,
    device: str = "cpu",
) -> Iterator[Response]:
    """Run recordings through a network in memory; arguments as of `registry.run`.

    Raises:
        StudyError: the network has a layer that this engine doesn't know.
    """
    from dvs_snn.inference.engines.event.layout import lay_out

    return respond(lay_out(converted).scaled(scale), recordings, threads)


def prepare(converted: Path, path: Path) -> None:
    """Lay out a stored spiking network and store that at `path`."""
    from dvs_snn.inference.engines.event.layout import lay_out
    from dvs_snn.networks.conversion import load_converted

    save_event_network(lay_out(load_converted(converted)), path)
