"""Our own engine, which visits only the neurons that spikes reach, a recording in one thread."""

from functools import partial
from pathlib import Path

from dvs_snn.engines.spiking import Engine, Spiking
from dvs_snn.settings.inference import InferenceSettings

ENGINE = Engine(".events.npz", ("cpu",), memory_mb=500, minutes_per_mb=0.01)


def open_network(path: Path, scale: float, settings: InferenceSettings) -> Spiking:
    """Load a laid-out network."""
    from dvs_snn.engines.kinds.own.network import load_event_network

    network = load_event_network(path).scaled(scale)
    run = partial(network.respond, threads=settings.compute_threads, timing=settings.timing)
    return Spiking(network.layers, run)


def prepare(network: Path, path: Path) -> None:
    """Lay out a stored spiking network and store that at `path`."""
    from dvs_snn.engines.kinds.own.layout import lay_out
    from dvs_snn.engines.kinds.own.network import save_event_network
    from dvs_snn.networks.spiking import load_spiking

    save_event_network(lay_out(load_spiking(network)), path)
