"""Our own engine, which visits only the neurons that spikes reach, a recording in one thread."""

from functools import partial

from dvs_snn.engines.engine import Engine, Spiking
from dvs_snn.networks.spiking_network import SpikingNetwork
from dvs_snn.settings.inference import InferenceSettings

ENGINE = Engine(memory_mb=500, minutes_per_mb=0.01)


def opened(network: SpikingNetwork, settings: InferenceSettings) -> Spiking:
    """Return the network, laid out in arrays for this engine."""
    from dvs_snn.engines.kinds.own.layout import lay_out

    respond = partial(
        lay_out(network).respond, threads=settings.compute_threads, timing=settings.timing
    )
    return Spiking(network.layers, respond)
