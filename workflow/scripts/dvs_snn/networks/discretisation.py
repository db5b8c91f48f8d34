"""Networks of whole numbers, as Speck computes them: 8-bit weights, 16-bit potentials, sum pools.

Speck adds spikes up where the CNN takes their average, so the weights after a pool are divided by
its area first. Then one factor for each layer turns its weights, biases, threshold and lower bound
into whole numbers: the largest one that keeps them within their bits. A potential beyond 16 bits is
not clipped here.

Source: sinabs 3.1.3, ``sinabs.backend.dynapcnn.discretize``. Importing it would install a driver
from the network, so we compute it ourselves; a test compares both.
"""

from dataclasses import replace
from math import prod

import numpy as np

from dvs_snn.files.errors import StudyError
from dvs_snn.networks.spiking_network import SpikingLayer, SpikingNetwork

WEIGHT_BITS = 8
STATE_BITS = 16
LOWEST_STATE = -(2 ** (STATE_BITS - 1))
"""The smallest potential that a neuron of the chip holds: its lower bound if there is no other."""


def _factor(values: np.ndarray, bits: int) -> float:
    """Return by how much values can be multiplied and still fit signed numbers of `bits`."""
    smallest = float(values.min())
    largest = float(values.max())
    above = (2 ** (bits - 1) - 1) / largest if largest > 0 else np.inf
    below = -(2 ** (bits - 1)) / smallest if smallest < 0 else np.inf
    return min(above, below)


def nonzero(weight: np.ndarray) -> np.ndarray:
    """Return which weights aren't 0 in 8 bits: bool, of their shape. A sparse chip stores these."""
    if not weight.any():
        return weight != 0
    return np.rint(weight.astype(np.float64) * _factor(weight, WEIGHT_BITS)) != 0


def discretise(network: SpikingNetwork, scale: float) -> SpikingNetwork:
    """Return a network of whole numbers, first layer times `scale`; StudyError on padded pools.

    Its pools add up.
    """
    whole = []
    for layer, weight, bias, threshold, bound in network.scaled(scale).parts:
        for pool in layer.pools:
            if pool.padding != (0, 0) or pool.divisor not in (1, prod(pool.kernel)):
                raise StudyError(
                    f"network {network.name!r}: a pool before {layer.name} pads or has a divisor "
                    "of its own, expected a plain sum or mean, which a chip can add up; change the "
                    "network."
                )
        weight = weight / np.float32(prod(pool.divisor for pool in layer.pools))
        potentials = np.array([threshold, threshold if bound is None else bound], np.float32)
        factor = min(_factor(weight, WEIGHT_BITS), _factor(potentials, STATE_BITS))
        if bias is not None:
            factor = min(factor, _factor(bias, WEIGHT_BITS))
            bias = np.rint(bias * np.float32(factor))
        summed = tuple(replace(pool, divisor=1) for pool in layer.pools)
        whole.append(
            SpikingLayer(
                replace(layer, pools=summed),
                np.rint(weight * np.float32(factor)),
                bias,
                round(threshold * factor),
                LOWEST_STATE if bound is None else round(bound * factor),
            )
        )
    return SpikingNetwork(network.name, tuple(whole), network.initial)
