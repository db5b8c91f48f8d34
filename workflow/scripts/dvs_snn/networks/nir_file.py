"""Networks of whole numbers as NIR files (Neuromorphic Intermediate Representation).

We build the graph ourselves. sinabs' `to_nir` leaves the shapes out, and `nir.write` can't write a
shape that is None (nir 1.0.4 with h5py 3.16).

NIR has integrate-and-fire neurons, but no lower bound of their potential: that is lost. sinabs'
`from_nir` then sets it to minus the threshold.

Source: Pedersen et al. 2024, Nat. Commun. 15:8122.
"""

from itertools import pairwise
from pathlib import Path

import numpy as np
from torch import nn

from dvs_snn.files.atomic import replacing
from dvs_snn.networks.architectures import describe_layers, weighted
from dvs_snn.networks.discretisation import Discretised
from dvs_snn.networks.geometry import INPUT_SHAPE, Layer


def write_nir(network: Discretised, path: Path) -> None:
    """Write a network of whole numbers as a NIR file; nodes are named after its layers."""
    # Imported here: it is slow to import, and jobs that need no NIR file import this module too.
    import nir

    nodes = {"input": nir.Input(input_type=np.array(INPUT_SHAPE))}
    layers = describe_layers(network.name, network.cnn)
    parts = weighted(network.cnn)
    for layer, part, threshold in zip(layers, parts, network.thresholds, strict=True):
        before = layer.pools[-1].output_shape if layer.pools else layer.input_shape
        for number, pool in enumerate(layer.pools, start=1):
            nodes[f"{layer.name}_pool{number}"] = nir.SumPool2d(
                np.array(pool.kernel), np.array(pool.stride), np.array(pool.padding)
            )
        if layer.kind == "linear" and len(before) > 1:
            nodes[f"{layer.name}_flatten"] = nir.Flatten(
                start_dim=0, end_dim=-1, input_type={"input": np.array(before)}
            )
        nodes[layer.name] = _weights(layer, part, before)
        rest = np.ones(layer.output_shape, np.float32)
        nodes[f"{layer.name}_neurons"] = nir.IF(r=rest, v_threshold=threshold * rest)
    nodes["output"] = nir.Output(output_type=np.array(layers[-1].output_shape))
    names = list(nodes)
    edges = list(pairwise(names))
    with replacing(path) as temporary:
        nir.write(temporary, nir.NIRGraph(nodes=nodes, edges=edges))


def _weights(layer: Layer, part: nn.Conv2d | nn.Linear, before: tuple[int, ...]) -> object:
    import nir

    weight = part.weight.detach().numpy()
    bias = np.zeros(len(weight), np.float32) if part.bias is None else part.bias.detach().numpy()
    if layer.kind == "linear":
        return nir.Affine(weight, bias)
    return nir.Conv2d(
        input_shape=before[1:], weight=weight, stride=layer.stride, padding=layer.padding,
        dilation=layer.dilation, groups=layer.groups, bias=bias,
    )  # fmt: skip
