"""Networks of whole numbers, as Speck computes them: 8-bit weights, 16-bit potentials, sum pools.

Speck adds spikes up where the CNN takes their average, so the weights after a pool are divided by
its area first. Then one factor for each layer turns its weights, biases, threshold and lower bound
into whole numbers: the largest one that keeps them within their bits. A potential beyond 16 bits is
not clipped here.

Source: sinabs 3.1.3, ``sinabs.backend.dynapcnn.discretize``. Importing it would install a driver
from the network, so we compute it ourselves; a test compares both.
"""

import copy
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from pathlib import Path

import numpy as np
import torch
from torch import nn

from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError
from dvs_snn.networks.architectures import describe_layers, place_of, weighted
from dvs_snn.networks.conversion import Converted, rescale_layers
from dvs_snn.networks.geometry import INPUT_SHAPE

WEIGHT_BITS = 8
STATE_BITS = 16
LOWEST_STATE = -(2 ** (STATE_BITS - 1))
"""The smallest potential that a neuron of the chip holds: its lower bound if there is no other."""


@dataclass(frozen=True, eq=False)
class Discretised:
    """A network of whole numbers, one threshold and one lower bound a weighted layer.

    Its average pools stand for sums over the same windows. The initial potential is a share of the
    threshold.
    """

    name: str
    cnn: nn.Sequential
    thresholds: tuple[int, ...]
    lower_bounds: tuple[int, ...]
    initial: float = 0.0


def _factor(values: torch.Tensor, bits: int) -> float:
    """Return by how much values can be multiplied and still fit signed numbers of `bits`."""
    smallest, largest = float(values.min()), float(values.max())
    above = (2 ** (bits - 1) - 1) / largest if largest > 0 else np.inf
    below = -(2 ** (bits - 1)) / smallest if smallest < 0 else np.inf
    return min(above, below)


def discretise(converted: Converted, scale: float) -> Discretised:
    """Return a network of whole numbers, first layer times `scale`; StudyError on padded pools."""
    cnn = copy.deepcopy(converted.cnn).eval()
    for index, part in enumerate(cnn):
        if isinstance(part, nn.AvgPool2d) and (
            part.divisor_override or part.padding not in (0, (0, 0))
        ):
            raise StudyError(
                f"model.name {converted.name!r}: layer {index} (AvgPool2d) pads or has a divisor "
                "of its own, expected a plain mean, which a chip can add up; change "
                f"{place_of(converted.name)}."
            )
    rescale_layers(cnn, scale)
    threshold, bound = converted.neurons.spike_threshold, converted.neurons.min_v_mem
    neuron = torch.tensor([threshold] if bound is None else [threshold, bound])
    thresholds, bounds = [], []
    with torch.no_grad():
        layers = describe_layers(converted.name, cnn)
        for layer, part in zip(layers, weighted(cnn), strict=True):
            part.weight.div_(prod(prod(pool.kernel) for pool in layer.pools))
            values = list(part.parameters())
            factor = min(*(_factor(v, WEIGHT_BITS) for v in values), _factor(neuron, STATE_BITS))
            for value in values:
                value.mul_(factor).round_()
            thresholds.append(round(threshold * factor))
            bounds.append(LOWEST_STATE if bound is None else round(bound * factor))
    return Discretised(
        converted.name, cnn, tuple(thresholds), tuple(bounds), converted.neurons.initial_v_mem
    )


def write_nir(network: Discretised, path: Path) -> None:
    """Write a network of whole numbers as a NIR file; nodes are named after its layers.

    NIR (Neuromorphic Intermediate Representation, Pedersen et al. 2024, Nat. Commun. 15:8122) has
    integrate-and-fire neurons, but no lower bound of their potential: that is lost. sinabs'
    `from_nir` then sets it to minus the threshold. We build the graph ourselves: sinabs' `to_nir`
    leaves the shapes out, and `nir.write` can't write a shape that is None (nir 1.0.4 with h5py
    3.16).
    """
    # Imported here: it is slow to import, and jobs that need no NIR file import this module too.
    import nir

    nodes = {"input": nir.Input(input_type=np.array(INPUT_SHAPE))}
    layers = describe_layers(network.name, network.cnn)
    of_layers = zip(layers, weighted(network.cnn), network.thresholds, strict=True)
    for layer, part, threshold in of_layers:
        before = layer.pools[-1].output_shape if layer.pools else layer.input_shape
        for number, pool in enumerate(layer.pools, start=1):
            nodes[f"{layer.name}_pool{number}"] = nir.SumPool2d(
                np.array(pool.kernel), np.array(pool.stride), np.array(pool.padding)
            )
        if layer.kind == "linear" and len(before) > 1:
            nodes[f"{layer.name}_flatten"] = nir.Flatten(
                start_dim=0, end_dim=-1, input_type={"input": np.array(before)}
            )
        weight = part.weight.detach().numpy()
        no_bias = np.zeros(len(weight), np.float32)
        bias = no_bias if part.bias is None else part.bias.detach().numpy()
        nodes[layer.name] = nir.Affine(weight, bias)
        if layer.kind == "conv":
            nodes[layer.name] = nir.Conv2d(
                before[1:], weight, layer.stride, layer.padding, layer.dilation, layer.groups, bias
            )
        rest = np.ones(layer.output_shape, np.float32)
        nodes[f"{layer.name}_neurons"] = nir.IF(r=rest, v_threshold=threshold * rest)
    nodes["output"] = nir.Output(output_type=np.array(layers[-1].output_shape))
    with replacing(path) as temporary:
        nir.write(temporary, nir.NIRGraph(nodes=nodes, edges=list(pairwise(nodes))))
