"""Writes our networks as NIR files, with which their reader is tested.

NIR (Neuromorphic Intermediate Representation, Pedersen et al. 2024, Nat. Commun. 15:8122) has
integrate-and-fire neurons, but no lower bound of their potential. It stands in the metadata of our
neurons, as `min_v_mem`, and the potential at the start, as `initial_v_mem`.
"""

from itertools import pairwise
from pathlib import Path

import nir
import numpy as np

from dvs_snn.files.atomic import replacing
from dvs_snn.networks.spiking_network import SpikingNetwork


def write_nir(network: SpikingNetwork, path: Path) -> None:
    """Write a network as a NIR file; nodes are named after its layers.

    We build the graph ourselves: sinabs' `to_nir` leaves the shapes out, and `nir.write` can't
    write a shape that is None (nir 1.0.4 with h5py 3.16).
    """
    nodes: dict[str, nir.NIRNode] = {
        "input": nir.Input(input_type=np.array(network.layers[0].input_shape))
    }
    for layer, weight, bias, threshold, bound in network.parts:
        before = layer.pools[-1].output_shape if layer.pools else layer.input_shape
        for number, pool in enumerate(layer.pools, start=1):
            kind = nir.SumPool2d if pool.divisor == 1 else nir.AvgPool2d
            nodes[f"{layer.name}_pool{number}"] = kind(
                np.array(pool.kernel), np.array(pool.stride), np.array(pool.padding)
            )
        bias = np.zeros(len(weight), np.float32) if bias is None else bias
        if layer.kind == "conv":
            nodes[layer.name] = nir.Conv2d(
                before[1:],
                weight,
                layer.stride,
                layer.padding,
                layer.dilation,
                layer.groups,
                bias,
            )
        else:
            if len(before) > 1:
                flatten = nir.Flatten({"input": np.array(before)}, start_dim=0)
                nodes[f"{layer.name}_flatten"] = flatten
            nodes[layer.name] = nir.Affine(weight, bias)
        rest = np.ones(layer.output_shape, np.float32)
        potentials = {
            "min_v_mem": -np.inf if bound is None else bound,
            "initial_v_mem": network.initial,
        }
        nodes[f"{layer.name}_neurons"] = nir.IF(rest, threshold * rest, metadata=potentials)
    nodes["output"] = nir.Output(output_type=np.array(network.layers[-1].output_shape))
    with replacing(path) as temporary:
        nir.write(temporary, nir.NIRGraph(nodes=nodes, edges=list(pairwise(nodes))))
