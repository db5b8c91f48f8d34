"""Lays a network of whole numbers out for the event engine."""

from dataclasses import replace

import numpy as np

from dvs_snn.engines.event.layout import lay_out
from dvs_snn.engines.event.network import EventNetwork
from dvs_snn.networks.conversion import Converted
from dvs_snn.networks.discretisation import Discretised
from dvs_snn.settings.conversion import NeuronParameters


def lay_out_discretised(network: Discretised) -> EventNetwork:
    """Lay out a network of whole numbers: its pools add up, each layer has its own threshold."""
    neurons = NeuronParameters(initial_v_mem=network.initial)
    laid_out = lay_out(Converted(network.name, network.cnn, neurons))
    return replace(
        laid_out,
        divisors=np.ones_like(laid_out.divisors),
        threshold=np.array(network.thresholds, np.float32),
        lower_bound=np.array(network.lower_bounds, np.float32),
    )
