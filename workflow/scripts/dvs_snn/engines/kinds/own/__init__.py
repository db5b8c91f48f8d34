"""Our own engine, which visits only the neurons that spikes reach, a recording in one thread."""

from functools import partial
from pathlib import Path

from dvs_snn.engines.spiking import Engine, Spiking
from dvs_snn.settings.inference import InferenceSettings

ENGINE = Engine(("cpu",), memory_mb=500, minutes_per_mb=0.01)


def open_network(path: Path, scale: float, settings: InferenceSettings) -> Spiking:
    """Load a spiking network and lay it out."""
    from dvs_snn.engines.kinds.own.layout import lay_out
    from dvs_snn.networks.spiking import load_spiking

    network = lay_out(load_spiking(path)).scaled(scale)
    run = partial(network.respond, threads=settings.compute_threads, timing=settings.timing)
    return Spiking(network.layers, run)
