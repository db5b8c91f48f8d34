"""Our own engine, which visits only the neurons that spikes reach, a recording in one thread."""

from functools import partial

from dvs_snn.engines.spiking import Engine
from dvs_snn.networks.spiking import SpikingNetwork
from dvs_snn.settings.inference import InferenceSettings

ENGINE = Engine(("cpu",), memory_mb=500, minutes_per_mb=0.01)


def opened(network: SpikingNetwork, settings: InferenceSettings) -> partial:
    """Return what runs recordings through a network, laid out."""
    from dvs_snn.engines.kinds.own.layout import lay_out

    threads, timing = settings.compute_threads, settings.timing
    return partial(lay_out(network).respond, threads=threads, timing=timing)
